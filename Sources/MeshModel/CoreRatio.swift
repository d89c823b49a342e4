// SPDX-License-Identifier: Apache-2.0

/// The share of a node's cores that the proxy may use: more than 0, less than 1.
public struct CoreRatio: Hashable, Sendable, CustomStringConvertible {
    /// The share.
    public let value: Double

    /// LIMIT: bytes of text; a Double has at most 17 significant digits and a 3 digit exponent.
    private static let textBytesMax = 64

    /// Reads a decimal number such as `0.5`; Go's hexadecimal floats and `inf` are refused.
    public init(parsing text: String) throws(ValueError) {
        let isPlain =
            text.utf8.count <= Self.textBytesMax
            && text.utf8.allSatisfy { $0.isASCIIDigit || "+-.eE".utf8.contains($0) }
        guard isPlain, let value = Double(text), value > 0, value < 1 else {
            throw ValueError(
                "\(ValueError.quote(text)) is not a share of the cores; "
                    + "write a number between 0 and 1, such as \"0.5\" for half of them"
            )
        }
        self.value = value
    }

    /// The shortest decimal text that gives the same value.
    public var description: String { "\(value)" }
}
