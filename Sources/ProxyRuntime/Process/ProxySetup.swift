// SPDX-License-Identifier: Apache-2.0

internal import MeshConfig
internal import MeshModel
internal import ProxyCore

/// Everything that a proxy starts with, from its file, its environment and its flags.
struct ProxySetup {
    var config: StandaloneConfig
    /// What the file system said of the file before it was read.
    var stamp: FileStamp?
    var outboundListeners: [SocketAddress]
    var timing = ConnectionTiming()
    var threads = 1
    var graceNanos: UInt64 = 120_000_000_000
    /// How long series that count nothing are safe where new ones want room.
    var seriesIdleNanos: UInt64 = 600_000_000_000
    var accessLog: AccessLogFormat?
    /// Whether the admin port takes `POST /shutdown`.
    var isShutdownEnabled = false

    /// What the file says alone.
    init(_ config: StandaloneConfig) {
        self.config = config
        outboundListeners = [config.proxy.outboundListen]
        timing.headNanos = Self.nanos(config.timeouts.head)
        timing.bodyNanos = Self.nanos(config.timeouts.stall)
        timing.clientIdleNanos = Self.nanos(config.timeouts.idle)
    }

    /// Lays the environment of an injected pod over the file: it says where the pod's proxy listens
    /// and whom it lets in; the file stands in for the control plane.
    mutating func apply(_ environment: ProxyEnvironment) {
        func address(_ listener: ListenAddress) -> SocketAddress {
            SocketAddress(ip: listener.address, port: listener.port)
        }
        outboundListeners = environment.outboundListeners.map(address)
        config.inbound.listen = address(environment.inboundListener)
        config.inbound.adminListen = address(environment.adminListener)
        config.inbound.defaultPolicy = environment.inboundDefaultPolicy
        config.inbound.clusterNetworks = environment.clusterNetworks
        config.inbound.opaquePorts = environment.opaqueInboundPorts
        timing.inboundConnectNanos = environment.inbound.connectTimeoutNanos
        timing.outboundConnectNanos = environment.outbound.connectTimeoutNanos
        timing.inboundPoolNanos = environment.inbound.poolIdleNanos
        timing.outboundPoolNanos = environment.outbound.poolIdleNanos
        timing.detectNanos = environment.inbound.detectTimeoutNanos
        timing.keepAliveMillis = Self.millis(environment.inbound.acceptKeepaliveNanos)
        timing.userTimeoutMillis = Self.millis(environment.inbound.acceptUserTimeoutNanos)
        threads = environment.workers.workerCount(availableCores: SystemEnvironment.coreCount)
        graceNanos = environment.shutdownGraceNanosMax
        seriesIdleNanos = environment.seriesIdleNanos
        accessLog = environment.accessLog
        isShutdownEnabled = environment.isShutdownEndpointEnabled
    }

    /// The timing of a thread's connections.
    var workerTiming: ConnectionTiming {
        var timing = timing
        timing.drainAcceptNanos = min(timing.drainAcceptNanos, graceNanos / 2)
        return timing
    }

    /// The file's durations are longer than nothing.
    private static func nanos(_ duration: GoDuration) -> UInt64 {
        UInt64(max(duration.nanoseconds, 0))
    }

    private static func millis(_ nanos: UInt64?) -> Int? { nanos.map { Int($0 / 1_000_000) } }
}
