// SPDX-License-Identifier: Apache-2.0

/// A numeric user for the proxy container to run as: 1 to 2147483647.
///
/// The upper bound is Kubernetes' (`IsValidUserID`). Root is refused: the container asks for
/// `runAsNonRoot`, so its pod would not start, and the redirect exempts this user's traffic.
public struct UserID: Hashable, Sendable, CustomStringConvertible {
    /// The user number.
    public let value: Int64

    /// Reads a decimal number without a sign.
    public init(parsing text: String) throws(ValueError) {
        guard let value = UInt64(digits: text.utf8, atMost: UInt64(Int32.max)) else {
            throw ValueError(
                "\(ValueError.quote(text)) is not a user number; "
                    + "write a number from 1 to 2147483647, such as \"2102\""
            )
        }
        guard value > 0 else {
            throw ValueError(
                "the proxy cannot run as user 0 (root); "
                    + "write a number from 1 to 2147483647, such as \"2102\""
            )
        }
        self.value = Int64(value)
    }

    /// The number in decimal.
    public var description: String { "\(value)" }
}

/// A numeric group for the proxy container, 0 to 2147483647, or -1 to set none.
public struct GroupID: Hashable, Sendable, CustomStringConvertible {
    /// The group number; nil for -1, which leaves `runAsGroup` out of the pod.
    public let value: Int64?

    /// Reads a decimal number without a sign, or `-1`.
    public init(parsing text: String) throws(ValueError) {
        if text == "-1" {
            value = nil
        } else if let number = UInt64(digits: text.utf8, atMost: UInt64(Int32.max)) {
            value = Int64(number)
        } else {
            throw ValueError(
                "\(ValueError.quote(text)) is not a group number; write a number from 0 to "
                    + "2147483647, such as \"2102\", or \"-1\" to set none"
            )
        }
    }

    /// The number in decimal, or `-1`.
    public var description: String { "\(value ?? -1)" }
}
