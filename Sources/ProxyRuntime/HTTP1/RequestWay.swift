// SPDX-License-Identifier: Apache-2.0

internal import MeshConfig
internal import MeshModel

/// An endpoint that requests may be sent to.
final class RequestEndpoint {
    let peer: Peer
    /// Where it is connected; nil when we have no identity to speak to it with.
    let target: UpstreamTarget?
    /// Connections to it that wait for a request.
    let idle: UpstreamPool.Shelf?

    init(_ peer: Peer, _ snapshot: Snapshot, _ pool: UpstreamPool) {
        self.peer = peer
        target = Self.target(of: peer, snapshot)
        idle = target.map { pool.shelf(for: $0) }
    }

    private static func target(of peer: Peer, _ snapshot: Snapshot) -> UpstreamTarget? {
        guard let identity = peer.identity else {
            return UpstreamTarget(address: peer.address, endpoint: peer.address)
        }
        guard snapshot.tls != nil else { return nil }
        let proxy = SocketAddress(ip: peer.address.ip, port: MeshDefaults.inboundPort)
        // The peer's proxy is this one: nothing leaves the machine, as in Linkerd.
        guard !snapshot.ownAddresses.lead(to: proxy) else {
            return UpstreamTarget(address: peer.address, endpoint: peer.address)
        }
        return UpstreamTarget(address: proxy, endpoint: peer.address, identity: identity)
    }
}

/// Where requests to one destination go, as one snapshot has it.
final class RequestWay {
    let snapshot: Snapshot
    /// The entry of `outgoing.allow` without which requests are refused; nil when none is missing.
    let missingAllowEntry: String?
    private let endpoints: [RequestEndpoint]
    /// The endpoints, and the first of them again: a slice of it is a choice that costs nothing.
    private let ring: ArraySlice<RequestEndpoint>
    private let hasBothFamilies: Bool
    /// Spreads requests over the endpoints.
    private var turn = 0

    /// LIMIT: endpoints that are tried; more would outlast the client's patience.
    private static let triesMax = 3

    init(
        _ direction: Direction,
        to destination: SocketAddress,
        _ snapshot: Snapshot,
        _ pool: UpstreamPool
    ) {
        self.snapshot = snapshot
        let peers: [Peer]
        switch direction {
        case .inbound:
            missingAllowEntry = nil
            peers = [Peer(address: destination)]
        case .outbound:
            missingAllowEntry = snapshot.missingAllowEntry(for: destination)
            peers = snapshot.candidates(for: destination)
        }
        endpoints = peers.map { RequestEndpoint($0, snapshot, pool) }
        ring = endpoints[...] + endpoints.prefix(Self.triesMax - 1)
        hasBothFamilies = Set(peers.map(\.address.ip.bitWidth)).count > 1
    }

    /// Endpoints to try for a request, one after the other, from the one whose turn it is on.
    func endpointsInTurn() -> ArraySlice<RequestEndpoint> {
        guard endpoints.count > 1 else { return endpoints[...] }
        turn = (turn + 1) % endpoints.count
        guard !hasBothFamilies else {
            let peers = endpoints.map(\.peer)
            return Peer.indices(from: peers, turn: turn, count: Self.triesMax)
                .map { endpoints[$0] }[...]
        }
        return ring[turn..<turn + min(Self.triesMax, endpoints.count)]
    }
}

/// The ways that the requests of one thread take, worked out once for each snapshot.
final class RequestWays {
    private struct Key: Hashable {
        var direction: Direction
        var destination: SocketAddress
    }

    private let pool: UpstreamPool
    private var known: [Key: RequestWay] = [:]
    /// LIMIT: destinations that are remembered; the application may name any number, and one that
    /// was forgotten is worked out again.
    private static let destinationsMax = 4096

    init(_ pool: UpstreamPool) { self.pool = pool }

    func way(
        _ direction: Direction,
        to destination: SocketAddress,
        _ snapshot: Snapshot
    ) -> RequestWay {
        let key = Key(direction: direction, destination: destination)
        if let way = known[key], way.snapshot === snapshot { return way }
        if known.count >= Self.destinationsMax { known.removeAll() }
        let way = RequestWay(direction, to: destination, snapshot, pool)
        known[key] = way
        return way
    }
}
