// SPDX-License-Identifier: Apache-2.0

internal import Injector
internal import ManifestKit

/// A run's changes as one unified diff.
enum DiffOutput {
    /// The bytes for stdout, in colours if `isColoured`.
    static func bytes(of outcomes: [InjectorOutcome], isColoured: Bool) -> [UInt8] {
        var result: [UInt8] = []
        for outcome in outcomes {
            for line in UnifiedDiff(outcome.original, outcome.splices).lines() {
                if isColoured, let colour = Colour(line.kind) {
                    // A carriage return inside the colour would hide the line on some terminals.
                    let text = line.text.last == 0x0D ? line.text.dropLast() : line.text[...]
                    let painted = colour.paint(String(decoding: text, as: UTF8.self), if: true)
                    result += Array(painted.utf8)
                } else {
                    result += line.text
                }
                result.append(0x0A)
            }
        }
        return result
    }
}
