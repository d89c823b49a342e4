// SPDX-License-Identifier: Apache-2.0

public import MeshModel

/// The proxy's settings, read from its environment variables.
///
/// Every value is read before anything is said, so that one start shows all mistakes. Where there
/// are ``errors`` the proxy must not start, and the settings they are about hold their defaults.
/// An empty value is the same as none, as templates leave them.
public struct ProxyEnvironment: Sendable {
    /// Something to say about one variable.
    public struct Finding: Equatable, Sendable, CustomStringConvertible {
        /// The whole name of the variable.
        public let variable: String
        /// What is wrong and what to write, without a full stop.
        public let message: String

        /// One line.
        public var description: String { "\(variable): \(message)" }
    }

    /// The settings of the connections of one direction; nil and 0 mean off for the optional ones.
    public struct Direction: Equatable, Sendable {
        /// The longest wait for a connection to be made.
        public let connectTimeoutNanos: UInt64
        /// The longest wait for the bytes that tell the protocol.
        public let detectTimeoutNanos: UInt64
        /// TCP keepalive of accepted connections.
        public let acceptKeepaliveNanos: UInt64?
        /// TCP keepalive of connections that were made.
        public let connectKeepaliveNanos: UInt64?
        /// TCP_USER_TIMEOUT of accepted connections.
        public let acceptUserTimeoutNanos: UInt64?
        /// TCP_USER_TIMEOUT of connections that were made.
        public let connectUserTimeoutNanos: UInt64?
        /// How long an HTTP/1 connection that was made waits for another request.
        public let poolIdleNanos: UInt64
        /// How many of them may wait for each endpoint.
        public let idleConnectionsMax: Int
        /// How many requests may be under way.
        public let requestsMax: Int
        /// How many connections may wait to be accepted.
        public let listenBacklog: Int
    }

    /// Mistakes that keep the proxy from starting, in the order of the table.
    public let errors: [Finding]
    /// What has no effect although it was set.
    ///
    /// Known variables in the order of the table, then unknown ones. The messages are reasons, each
    /// of which many variables may share.
    public let warnings: [Finding]
    /// The same, and what has no effect in Linkerd's proxy either.
    public let withoutEffect: [Finding]
    /// The names of the variables that were set.
    private let names: Set<String>

    /// The outbound listeners, one or two.
    public let outboundListeners: [ListenAddress]
    /// The inbound listener.
    public let inboundListener: ListenAddress
    /// The listener of probes and metrics.
    public let adminListener: ListenAddress

    /// Connections into the pod.
    public let inbound: Direction
    /// Connections out of the pod.
    public let outbound: Direction

    /// Who may connect where no policy says.
    public let inboundDefaultPolicy: InboundPolicy
    /// The networks of the `cluster-` policies.
    public let clusterNetworks: CIDRList
    /// The ports whose policies are always watched.
    public let inboundPorts: PortList
    /// The inbound ports that are opaque by default.
    public let opaqueInboundPorts: PortList
    /// The addresses of the pod; empty for any.
    public let inboundIPs: [IPAddress]

    /// How many workers there may be.
    public let workers: WorkerLimits
    /// Which log lines are written.
    public let logFilter: LogFilter
    /// How they are written.
    public let logFormat: LogFormat
    /// The form of the access log; nil for none.
    public let accessLog: AccessLogFormat?
    /// How long series that count nothing are safe where new ones want room.
    public let seriesIdleNanos: UInt64
    /// The longest drain.
    public let shutdownGraceNanosMax: UInt64
    /// Whether the admin port takes `POST /shutdown`.
    public let isShutdownEndpointEnabled: Bool

    /// Whether responses to the pod's own clients go without the field that says what went wrong.
    public let isErrorFieldDisabled: Bool
    /// For how long an answer about a name holds at least; nil where it was not set.
    public let dnsTTLNanosMin: UInt64?
    /// For how long it holds at most; nil where it was not set.
    public let dnsTTLNanosMax: UInt64?

    /// The folder of key and CSR; never nil with a control plane and without errors.
    public let identityDirectory: String?
    /// The trust roots; never nil with a control plane and without errors.
    public let trustAnchors: TrustAnchors?
    /// The file of the service account token; never nil with a control plane and without errors.
    public let identityTokenFile: String?
    /// The identity of this proxy; never nil with a control plane and without errors.
    public let identityLocalName: String?
    /// The identity service; never nil with a control plane and without errors.
    public let identityService: ControlService?
    /// The destination service; never nil with a control plane and without errors.
    public let destinationService: ControlService?
    /// The policy service; never nil with a control plane and without errors.
    public let policyService: ControlService?
    /// The token that names this pod; never nil with a control plane and without errors.
    public let policyWorkload: String?

