// SPDX-License-Identifier: Apache-2.0

import MeshModel
import ProxyCore
import Testing

@Suite("Proxy environment")
struct ProxyEnvironmentTests {
    static let pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"

    /// What a pod has that was injected by default, shortened.
    static let pod: [(String, String)] = [
        ("CORES", "1"), ("CORES_MIN", "1"), ("SHUTDOWN_ENDPOINT_ENABLED", "false"),
        ("LOG", "warn,linkerd=info,hickory=error,[{headers}]=off,[{request}]=off"),
        ("LOG_FORMAT", "plain"),
        ("DESTINATION_SVC_ADDR", "linkerd-dst-headless.linkerd.svc.cluster.local.:8086"),
        ("DESTINATION_PROFILE_NETWORKS", "10.0.0.0/8,fd00::/8"),
        ("POLICY_SVC_ADDR", "linkerd-policy.linkerd.svc.cluster.local.:8090"),
        ("POLICY_WORKLOAD", "{\"ns\":\"default\", \"pod\":\"web-1\"}"),
        ("INBOUND_DEFAULT_POLICY", "cluster-authenticated"),
        ("POLICY_CLUSTER_NETWORKS", "10.0.0.0/8,fd00::/8"),
        ("CONTROL_STREAM_INITIAL_TIMEOUT", "3s"), ("CONTROL_STREAM_IDLE_TIMEOUT", "5m"),
        ("CONTROL_STREAM_LIFETIME", "1h"), ("INBOUND_CONNECT_TIMEOUT", "100ms"),
        ("OUTBOUND_CONNECT_TIMEOUT", "1000ms"), ("CONTROL_LISTEN_ADDR", "0.0.0.0:4190"),
        ("ADMIN_LISTEN_ADDR", "0.0.0.0:4191"), ("OUTBOUND_LISTEN_ADDR", "127.0.0.1:4140"),
        ("OUTBOUND_LISTEN_ADDRS", "127.0.0.1:4140,[::1]:4140"),
        ("INBOUND_LISTEN_ADDR", "[::]:4143"), ("INBOUND_IPS", "10.244.0.7"),
        ("INBOUND_PORTS", "8080,9000-9010"), ("INBOUND_ACCEPT_KEEPALIVE", "10000ms"),
        ("INBOUND_DETECT_TIMEOUT", "365d"), ("OUTBOUND_CONNECT_KEEPALIVE", "10000ms"),
        ("INBOUND_ACCEPT_USER_TIMEOUT", "30s"), ("OUTBOUND_CONNECT_USER_TIMEOUT", "30s"),
        ("OUTBOUND_METRICS_HOSTNAME_LABELS", "false"),
        ("INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION", "25,587,3306"),
        ("IDENTITY_DIR", "/var/run/linkerd/identity/end-entity"),
        ("IDENTITY_TRUST_ANCHORS", pem),
        ("IDENTITY_TOKEN_FILE", "/var/run/secrets/tokens/linkerd-identity-token"),
        ("IDENTITY_SVC_ADDR", "linkerd-identity-headless.linkerd.svc.cluster.local.:8080"),
        ("IDENTITY_LOCAL_NAME", "Web.default.serviceaccount.identity.linkerd.cluster.local"),
        ("IDENTITY_SVC_NAME", "linkerd-identity.linkerd.serviceaccount.identity.linkerd.test"),
        ("DESTINATION_SVC_NAME", "destination.test"), ("POLICY_SVC_NAME", "policy.test"),
        ("INBOUND_PORTS_REQUIRE_IDENTITY", "nonsense"), ("TRACE_PROTOCOL", "opentelemetry"),
    ]

    /// The pod's variables with some changed; an empty value takes one away.
    private func environment(
        _ changes: [(String, String)] = [],
        isStandalone: Bool = false
    ) -> ProxyEnvironment {
        let all = changes + (isStandalone ? [] : Self.pod)
        return ProxyEnvironment(
            all.map { (ProxyVariable.prefix + $0.0, $0.1) },
            isStandalone: isStandalone
        )
    }

    private func names(_ findings: [ProxyEnvironment.Finding]) -> [String] {
        findings.map { String($0.variable.dropFirst(ProxyVariable.prefix.count)) }
    }

