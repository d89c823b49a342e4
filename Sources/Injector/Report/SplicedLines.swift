// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit

/// Tells where a place in a spliced text stood in the text that the user has.
struct SplicedLines {
    let source: SourceText
    let splices: [Splice]
    /// What the splices made of the source.
    let spliced: SourceText

    func original(_ position: Position) -> Position {
        guard !splices.isEmpty else { return position }
        let offset = spliced.offset(of: position)
        // What is to be added to an offset past the splices so far.
        var delta = 0
        for splice in splices {
            let start = splice.range.lowerBound - delta
            guard start <= offset else { break }
            if offset < start + splice.replacement.count {
                return source.position(at: splice.range.lowerBound)
            }
            delta += splice.range.count - splice.replacement.count
        }
        return source.position(at: offset + delta)
    }

    func original(_ entry: ReportEntry) -> ReportEntry {
        var entry = entry
        entry.position = original(entry.position)
        entry.warnings = entry.warnings.map { Finding($0.message, at: $0.position.map(original)) }
        return entry
    }

    func original(_ error: ManifestError) -> ManifestError {
        ManifestError(
            error.code,
            error.message,
            hint: error.hint,
            file: error.file,
            position: error.position.map(original)
        )
    }
}
