// SPDX-License-Identifier: Apache-2.0

/// Reads a stream of JSON values (RFC 8259), one after another with or without white space between,
/// as the same events that YAML gives: every value is a document.
struct JSONReader {
    private let source: SourceText
    private var builder: TreeBuilder
    private var offset: Int

    /// Whether a source starts as JSON documents do.
    static func looksLikeJSON(_ source: SourceText) -> Bool {
        var index = source.byteOrderMarkCount
        while index < source.bytes.count, isWhiteSpace(source.bytes[index]) { index += 1 }
        guard index < source.bytes.count else { return false }
        return source.bytes[index] == .openBrace || source.bytes[index] == .openBracket
    }

    init(source: SourceText, limits: Limits) {
        self.source = source
        self.builder = TreeBuilder(source: source, limits: limits)
        self.offset = source.byteOrderMarkCount
    }

    /// Reads the whole source and gives the builder back with what was read.
    mutating func readAll() throws(ManifestError) -> TreeBuilder {
        skipWhiteSpace()
        while offset < source.bytes.count {
            try emit(.documentStart(isExplicit: false), offset..<offset)
            try readValue()
            try emit(.documentEnd, offset..<offset)
            skipWhiteSpace()
        }
        return builder
    }

    // MARK: Values

    /// Recursion is bounded: `TreeBuilder` refuses collections past `Limits.depthMax`.
    private mutating func readValue() throws(ManifestError) {
        switch peek ?? 0 {
        case .openBrace: try readObject()
        case .openBracket: try readArray()
        case .quotationMark: try readString()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try readNumber()
        default:
            for word in ["true", "false", "null"]
            where source.bytes[offset...].starts(with: word.utf8) {
                try emitPlain(offset..<(offset + word.utf8.count))
                return
            }
            throw unexpected("a value")
        }
    }

    private mutating func readObject() throws(ManifestError) {
        try emit(.collectionStart(.mapping, .flow), offset..<(offset + 1))
        offset += 1
        skipWhiteSpace()
        if peek != .closeBrace {
            while true {
                guard peek == .quotationMark else { throw unexpected("a key in quotes") }
                try readString()
                skipWhiteSpace()
                guard peek == .colon else { throw unexpected("':'") }
                offset += 1
                skipWhiteSpace()
                try readValue()
                skipWhiteSpace()
                guard peek == .comma else { break }
                offset += 1
                skipWhiteSpace()
            }
        }
        guard peek == .closeBrace else { throw unexpected("',' or '}'") }
        offset += 1
        try emit(.collectionEnd, (offset - 1)..<offset)
    }

    private mutating func readArray() throws(ManifestError) {
        try emit(.collectionStart(.sequence, .flow), offset..<(offset + 1))
        offset += 1
        skipWhiteSpace()
        if peek != .closeBracket {
            while true {
                try readValue()
                skipWhiteSpace()
                guard peek == .comma else { break }
                offset += 1
                skipWhiteSpace()
            }
        }
        guard peek == .closeBracket else { throw unexpected("',' or ']'") }
        offset += 1
        try emit(.collectionEnd, (offset - 1)..<offset)
    }

    private mutating func readNumber() throws(ManifestError) {
        let start = offset
        if peek == UInt8(ascii: "-") { offset += 1 }
        let integerStart = offset
        let integerCount = skipDigits()
        let hasLeadingZero = integerCount > 1 && source.bytes[integerStart] == UInt8(ascii: "0")
        if integerCount == 0 || hasLeadingZero {
            throw unexpected("a number")
        }
        if peek == UInt8(ascii: ".") {
            offset += 1
            if skipDigits() == 0 { throw unexpected("a digit") }
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            offset += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { offset += 1 }
            if skipDigits() == 0 { throw unexpected("a digit") }
        }
        try emitPlain(start..<offset)
    }

    private mutating func skipDigits() -> Int {
        let start = offset
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        while let byte = peek, digits.contains(byte) { offset += 1 }
        return offset - start
    }

    // MARK: Strings

    private mutating func readString() throws(ManifestError) {
        let start = offset
        offset += 1
        var decoded: [UInt8]?
        while true {
            guard let byte = peek else { throw unexpected("'\"'") }
            switch byte {
            case .quotationMark:
                offset += 1
                let value = decoded.map(YAMLEvent.Value.decoded)
                let inPlace = YAMLEvent.Value.source((start + 1)..<(offset - 1))
                try emit(.scalar(style: .doubleQuoted, value: value ?? inPlace), start..<offset)
                return
            case .backslash:
                var bytes = decoded ?? Array(source.bytes[(start + 1)..<offset])
                try readEscape(into: &bytes)
                decoded = bytes
            case 0..<0x20:
                throw unexpected("no control character in a string")
            default:
                decoded?.append(byte)
                offset += 1
            }
        }
    }

    private mutating func readEscape(into bytes: inout [UInt8]) throws(ManifestError) {
        offset += 1
        let escape = peek
        offset += 1
        switch escape {
        case .quotationMark, .backslash, UInt8(ascii: "/"): bytes.append(escape ?? 0)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(.lineFeed)
        case UInt8(ascii: "r"): bytes.append(.carriageReturn)
        case UInt8(ascii: "t"): bytes.append(.tab)
        case UInt8(ascii: "u"): bytes += String(try readUnicodeEscape()).utf8
        default:
            offset -= 1
            throw unexpected("an escape of JSON")
        }
    }

    /// A lone surrogate reads as U+FFFD, as Go's encoding/json and so Kubernetes reads it.
    private mutating func readUnicodeEscape() throws(ManifestError) -> Character {
        let first = try readHexadecimal()
        if (0xD800...0xDBFF).contains(first), source.bytes[offset...].starts(with: "\\u".utf8) {
            let back = offset
            offset += 2
            let second = try readHexadecimal()
            if (0xDC00...0xDFFF).contains(second),
                let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
            {
                return Character(scalar)
            }
            offset = back
        }
        return Character(Unicode.Scalar(first) ?? "\u{FFFD}")
    }

    private mutating func readHexadecimal() throws(ManifestError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = peek.flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else {
                throw unexpected("four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            offset += 1
        }
        return value
    }

    // MARK: Bytes

    private var peek: UInt8? { offset < source.bytes.count ? source.bytes[offset] : nil }

    private mutating func skipWhiteSpace() {
        while let byte = peek, Self.isWhiteSpace(byte) { offset += 1 }
    }

    private static func isWhiteSpace(_ byte: UInt8) -> Bool {
        byte == .space || byte == .lineFeed || byte == .carriageReturn || byte == .tab
    }

    private mutating func emitPlain(_ range: Range<Int>) throws(ManifestError) {
        offset = range.upperBound
        try emit(.scalar(style: .plain, value: .source(range)), range)
    }

    private mutating func emit(_ kind: YAMLEvent.Kind, _ range: Range<Int>) throws(ManifestError) {
        try builder.handle(YAMLEvent(kind: kind, start: range.lowerBound, end: range.upperBound))
    }

    private func unexpected(_ wanted: String) -> ManifestError {
        let found = peek.map { byte in
            byte < 0x80 && byte > 0x20
                ? "'\(Character(Unicode.Scalar(byte)))'"
                : "byte 0x\(String(byte, radix: 16, uppercase: true))"
        }
        return ManifestError(
            .syntax,
            "not JSON: expected \(wanted), found \(found ?? "the end of the file")",
            file: source.name,
            position: source.position(at: offset)
        )
    }
}
