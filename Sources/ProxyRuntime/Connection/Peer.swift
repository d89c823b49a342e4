// SPDX-License-Identifier: Apache-2.0

internal import MeshConfig
internal import MeshModel

/// An endpoint at one address: where a connection goes.
struct Peer: Equatable, Sendable {
    /// Where it listens.
    var address: SocketAddress
    /// The mesh identity that it must prove; nil for a peer outside the mesh.
    var identity: String?

    /// All peers that endpoints stand for, each address once.
    static func all(of endpoints: [Endpoint], _ names: [String: [IPAddress]]) -> [Peer] {
        var seen: Set<SocketAddress> = []
        var peers: [Peer] = []
        for endpoint in endpoints {
            for address in addresses(of: endpoint, names) where seen.insert(address).inserted {
                guard peers.count < peersMax else { return peers }
                peers.append(Peer(address: address, identity: endpoint.identity))
            }
        }
        return peers
    }

    /// LIMIT: peers of one service; its names may have a thousand addresses each.
    private static let peersMax = 10_000

    /// Which of several to try: at most `count`, from the one whose turn it is on.
    ///
    /// Where there are both families, both are among them: a machine without IPv6 is not to fail
    /// because a name has many addresses of it (RFC 8305 section 4 has the same reason).
    static func choice(from peers: [Peer], turn: Int, count: Int) -> [Peer] {
        indices(from: peers, turn: turn, count: count).map { peers[$0] }
    }

    /// The same, by where they stand among all.
    static func indices(from peers: [Peer], turn: Int, count: Int) -> [Int] {
        let first = turn % max(peers.count, 1)
        var chosen = (0..<min(count, peers.count)).map { (first + $0) % peers.count }
        let families = Set(chosen.map { peers[$0].address.ip.bitWidth })
        guard families.count == 1, chosen.count > 1, chosen.count < peers.count else {
            return chosen
        }
        let other = (chosen.count..<peers.count).lazy.map { (first + $0) % peers.count }
            .first { !families.contains(peers[$0].address.ip.bitWidth) }
        if let other { chosen[chosen.count - 1] = other }
        return chosen
    }

    private static func addresses(
        of endpoint: Endpoint,
        _ names: [String: [IPAddress]]
    ) -> [SocketAddress] {
        switch endpoint.address {
        case .ip(let address): [address]
        case .name(let name, let port):
            (names[name] ?? []).map { SocketAddress(ip: $0, port: port) }
        }
    }
}