    /// Reads the variables of the proxy among `variables`; of a repeated name the first counts.
    ///
    /// A standalone proxy has a file in place of the control plane and needs none of its variables.
    public init(_ variables: [(name: String, value: String)], isStandalone: Bool = false) {
        let reader = EnvironmentReader(variables, isStandalone: isStandalone)
        errors = reader.errors
        warnings = reader.warnings
        withoutEffect = reader.withoutEffect
        names = reader.names
        let oneOutbound = reader.value("OUTBOUND_LISTEN_ADDR", ListenAddress.init(parsing:))
        outboundListeners =
            reader.optional("OUTBOUND_LISTEN_ADDRS", ListenAddress.list) ?? [oneOutbound]
        inboundListener = reader.value("INBOUND_LISTEN_ADDR", ListenAddress.init(parsing:))
        adminListener = reader.value("ADMIN_LISTEN_ADDR", ListenAddress.init(parsing:))
        inbound = Direction(reader, "INBOUND")
        outbound = Direction(reader, "OUTBOUND")
        inboundDefaultPolicy = reader.value("INBOUND_DEFAULT_POLICY", InboundPolicy.init(parsing:))
        clusterNetworks = reader.list("POLICY_CLUSTER_NETWORKS", CIDRList.init(parsing:))
        inboundPorts = reader.list("INBOUND_PORTS", EnvironmentReader.ports)
        opaqueInboundPorts = reader.list(
            "INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION",
            EnvironmentReader.ports
        )
        inboundIPs = reader.list("INBOUND_IPS", Scalars.addresses)
        workers = WorkerLimits(reader)
        logFilter = reader.value("LOG", LogFilter.init(parsing:))
        logFormat = reader.optional("LOG_FORMAT", EnvironmentReader.logFormat) ?? .plain
        accessLog = reader.optional("ACCESS_LOG", AccessLogFormat.parse)
        seriesIdleNanos = reader.nanoseconds("METRICS_RETAIN_IDLE")
        shutdownGraceNanosMax = reader.nanoseconds("SHUTDOWN_GRACE_PERIOD")
        isShutdownEndpointEnabled = reader.value("SHUTDOWN_ENDPOINT_ENABLED", Scalars.flag)
        let isIngress = reader.value("INGRESS_MODE", Scalars.flag)
        isErrorFieldDisabled =
            reader.optional("OUTBOUND_DISABLE_INFORMATIONAL_HEADERS", Scalars.flag) ?? isIngress
        dnsTTLNanosMin = Self.ttl(reader, "DNS_MIN_TTL")
        dnsTTLNanosMax = Self.ttl(reader, "DNS_MAX_TTL")
        identityDirectory = reader.text("IDENTITY_DIR")
        trustAnchors = reader.optional("IDENTITY_TRUST_ANCHORS", TrustAnchors.init(pem:))
        identityTokenFile = reader.text("IDENTITY_TOKEN_FILE")
        identityLocalName = reader.optional("IDENTITY_LOCAL_NAME", Scalars.identityName)
        identityService = reader.service("IDENTITY")
        destinationService = reader.service("DESTINATION")
        policyService = reader.service("POLICY")
        policyWorkload = reader.text("POLICY_WORKLOAD")
    }

    /// Whether a variable, by its name without the prefix, was set.
    public func sets(_ shortName: String) -> Bool {
        names.contains(ProxyVariable.prefix + shortName)
    }

    /// Whether a variable, by its whole name, was set and has its effect.
    public func obeys(_ name: String) -> Bool {
        names.contains(name) && !withoutEffect.contains { $0.variable == name }
    }

    /// LIMIT: a shorter life of an answer would be a flood of questions.
    private static let ttlNanosLeast: UInt64 = 100_000_000

    private static func ttl(_ reader: EnvironmentReader, _ shortName: String) -> UInt64? {
        reader.optional(shortName, ProxyDuration.init(parsing:)).map {
            max($0.nanoseconds, ttlNanosLeast)
        }
    }
}

extension ProxyEnvironment.Direction {
    fileprivate init(_ reader: EnvironmentReader, _ name: String) {
        connectTimeoutNanos = reader.nanoseconds(name + "_CONNECT_TIMEOUT")
        detectTimeoutNanos = reader.nanoseconds(name + "_DETECT_TIMEOUT")
        acceptKeepaliveNanos = reader.optionalNanoseconds(name + "_ACCEPT_KEEPALIVE")
        connectKeepaliveNanos = reader.optionalNanoseconds(name + "_CONNECT_KEEPALIVE")
        acceptUserTimeoutNanos = reader.optionalNanoseconds(name + "_ACCEPT_USER_TIMEOUT")
        connectUserTimeoutNanos = reader.optionalNanoseconds(name + "_CONNECT_USER_TIMEOUT")
        poolIdleNanos = reader.nanoseconds(name + "_HTTP1_CONNECTION_POOL_IDLE_TIMEOUT")
        // Linkerd's name for the inbound side does not say that it is for that.
        let start = name == "INBOUND" ? "" : name + "_"
        idleConnectionsMax = reader.number(start + "MAX_IDLE_CONNS_PER_ENDPOINT")
        requestsMax = reader.number(name + "_MAX_IN_FLIGHT")
        listenBacklog = reader.number(name + "_TCP_LISTEN_BACKLOG")
    }
}

extension WorkerLimits {
    /// `CORES` is the older name of `CORES_MIN`.
    fileprivate init(_ reader: EnvironmentReader) {
        let least = reader.count("CORES_MIN") ?? reader.count("CORES") ?? 1
        self.init(
            workersMin: least,
            workersMax: reader.count("CORES_MAX"),
            ratioMax: reader.optional("CORES_MAX_RATIO", Scalars.ratio)
        )
    }
}
