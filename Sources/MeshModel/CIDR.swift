// SPDX-License-Identifier: Apache-2.0

/// A range of IP addresses, `192.168.1.0/24` or `fd00::/8`.
public struct CIDR: Hashable, Sendable, CustomStringConvertible {
    /// The first address of the range: host bits are cleared.
    public let network: IPAddress
    /// The number of leading bits that count: 0 to 32, or to 128 for IPv6.
    public let prefixLength: Int

    /// Makes the range that holds an address; host bits may be set.
    public init(_ address: IPAddress, prefixLength: Int) {
        precondition((0...address.bitWidth).contains(prefixLength), "no such prefix length")
        self.prefixLength = prefixLength
        network = Self.masked(address, prefixLength: prefixLength)
    }

    /// Reads what Go's `net.ParseCIDR` reads; the prefix is required, host bits may be set.
    public init(parsing text: String) throws(ValueError) {
        try self.init(parsing: text[...].utf8)
    }

    init(parsing text: Substring.UTF8View) throws(ValueError) {
        let slash = UInt8(ascii: "/")
        let parts = text.split(separator: slash, maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first) else {
            throw ValueError(
                "\(ValueError.quote(text)) is not a range of IP addresses; "
                    + "write one such as \"192.168.1.0/24\" or \"fd00::/8\""
            )
        }
        let width = address.bitWidth
        guard parts.count == 2 else {
            throw ValueError(
                "\(ValueError.quote(text)) has no prefix length; write \"\(address)/\(width)\" "
                    + "for this one address"
            )
        }
        guard let length = UInt64(digits: parts[1], atMost: UInt64(width)) else {
            throw ValueError(
                "\(ValueError.quote(text)) has a prefix length that is not a number from 0 to "
                    + "\(width); write \"\(address)/\(width == 32 ? 24 : 64)\", for instance"
            )
        }
        self.init(address, prefixLength: Int(length))
    }

    /// Whether `address` lies in the range; the other IP version never does.
    public func contains(_ address: IPAddress) -> Bool {
        address.bitWidth == network.bitWidth
            && Self.masked(address, prefixLength: prefixLength) == network
    }

    /// The canonical text, with the host bits cleared.
    public var description: String { "\(network)/\(prefixLength)" }

    /// Swift's `<<` shifts out every bit for a shift of the full width, which prefix 0 needs.
    private static func masked(_ address: IPAddress, prefixLength: Int) -> IPAddress {
        switch address {
        case .v4(let value): .v4(value & (UInt32.max << (32 - prefixLength)))
        case .v6(let high, let low):
            .v6((UInt128(high) << 64 | UInt128(low)) & UInt128.max << (128 - prefixLength))
        }
    }
}

/// A comma-separated list of address ranges, in the user's order.
public struct CIDRList: Hashable, Sendable, CustomStringConvertible {
    /// The ranges as written, repeats included.
    public let items: [CIDR]

    /// Makes a list of ranges.
    public init(_ items: [CIDR]) {
        self.items = items
    }

    /// Reads a list; empty text is an empty list, one trailing comma and spaces are forgiven.
    public init(parsing text: String) throws(ValueError) {
        var items: [CIDR] = []
        for item in try CommaList.items(of: text, example: "10.0.0.0/8,192.168.0.0/16") {
            items.append(try CIDR(parsing: item))
        }
        self.items = items
    }

    /// Whether a range of the list holds `address`.
    public func contains(_ address: IPAddress) -> Bool {
        items.contains { $0.contains(address) }
    }

    /// The canonical text: ranges joined by commas without spaces.
    public var description: String {
        items.map(\.description).joined(separator: ",")
    }
}
