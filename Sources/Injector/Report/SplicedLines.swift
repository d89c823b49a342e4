// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit

/// Tells where a line of a spliced text stood in the text that the user has.
struct SplicedLines {
    /// From which line on (of the spliced text) lines are how many further down in the original.
    private var steps: [(line: Int, delta: Int)] = []

    init(_ source: SourceText, _ splices: [Splice]) {
        var delta = 0
        for splice in splices {
            let first = source.position(at: splice.range.lowerBound).line
            let last = source.position(at: splice.range.upperBound).line
            let new = splice.replacement.count { $0 == 0x0A }
            let line = first - delta
            delta += last - first - new
            steps.append((line, delta))
        }
    }

    func original(_ position: Position) -> Position {
        let delta = steps.last { $0.line <= position.line }?.delta ?? 0
        return Position(line: position.line + delta, column: position.column)
    }

    func original(_ entry: ReportEntry) -> ReportEntry {
        guard !steps.isEmpty else { return entry }
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
