// SPDX-License-Identifier: Apache-2.0

/// An IPv4 or IPv6 address, without a zone.
public enum IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// An IPv4 address, first octet most significant.
    case v4(UInt32)
    /// An IPv6 address, first group most significant, in two halves.
    ///
    /// As one `UInt128` it would have to lie at a multiple of 16, and Swift 6.3.1 passes it to
    /// functions at multiples of 8 (without optimisation): the first aligned load ends the process.
    case v6(high: UInt64, low: UInt64)

    /// An IPv6 address, first group most significant.
    public static func v6(_ value: UInt128) -> IPAddress {
        .v6(high: UInt64(truncatingIfNeeded: value >> 64), low: UInt64(truncatingIfNeeded: value))
    }

    /// Reads what Go's `netip.ParseAddr` reads, except zones (`fe80::1%eth0`).
    ///
    /// Octets with a leading zero are refused, as in Go since 1.17: half of the world's parsers
    /// read them as octal.
    public init(parsing text: String) throws(ValueError) {
        guard let address = Self(text[...].utf8) else {
            throw ValueError(
                "\(ValueError.quote(text)) is not an IP address; "
                    + "write one such as \"10.0.0.1\" or \"fd00::1\""
            )
        }
        self = address
    }

    init?(_ text: Substring.UTF8View) {
        // LIMIT: the longest text form, an IPv6 address with embedded IPv4, has 45 bytes.
        guard text.count <= 45 else { return nil }
        if text.contains(UInt8(ascii: ":")) {
            guard let value = Self.parseV6(text) else { return nil }
            self = .v6(value)
        } else {
            guard let value = Self.parseV4(text) else { return nil }
            self = .v4(value)
        }
    }

    /// `127.0.0.1`.
    public static let loopbackV4 = IPAddress.v4(0x7F00_0001)
    /// `0.0.0.0`: every address of the machine, for a listener.
    public static let unspecifiedV4 = IPAddress.v4(0)
    /// `::1`.
    public static let loopbackV6 = IPAddress.v6(1)
    /// `::`: every address of the machine, and of both versions unless the kernel is told not to.
    public static let unspecifiedV6 = IPAddress.v6(0)

    /// Whether only this machine can reach it: `127.0.0.0/8`, also mapped into IPv6, and `::1`.
    public var isLoopback: Bool {
        switch self {
        case .v4(let value): value >> 24 == 127
        case .v6(let high, let low): high == 0 && (low == 1 || low >> 24 == 0xFFFF_7F)
        }
    }

    /// Whether it is `0.0.0.0` or `::`, which a listener may have and nobody can connect to.
    public var isUnspecified: Bool {
        switch self {
        case .v4(let value): value == 0
        case .v6(let high, let low): high | low == 0
        }
    }

    /// The number of bits: 32 or 128.
    public var bitWidth: Int {
        switch self {
        case .v4: 32
        case .v6: 128
        }
    }

    /// The canonical text (RFC 5952 for IPv6).
    public var description: String {
        switch self {
        case .v4(let value): Self.dotted(value)
        case .v6(let high, let low): Self.grouped(UInt128(high) << 64 | UInt128(low))
        }
    }
}

extension IPAddress {
    private static func parseV4(_ text: Substring.UTF8View) -> UInt32? {
        let octets = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard octets.count == 4 else { return nil }
        var value: UInt32 = 0
        for octet in octets {
            guard
                let number = UInt64(digits: octet, atMost: 255),
                octet.count == 1 || octet.first != UInt8(ascii: "0")
            else { return nil }
            value = value << 8 | UInt32(number)
        }
        return value
    }

    private static func parseV6(_ text: Substring.UTF8View) -> UInt128? {
        let colon = UInt8(ascii: ":")
        var rest = text
        var groups: [UInt16] = []
        var gapIndex: Int?
        if rest.starts(with: "::".utf8) {
            gapIndex = 0
            rest.removeFirst(2)
        }
        while !rest.isEmpty {
            let field = rest.prefix { $0 != colon }
            rest = rest[field.endIndex...]
            if rest.isEmpty, let embedded = parseV4(field) {
                groups += [UInt16(embedded >> 16), UInt16(truncatingIfNeeded: embedded)]
                break
            }
            guard let group = hexGroup(field) else { return nil }
            groups.append(group)
            guard !rest.isEmpty else { break }
            rest.removeFirst()
            guard let next = rest.first else { return nil }
            if next == colon {
                guard gapIndex == nil else { return nil }
                gapIndex = groups.count
                rest.removeFirst()
            }
        }
        return joined(groups, gapIndex: gapIndex)
    }

    private static func hexGroup(_ field: Substring.UTF8View) -> UInt16? {
        guard (1...4).contains(field.count) else { return nil }
        var value: UInt16 = 0
        for byte in field {
            guard let digit = byte.hexDigitValue else { return nil }
            value = value << 4 | UInt16(digit)
        }
        return value
    }

    /// Puts zeros where `::` stood; it must stand for at least one group (RFC 4291, section 2.2).
    private static func joined(_ groups: [UInt16], gapIndex: Int?) -> UInt128? {
        var all = groups
        if let gapIndex {
            guard groups.count < 8 else { return nil }
            let zeros = [UInt16](repeating: 0, count: 8 - groups.count)
            all.insert(contentsOf: zeros, at: gapIndex)
        }
        guard all.count == 8 else { return nil }
        return all.reduce(0) { $0 << 16 | UInt128($1) }
    }

    private static func dotted(_ value: UInt32) -> String {
        "\(value >> 24).\(value >> 16 & 0xFF).\(value >> 8 & 0xFF).\(value & 0xFF)"
    }

    private static func grouped(_ value: UInt128) -> String {
        // RFC 5952 section 5: IPv4-mapped addresses end in dotted form.
        if value >> 32 == 0xFFFF {
            return "::ffff:" + dotted(UInt32(truncatingIfNeeded: value))
        }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: value >> (112 - 16 * $0)) }
        let texts = groups.map { String($0, radix: 16) }
        guard let gap = longestZeroRun(groups) else { return texts.joined(separator: ":") }
        return texts[..<gap.lowerBound].joined(separator: ":") + "::"
            + texts[gap.upperBound...].joined(separator: ":")
    }

    /// The first of the longest runs of two or more zero groups (RFC 5952, section 4.2).
    private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int>? {
        var best = 0..<0
        var start = 0
        for index in groups.indices {
            if groups[index] != 0 {
                start = index + 1
            } else if index + 1 - start > best.count {
                best = start..<(index + 1)
            }
        }
        return best.count > 1 ? best : nil
    }
}
