// SPDX-License-Identifier: Apache-2.0

public import MeshModel

/// Whether a client may connect, and why.
public enum InboundDecision: Equatable, Sendable {
    /// It may, by the authorization of this name.
    case allowed(authorization: String)
    /// It may not; the reason is one line for a log: what was missing.
    case denied(reason: String)
}

/// Decides by a default policy who may connect to a port that no policy resource covers.
///
/// As in Linkerd, a default policy knows no exception for localhost: `deny` denies it too. The
/// authorization is named after the policy; the name `audit` asks for a line in the log.
/// An IPv4 address is the same client when it comes mapped into IPv6 (RFC 4291 section 2.5.5.2).
public struct InboundAuthorizer: Sendable {
    private let policy: InboundPolicy
    private let networks: [CIDR]

    /// Makes the decisions of `policy`; only the `cluster-` policies ask for `clusterNetworks`.
    public init(policy: InboundPolicy, clusterNetworks: CIDRList) {
        self.policy = policy
        networks = clusterNetworks.items
    }

    /// Decides about a client by its address and the identity that its certificate proves.
    ///
    /// The identity is nil when there was no TLS or no client certificate.
    public func decide(client: IPAddress, identity: String?) -> InboundDecision {
        switch policy {
        case .deny:
            return .denied(reason: "the default policy is deny")
        case .allUnauthenticated, .audit:
            break
        case .allAuthenticated:
            if let reason = missingIdentity(identity) { return .denied(reason: reason) }
        case .clusterUnauthenticated:
            if let reason = outsideCluster(client) { return .denied(reason: reason) }
        case .clusterAuthenticated:
            if let reason = outsideCluster(client) ?? missingIdentity(identity) {
                return .denied(reason: reason)
            }
        }
        return .allowed(authorization: policy.rawValue)
    }

    private func missingIdentity(_ identity: String?) -> String? {
        guard identity?.isEmpty ?? true else { return nil }
        return "the default policy \(policy) needs a mesh identity, the client has none"
    }

    private func outsideCluster(_ client: IPAddress) -> String? {
        let address = client.unmapped
        guard !networks.contains(where: { Self.contains($0, address) }) else { return nil }
        return networks.isEmpty
            ? "the default policy \(policy) needs cluster networks, none are set"
            : "the default policy \(policy) needs a client in the cluster networks, "
                + "\(address) is not"
    }

    /// A network may itself be written mapped; a shorter prefix covers more than IPv4.
    private static func contains(_ network: CIDR, _ address: IPAddress) -> Bool {
        if network.contains(address) { return true }
        guard case .v4(let value) = address, network.prefixLength >= 96 else { return false }
        return network.contains(.v6(0xFFFF << 32 | UInt128(value)))
    }
}

extension IPAddress {
    /// The IPv4 address that is mapped into this one (RFC 4291 section 2.5.5.2), or itself.
    public var unmapped: IPAddress {
        guard case .v6(0, let value) = self, value >> 32 == 0xFFFF else { return self }
        return .v4(UInt32(truncatingIfNeeded: value))
    }
}
