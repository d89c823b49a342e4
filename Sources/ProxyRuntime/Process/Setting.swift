// SPDX-License-Identifier: Apache-2.0

internal import MeshConfig
internal import MeshModel
internal import ProxyCore

/// One thing that may be set: by which words, and what holds in the end.
struct Setting: Sendable {
    /// The key of the file; nil where only the environment or a flag sets it.
    var key: String?
    /// The variables, by their whole names, that set it together.
    var variables: [String] = []
    var flag: String?
    /// What a setup has of it, for a person; nil for nothing.
    let value: @Sendable (ProxySetup) -> String?

    /// The key, or else the first variable, or else the flag.
    var name: String { key ?? variables.first ?? flag ?? "" }

    /// A key of the file, and the variables that mean the same.
    static func key(
        _ key: String,
        _ value: @escaping @Sendable (ProxySetup) -> String?
    ) -> Setting {
        let variables = ProxyVariable.table.filter { $0.fileKey == key }.map(\.name)
        return Setting(key: key, variables: variables, value: value)
    }

    /// Variables, by their names without the prefix, that no key of the file stands for.
    static func variables(
        _ shortNames: String...,
        flag: String? = nil,
        _ value: @escaping @Sendable (ProxySetup) -> String?
    ) -> Setting {
        let names = shortNames.map { ProxyVariable.prefix + $0 }
        return Setting(variables: names, flag: flag, value: value)
    }

    /// Everything but services and probes, which have no fixed number.
    static let all = keys + sides + process

    private static let keys: [Setting] = [
        .key("proxy.listenAddr") { setup in
            setup.outboundListeners.map(\.description).joined(separator: ",")
        },
        .key("proxy.proxy.outgoing.request.timeout") {
            $0.config.proxy.requestTimeout?.description
        },
        .key("proxy.proxy.outgoing.allow") { setup in
            guard let allow = setup.config.proxy.allow else { return "everything" }
            return allow.isEmpty ? "nothing" : allow.map(\.description).joined(separator: ",")
        },
        // Where the key is, not what is in it.
        .key("identity.name") { $0.config.identity?.name },
        .key("identity.certificate") { $0.config.identity?.certificate },
        .key("identity.key") { $0.config.identity?.key },
        .key("identity.trustRoots") { $0.config.identity?.trustRoots },
        .key("inbound.listenAddr") { $0.config.inbound.listen.description },
        .key("inbound.adminListenAddr") { $0.config.inbound.adminListen.description },
        .key("inbound.defaultPolicy") { $0.config.inbound.defaultPolicy.description },
        .key("inbound.clusterNetworks") { $0.config.inbound.clusterNetworks.description },
        .key("inbound.opaquePorts") { $0.config.inbound.opaquePorts.description },
        .key("inbound.forwardTo") { $0.config.inbound.forwardTo?.description },
        .key("dns.servers") { setup in
            setup.config.dns.servers?.map(\.description).joined(separator: ",")
        },
        .key("dns.resolvConf") { $0.config.dns.resolvConf },
        .key("dns.minTTL") { $0.config.dns.ttlMin.description },
        .key("dns.maxTTL") { $0.config.dns.ttlMax.description },
        .key("timeouts.head") { $0.config.timeouts.head.description },
        .key("timeouts.stall") { $0.config.timeouts.stall.description },
        .key("timeouts.idle") { $0.config.timeouts.idle.description },
    ]

    private static let sides =
        Direction.allCases.flatMap(ofSide) + [
            .variables("INBOUND_IPS") { setup in
                setup.podIPs.isEmpty
                    ? nil : setup.podIPs.map(\.description).joined(separator: ",")
            },
            .variables("OUTBOUND_DISABLE_INFORMATIONAL_HEADERS") { "\(!$0.timing.tellsErrors)" },
        ]

    private static func ofSide(_ side: Direction) -> [Setting] {
        let start = side.rawValue.uppercased() + "_"
        let pool = side == .inbound ? "" : start
        return [
            .variables(start + "TCP_LISTEN_BACKLOG") { "\($0.timing.sides[side].backlog)" },
            .variables(start + "DETECT_TIMEOUT") { shown($0.timing.sides[side].detectNanos) },
            .variables(start + "CONNECT_TIMEOUT") { shown($0.timing.sides[side].connectNanos) },
            .variables(start + "ACCEPT_KEEPALIVE") {
                shown($0.timing.sides[side].accepted.keepAliveNanos)
            },
            .variables(start + "CONNECT_KEEPALIVE") {
                shown($0.timing.sides[side].connected.keepAliveNanos)
            },
            .variables(start + "ACCEPT_USER_TIMEOUT") {
                shown($0.timing.sides[side].accepted.userTimeoutNanos)
            },
            .variables(start + "CONNECT_USER_TIMEOUT") {
                shown($0.timing.sides[side].connected.userTimeoutNanos)
            },
            .variables(pool + "MAX_IDLE_CONNS_PER_ENDPOINT") {
                "\($0.timing.sides[side].idleUpstreamsMax)"
            },
            .variables(start + "HTTP1_CONNECTION_POOL_IDLE_TIMEOUT") {
                shown($0.timing.sides[side].poolNanos)
            },
            .variables(start + "MAX_IN_FLIGHT") { "\($0.timing.sides[side].requestsMax)" },
        ]
    }

    private static let process: [Setting] = [
        .variables("CORES", "CORES_MIN", "CORES_MAX", "CORES_MAX_RATIO", flag: "--threads") {
            "\($0.threads)"
        },
        Setting(flag: "--io") { $0.usesRings ? "auto" : "epoll" },
        .variables("LOG", flag: "--log-level") { $0.logFilter.description },
        .variables("LOG_FORMAT", flag: "--log-format") { $0.logFormat.rawValue },
        .variables("METRICS_RETAIN_IDLE") { shown($0.seriesIdleNanos) },
        .variables("ACCESS_LOG") { $0.accessLog?.rawValue },
        .variables("SHUTDOWN_ENDPOINT_ENABLED") { "\($0.isShutdownEnabled)" },
        .variables("SHUTDOWN_GRACE_PERIOD", flag: "--grace") { shown($0.graceNanos) },
    ]

    private static func shown(_ nanos: UInt64?) -> String? {
        nanos.map { GoDuration(nanoseconds: Int64(clamping: $0)).description }
    }
}
