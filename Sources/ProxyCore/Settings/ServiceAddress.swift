// SPDX-License-Identifier: Apache-2.0

public import MeshModel

/// The host and port of a service of the control plane: `linkerd-policy.linkerd.svc:8090`.
public struct ServiceAddress: Hashable, Sendable, CustomStringConvertible {
    /// Where the service is.
    public enum Host: Hashable, Sendable {
        /// At an address.
        case address(IPAddress)
        /// At the addresses of a DNS name, in lower case; a trailing dot is kept, it is absolute.
        case name(String)
    }

    /// Where the service is.
    public let host: Host
    /// Its port, from 1.
    public let port: UInt16

    /// Reads `host:port`, with brackets around IPv6.
    public init(parsing text: String) throws(ValueError) {
        guard
            let parts = HostAndPort(text),
            let host = Self.host(parts),
            let port = try? Scalars.number(parts.port, in: 1...65535)
        else {
            throw ValueError(
                "\(ValueError.quote(text)) is not a host with a port; "
                    + "write one such as \"linkerd-dst-headless.linkerd.svc.cluster.local.:8086\""
            )
        }
        self.host = host
        self.port = UInt16(port)
    }

    /// Whether the service is in the same pod, where no identity is checked.
    public var isLoopback: Bool {
        switch host {
        case .name(let name): name == "localhost" || name == "localhost."
        case .address(let address):
            switch address.unmapped {
            case .v4(let value): value >> 24 == 127
            case .v6(let high, let low): high == 0 && low == 1
            }
        }
    }

    /// The address as it is written.
    public var description: String {
        switch host {
        case .name(let name): "\(name):\(port)"
        case .address(let address): "\(ListenAddress(address: address, port: port))"
        }
    }

    private static func host(_ parts: HostAndPort) -> Host? {
        if let address = try? IPAddress(parsing: parts.host) {
            return parts.isBracketed == (address.bitWidth == 128) ? .address(address) : nil
        }
        let bytes = Array(parts.host.utf8)
        guard !parts.isBracketed, let name = HostName.normalized(bytes) else { return nil }
        return .name(bytes.last == UInt8(ascii: ".") ? name + "." : name)
    }
}

/// A service of the control plane and who must be found there.
public struct ControlService: Hashable, Sendable {
    /// Where the service is.
    public let address: ServiceAddress
    /// The identity that its certificate must prove; nil for a loopback address without one.
    public let identity: String?
}
