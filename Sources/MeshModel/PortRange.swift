// SPDX-License-Identifier: Apache-2.0

/// One TCP port or an ordered range of them, both ends included, from 0 to 65535.
///
/// The bounds are those of Linkerd's `util.ParsePortRange`.
public struct PortRange: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The first port of the range.
    public let lower: UInt16
    /// The last port of the range, at least `lower`.
    public let upper: UInt16

    /// Makes a range of one port.
    public init(_ port: UInt16) {
        self.init(port...port)
    }

    /// Makes a range from its bounds.
    public init(_ bounds: ClosedRange<UInt16>) {
        lower = bounds.lowerBound
        upper = bounds.upperBound
    }

    /// Reads `8080` or `8000-8010`.
    public init(parsing text: String) throws(ValueError) {
        try self.init(parsing: text[...].utf8)
    }

    init(parsing text: Substring.UTF8View) throws(ValueError) {
        let bounds = text.split(
            separator: UInt8(ascii: "-"),
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        guard
            let first = bounds.first, let last = bounds.last,
            let lower = UInt64(digits: first, atMost: 65535),
            let upper = UInt64(digits: last, atMost: 65535)
        else {
            throw ValueError(
                "\(ValueError.quote(text)) is not a port or a range of ports from 0 to 65535; "
                    + "write \"8080\" or \"8000-8010\""
            )
        }
        guard lower <= upper else {
            throw ValueError(
                "\(ValueError.quote(text)) ends before it starts; write \"\(upper)-\(lower)\""
            )
        }
        self.init(UInt16(lower)...UInt16(upper))
    }

    /// Whether the range holds `port`.
    public func contains(_ port: UInt16) -> Bool {
        lower <= port && port <= upper
    }

    /// The range as Linkerd writes it: `8080` or `8000-8010`.
    public var description: String {
        lower == upper ? "\(lower)" : "\(lower)-\(upper)"
    }

    /// Orders by first port, then by last.
    public static func < (left: PortRange, right: PortRange) -> Bool {
        (left.lower, left.upper) < (right.lower, right.upper)
    }
}
