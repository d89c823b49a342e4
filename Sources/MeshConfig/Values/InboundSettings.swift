// SPDX-License-Identifier: Apache-2.0

public import MeshModel

/// The settings of the inbound side, which takes connections from other machines.
public struct InboundSettings: Equatable, Sendable {
    /// Where the proxy takes connections from others.
    public var listen: SocketAddress
    /// Where the proxy answers probes and shows its metrics.
    public var adminListen: SocketAddress
    /// Who may connect where no policy says otherwise.
    public var defaultPolicy: InboundPolicy
    /// The networks that the `cluster-` policies mean.
    public var clusterNetworks: CIDRList
    /// The ports whose bytes are passed on unread.
    public var opaquePorts: PortList
    /// Where connections go that no redirect brought here; nil where a redirect does.
    public var forwardTo: SocketAddress?
    /// Requests about health, which every policy lets in.
    public var probes: [ProbeRoute]

    /// Makes settings; what is not given is the default.
    public init(
        listen: SocketAddress = SocketAddress(
            ip: .unspecifiedV4,
            port: MeshDefaults.inboundPort
        ),
        adminListen: SocketAddress = SocketAddress(ip: .loopbackV4, port: MeshDefaults.adminPort),
        defaultPolicy: InboundPolicy = .allUnauthenticated,
        clusterNetworks: CIDRList = MeshDefaults.clusterNetworks,
        opaquePorts: PortList = MeshDefaults.opaquePorts,
        forwardTo: SocketAddress? = nil,
        probes: [ProbeRoute] = []
    ) {
        self.listen = listen
        self.adminListen = adminListen
        self.defaultPolicy = defaultPolicy
        self.clusterNetworks = clusterNetworks
        self.opaquePorts = opaquePorts
        self.forwardTo = forwardTo
        self.probes = probes
    }
}
