// SPDX-License-Identifier: Apache-2.0

internal import Injector
internal import ManifestKit

/// Writes results back to their files.
enum InPlaceWrite {
    /// First every new file is written in full beside its old one; only then do they take the old
    /// ones' places.
    ///
    /// A full disk or a forbidden folder thus changes nothing.
    ///
    /// - Throws: which file could not be written.
    static func write(_ outcomes: [InjectorOutcome]) throws(ManifestError) {
        var pending: [(new: String, old: String)] = []
        var written: [String] = []
        do throws(ManifestError) {
            for outcome in outcomes where !outcome.splices.isEmpty {
                let name = outcome.original.source.name
                let path = try attempt(name) { () throws(SystemError) in try Posix.resolved(name) }
                let new = try attempt(name) { () throws(SystemError) in
                    try Posix.writeSibling(of: path, outcome.result.source.bytes)
                }
                pending.append((new, path))
            }
            while let file = pending.first {
                try attempt(file.old, after: written) { () throws(SystemError) in
                    try Posix.rename(file.new, to: file.old)
                }
                pending.removeFirst()
                written.append(file.old)
            }
        } catch {
            for file in pending { Posix.remove(file.new) }
            throw error
        }
    }

    private static func attempt<Value>(
        _ path: String,
        after written: [String] = [],
        _ step: () throws(SystemError) -> Value
    ) throws(ManifestError) -> Value {
        do throws(SystemError) {
            return try step()
        } catch {
            let isPartly = !written.isEmpty
            throw ManifestError(
                isPartly ? .partlyWritten : .unreadable,
                "cannot be written: \(error)",
                hint: isPartly ? "already written: \(written.joined(separator: ", "))" : nil,
                file: path,
                position: nil
            )
        }
    }
}
