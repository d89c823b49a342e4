// SPDX-License-Identifier: Apache-2.0

/// The untouched bytes of one manifest, with the arithmetic of offsets, lines and code points.
///
/// Offsets are bytes from the start of the source, a byte order mark included. Line breaks are the
/// ones libyaml sees (YAML 1.1 chapter 4.2): LF, CRLF, CR, NEL, LS and PS.
public struct SourceText: Sendable {
    /// The name of the source as the user gave it; `<stdin>` for a pipe.
    public let name: String
    /// The bytes, valid UTF-8 without NUL.
    public let bytes: [UInt8]
    /// How many bytes a leading byte order mark takes: 0 or 3.
    public let byteOrderMarkCount: Int
    /// Byte offsets of every 128th code point after the byte order mark; nil when all is ASCII.
    private let checkpoints: [Int]?
    /// Byte offsets of the starts of lines as editors count them (LF, CRLF, CR).
    private let lineStarts: [Int]
    /// The same as libyaml counts them.
    private let yamlLineStarts: [Int]

    static let codePointsPerCheckpoint = 128

    /// Checks the encoding and the size, and takes the bytes over.
    ///
    /// - Throws: `encoding` for UTF-16, UTF-32, malformed UTF-8 or NUL; `tooLarge`.
    public init(name: String, bytes: [UInt8], limits: Limits = .standard) throws(ManifestError) {
        let scan = try SourceScan(name: name, bytes: bytes, limits: limits)
        self.name = name
        self.bytes = bytes
        self.byteOrderMarkCount = scan.byteOrderMarkCount
        self.checkpoints = scan.isASCII ? nil : scan.checkpoints
        self.lineStarts = scan.lineStarts
        self.yamlLineStarts = scan.yamlLineStarts ?? scan.lineStarts
    }

    /// The line and column of a byte offset.
    public func position(at offset: Int) -> Position {
        let line = Self.lastIndex(of: lineStarts, notPast: offset)
        let start = lineStarts[line]
        let end = max(start, min(offset, bytes.count))
        return Position(line: line + 1, column: 1 + codePointCount(start..<end))
    }

