// SPDX-License-Identifier: Apache-2.0

/// A node of a random manifest before anyone has decided how it is written.
indirect enum Sketch {
    /// Nothing, in any spelling.
    case null
    /// A string, in any quotes.
    case text(String)
    /// A word that stands as it is: a number, `true`, an alias.
    case word(String)
    /// A string of several lines.
    case lines([String])
    case mapping([Field])
    case sequence([Sketch])
    /// A node with an anchor.
    case anchored(String, Sketch)

    struct Field {
        let key: String
        let value: Sketch

        init(_ key: String, _ value: Sketch) {
            self.key = key
            self.value = value
        }
    }

    /// Whether a block collection can hold it on lines of its own.
    var hasLines: Bool {
        switch self {
        case .mapping(let fields): !fields.isEmpty
        case .sequence(let items): !items.isEmpty
        case .anchored(_, let inner): inner.hasLines
        case .null, .text, .word, .lines: false
        }
    }
}

/// How one file is written.
struct SketchStyle {
    /// Spaces of one level.
    let step: Int
    let hasFlushLists: Bool
    /// In percent, for each place where there may be one.
    let comments: Int
    let blanks: Int
    let trailingSpaces: Int
    let flow: Int
    /// How often something is written in an odd but legal way.
    let oddities: Int
    let lineBreaks: [String]
    let hasFinalBreak: Bool

    init(_ random: inout SeededGenerator) {
        step = random.pick([1, 2, 2, 2, 3, 4])
        hasFlushLists = random.chance(50)
        comments = random.pick([0, 5, 25])
        blanks = random.pick([0, 0, 10])
        trailingSpaces = random.pick([0, 0, 8])
        flow = random.pick([0, 0, 8, 40])
        oddities = random.pick([0, 3, 10])
        lineBreaks = random.pick([
            ["\n"], ["\n"], ["\n"], ["\r\n"], ["\r\n"], ["\r"], ["\n", "\r\n"],
            ["\n", "\r", "\r\n"],
        ])
        hasFinalBreak = random.chance(75)
    }
}

/// Writes strings in one of the ways that read back as the same string.
enum ScalarSketch {
    private static let plainSafe = Set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./".utf8
    )

    static func written(_ text: String, isFlow: Bool, _ random: inout SeededGenerator) -> String {
        let isWord = text.utf8.first.map { (0x41...0x7A).contains($0) } ?? false
        let isPlain =
            isWord && text.utf8.allSatisfy(plainSafe.contains)
            && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(text)
        switch random.below(isPlain ? 5 : 2) {
        case 0: return doubleQuoted(text, &random)
        case 1 where !text.contains("\n"):
            return "'" + text.replacing("'", with: "''") + "'"
        default: return isPlain ? text : doubleQuoted(text, &random)
        }
    }

    static func doubleQuoted(_ text: String, _ random: inout SeededGenerator) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "a" where random.chance(3): result += "\\u0061"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
