// SPDX-License-Identifier: Apache-2.0

extension ProxyVariable {
    /// Where destinations come from.
    static let discovery: [ProxyVariable] = [
        .init(
            "DESTINATION_SVC_ADDR",
            .serviceAddress,
            nil,
            "destination service",
            .used,
            isRequired: true
        ),
        .init(
            "DESTINATION_SVC_NAME",
            .identityName,
            nil,
            "identity of the destination service",
            .used,
            isRequired: true
        ),
        .init("DESTINATION_CONTEXT", .text, nil, "token that goes with each lookup"),
        .init(
            "DESTINATION_PROFILE_SUFFIXES",
            .suffixes,
            "svc.cluster.local.",
            "names that profiles are looked up for"
        ),
        .init(
            "DESTINATION_PROFILE_NETWORKS",
            .networks,
            nil,
            "addresses that profiles are looked up for"
        ),
        .init("DESTINATION_PROFILE_INITIAL_TIMEOUT", .duration, "500ms", "wait for a profile"),
        .init("OUTBOUND_DISCOVERY_IDLE_TIMEOUT", .duration, "5s", "life of unused discovery"),
        .init("INBOUND_DISCOVERY_IDLE_TIMEOUT", .duration, "90s", "life of unused policies"),
        .init("CONTROL_STREAM_INITIAL_TIMEOUT", .duration, nil, "wait for a first update"),
        .init("CONTROL_STREAM_IDLE_TIMEOUT", .duration, nil, "wait for a next update"),
        .init("CONTROL_STREAM_LIFETIME", .duration, nil, "longest life of a control stream"),
        .init("DNS_MIN_TTL", .duration, "5s", "least life of a DNS answer"),
        .init("DNS_MAX_TTL", .duration, nil, "longest life of a DNS answer"),
    ]

    /// Who may connect to the pod.
    static let inboundPolicy: [ProxyVariable] = [
        .init(
            "POLICY_SVC_ADDR",
            .serviceAddress,
            nil,
            "policy service",
            .used,
            isRequired: true
        ),
        .init(
            "POLICY_SVC_NAME",
            .identityName,
            nil,
            "identity of the policy service",
            .used,
            isRequired: true
        ),
        .init(
            "POLICY_WORKLOAD",
            .text,
            nil,
            "token that names this pod",
            .used,
            isRequired: true
        ),
        .init(
            "POLICY_CLUSTER_NETWORKS",
            .networks,
            nil,
            "networks of the cluster- policies",
            .used
        ),
        .init(
            "INBOUND_DEFAULT_POLICY",
            .policy,
            "all-unauthenticated",
            "who may connect where no policy says",
            .used
        ),
        .init("INBOUND_PORTS", .ports, nil, "ports whose policies are always watched", .used),
        .init("INBOUND_IPS", .addresses, nil, "addresses of the pod", .used),
        .init(
            "INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION",
            .ports,
            nil,
            "ports that are opaque by default",
            .used
        ),
        .init(
            "INBOUND_PORTS_REQUIRE_IDENTITY",
            .ports,
            nil,
            "ports that need an identity",
            ignoredPorts
        ),
        .init("INBOUND_PORTS_REQUIRE_TLS", .ports, nil, "ports that need TLS", ignoredPorts),
        .init("INBOUND_GATEWAY_SUFFIXES", .suffixes, nil, "names that a gateway serves"),
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
                .used,
                isRequired: true
            ),
            .init(
                "IDENTITY_SVC_NAME",
                .identityName,
                nil,
                "identity of the identity service",
                .used,
                isRequired: true
            ),
            .init("IDENTITY_DIR", .path, nil, "folder of key and CSR", .used, isRequired: true),
            .init(
                "IDENTITY_TRUST_ANCHORS",
                .certificates,
                nil,
                "trust roots, as PEM text",
                .used,
                isRequired: true
            ),
            .init(
                "IDENTITY_TOKEN_FILE",
                .path,
                nil,
                "service account token",
                .used,
                isRequired: true
            ),
            .init(
                "IDENTITY_LOCAL_NAME",
                .identityName,
                nil,
                "identity of this proxy",
                .used,
                isRequired: true
            ),
            .init("IDENTITY_SERVER_ID", .text, nil, "identity of an external workload"),
            .init(
                "IDENTITY_SERVER_NAME",
                .identityName,
                nil,
                "server name of an external workload"
            ),
            .init("IDENTITY_MIN_REFRESH", .duration, "10s", "least time between certificates"),
            .init("IDENTITY_MAX_REFRESH", .duration, "24h", "longest time between certificates"),
            .init("IDENTITY_SPIRE_WORKLOAD_API_ADDRESS", .text, nil, "SPIRE instead of Linkerd"),
            .init("IDENTITY_SPIRE_SOCKET", .text, nil, "older name of the same"),
        ] + ["MIN", "MAX", "JITTER"].map(spireBackoff)

    /// Linkerd puts the prefix in twice; the contract is what its proxy reads.
    private static func spireBackoff(_ part: String) -> ProxyVariable {
        let isJitter = part == "JITTER"
        return .init(
            prefix + "IDENTITY_SPIRE_EXP_BACKOFF_" + part,
            isJitter ? .decimal : .duration,
            isJitter ? "0.1" : part == "MIN" ? "100ms" : "1s",
            "pauses between tries to reach SPIRE"
        )
    }
}
