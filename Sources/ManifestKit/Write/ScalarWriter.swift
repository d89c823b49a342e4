// SPDX-License-Identifier: Apache-2.0

/// Writes strings so that every reader, of YAML 1.1, YAML 1.2 or JSON, reads the same string.
enum ScalarWriter {
    /// A string on one line: plain if that is safe, else quoted.
    static func inline(_ text: String, isFlow: Bool) -> String {
        if isPlainSafe(text, isFlow: isFlow) { return text }
        let isPrintable = text.unicodeScalars.allSatisfy(isPrintable)
        let needsEscape = text.utf8.contains(.quotationMark) || text.utf8.contains(.backslash)
        if isPrintable, needsEscape {
            return singleQuoted(text)
        }
        return doubleQuoted(text)
    }

    /// By scalars: an apostrophe before a combining character is no `Character` of its own.
    private static func singleQuoted(_ text: String) -> String {
        var result = "'"
        for scalar in text.unicodeScalars {
            if scalar == "'" { result += "'" }
            result.unicodeScalars.append(scalar)
        }
        return result + "'"
    }

    /// A string as JSON writes it; also legal YAML.
    static func doubleQuoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default:
                if isPrintable(scalar) {
                    result.unicodeScalars.append(scalar)
                } else {
                    result += escape(scalar)
                }
            }
        }
        return result + "\""
    }

    /// `\uXXXX`, a surrogate pair past the basic plane: what JSON and YAML both read.
    private static func escape(_ scalar: Unicode.Scalar) -> String {
        Character(scalar).utf16.map { unit in
            let digits = String(unit, radix: 16, uppercase: true)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
    }

    /// Whether a string can be the content of a `|` block scalar and come back unchanged.
    static func isLiteralSafe(_ text: String) -> Bool {
        guard text.contains("\n"), text.first != "\n" else { return false }
        return text.unicodeScalars.allSatisfy { $0 == "\n" || $0 == "\t" || isPrintable($0) }
    }

    private static let indicators = Set("-?:,[]{}#&*!|>'\"%@`=".utf8)

    private static func isPlainSafe(_ text: String, isFlow: Bool) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        guard !indicators.contains(first), first != .space, last != .space, last != .colon,
            !text.hasPrefix("..."), text != "<<"
        else { return false }
        guard text.unicodeScalars.allSatisfy(isPrintable) else { return false }
        guard case .string = ScalarType.resolve(text), !mayBeNumber(text) else { return false }
        var previous = first
        for byte in text.utf8 {
            if byte == .space, previous == .colon { return false }
            if byte == .numberSign, previous == .space { return false }
            if isFlow {
                switch byte {
                case .comma, .openBracket, .closeBracket, .openBrace, .closeBrace, .colon:
                    return false
                default: break
                }
            }
            previous = byte
        }
        return true
    }

    /// Dates (`2001-01-01`), times in base 60 (`1:20`) and digits with separators: some YAML 1.1
    /// reader takes them for something else than a string.
    private static func mayBeNumber(_ text: String) -> Bool {
        guard let first = text.utf8.first, first < 0x3A, first != UInt8(ascii: "/") else {
            return false
        }
        return text.utf8.allSatisfy { byte in
            byte <= 0x3A || "_eExXoObBaAcCdDfFtTzZ".utf8.contains(byte)
        }
    }

    /// Printable in YAML 1.1 section 5.1 without NEL, LS, PS and byte order mark, which it reads as
    /// structure; tabs are left to quotes.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD,
            0x10000...0x10FFFF:
            true
        default: false
        }
    }
}
