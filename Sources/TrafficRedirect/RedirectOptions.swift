// SPDX-License-Identifier: Apache-2.0

internal import MeshModel

/// What is redirected where, and what is not.
struct RedirectOptions: Equatable, Sendable {
    /// The proxy's port for TCP that arrives from outside the pod.
    var incomingPort = MeshDefaults.inboundPort
    /// The proxy's port for TCP that leaves the pod.
    var outgoingPort = MeshDefaults.outboundPort
    /// The user whose traffic is the proxy's own.
    var proxyUserID = MeshDefaults.proxyUserID
    /// The group whose traffic is the proxy's own, if there is one.
    var proxyGroupID: Int64?
    /// The only ports whose inbound traffic is redirected; empty means all.
    var portsToRedirect = RedirectOptions.noPorts
    /// Ports of the pod that are reached directly; nil where nobody listed any.
    var inboundPortsToIgnore: PortList?
    /// Ports elsewhere that the pod reaches directly.
    var outboundPortsToIgnore = RedirectOptions.noPorts
    /// Sources whose inbound traffic is not redirected.
    var subnetsToIgnore: [CIDR] = []
    /// Whether IPv6 passes as if there were no rules.
    var leavesIPv6Alone = false

    /// Ports of the pod that are reached directly: those listed, or else the proxy's own.
    var directInboundPorts: PortList { inboundPortsToIgnore ?? Self.proxyPorts }

    /// The list without an entry.
    static let noPorts = PortList([PortRange]())
    /// The ports where kubelet, Prometheus and the tap service ask the proxy itself.
    static let proxyPorts = PortList(
        [MeshDefaults.controlPort, MeshDefaults.adminPort].map { PortRange($0) }
    )
}
