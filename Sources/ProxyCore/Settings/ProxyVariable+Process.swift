// SPDX-License-Identifier: Apache-2.0

extension ProxyVariable {
    /// The sockets that the proxy listens on.
    static let listeners: [ProxyVariable] = [
        .init(
            "OUTBOUND_LISTEN_ADDR",
            .listenAddress,
            "127.0.0.1:4140",
            "outbound listener, where OUTBOUND_LISTEN_ADDRS is not set",
            .used,
            key: "proxy.listenAddr"
        ),
        .init(
            "OUTBOUND_LISTEN_ADDRS",
            .listenAddresses,
            nil,
            "outbound listeners, at most 2",
            .used,
            key: "proxy.listenAddr"
        ),
        .init(
            "INBOUND_LISTEN_ADDR",
            .listenAddress,
            "0.0.0.0:4143",
            "inbound listener",
            .used,
            key: "inbound.listenAddr"
        ),
        .init("CONTROL_LISTEN_ADDR", .listenAddress, "0.0.0.0:4190", "tap listener", .awaitsTap),
        .init(
            "ADMIN_LISTEN_ADDR",
            .listenAddress,
            "127.0.0.1:4191",
            "probes and metrics",
            .used,
            key: "inbound.adminListenAddr"
        ),
        .init("INBOUND_TCP_LISTEN_BACKLOG", .number(1...65535), "4096", backlog, .used),
        .init("OUTBOUND_TCP_LISTEN_BACKLOG", .number(1...65535), "4096", backlog, .used),
    ]

    private static let backlog = "connections that may wait to be accepted"

    /// The process: cores, logs and its end.
    static let process: [ProxyVariable] = [
        .init("CORES", .number(1...65535), "1", "least number of workers", .used),
        .init("CORES_MIN", .number(1...65535), "1", "least number of workers", .used),
        .init("CORES_MAX", .number(1...65535), nil, "most workers", .used),
        .init("CORES_MAX_RATIO", .ratio, nil, "most workers as a share of the cores", .used),
        .init("LOG", .logFilter, "warn,linkerd=info,hickory=error", "log filter", .used),
        .init("LOG_FORMAT", .word(LogFormat.words), "plain", "form of the log", .used),
        .init("ACCESS_LOG", .word(AccessLogFormat.words), nil, "access log and its form", .used),
        .init(
            "SHUTDOWN_ENDPOINT_ENABLED",
            .flag,
            "false",
            "POST /shutdown on the admin port",
            .used
        ),
        .init("SHUTDOWN_GRACE_PERIOD", .duration, "2m", "longest drain after SIGTERM", .used),
        .init(
            "INGRESS_MODE",
            .flag,
            "false",
            "discovery for each request, for ingresses",
            .notYet(
                because: "requests go where their connection was headed; finding it by the "
                    + "request's host is not there yet"
            )
        ),
        .init("VERSION", .text, nil, "build information", ignoredBuild),
        .init("VENDOR", .text, nil, "build information", ignoredBuild),
        .init("BUILD_DATE", .text, nil, "build information", ignoredBuild),
    ]

    private static let ignoredBuild = State.ignored(because: "the build sets it, not the pod")

    /// Metrics, tap and traces.
    static let telemetry: [ProxyVariable] = [
        .init(
            "METRICS_RETAIN_IDLE",
            .duration,
            "10m",
            "how long unused series are safe where others want room",
            .used
        ),
        .init(
            "OUTBOUND_METRICS_HOSTNAME_LABELS",
            .flag,
            "false",
            "hostname labels on route metrics",
            .withoutLabels
        ),
        .init(
            "INBOUND_METRICS_AUTHORITY_LABELS",
            .text,
            nil,
            "\"unsafe\" puts the authority into labels",
            .withoutLabels
        ),
        .init("TAP_SVC_NAME", .identityName, nil, "identity that may tap", .awaitsTap),
        .init(
            "TRACE_COLLECTOR_SVC_ADDR",
            .serviceAddress,
            nil,
            "where spans are sent",
            .awaitsTraces
        ),
        .init(
            "TRACE_COLLECTOR_SVC_NAME",
            .identityName,
            nil,
            "identity of the collector",
            .awaitsTraces
        ),
        .init("TRACE_ATTRIBUTES_PATH", .path, nil, "file of labels for spans", .awaitsTraces),
        .init("TRACE_SERVICE_NAME", .text, "linkerd-proxy", "service.name of spans", .awaitsTraces),
        .init(
            "TRACE_EXTRA_ATTRIBUTES",
            .text,
            nil,
            "attributes of spans, one k=v a line",
            .awaitsTraces
        ),
        .init("TRACE_PROTOCOL", .text, nil, "form of spans", ignoredTrace),
        .init("TRACE_ANNOTATIONS_PATH", .path, nil, "file of annotations", ignoredTrace),
    ]

    private static let ignoredTrace = State.ignored(because: "Linkerd sets it but reads it nowhere")
}
