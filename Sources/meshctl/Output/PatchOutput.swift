// SPDX-License-Identifier: Apache-2.0

internal import Injector
internal import ManifestKit

/// The changes of pods as JSON patches, one line a pod.
enum PatchOutput {
    static func bytes(of outcomes: [InjectorOutcome]) -> [UInt8] {
        outcomes.flatMap(\.patches).flatMap { patch -> [UInt8] in
            let line = NewNode.mapping([
                NewEntry("file", .string(patch.entry.file)),
                NewEntry("line", .integer(patch.entry.position.line)),
                NewEntry("kind", .string(patch.entry.kind)),
                NewEntry("name", .string(patch.entry.name)),
                NewEntry("patch", patch.operations),
            ])
            return Array(DocumentWriter.json(line).utf8) + [0x0A]
        }
    }
}
