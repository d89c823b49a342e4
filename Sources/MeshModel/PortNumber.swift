// SPDX-License-Identifier: Apache-2.0

/// A TCP port that something can listen on: 1 to 65535.
///
/// Port lists may also name port 0 (``PortRange``); a listener may not, and neither may a
/// Kubernetes `containerPort`.
public struct PortNumber: Hashable, Sendable, CustomStringConvertible {
    /// The number, never 0.
    public let value: UInt16

    /// Reads a decimal number without a sign.
    public init(parsing text: String) throws(ValueError) {
        guard let value = UInt64(digits: text.utf8, atMost: 65535), value > 0 else {
            throw ValueError(
                "\(ValueError.quote(text)) is not a port; "
                    + "write a number from 1 to 65535, such as \"4143\""
            )
        }
        self.value = UInt16(value)
    }

    /// The number in decimal.
    public var description: String { "\(value)" }
}
