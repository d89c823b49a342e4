// SPDX-License-Identifier: Apache-2.0

internal import MeshModel

/// What a connection to a server leads to: an endpoint, in the clear or as a member of the mesh.
struct UpstreamTarget: Hashable {
    /// Where it is connected.
    var address: SocketAddress
    /// Who is meant: the same, or whoever is behind a proxy there.
    var endpoint: SocketAddress
    /// The identity that the peer must prove; nil for a connection in the clear.
    var identity: String?
}

/// The connections of one thread that wait for another request.
final class UpstreamPool {
    /// Those to one target, for whoever sends many requests there.
    final class Shelf {
        fileprivate var idle: [HTTP1Upstream] = []

        /// The one that was used last: the others may then grow old and be closed.
        func take() -> HTTP1Upstream? { idle.popLast() }
    }

    private var shelves: [UpstreamTarget: Shelf] = [:]
    /// Destinations that were sent requests, so that connections there need not be made before
    /// their clients have said what they want.
    private var speakHTTP: Set<SocketAddress> = []
    /// LIMIT: destinations that are remembered; forgetting one costs a connection that is not used.
    private static let destinationsMax = 4096

    func shelf(for target: UpstreamTarget) -> Shelf {
        if let shelf = shelves[target] { return shelf }
        if shelves.count >= Self.destinationsMax {
            shelves = shelves.filter { !$0.value.idle.isEmpty }
        }
        let shelf = Shelf()
        shelves[target] = shelf
        return shelf
    }

    /// Keeps a connection; false when there are so many already.
    func put(_ upstream: HTTP1Upstream, on shelf: Shelf, atMost idleMax: Int) -> Bool {
        guard shelf.idle.count < idleMax else { return false }
        shelf.idle.append(upstream)
        return true
    }

    /// Forgets a connection that has ended while it waited.
    func remove(_ upstream: HTTP1Upstream, from shelf: Shelf) {
        guard let index = shelf.idle.firstIndex(where: { $0 === upstream }) else { return }
        shelf.idle.remove(at: index)
    }

    func note(_ destination: SocketAddress) {
        if speakHTTP.count >= Self.destinationsMax { speakHTTP.removeAll() }
        speakHTTP.insert(destination)
    }

    func speaksHTTP(_ destination: SocketAddress) -> Bool { speakHTTP.contains(destination) }
}
