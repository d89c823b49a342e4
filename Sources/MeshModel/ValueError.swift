// SPDX-License-Identifier: Apache-2.0

/// A value that does not fit its type: what is wrong and what a right one looks like.
///
/// Where the value came from (file, line, annotation key) is the caller's to add.
public struct ValueError: Error, Equatable, Sendable, CustomStringConvertible {
    /// One line for a person, without a full stop; the offending text is quoted and escaped.
    public let message: String

    /// Makes an error with the text a person will read.
    public init(_ message: String) {
        self.message = message
    }

    /// The message.
    public var description: String { message }

    /// LIMIT: scalars shown of an offending value; beyond that a terminal line is unreadable.
    private static let quotedScalarsMax = 60

    /// Returns `text` in double quotes, cut to 60 scalars, safe to print on one terminal line.
    ///
    /// Control and invisible characters (escape sequences, newlines, text direction marks) are
    /// written as `\u{1B}`, so a hostile manifest cannot rewrite what the user sees.
    public static func quote(_ text: String) -> String {
        let shown = text.unicodeScalars.prefix(quotedScalarsMax)
        var result = "\""
        for scalar in shown {
            appendEscaped(scalar, to: &result)
        }
        guard shown.endIndex < text.unicodeScalars.endIndex else { return result + "\"" }
        return result + "...\" (\(text.utf8.count) bytes)"
    }

    /// Returns the quoted form of a piece of a longer text.
    static func quote(_ piece: Substring.UTF8View) -> String {
        quote(String(Substring(piece)))
    }

    private static func appendEscaped(_ scalar: Unicode.Scalar, to result: inout String) {
        switch scalar {
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case "\"", "\\": result += "\\\(scalar)"
        default:
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
                result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            default:
                result.unicodeScalars.append(scalar)
            }
        }
    }
}
