// SPDX-License-Identifier: Apache-2.0

internal import MeshModel
internal import ProxyCore

/// The proxy's own listeners: a connection there would come back to the proxy, for ever.
struct OwnAddresses: Sendable {
    private let addresses: Set<SocketAddress>
    /// Ports that are listened on at every address of the machine.
    private let wildcardPorts: Set<UInt16>
    /// The addresses of the pod; empty where they are not known.
    private let podIPs: Set<IPAddress>

    /// The admin port ends no connection in a loop; it is kept from the mesh where only its own
    /// machine is meant to reach it.
    init(_ listeners: [SocketAddress], admin: SocketAddress, podIPs: [IPAddress] = []) {
        addresses = Set(listeners).union([admin])
        wildcardPorts = Set(listeners.filter(\.ip.isUnspecified).map(\.port))
        self.podIPs = Set(podIPs.map(\.unmapped))
    }

    /// Whether one of them would take a connection to this address.
    ///
    /// Of the machine's own addresses the loopback ones are known by sight, others by the pod's
    /// environment.
    func lead(to address: SocketAddress) -> Bool {
        let plain = SocketAddress(ip: address.ip.unmapped, port: address.port)
        return addresses.contains(plain)
            || ((plain.ip.isLoopback || podIPs.contains(plain.ip))
                && wildcardPorts.contains(plain.port))
    }

    /// Whether a connection to this address may be meant for the pod.
    func mayBePods(_ ip: IPAddress) -> Bool { podIPs.isEmpty || podIPs.contains(ip.unmapped) }
}
