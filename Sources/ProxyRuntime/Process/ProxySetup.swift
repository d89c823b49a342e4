// SPDX-License-Identifier: Apache-2.0

internal import MeshConfig
internal import MeshModel
internal import ProxyCore

/// Everything that a proxy starts with, from its file, its environment and its flags.
///
/// Of each setting a flag comes first, then a variable that is set, then the file, then the
/// default.
struct ProxySetup {
    var config: StandaloneConfig
    /// What the file system said of the file before it was read.
    var stamp: FileStamp?
    var outboundListeners: [SocketAddress]
    var timing: ConnectionTiming
    /// The addresses of the pod; empty where they are not known.
    var podIPs: [IPAddress]
    var threads: Int
    var graceNanos: UInt64
    /// How long series that count nothing are safe where new ones want room.
    var seriesIdleNanos: UInt64
    var accessLog: AccessLogFormat?
    /// Whether the admin port takes `POST /shutdown`.
    var isShutdownEnabled: Bool
    var logFilter: LogFilter
    var logFormat: LogFormat
    /// Whether its threads ask for an io_uring(7) each.
    var usesRings = true

    init(
        _ config: StandaloneConfig,
        _ environment: ProxyEnvironment,
        _ arguments: ProxyArguments = ProxyArguments()
    ) {
        self.config = config
        outboundListeners = [config.proxy.outboundListen]
        timing = ConnectionTiming(environment)
        timing.headNanos = Self.nanos(config.timeouts.head)
        timing.bodyNanos = Self.nanos(config.timeouts.stall)
        timing.clientIdleNanos = Self.nanos(config.timeouts.idle)
        podIPs = environment.inboundIPs
        threads = environment.workers.workerCount(availableCores: SystemEnvironment.coreCount)
        graceNanos = environment.shutdownGraceNanosMax
        seriesIdleNanos = environment.seriesIdleNanos
        accessLog = environment.accessLog
        isShutdownEnabled = environment.isShutdownEndpointEnabled
        logFilter = environment.logFilter
        logFormat = environment.logFormat
        overlay(environment)
        arguments.apply(to: &self)
    }

    /// Lays what the environment sets over the keys of the file that mean the same.
    private mutating func overlay(_ environment: ProxyEnvironment) {
        func address(_ listener: ListenAddress) -> SocketAddress {
            SocketAddress(ip: listener.address, port: listener.port)
        }
        if environment.sets("OUTBOUND_LISTEN_ADDR") || environment.sets("OUTBOUND_LISTEN_ADDRS") {
            outboundListeners = environment.outboundListeners.map(address)
        }
        if environment.sets("INBOUND_LISTEN_ADDR") {
            config.inbound.listen = address(environment.inboundListener)
        }
        if environment.sets("ADMIN_LISTEN_ADDR") {
            config.inbound.adminListen = address(environment.adminListener)
        }
        if environment.sets("INBOUND_DEFAULT_POLICY") {
            config.inbound.defaultPolicy = environment.inboundDefaultPolicy
        }
        if environment.sets("POLICY_CLUSTER_NETWORKS") {
            config.inbound.clusterNetworks = environment.clusterNetworks
        }
        if environment.sets("INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION") {
            config.inbound.opaquePorts = environment.opaqueInboundPorts
        }
        if let nanos = environment.dnsTTLNanosMin { config.dns.ttlMin = Self.duration(nanos) }
        if let nanos = environment.dnsTTLNanosMax { config.dns.ttlMax = Self.duration(nanos) }
    }

    /// The timing of a thread's connections.
    var workerTiming: ConnectionTiming {
        var timing = timing
        timing.drainAcceptNanos = min(timing.drainAcceptNanos, graceNanos / 2)
        for direction in Direction.allCases {
            timing.sides[direction] = timing.sides[direction].shared(among: threads)
        }
        return timing
    }

    /// The file's durations are longer than nothing.
    private static func nanos(_ duration: GoDuration) -> UInt64 {
        UInt64(max(duration.nanoseconds, 0))
    }

    private static func duration(_ nanos: UInt64) -> GoDuration {
        GoDuration(nanoseconds: Int64(clamping: nanos))
    }
}