    /// The index of the last of some ascending numbers that is not past a limit; 0 if all are.
    private static func lastIndex(of numbers: [Int], notPast limit: Int) -> Int {
        var low = 0
        var high = numbers.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if numbers[middle] <= limit { low = middle } else { high = middle }
        }
        return low
    }

    /// How many code points a range holds.
    ///
    /// A file of one line can be megabytes long, so only what lies beyond checkpoints is counted.
    private func codePointCount(_ range: Range<Int>) -> Int {
        guard let checkpoints else { return range.count }
        let first = Self.lastIndex(of: checkpoints, notPast: range.lowerBound)
        let last = Self.lastIndex(of: checkpoints, notPast: range.upperBound)
        let before = SourceScan.codePointCount(bytes[checkpoints[first]..<range.lowerBound])
        let after = SourceScan.codePointCount(bytes[checkpoints[last]..<range.upperBound])
        return (last - first) * Self.codePointsPerCheckpoint - before + after
    }

    /// The byte offset of a line and column; the reverse of `position(at:)`.
    public func offset(of position: Position) -> Int {
        guard position.line <= lineStarts.count else { return bytes.count }
        var offset = lineStarts[position.line - 1]
        var left = position.column - 1
        while left > 0, offset < bytes.count {
            offset += 1
            while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
            left -= 1
        }
        return offset
    }

    /// The byte offset of a code point that libyaml counted (from 0, past a byte order mark).
    func offset(ofCodePoint index: Int) -> Int {
        guard let checkpoints else { return min(index + byteOrderMarkCount, bytes.count) }
        let checkpoint = min(index / Self.codePointsPerCheckpoint, checkpoints.count - 1)
        var offset = checkpoints[checkpoint]
        var left = index - checkpoint * Self.codePointsPerCheckpoint
        while left > 0, offset < bytes.count {
            offset += 1
            while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
            left -= 1
        }
        return offset
    }

    // MARK: Lines

    /// The number of bytes of the line break at `offset`; 0 when there is none.
    func breakCount(at offset: Int) -> Int {
        guard offset < bytes.count else { return 0 }
        switch bytes[offset] {
        case .lineFeed: return 1
        case .carriageReturn:
            return offset + 1 < bytes.count && bytes[offset + 1] == .lineFeed ? 2 : 1
        case 0xC2:
            return offset + 1 < bytes.count && bytes[offset + 1] == 0x85 ? 2 : 0
        case 0xE2:
            let isBreak =
                offset + 2 < bytes.count && bytes[offset + 1] == 0x80
                && (bytes[offset + 2] == 0xA8 || bytes[offset + 2] == 0xA9)
            return isBreak ? 3 : 0
        default: return 0
        }
    }

    /// The number of bytes of the line break that ends right before `offset`; 0 when none does.
    func breakCount(before offset: Int) -> Int {
        guard offset > 0 else { return 0 }
        switch bytes[offset - 1] {
        case .lineFeed: return offset > 1 && bytes[offset - 2] == .carriageReturn ? 2 : 1
        case .carriageReturn: return 1
        case 0x85: return offset > 1 && bytes[offset - 2] == 0xC2 ? 2 : 0
        case 0xA8, 0xA9:
            return offset > 2 && bytes[offset - 2] == 0x80 && bytes[offset - 3] == 0xE2 ? 3 : 0
        default: return 0
        }
    }

    /// The start of the line that holds `offset`; never inside a byte order mark.
    func lineStart(of offset: Int) -> Int {
        yamlLineStarts[Self.lastIndex(of: yamlLineStarts, notPast: offset)]
    }

    /// The end of the line that holds `offset`, before its break.
    func lineEnd(of offset: Int) -> Int {
        let next = Self.lastIndex(of: yamlLineStarts, notPast: offset) + 1
        guard next < yamlLineStarts.count else { return bytes.count }
        let end = yamlLineStarts[next]
        return max(offset, end - breakCount(before: end))
    }

    /// The start of the line after the one that holds `offset`; the end of the source at its last.
    func nextLineStart(after offset: Int) -> Int {
        let end = lineEnd(of: offset)
        return end + breakCount(at: end)
    }

    /// The first offset from `offset` on that is neither a space nor a tab.
    func skippingBlanks(from offset: Int) -> Int {
        var index = offset
        while index < bytes.count, bytes[index] == .space || bytes[index] == .tab { index += 1 }
        return index
    }

    /// The first place in a range without values where a mark stands that is in no comment.
    ///
    /// With `asWord` it must have a blank, a comma or the start of the range before it.
    func firstMark(_ mark: UInt8, in range: Range<Int>, asWord: Bool) -> Int? {
        var index = range.lowerBound
        while index < range.upperBound {
            let isWordStart =
                index == range.lowerBound || bytes[index - 1] <= .space
                || bytes[index - 1] == .comma || breakCount(before: index) > 0
            if isWordStart, bytes[index] == .numberSign {
                index = lineEnd(of: index)
            } else if bytes[index] == mark, isWordStart || !asWord {
                return index
            } else {
                index += 1
            }
        }
        return nil
    }

    /// Whether the bytes of a range are all spaces and tabs.
    func isBlank(_ range: Range<Int>) -> Bool {
        bytes[range].allSatisfy { $0 == .space || $0 == .tab }
    }

    /// The line break to write after a line that is inserted at `offset`: its neighbour's above,
    /// else the source's first, else LF.
    ///
    /// NEL, LS and PS are never written.
    func lineBreak(near offset: Int) -> [UInt8] {
        for candidate in [breakRange(before: offset), firstBreakRange()] {
            guard let range = candidate, bytes[range.lowerBound] < 0x80 else { continue }
            // A lone CR would join a line feed that follows.
            let joins = bytes[range].last == .carriageReturn && bytes[offset...].first == .lineFeed
            return joins ? [.carriageReturn, .lineFeed] : Array(bytes[range])
        }
        return [.lineFeed]
    }

    private func breakRange(before offset: Int) -> Range<Int>? {
        let start = lineStart(of: offset)
        let count = breakCount(before: start)
        return count > 0 ? (start - count)..<start : nil
    }

    private func firstBreakRange() -> Range<Int>? {
        let end = lineEnd(of: byteOrderMarkCount)
        let count = breakCount(at: end)
        return count > 0 ? end..<(end + count) : nil
    }
}

extension UInt8 {
    static let tab = UInt8(ascii: "\t")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let quotationMark = UInt8(ascii: "\"")
    static let apostrophe = UInt8(ascii: "'")
    static let numberSign = UInt8(ascii: "#")
    static let comma = UInt8(ascii: ",")
    static let colon = UInt8(ascii: ":")
    static let backslash = UInt8(ascii: "\\")
    static let openBrace = UInt8(ascii: "{")
    static let closeBrace = UInt8(ascii: "}")
    static let openBracket = UInt8(ascii: "[")
    static let closeBracket = UInt8(ascii: "]")
}
