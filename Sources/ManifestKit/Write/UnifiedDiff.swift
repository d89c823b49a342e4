// SPDX-License-Identifier: Apache-2.0

/// Shows splices as a unified diff, made from the splices themselves: no search, no guess.
public struct UnifiedDiff {
    /// One line of a diff; `text` has no line break.
    public struct Line: Equatable, Sendable {
        /// What the line is.
        public enum Kind: Equatable, Sendable {
            /// `---` and `+++`.
            case header
            /// `@@`.
            case hunk
            /// Unchanged.
            case context
            /// Only in the original.
            case removed
            /// Only in the result.
            case added
            /// A remark of the diff itself.
            case note
        }
        /// What the line is.
        public let kind: Kind
        /// The line with its mark.
        public let text: [UInt8]
    }

    /// Lines around a change, as in diff(1).
    private static let contextMax = 3

    private let source: SourceText
    private let splices: [Splice]
    /// The byte offsets at which lines start, the end of the source included.
    private let starts: [Int]

    /// Takes a manifest and splices in source order.
    public init(_ manifest: Manifest, _ splices: [Splice]) {
        source = manifest.source
        self.splices = splices
        var starts = [0]
        var offset = 0
        while offset < source.bytes.count {
            if source.bytes[offset] == .lineFeed { starts.append(offset + 1) }
            offset += 1
        }
        if starts.last != source.bytes.count { starts.append(source.bytes.count) }
        self.starts = starts
    }

    /// A run of original lines that become others.
    private struct Change {
        /// Indices of the original lines that go.
        var lines: Range<Int>
        var splices: [Splice]
    }

    /// The diff; empty when nothing changed.
    public func lines() -> [Line] {
        guard !splices.isEmpty else { return [] }
        let name = source.name
        var result = [line(.header, "--- \(name)"), line(.header, "+++ \(name)")]
        var delta = 0
        for hunk in hunks() { result += lines(of: hunk, &delta) }
        return result
    }

    // MARK: Hunks

    /// Changes whose context would touch stand in one hunk.
    private func hunks() -> [[Change]] {
        var hunks: [[Change]] = []
        for change in changes() {
            if let last = hunks.last?.last,
                change.lines.lowerBound - last.lines.upperBound <= 2 * Self.contextMax
            {
                hunks[hunks.count - 1].append(change)
            } else {
                hunks.append([change])
            }
        }
        return hunks
    }

    private func changes() -> [Change] {
        var changes: [Change] = []
        for splice in splices {
            let lines = lines(touchedBy: splice)
            if let last = changes.last, lines.lowerBound < last.lines.upperBound {
                let upper = max(last.lines.upperBound, lines.upperBound)
                changes[changes.count - 1].lines = last.lines.lowerBound..<upper
                changes[changes.count - 1].splices.append(splice)
            } else {
                changes.append(Change(lines: lines, splices: [splice]))
            }
        }
        return changes
    }

    /// No line when whole lines are inserted between two.
    private func lines(touchedBy splice: Splice) -> Range<Int> {
        let first = line(at: splice.range.lowerBound)
        let startsLine = starts[first] == splice.range.lowerBound
        let endsLine = splice.replacement.isEmpty || splice.replacement.last == .lineFeed
        if splice.range.isEmpty, startsLine, endsLine { return first..<first }
        var last = line(at: splice.range.upperBound)
        if starts[last] == splice.range.upperBound, startsLine, endsLine, last > first { last -= 1 }
        return first..<min(last + 1, starts.count - 1)
    }

    /// The index of the line that holds an offset; past the last line for the end of a source that
    /// ends with a line break.
    private func line(at offset: Int) -> Int {
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle } else { high = middle }
        }
        let endsWithBreak = source.bytes.last == .lineFeed
        return low == starts.count - 1 && low > 0 && !endsWithBreak ? low - 1 : low
    }

    private func lines(of hunk: [Change], _ delta: inout Int) -> [Line] {
        let lineCount = starts.count - 1
        let first = max(hunk[0].lines.lowerBound - Self.contextMax, 0)
        let last = min(hunk[hunk.count - 1].lines.upperBound + Self.contextMax, lineCount)
        var body: [Line] = []
        var oldCount = 0
        var newCount = 0
        var index = first
        func context(until end: Int) {
            while index < end {
                body += shown(source.bytes[starts[index]..<starts[index + 1]], .context, " ")
                index += 1
                oldCount += 1
                newCount += 1
            }
        }
        for change in hunk {
            context(until: change.lines.lowerBound)
            for gone in change.lines {
                body += shown(source.bytes[starts[gone]..<starts[gone + 1]], .removed, "-")
                oldCount += 1
            }
            let added = addedLines(of: change)
            for new in added { body += shown(new[...], .added, "+") }
            newCount += added.count
            index = change.lines.upperBound
        }
        context(until: last)
        let head =
            "@@ -\(place(first, oldCount)) +\(place(first + delta, newCount)) @@"
        delta += newCount - oldCount
        return [line(.hunk, head)] + body
    }

    /// `start,count` with lines from 1; a range without lines names the line before it.
    private func place(_ first: Int, _ count: Int) -> String {
        "\(count == 0 ? first : first + 1),\(count)"
    }

    private func addedLines(of change: Change) -> [[UInt8]] {
        let start = starts[change.lines.lowerBound]
        let end = starts[change.lines.upperBound]
        var bytes: [UInt8] = []
        var offset = start
        for splice in change.splices {
            bytes += source.bytes[offset..<splice.range.lowerBound]
            bytes += splice.replacement
            offset = splice.range.upperBound
        }
        if offset < end { bytes += source.bytes[offset..<end] }
        var lines: [[UInt8]] = []
        var current: [UInt8] = []
        for byte in bytes {
            current.append(byte)
            if byte == .lineFeed {
                lines.append(current)
                current = []
            }
        }
        return current.isEmpty ? lines : lines + [current]
    }

    private func shown(_ text: ArraySlice<UInt8>, _ kind: Line.Kind, _ mark: String) -> [Line] {
        guard text.last == .lineFeed else {
            return [
                Line(kind: kind, text: Array(mark.utf8) + text),
                line(.note, "\\ No newline at end of file"),
            ]
        }
        return [Line(kind: kind, text: Array(mark.utf8) + text.dropLast())]
    }

    private func line(_ kind: Line.Kind, _ text: String) -> Line {
        Line(kind: kind, text: Array(text.utf8))
    }
}
