// SPDX-License-Identifier: Apache-2.0

public import MeshModel

/// An IP address and a port to listen on: `127.0.0.1:4140` or `[::1]:4140`.
public struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// The address.
    public let address: IPAddress
    /// The port; 0 lets the kernel choose one.
    public let port: UInt16

    /// LIMIT: Linkerd's, one listener for each version of IP.
    static let listItemsMax = 2

    /// Makes an address to listen on.
    public init(address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    /// Reads an address; names are refused, as in Linkerd.
    public init(parsing text: String) throws(ValueError) {
        guard
            let parts = HostAndPort(text),
            let address = try? IPAddress(parsing: parts.host),
            let port = try? Scalars.number(parts.port, in: 0...65535),
            parts.isBracketed == (address.bitWidth == 128)
        else {
            throw ValueError(
                "\(ValueError.quote(text)) is not an IP address with a port; "
                    + "write one such as \"\(Self.example(for: text))\""
            )
        }
        self.init(address: address, port: UInt16(port))
    }

    /// Reads one or two addresses.
    static func list(parsing text: String) throws(ValueError) -> [ListenAddress] {
        var list: [ListenAddress] = []
        for item in try Scalars.items(of: text, example: "127.0.0.1:4140,[::1]:4140") {
            let address = try ListenAddress(parsing: item)
            guard !list.contains(address) || address.port == 0 else {
                throw ValueError("\(ValueError.quote(text)) names \(address) twice; write it once")
            }
            list.append(address)
        }
        guard (1...listItemsMax).contains(list.count) else {
            throw ValueError(
                "\(ValueError.quote(text)) has \(list.count) addresses; write one or two, such as "
                    + "\"127.0.0.1:4140,[::1]:4140\""
            )
        }
        return list
    }

    /// The address as it is written.
    public var description: String {
        address.bitWidth == 128 ? "[\(address)]:\(port)" : "\(address):\(port)"
    }

    /// Keeps the port that was given.
    private static func example(for text: String) -> String {
        let tail = text.utf8.reversed().prefix { (0x30...0x39).contains($0) }.reversed()
        let digits = String(decoding: Array(tail), as: UTF8.self)
        let isPort = (try? Scalars.number(digits, in: 1...65535)) != nil
        let isOnlyPort = isPort && (text == digits || text == ":" + digits)
        let host = isOnlyPort || !isPort ? "0.0.0.0" : "127.0.0.1"
        return "\(host):\(isPort ? digits : "4143")"
    }
}

/// Text cut at the colon in front of its port.
struct HostAndPort {
    /// What stands before the colon, without brackets.
    let host: String
    /// What stands after it.
    let port: String
    /// Whether the host stood in brackets.
    let isBracketed: Bool

    /// Cuts the text; nil when it has no colon, or one too many outside of brackets.
    init?(_ text: String) {
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        var host = text.utf8[..<colon]
        port = String(text[text.utf8.index(after: colon)...])
        isBracketed = host.first == UInt8(ascii: "[") && host.last == UInt8(ascii: "]")
        if isBracketed {
            host = host.dropFirst().dropLast()
        } else if host.contains(UInt8(ascii: ":")) {
            return nil
        }
        self.host = String(Substring(host))
    }
}