    @Test func readsAPod() throws {
        let pod = environment()
        #expect(pod.errors == [])
        #expect(pod.outboundListeners.map(\.description) == ["127.0.0.1:4140", "[::1]:4140"])
        #expect(pod.inboundListener.description == "[::]:4143")
        #expect(pod.adminListener.description == "0.0.0.0:4191")
        #expect(pod.inbound.connectTimeoutNanos == 100_000_000)
        #expect(pod.inbound.detectTimeoutNanos == 31_536_000_000_000_000)
        #expect(pod.inbound.acceptKeepaliveNanos == 10_000_000_000)
        #expect(pod.inbound.connectKeepaliveNanos == 10_000_000_000)
        #expect(pod.inbound.acceptUserTimeoutNanos == 30_000_000_000)
        #expect(pod.outbound.detectTimeoutNanos == 10_000_000_000)
        #expect(pod.outbound.connectKeepaliveNanos == 10_000_000_000)
        #expect(pod.outbound.acceptUserTimeoutNanos == nil)
        #expect(pod.inboundDefaultPolicy == .clusterAuthenticated)
        #expect(pod.clusterNetworks.description == "10.0.0.0/8,fd00::/8")
        #expect(pod.inboundPorts.description == "8080,9000-9010")
        #expect(pod.opaqueInboundPorts.description == "25,587,3306")
        #expect(pod.inboundIPs.map(\.description) == ["10.244.0.7"])
        #expect(pod.workers == WorkerLimits())
        #expect(pod.logFilter.directives.count == 5)
        #expect(pod.trustAnchors?.pem == Self.pem)
        #expect(pod.identityDirectory == "/var/run/linkerd/identity/end-entity")
        #expect(pod.identityTokenFile == "/var/run/secrets/tokens/linkerd-identity-token")
        let identity = "web.default.serviceaccount.identity.linkerd.cluster.local"
        #expect(pod.identityLocalName == identity)
        let service = try #require(pod.policyService)
        #expect("\(service.address)" == "linkerd-policy.linkerd.svc.cluster.local.:8090")
        #expect(service.identity == "policy.test")
        #expect(pod.destinationService?.identity == "destination.test")
        #expect(pod.identityService?.address.port == 8080)
        #expect(pod.policyWorkload == "{\"ns\":\"default\", \"pod\":\"web-1\"}")
    }

