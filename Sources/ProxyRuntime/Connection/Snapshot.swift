// SPDX-License-Identifier: Apache-2.0

internal import MeshConfig
internal import MeshModel
internal import ProxyCore
internal import Synchronization

/// Everything that decides about a connection, as it holds at one moment.
///
/// Immutable: a change makes a new one, and connections keep the one that they started with.
final class Snapshot: Sendable {
    /// Our identity; nil where there is none, and then nothing meshed can be spoken to.
    let tls: TLSContext?
    /// The name that we shall prove, whether or not the files are there yet.
    let identityName: String?
    let authorizer: InboundAuthorizer
    let defaultPolicy: InboundPolicy
    let probes: ProbeRoutes
    let opaquePorts: PortList
    /// Where unredirected connections to the inbound listener go; nil for nowhere.
    let forwardTo: SocketAddress?
    let inboundPort: UInt16
    let adminPort: UInt16
    let allow: [AllowEntry]?
    /// How long a request may take until its response begins; nil for ever.
    let requestTimeout: GoDuration?
    /// The proxy's own listeners, to which no connection may lead.
    let ownAddresses: OwnAddresses
    private let services: [SocketAddress: Service]
    private let peers: [SocketAddress: Peer]

    /// What is known of a service with an address of its own.
    private struct Service: Sendable {
        let name: String
        let peers: [Peer]
        /// Names of its endpoints that stand for nothing so far.
        let unknownNames: [String]
    }

    /// `names` has the addresses of the names of endpoints, as far as they are known.
    init(
        _ config: StandaloneConfig,
        _ tls: TLSContext?,
        names: [String: [IPAddress]],
        ownAddresses: OwnAddresses
    ) {
        self.tls = tls
        self.ownAddresses = ownAddresses
        identityName = config.identity?.name
        defaultPolicy = config.inbound.defaultPolicy
        authorizer = InboundAuthorizer(
            policy: config.inbound.defaultPolicy,
            clusterNetworks: config.inbound.clusterNetworks
        )
        probes = ProbeRoutes(config.inbound.probes)
        opaquePorts = config.inbound.opaquePorts
        forwardTo = config.inbound.forwardTo
        inboundPort = config.inbound.listen.port
        adminPort = config.inbound.adminListen.port
        allow = config.proxy.allow
        requestTimeout = config.proxy.requestTimeout
        var services: [SocketAddress: Service] = [:]
        var peers: [SocketAddress: Peer] = [:]
        for service in config.services {
            let all = Peer.all(of: service.endpoints, names)
            for peer in all { peers[peer.address] = peer }
            guard let address = service.address else { continue }
            let unknown = service.endpoints.compactMap(\.address.name).filter {
                names[$0]?.isEmpty ?? true
            }
            services[address] = Service(name: service.name, peers: all, unknownNames: unknown)
        }
        self.services = services
        self.peers = peers
    }

    func hasService(at address: SocketAddress) -> Bool { services[address] != nil }

    /// Who serves a destination: a service's endpoints, one endpoint, or the destination itself.
    func candidates(for destination: SocketAddress) -> [Peer] {
        if let service = services[destination] { return service.peers }
        return [peers[destination] ?? Peer(address: destination)]
    }

    /// Why a destination has no candidates.
    func reasonForNoCandidates(at destination: SocketAddress) -> String {
        guard let unknown = services[destination]?.unknownNames.first else {
            return "the service has no endpoints"
        }
        return "no address is known of \(unknown)"
    }

    /// The name of the service at an address.
    func serviceName(at destination: SocketAddress) -> String? { services[destination]?.name }

    /// The entry that would allow a destination is missing; nil when it is allowed.
    func missingAllowEntry(for destination: SocketAddress) -> String? {
        guard let allow else { return nil }
        let service = services[destination]
        let isAllowed = allow.contains { entry in
            switch entry {
            case .kubernetes: service != nil
            case .network(let network): network.contains(destination.ip)
            case .service(let namespace, let name):
                service?.name.hasPrefix("\(name).\(namespace).") == true
            }
        }
        return isAllowed ? nil : "ip:\(destination.ip)/\(destination.ip.bitWidth)"
    }
}

/// The snapshot in force, for all threads.
final class SnapshotStore: Sendable {
    private let current: Mutex<Snapshot>
    private let replacements = Atomic<Int>(0)

    init(_ snapshot: Snapshot) { current = Mutex(snapshot) }

    var snapshot: Snapshot { current.withLock { $0 } }

    /// How often it has been replaced: whoever has asked since need not ask again.
    var version: Int { replacements.load(ordering: .acquiring) }

    func replace(with snapshot: Snapshot) {
        current.withLock { $0 = snapshot }
        replacements.add(1, ordering: .releasing)
    }
}
