// SPDX-License-Identifier: Apache-2.0

extension ProxyVariable {
    /// Where destinations come from.
    static let discovery: [ProxyVariable] = [
        .init(
            "DESTINATION_SVC_ADDR",
            .serviceAddress,
            nil,
            "destination service",
            .awaitsDiscovery,
            isRequired: true
        ),
        .init(
            "DESTINATION_SVC_NAME",
            .identityName,
            nil,
            "identity of the destination service",
            .awaitsDiscovery,
            isRequired: true
        ),
        .init(
            "DESTINATION_CONTEXT",
            .text,
            nil,
            "token that goes with each lookup",
            .awaitsDiscovery
        ),
        .init(
            "DESTINATION_PROFILE_SUFFIXES",
            .suffixes,
            "svc.cluster.local.",
            "names that profiles are looked up for",
            .awaitsDiscovery
        ),
        .init(
            "DESTINATION_PROFILE_NETWORKS",
            .networks,
            nil,
            "addresses that profiles are looked up for",
            .awaitsDiscovery
        ),
        .init(
            "DESTINATION_PROFILE_INITIAL_TIMEOUT",
            .duration,
            "500ms",
            "wait for a profile",
            .awaitsDiscovery
        ),
        .init(
            "OUTBOUND_DISCOVERY_IDLE_TIMEOUT",
            .duration,
            "5s",
            "life of unused discovery",
            .awaitsDiscovery
        ),
        .init(
            "INBOUND_DISCOVERY_IDLE_TIMEOUT",
            .duration,
            "90s",
            "life of unused policies",
            .awaitsDiscovery
        ),
        .init(
            "CONTROL_STREAM_INITIAL_TIMEOUT",
            .duration,
            nil,
            "wait for a first update",
            .awaitsDiscovery
        ),
        .init(
            "CONTROL_STREAM_IDLE_TIMEOUT",
            .duration,
            nil,
            "wait for a next update",
            .awaitsDiscovery
        ),
        .init(
            "CONTROL_STREAM_LIFETIME",
            .duration,
            nil,
            "longest life of a control stream",
            .awaitsDiscovery
        ),
        .init(
            "DNS_MIN_TTL",
            .duration,
            "5s",
            "least life of a DNS answer; less than 100ms counts as that",
            .used,
            key: "dns.minTTL"
        ),
        .init(
            "DNS_MAX_TTL",
            .duration,
            nil,
            "longest life of a DNS answer",
            .used,
            key: "dns.maxTTL"
        ),
    ]

    /// Who may connect to the pod.
    static let inboundPolicy: [ProxyVariable] = [
        .init(
            "POLICY_SVC_ADDR",
            .serviceAddress,
            nil,
            "policy service",
            .awaitsPolicies,
            isRequired: true
        ),
        .init(
            "POLICY_SVC_NAME",
            .identityName,
            nil,
            "identity of the policy service",
            .awaitsPolicies,
            isRequired: true
        ),
        .init(
            "POLICY_WORKLOAD",
            .text,
            nil,
            "token that names this pod",
            .awaitsPolicies,
            isRequired: true
        ),
        .init(
            "POLICY_CLUSTER_NETWORKS",
            .networks,
            nil,
            "networks of the cluster- policies",
            .used,
            key: "inbound.clusterNetworks"
        ),
        .init(
            "INBOUND_DEFAULT_POLICY",
            .policy,
            "all-unauthenticated",
            "who may connect where no policy says",
            .used,
            key: "inbound.defaultPolicy"
        ),
        .init(
            "INBOUND_PORTS",
            .ports,
            nil,
            "ports whose policies are always watched",
            .awaitsPolicies
        ),
        .init(
            "INBOUND_IPS",
            .addresses,
            nil,
            "addresses of the pod: connections to others are refused",
            .used
        ),
        .init(
            "INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION",
            .ports,
            nil,
            "ports that are opaque by default",
            .used,
            key: "inbound.opaquePorts"
        ),
        .init(
            "INBOUND_PORTS_REQUIRE_IDENTITY",
            .ports,
            nil,
            "ports that need an identity",
            ignoredPorts
        ),
        .init("INBOUND_PORTS_REQUIRE_TLS", .ports, nil, "ports that need TLS", ignoredPorts),
        .init(
            "INBOUND_GATEWAY_SUFFIXES",
            .suffixes,
            nil,
            "names that a gateway serves",
            .notYet(because: "the proxy is no gateway yet: a name in a transport header is refused")
        ),
    ]

    private static let ignoredPorts =
        State.ignored(because: "the policy controller reads it from the pod")

    /// Who the proxy is.
    static let identity: [ProxyVariable] =
        [
            .init(
                "IDENTITY_DISABLED",
                .never(because: "identity can no longer be disabled"),
                nil,
                "refused",
                .used
            ),
            .init(
                "IDENTITY_SVC_ADDR",
                .serviceAddress,
                nil,
                "identity service",
                .awaitsIdentity,
                isRequired: true
            ),
            .init(
                "IDENTITY_SVC_NAME",
                .identityName,
                nil,
                "identity of the identity service",
                .awaitsIdentity,
                isRequired: true
            ),
            .init(
                "IDENTITY_DIR",
                .path,
                nil,
                "folder of key and CSR",
                .awaitsIdentity,
                isRequired: true
            ),
            .init(
                "IDENTITY_TRUST_ANCHORS",
                .certificates,
                nil,
                "trust roots, as PEM text",
                .awaitsIdentity,
                isRequired: true
            ),
            .init(
                "IDENTITY_TOKEN_FILE",
                .path,
                nil,
                "service account token",
                .awaitsIdentity,
                isRequired: true
            ),
            .init(
                "IDENTITY_LOCAL_NAME",
                .identityName,
                nil,
                "identity of this proxy",
                .awaitsIdentity,
                isRequired: true
            ),
            .init(
                "IDENTITY_SERVER_ID",
                .text,
                nil,
                "identity of an external workload",
                .awaitsIdentity
            ),
            .init(
                "IDENTITY_SERVER_NAME",
                .identityName,
                nil,
                "server name of an external workload",
                .awaitsIdentity
            ),
            .init(
                "IDENTITY_MIN_REFRESH",
                .duration,
                "10s",
                "least time between certificates",
                .awaitsIdentity
            ),
            .init(
                "IDENTITY_MAX_REFRESH",
                .duration,
                "24h",
                "longest time between certificates",
                .awaitsIdentity
            ),
            .init(
                "IDENTITY_SPIRE_WORKLOAD_API_ADDRESS",
                .text,
                nil,
                "SPIRE instead of Linkerd",
                .awaitsSPIRE
            ),
            .init("IDENTITY_SPIRE_SOCKET", .text, nil, "older name of the same", .awaitsSPIRE),
        ] + ["MIN", "MAX", "JITTER"].map(spireBackoff)

    /// Linkerd puts the prefix in twice; the contract is what its proxy reads.
    private static func spireBackoff(_ part: String) -> ProxyVariable {
        let isJitter = part == "JITTER"
        return .init(
            prefix + "IDENTITY_SPIRE_EXP_BACKOFF_" + part,
            isJitter ? .decimal : .duration,
            isJitter ? "0.1" : part == "MIN" ? "100ms" : "1s",
            "pauses between tries to reach SPIRE",
            .awaitsSPIRE
        )
    }
}
