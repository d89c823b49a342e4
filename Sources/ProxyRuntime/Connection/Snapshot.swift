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
    let probes: ProbeRoutes
    let opaquePorts: PortList
    /// Where unredirected connections to the inbound listener go; nil for nowhere.
    let forwardTo: SocketAddress?
    let inboundPort: UInt16
    let allow: [AllowEntry]?
    /// How long a request may take until its response begins; nil for ever.
    let requestTimeout: GoDuration?
    private let services: [SocketAddress: ServiceEntry]
    private let endpoints: [SocketAddress: Endpoint]

    init(_ config: StandaloneConfig, _ tls: TLSContext?) {
        self.tls = tls
        identityName = config.identity?.name
        authorizer = InboundAuthorizer(
            policy: config.inbound.defaultPolicy,
            clusterNetworks: config.inbound.clusterNetworks
        )
        probes = ProbeRoutes(config.inbound.probes)
        opaquePorts = config.inbound.opaquePorts
        forwardTo = config.inbound.forwardTo
        inboundPort = config.inbound.listen.port
        allow = config.proxy.allow
        requestTimeout = config.proxy.requestTimeout
        var services: [SocketAddress: ServiceEntry] = [:]
        var endpoints: [SocketAddress: Endpoint] = [:]
        for service in config.services {
            if let address = service.address { services[address] = service }
            for endpoint in service.endpoints { endpoints[endpoint.address] = endpoint }
        }
        self.services = services
        self.endpoints = endpoints
    }

    /// Who serves a destination: a service's endpoints, one endpoint, or the destination itself.
    func candidates(for destination: SocketAddress) -> [Endpoint] {
        if let service = services[destination] { return service.endpoints }
        return [endpoints[destination] ?? Endpoint(address: destination)]
    }

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

    init(_ snapshot: Snapshot) { current = Mutex(snapshot) }

    var snapshot: Snapshot { current.withLock { $0 } }

    func replace(with snapshot: Snapshot) { current.withLock { $0 = snapshot } }
}
