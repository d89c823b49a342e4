// SPDX-License-Identifier: Apache-2.0

/// A boolean in the spellings of Go's `strconv.ParseBool`.
public struct GoBool: Hashable, Sendable, CustomStringConvertible {
    /// The truth value.
    public let value: Bool

    /// Reads 1, t, T, TRUE, true, True, 0, f, F, FALSE, false or False, and nothing else.
    public init(parsing text: String) throws(ValueError) {
        switch text {
        case "1", "t", "T", "TRUE", "true", "True": value = true
        case "0", "f", "F", "FALSE", "false", "False": value = false
        default:
            throw ValueError(
                "\(ValueError.quote(text)) is not a boolean; write \"true\" or \"false\""
            )
        }
    }

    /// `true` or `false`.
    public var description: String { "\(value)" }
}
