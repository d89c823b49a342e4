// SPDX-License-Identifier: Apache-2.0

/// What the mesh uses where nobody says otherwise.
///
/// Ports, user and port lists are Linkerd's contract; the images are ours.
public enum MeshDefaults {
    /// The port of the proxy's inbound listener.
    public static let inboundPort: UInt16 = 4143
    /// The port of the proxy's outbound listener.
    public static let outboundPort: UInt16 = 4140
    /// The port of the proxy's control listener (tap).
    public static let controlPort: UInt16 = 4190
    /// The port of the proxy's admin listener: probes and metrics.
    public static let adminPort: UInt16 = 4191

    /// The user that the proxy container runs as and whose traffic is not redirected.
    public static let proxyUserID: Int64 = 2102

    /// The image of proxy and init container, without a version.
    public static let proxyImage = "ghcr.io/meshctl/meshctl"
    /// The image of the debug container, without a version.
    public static let debugImage = "ghcr.io/meshctl/debug"

    /// The proxy's log filter.
    public static let logFilter = "warn,linkerd=info,hickory=error"

    /// Ports passed through as plain TCP: SMTP, MySQL, Galera, PostgreSQL, Redis, Elasticsearch's
    /// cluster port and Memcached.
    public static let opaquePorts = PortList(
        [25, 587, 3306, 4444, 5432, 6379, 9300, 11211].map { PortRange($0) }
    )

    /// Ports that bypass the proxy in both directions: Galera's replication.
    public static let skippedPorts = PortList([4567, 4568].map { PortRange($0) })

    /// The networks that a cluster's pods, Services and nodes have: the private ranges (RFC 1918,
    /// RFC 6598, RFC 4193).
    public static let clusterNetworks = CIDRList([
        CIDR(.v4(0x0A00_0000), prefixLength: 8),
        CIDR(.v4(0x6440_0000), prefixLength: 10),
        CIDR(.v4(0xAC10_0000), prefixLength: 12),
        CIDR(.v4(0xC0A8_0000), prefixLength: 16),
        CIDR(.v6(0xFD << 120), prefixLength: 8),
    ])

    /// Well-known ports, outside ``opaquePorts``, whose servers send first.
    ///
    /// Protocol detection waits there for a client that is itself waiting, so a hint to mark
    /// them opaque is in place.
    public static let serverFirstPorts: [ServerFirstPort] = [
        ServerFirstPort(port: 21, name: "FTP"),
        ServerFirstPort(port: 22, name: "SSH"),
        ServerFirstPort(port: 110, name: "POP3"),
        ServerFirstPort(port: 143, name: "IMAP"),
        ServerFirstPort(port: 1433, name: "SQL Server"),
        ServerFirstPort(port: 4222, name: "NATS"),
        ServerFirstPort(port: 5900, name: "VNC"),
        ServerFirstPort(port: 7419, name: "Faktory"),
    ]
}

/// A well-known port whose server speaks first.
public struct ServerFirstPort: Hashable, Sendable {
    /// The port.
    public let port: UInt16
    /// The protocol or product, as people call it.
    public let name: String
}
