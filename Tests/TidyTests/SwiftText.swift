// SPDX-License-Identifier: Apache-2.0

/// A Swift file split into code, comments and string literals.
///
/// It is a lexer just deep enough that a rule never mistakes a word in a comment or a literal for
/// code. The code inside an interpolation is code. It knows nested block comments, raw and
/// multi-line strings and regex literals; it does not parse, so `#if` branches are all read.
///
/// Everything works on bytes: a walk by `Character` costs seconds in a debug build.
struct SwiftText: Sendable {
    /// What a byte belongs to; a delimiter belongs to its comment or literal.
    enum Kind: UInt8, Sendable {
        case code, comment, string, multilineString
    }

    /// A word (identifier, keyword or number) or a single symbol, in code.
    struct Token: Sendable, Equatable {
        let text: String
        let offset: Int

        var end: Int { offset + text.utf8.count }
    }

    let bytes: [UInt8]
    /// One entry for each byte.
    let kinds: [Kind]
    let tokens: [Token]
    /// Each `//` line and each `/* */` block, with its delimiters.
    let comments: [Range<Int>]
    /// Each literal with its delimiters, cut where an interpolation interrupts it.
    let literals: [Range<Int>]
    /// The offset at which each line starts; after the last newline there is no line.
    let lineStarts: [Int]

    init(_ bytes: [UInt8]) {
        var lexer = SwiftLexer(bytes)
        lexer.lexCode(insideInterpolation: false)
        self.bytes = bytes
        kinds = lexer.kinds
        tokens = lexer.tokens
        comments = lexer.comments
        literals = lexer.literals
        lineStarts = lineStartOffsets(in: bytes)
    }

    init(_ source: String) {
        self.init(Array(source.utf8))
    }

    /// The line that holds a byte, counted from 1.
    func line(at offset: Int) -> Int {
        lineNumber(at: offset, lineStarts: lineStarts)
    }

    /// The text of a comment or a literal.
    func string(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }
}

/// The offset at which each line of a text starts.
func lineStartOffsets(in bytes: [UInt8]) -> [Int] {
    var starts: [Int] = bytes.isEmpty ? [] : [0]
    for index in 0..<bytes.count where bytes[index] == UInt8(ascii: "\n") {
        starts.append(index + 1)
    }
    if starts.last == bytes.count {
        starts.removeLast()
    }
    return starts
}

/// The line that holds an offset, counted from 1.
func lineNumber(at offset: Int, lineStarts: [Int]) -> Int {
    var low = 0
    var high = lineStarts.count
    while low < high {
        let middle = (low + high) / 2
        if lineStarts[middle] <= offset {
            low = middle + 1
        } else {
            high = middle
        }
    }
    return max(low, 1)
}