    @Test func warnsOnceOfWhatHasNoEffect() {
        let pod = environment([("INBOUND_PORT", "1"), ("INBOUND_PORT", "2"), ("WEBAPP", "x")])
        #expect(
            names(pod.warnings) == [
                "CONTROL_LISTEN_ADDR", "DESTINATION_SVC_ADDR", "DESTINATION_SVC_NAME",
                "DESTINATION_PROFILE_NETWORKS", "CONTROL_STREAM_INITIAL_TIMEOUT",
                "CONTROL_STREAM_IDLE_TIMEOUT", "CONTROL_STREAM_LIFETIME", "POLICY_SVC_ADDR",
                "POLICY_SVC_NAME", "POLICY_WORKLOAD", "INBOUND_PORTS", "IDENTITY_SVC_ADDR",
                "IDENTITY_SVC_NAME", "IDENTITY_DIR", "IDENTITY_TRUST_ANCHORS",
                "IDENTITY_TOKEN_FILE", "IDENTITY_LOCAL_NAME", "INBOUND_PORT", "WEBAPP",
            ]
        )
        #expect(pod.warnings.first?.message == "the proxy cannot be tapped yet")
        #expect(
            pod.warnings.suffix(2).map(\.message) == [
                "the proxy has no such variable; did you mean LINKERD2_PROXY_INBOUND_PORTS?",
                "the proxy has no such variable",
            ]
        )
    }

    @Test func hasDefaults() {
        let bare = ProxyEnvironment([], isStandalone: true)
        #expect(bare.errors == [])
        #expect(bare.warnings == [])
        #expect(bare.outboundListeners.map(\.description) == ["127.0.0.1:4140"])
        #expect(bare.inboundListener.description == "0.0.0.0:4143")
        #expect(bare.adminListener.description == "127.0.0.1:4191")
        #expect(bare.inbound.connectTimeoutNanos == 300_000_000)
        #expect(bare.outbound.connectTimeoutNanos == 1_000_000_000)
        #expect(bare.inboundDefaultPolicy == .allUnauthenticated)
        #expect(bare.clusterNetworks.items == [])
        #expect(bare.inboundPorts.isEmpty)
        #expect(bare.inboundIPs == [])
        #expect(bare.logFilter.description == "warn,linkerd=info,hickory=error")
        #expect(bare.logFormat == .plain)
        #expect(bare.shutdownGraceNanosMax == 120_000_000_000)
        #expect(!bare.isShutdownEndpointEnabled)
        #expect(bare.workers.workerCount(availableCores: 8) == 1)
        #expect(bare.trustAnchors == nil)
        #expect(bare.policyService == nil)
    }

    @Test func readsTheRest() {
        let environment = environment(
            [
                ("OUTBOUND_LISTEN_ADDR", "127.0.0.1:1"), ("CORES", "2"), ("CORES_MAX", "4"),
                ("CORES_MAX_RATIO", "1.0"), ("LOG_FORMAT", "json"), ("LOG", "off"),
                ("SHUTDOWN_GRACE_PERIOD", " 30s\n"), ("SHUTDOWN_ENDPOINT_ENABLED", "true"),
                ("INBOUND_CONNECT_KEEPALIVE", "0"), ("OUTBOUND_DETECT_TIMEOUT", "5s"),
                ("INBOUND_HTTP1_CONNECTION_POOL_IDLE_TIMEOUT", "250ms"),
            ],
            isStandalone: true
        )
        #expect(environment.errors == [])
        #expect(environment.outboundListeners.map(\.port) == [1])
        let limits = WorkerLimits(workersMin: 2, workersMax: 4, ratioMax: 1)
        #expect(environment.workers == limits)
        #expect(environment.logFormat == .json)
        #expect(environment.shutdownGraceNanosMax == 30_000_000_000)
        #expect(environment.isShutdownEndpointEnabled)
        #expect(environment.inbound.connectKeepaliveNanos == nil)
        #expect(environment.outbound.detectTimeoutNanos == 5_000_000_000)
        #expect(environment.inbound.poolIdleNanos == 250_000_000)
        #expect(environment.outbound.poolIdleNanos == 3_000_000_000)
    }

    @Test func namesEverythingThatIsMissing() {
        let empty = ProxyEnvironment([])
        #expect(Set(names(empty.errors)) == Set(VariableNames.required))
        #expect(empty.errors.count == VariableNames.required.count)
        let message = "is required and not set (destination service)"
        #expect(empty.errors.first?.message == message)
        let blanks = VariableNames.required.map { ($0, " ") }.filter { $0.0 != "POLICY_WORKLOAD" }
        #expect(names(environment(blanks).errors).count == blanks.count)
    }

    @Test func needsNoIdentityOnLoopback() {
        let local = environment([
            ("POLICY_SVC_ADDR", "localhost.:8090"), ("POLICY_SVC_NAME", ""),
        ])
        #expect(local.errors == [])
        #expect(local.policyService?.identity == nil)
        #expect(local.policyService?.address.isLoopback == true)
        #expect(names(environment([("POLICY_SVC_NAME", "")]).errors) == ["POLICY_SVC_NAME"])
    }

    @Test func collectsAllErrors() {
        let environment = environment([
            ("INBOUND_PORTS", "x"), ("LOG", "="), ("INBOUND_LISTEN_ADDR", "4143"),
            ("POLICY_WORKLOAD", ""), ("DNS_MIN_TTL", "soon"), ("CORES", "many"),
        ])
        #expect(
            names(environment.errors) == [
                "INBOUND_LISTEN_ADDR", "CORES", "LOG", "DNS_MIN_TTL", "POLICY_WORKLOAD",
                "INBOUND_PORTS",
            ]
        )
        #expect(environment.inboundListener.port == 4143)
        #expect(environment.inboundPorts.isEmpty)
    }

    @Test(
        arguments: [
            (
                [("OUTBOUND_CONNECT_EXP_BACKOFF_MIN", "1s")],
                "LINKERD2_PROXY_OUTBOUND_CONNECT_EXP_BACKOFF_MIN: is set without "
                    + "LINKERD2_PROXY_OUTBOUND_CONNECT_EXP_BACKOFF_MAX; set both or neither"
            ),
            (
                [
                    ("INBOUND_CONNECT_EXP_BACKOFF_MIN", "2s"),
                    ("INBOUND_CONNECT_EXP_BACKOFF_MAX", "1s"),
                ],
                "LINKERD2_PROXY_INBOUND_CONNECT_EXP_BACKOFF_MAX: \"1s\" is shorter than "
                    + "LINKERD2_PROXY_INBOUND_CONNECT_EXP_BACKOFF_MIN, which is \"2s\"; "
                    + "write at least as much"
            ),
            (
                [("CONTROL_STREAM_INITIAL_TIMEOUT", "3s"), ("CONTROL_STREAM_LIFETIME", "1s")],
                "LINKERD2_PROXY_CONTROL_STREAM_LIFETIME: \"1s\" is shorter than "
                    + "LINKERD2_PROXY_CONTROL_STREAM_INITIAL_TIMEOUT, which is \"3s\"; "
                    + "write at least as much"
            ),
            (
                [("INBOUND_DEFAULT_POLICY", "cluster-authenticated")],
                "LINKERD2_PROXY_POLICY_CLUSTER_NETWORKS: is required by the default policy "
                    + "cluster-authenticated and not set; write the networks of pods and nodes, "
                    + "such as \"10.0.0.0/8\""
            ),
        ] as [([(String, String)], String)]
    )
    func checksWhatBelongsTogether(variables: [(String, String)], error: String) {
        let environment = environment(variables, isStandalone: true)
        #expect(environment.errors.map(\.description) == [error])
    }

    @Test func saysThatTheExternalIdentityCannotStandIn() {
        let external = environment([
            ("IDENTITY_LOCAL_NAME", ""), ("IDENTITY_SERVER_ID", "spiffe://a/b"),
            ("IDENTITY_SERVER_NAME", "a.b"),
        ])
        #expect(names(external.errors) == ["IDENTITY_LOCAL_NAME"])
        #expect(external.errors.first?.message.contains("IDENTITY_SERVER_ID is not impl") == true)
    }

    /// Neither a bad nor a good secret is shown, under its own or a mistyped name.
    @Test(arguments: [
        "IDENTITY_TRUST_ANCHORS", "IDENTITY_TRUST_ANCHOR", "IDENTITY_TOKEN_FILE", "TOKEN",
    ])
    func showsNoSecret(name: String) {
        let secrets = [
            "hunter2", "-----BEGIN EC PRIVATE KEY-----\nhunter2\n-----END EC PRIVATE KEY-----\n",
            "-----BEGIN CERTIFICATE-----\nhunter2\n",
            "-----BEGIN CERTIFICATE-----\r\nhunter2\r\n-----END CERTIFICATE-----\r\n",
        ]
        for secret in secrets {
            let environment = environment([(name, secret)])
            let findings = environment.errors + environment.warnings
            #expect(!findings.contains { $0.description.contains("hunter2") })
            let anchors = environment.trustAnchors
            #expect(!"\(String(describing: anchors)) \(anchors.debugDescription)".contains("hunt"))
        }
    }

    @Test func refusesAKeyAmongTheTrustAnchors() {
        let key = "-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----\n"
        let environment = environment([("IDENTITY_TRUST_ANCHORS", Self.pem + key)])
        #expect(environment.trustAnchors == nil)
        #expect(
            environment.errors.map(\.message) == [
                "\(Self.pem.utf8.count + key.utf8.count) bytes that hold a private key; give "
                    + "certificates only, and treat that key as known to others"
            ]
        )
    }

    @Test func ignoresWhatIsNotForTheProxy() {
        let environment = ProxyEnvironment(
            [("PATH", "/bin"), ("LINKERD2_PROXY", "x"), ("HOSTNAME", "web-1")],
            isStandalone: true
        )
        #expect(environment.errors == [])
        #expect(environment.warnings == [])
    }

    @Test func showsUnknownNamesSafely() {
        let environment = ProxyEnvironment(
            [("LINKERD2_PROXY_\u{1B}[2J", "")],
            isStandalone: true
        )
        #expect(environment.warnings.map(\.variable) == ["LINKERD2_PROXY_\\u{1B}[2J"])
    }
}
