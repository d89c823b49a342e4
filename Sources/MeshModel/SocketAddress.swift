// SPDX-License-Identifier: Apache-2.0

/// An IP address and a TCP port: what a socket is bound or connected to.
public struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// The address.
    public let ip: IPAddress
    /// The port; 0 asks the kernel for a free one.
    public let port: UInt16

    /// Makes an address from its parts.
    public init(ip: IPAddress, port: UInt16) {
        self.ip = ip
        self.port = port
    }

    /// Reads `127.0.0.1:4140`, `[::1]:4140` and, where there is a default host, `:4140`.
    ///
    /// Port 0 is read; whether it makes sense is the caller's to say. Host names are refused: an
    /// address is where bytes go, and looking one up can fail or change.
    public init(parsing text: String, defaultHost: IPAddress? = nil) throws(ValueError) {
        let bytes = text[...].utf8
        let example = defaultHost == nil ? "127.0.0.1:4140" : ":4140"
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")) else {
            throw ValueError(
                "\(ValueError.quote(text)) is not an address with a port; "
                    + "write one such as \"\(example)\""
            )
        }
        let host = bytes[..<colon]
        let digits = bytes[bytes.index(after: colon)...]
        ip = try Self.ip(host, of: text, defaultHost: defaultHost)
        guard let number = UInt64(digits: digits, atMost: 65535) else {
            throw ValueError(
                "\(ValueError.quote(text)) does not end in a port; "
                    + "write a number from 0 to 65535 after the colon, as in \"\(example)\""
            )
        }
        port = UInt16(number)
    }

    private static func ip(
        _ host: Substring.UTF8View,
        of text: String,
        defaultHost: IPAddress?
    ) throws(ValueError) -> IPAddress {
        let bracket = UInt8(ascii: "[")
        if host.isEmpty {
            if let defaultHost { return defaultHost }
            throw ValueError(
                "\(ValueError.quote(text)) has no IP address before the colon; "
                    + "write one such as \"127.0.0.1:4140\""
            )
        }
        if host.first == bracket, host.last == UInt8(ascii: "]"), host.count > 2 {
            if let ip = IPAddress(host.dropFirst().dropLast()), ip.bitWidth == 128 { return ip }
        } else if host.first != bracket, let ip = IPAddress(host), ip.bitWidth == 32 {
            return ip
        } else if host.first != bracket, host.contains(UInt8(ascii: ":")) {
            throw ValueError(
                "\(ValueError.quote(text)) needs its IPv6 address in brackets; "
                    + "write one such as \"[::1]:4140\""
            )
        }
        throw ValueError(
            "\(ValueError.quote(text)) does not start with an IP address; "
                + "write one such as \"127.0.0.1:4140\" or \"[::1]:4140\""
        )
    }

    /// The text that `init(parsing:)` reads: IPv6 in brackets.
    public var description: String {
        switch ip {
        case .v4: "\(ip):\(port)"
        case .v6: "[\(ip)]:\(port)"
        }
    }
}