/// The one pass behind `SwiftText`, where literals and interpolations nest by recursion.
private struct SwiftLexer {
    let bytes: [UInt8]
    private(set) var kinds: [SwiftText.Kind]
    private(set) var tokens: [SwiftText.Token] = []
    private(set) var comments: [Range<Int>] = []
    private(set) var literals: [Range<Int>] = []
    private var index = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        kinds = Array(repeating: .code, count: bytes.count)
    }

    /// Reads code to the end of the file, or to the `)` that closes an interpolation.
    mutating func lexCode(insideInterpolation: Bool) {
        var openParentheses = 0
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"):
                index += 1
            case UInt8(ascii: "/") where !lexSlash():
                lexSymbol(byte)
            case UInt8(ascii: "/"):
                break
            case UInt8(ascii: "\""):
                lexString(hashes: 0)
            case UInt8(ascii: "#") where !lexHash():
                lexSymbol(byte)
            case UInt8(ascii: "#"):
                break
            case UInt8(ascii: "`"):
                lexQuotedIdentifier()
            case UInt8(ascii: "("):
                openParentheses += 1
                lexSymbol(byte)
            case UInt8(ascii: ")"):
                if insideInterpolation, openParentheses == 0 { return }
                openParentheses -= 1
                lexSymbol(byte)
            case let byte where isWordByte(byte):
                lexWord()
            default:
                lexSymbol(byte)
            }
        }
    }

    private mutating func lexSymbol(_ byte: UInt8) {
        tokens.append(.init(text: String(UnicodeScalar(byte)), offset: index))
        index += 1
    }

    private mutating func lexWord() {
        let start = index
        while index < bytes.count, isWordByte(bytes[index]) {
            index += 1
        }
        appendWord(from: start)
    }

    /// A name in backticks is one token with its backticks, so that it never equals a keyword.
    private mutating func lexQuotedIdentifier() {
        let start = index
        index += 1
        while index < bytes.count, bytes[index] != UInt8(ascii: "\n") {
            index += 1
            if bytes[index - 1] == UInt8(ascii: "`") { break }
        }
        appendWord(from: start)
    }

    private mutating func appendWord(from start: Int) {
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        tokens.append(.init(text: text, offset: start))
    }

    // MARK: Comments

    /// Reads the comment or regex literal that starts at a slash; false when it is an operator.
    private mutating func lexSlash() -> Bool {
        switch byte(at: index + 1) {
        case UInt8(ascii: "/"):
            let start = index
            while index < bytes.count, bytes[index] != UInt8(ascii: "\n") {
                index += 1
            }
            finishComment(from: start)
            return true
        case UInt8(ascii: "*"):
            lexBlockComment()
            return true
        default:
            guard let end = bareRegexEnd() else { return false }
            finishLiteral(upTo: end, kind: .string)
            return true
        }
    }

    private mutating func lexBlockComment() {
        let start = index
        var depth = 0
        while index < bytes.count {
            let pair = (bytes[index], byte(at: index + 1))
            if pair == (UInt8(ascii: "/"), UInt8(ascii: "*")) {
                depth += 1
                index += 2
            } else if pair == (UInt8(ascii: "*"), UInt8(ascii: "/")) {
                depth -= 1
                index += 2
                if depth == 0 { break }
            } else {
                index += 1
            }
        }
        finishComment(from: start)
    }

    private mutating func finishComment(from start: Int) {
        fill(start..<index, with: .comment)
        comments.append(start..<index)
    }

    // MARK: Regex literals

    /// The end of a `/regex/` that starts here, by the compiler's own rules of thumb: it stands
    /// where an operand is expected, starts and ends without a space, and closes on its line.
    private func bareRegexEnd() -> Int? {
        let notAfterSlash = [" ", "\t", "\n", "\r", ")", ",", "="].map(UInt8.init(ascii:))
        guard startsOperand, !notAfterSlash.contains(byte(at: index + 1)) else { return nil }
        var end = index + 1
        while end < bytes.count, bytes[end] != UInt8(ascii: "\n") {
            switch bytes[end] {
            case UInt8(ascii: "\\"):
                end += 2
            case UInt8(ascii: "/"):
                return bytes[end - 1] == UInt8(ascii: " ") ? nil : end + 1
            default:
                end += 1
            }
        }
        return nil
    }

    private var startsOperand: Bool {
        guard let previous = tokens.last?.text else { return true }
        let symbols = ["(", ",", "=", ":", "[", "{", ";", "&", "|", "~"]
        let words = ["return", "in", "case", "try", "await", "where", "if", "else"]
        return symbols.contains(previous) || words.contains(previous)
    }

    // MARK: String literals

    /// Reads the raw string or `#/regex/#` that starts here; false for `#if`, `#filePath`...
    private mutating func lexHash() -> Bool {
        let hashes = hashCount(at: index)
        switch byte(at: index + hashes) {
        case UInt8(ascii: "\""):
            lexString(hashes: hashes)
            return true
        case UInt8(ascii: "/"):
            var end = index + hashes + 1
            while end < bytes.count {
                end += 1
                if bytes[end - 1] == UInt8(ascii: "/"), hashCount(at: end) >= hashes { break }
            }
            finishLiteral(upTo: min(end + hashes, bytes.count), kind: .string)
            return true
        default:
            return false
        }
    }

    /// Reads a string literal; `index` is at its first hash or quote.
    private mutating func lexString(hashes: Int) {
        var start = index
        let isMultiline = startsMultiline(quote: index + hashes, hashes: hashes)
        let quotes = isMultiline ? 3 : 1
        let kind: SwiftText.Kind = isMultiline ? .multilineString : .string
        index += hashes + quotes
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\\") where hashCount(at: index + 1) >= hashes:
                index += 1 + hashes
                guard byte(at: index) == UInt8(ascii: "(") else {
                    index = min(index + 1, bytes.count)
                    break
                }
                index += 1
                finishLiteral(from: start, upTo: index, kind: kind)
                lexCode(insideInterpolation: true)
                start = index
            case UInt8(ascii: "\"") where closes(at: index, quotes: quotes, hashes: hashes):
                finishLiteral(from: start, upTo: index + quotes + hashes, kind: kind)
                return
            case UInt8(ascii: "\n") where !isMultiline:
                // No closing quote: the compiler would refuse it, we carry on at the next line.
                finishLiteral(from: start, upTo: index, kind: kind)
                return
            default:
                index += 1
            }
        }
        finishLiteral(from: start, upTo: index, kind: kind)
    }

    /// Whether three quotes open a multi-line literal, which those of `#"""#` do not.
    private func startsMultiline(quote: Int, hashes: Int) -> Bool {
        guard closes(at: quote, quotes: 3, hashes: 0) else { return false }
        var next = quote + 1
        while hashes > 0, next < bytes.count, bytes[next] != UInt8(ascii: "\n") {
            if closes(at: next, quotes: 1, hashes: hashes) { return false }
            next += 1
        }
        return true
    }

    /// Whether this many quotes and then at least this many hashes stand at an offset.
    private func closes(at offset: Int, quotes: Int, hashes: Int) -> Bool {
        for quote in offset..<offset + quotes where byte(at: quote) != UInt8(ascii: "\"") {
            return false
        }
        return hashes == 0 || hashCount(at: offset + quotes) >= hashes
    }

    private mutating func finishLiteral(
        from start: Int? = nil,
        upTo end: Int,
        kind: SwiftText.Kind
    ) {
        let range = (start ?? index)..<end
        fill(range, with: kind)
        literals.append(range)
        index = end
    }

    // MARK: Bytes

    private mutating func fill(_ range: Range<Int>, with kind: SwiftText.Kind) {
        for offset in range {
            kinds[offset] = kind
        }
    }

    /// The byte at an offset, or zero beyond the end.
    private func byte(at offset: Int) -> UInt8 {
        offset < bytes.count ? bytes[offset] : 0
    }

    private func hashCount(at offset: Int) -> Int {
        var end = offset
        while byte(at: end) == UInt8(ascii: "#") {
            end += 1
        }
        return end - offset
    }
}

/// Letters, digits, `_`, `$` and everything beyond ASCII.
func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...0xFF:
        true
    default:
        false
    }
}
