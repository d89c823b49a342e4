// SPDX-License-Identifier: Apache-2.0

public import MeshModel

/// How the names of endpoints are looked up.
public struct DNSSettings: Equatable, Sendable {
    /// Whom to ask in place of the servers of `resolvConf`; nil to ask those.
    public var servers: [SocketAddress]?
    /// The path of a resolv.conf(5).
    public var resolvConf: String
    /// For how long an answer holds at least.
    public var ttlMin: GoDuration
    /// For how long an answer holds at most.
    public var ttlMax: GoDuration

    /// Makes settings; what is not given is the default, whose shortest life is Linkerd's.
    public init(
        servers: [SocketAddress]? = nil,
        resolvConf: String = "/etc/resolv.conf",
        ttlMin: GoDuration = GoDuration(nanoseconds: 5_000_000_000),
        ttlMax: GoDuration = GoDuration(nanoseconds: 3_600_000_000_000)
    ) {
        self.servers = servers
        self.resolvConf = resolvConf
        self.ttlMin = ttlMin
        self.ttlMax = ttlMax
    }
}
