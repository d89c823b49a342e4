// SPDX-License-Identifier: Apache-2.0

public import MeshModel

/// Where an endpoint listens: at an address, or at all addresses of a name.
public enum EndpointAddress: Hashable, Sendable, CustomStringConvertible {
    /// At this address.
    case ip(SocketAddress)
    /// At whatever the DNS says of the name, in lower case; a dot at its end keeps the search
    /// domains away.
    case name(String, port: UInt16)

    /// LIMIT: 255 bytes on the wire of DNS (RFC 1035 section 2.3.4) are 253 of text.
    private static let nameBytesMax = 253
    /// LIMIT: the same section's bound on a label.
    private static let labelBytesMax = 63

    /// Reads `10.0.0.1:80`, `[fd00::1]:80` and `users-api.default:80`.
    public init(parsing text: String) throws(ValueError) {
        guard let (host, port) = Self.parts(of: text) else {
            self = .ip(try TreeReading.peer(text))
            return
        }
        guard host.utf8.count <= Self.nameBytesMax else {
            throw ValueError(
                "\(ValueError.quote(text)) has a name of \(host.utf8.count) bytes; "
                    + "DNS takes at most \(Self.nameBytesMax)"
            )
        }
        let name = host.utf8.last == UInt8(ascii: ".") ? host.dropLast() : host[...]
        guard
            name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
                .allSatisfy(Self.isLabel)
        else {
            throw ValueError(
                "\(ValueError.quote(text)) starts with neither an IP address nor a DNS name; write "
                    + "one such as \"127.0.0.1:4140\", \"[::1]:4140\" or \"users-api.default:80\""
            )
        }
        self = .name(host.lowercased(), port: port)
    }

    /// The name; nil for an address.
    public var name: String? {
        if case .name(let name, _) = self { name } else { nil }
    }

    /// The text that `init(parsing:)` reads.
    public var description: String {
        switch self {
        case .ip(let address): "\(address)"
        case .name(let name, let port): "\(name):\(port)"
        }
    }

    /// What may be a name and its port; nil for what is an IP address, or is meant to be one.
    private static func parts(of text: String) -> (host: String, port: UInt16)? {
        let pieces = text.split(separator: ":", omittingEmptySubsequences: false)
        guard pieces.count == 2, let port = UInt16(pieces[1]), port > 0,
            pieces[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            pieces[0].utf8.first != UInt8(ascii: "["),
            // No top-level domain is a number (RFC 1123 section 2.1): this is half an IPv4 address.
            let last = pieces[0].split(separator: ".").last,
            !last.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return (String(pieces[0]), port)
    }

    /// Underscores are in no standard for hosts but in many names in use.
    private static func isLabel(_ label: Substring.UTF8View) -> Bool {
        let hyphen = UInt8(ascii: "-")
        guard (1...labelBytesMax).contains(label.count), label.first != hyphen, label.last != hyphen
        else { return false }
        return label.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, hyphen, UInt8(ascii: "_"): true
            default: false
            }
        }
    }
}
