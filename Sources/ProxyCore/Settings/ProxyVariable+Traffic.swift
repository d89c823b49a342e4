// SPDX-License-Identifier: Apache-2.0

extension ProxyVariable {
    /// How long things may take on a connection.
    static let timeouts: [ProxyVariable] = [
        .init("INBOUND_DETECT_TIMEOUT", .duration, "10s", "inbound protocol detection", .used),
        .init("OUTBOUND_DETECT_TIMEOUT", .duration, "10s", "outbound protocol detection", .used),
        .init("INBOUND_CONNECT_TIMEOUT", .duration, "300ms", "connect to the application", .used),
        .init("OUTBOUND_CONNECT_TIMEOUT", .duration, "1s", "connect to an endpoint", .used),
        .init("INBOUND_ACCEPT_KEEPALIVE", .duration, "10s", keepalive, .used),
        .init("OUTBOUND_ACCEPT_KEEPALIVE", .duration, "10s", keepalive, .used),
        .init("INBOUND_CONNECT_KEEPALIVE", .duration, "10s", keepalive, .used),
        .init("OUTBOUND_CONNECT_KEEPALIVE", .duration, "10s", keepalive, .used),
        .init("INBOUND_ACCEPT_USER_TIMEOUT", .duration, "30s", userTimeout, .used),
        .init("OUTBOUND_ACCEPT_USER_TIMEOUT", .duration, nil, userTimeout, .used),
        .init("INBOUND_CONNECT_USER_TIMEOUT", .duration, nil, userTimeout, .used),
        .init("OUTBOUND_CONNECT_USER_TIMEOUT", .duration, "30s", userTimeout, .used),
        .init(
            "INBOUND_CONNECT_EXP_BACKOFF_MIN",
            .duration,
            "100ms",
            "first reconnect pause",
            .awaitsReconnecting
        ),
        .init(
            "INBOUND_CONNECT_EXP_BACKOFF_MAX",
            .duration,
            "10s",
            "longest reconnect pause",
            .awaitsReconnecting
        ),
        .init(
            "INBOUND_CONNECT_EXP_BACKOFF_JITTER",
            .decimal,
            "0.1",
            "spread of the pauses",
            .awaitsReconnecting
        ),
        .init(
            "OUTBOUND_CONNECT_EXP_BACKOFF_MIN",
            .duration,
            "100ms",
            "first reconnect pause",
            .awaitsReconnecting
        ),
        .init(
            "OUTBOUND_CONNECT_EXP_BACKOFF_MAX",
            .duration,
            "60s",
            "longest reconnect pause",
            .awaitsReconnecting
        ),
        .init(
            "OUTBOUND_CONNECT_EXP_BACKOFF_JITTER",
            .decimal,
            "0.1",
            "spread of the pauses",
            .awaitsReconnecting
        ),
    ]

    private static let keepalive = "TCP keepalive interval, 0 for none"
    private static let userTimeout =
        "TCP_USER_TIMEOUT, for data that is not acknowledged; 0 for none"

    /// How much may wait, and for how long.
    static let queues: [ProxyVariable] = [
        .init("MAX_IDLE_CONNS_PER_ENDPOINT", count, "10000", poolSize, .used),
        .init("OUTBOUND_MAX_IDLE_CONNS_PER_ENDPOINT", count, "10000", poolSize, .used),
        .init("INBOUND_MAX_IN_FLIGHT", count, "100000", "inbound requests at once", .used),
        .init("OUTBOUND_MAX_IN_FLIGHT", count, "100000", "outbound requests at once", .used),
        .init("INBOUND_HTTP1_CONNECTION_POOL_IDLE_TIMEOUT", .duration, "3s", poolIdle, .used),
        .init("OUTBOUND_HTTP1_CONNECTION_POOL_IDLE_TIMEOUT", .duration, "3s", poolIdle, .used),
        .init("INBOUND_HTTP_QUEUE_CAPACITY", count, "10000", "inbound HTTP queue", .awaitsQueues),
        .init("INBOUND_HTTP_FAILFAST_TIMEOUT", .duration, "1s", failfast, .awaitsQueues),
        .init("OUTBOUND_HTTP_QUEUE_CAPACITY", count, "10000", "outbound HTTP queue", .awaitsQueues),
        .init("OUTBOUND_HTTP_FAILFAST_TIMEOUT", .duration, "3s", failfast, .awaitsQueues),
        .init("OUTBOUND_TCP_QUEUE_CAPACITY", count, "10000", "outbound TCP queue", .awaitsQueues),
        .init("OUTBOUND_TCP_FAILFAST_TIMEOUT", .duration, "3s", failfast, .awaitsQueues),
        .init(
            "OUTBOUND_DISABLE_INFORMATIONAL_HEADERS",
            .flag,
            nil,
            "no l5d-proxy-error to the application; by default as INGRESS_MODE",
            .used
        ),
    ]

    private static let count = ProxyVariableType.number(0...UInt64(UInt32.max))
    private static let poolSize = "HTTP/1 connections to an endpoint that wait for a request"
    private static let poolIdle = "life of an idle HTTP/1 connection"
    private static let failfast = "wait for a backend before requests fail at once"

    /// HTTP/2: windows of our clients, everything of our servers.
    static let http2: [ProxyVariable] =
        [
            .init(
                "HTTP2_INITIAL_STREAM_WINDOW_SIZE",
                window,
                "65535",
                "client stream window",
                .awaitsHTTP2
            ),
            .init(
                "HTTP2_INITIAL_CONNECTION_WINDOW_SIZE",
                window,
                "1048576",
                "client connection window",
                .awaitsHTTP2
            ),
        ] + ["INBOUND", "OUTBOUND"].flatMap(http2Server)

    /// LIMIT: RFC 9113 section 6.9.1.
    private static let window = ProxyVariableType.number(0...0x7FFF_FFFF)

    private static func http2Server(_ direction: String) -> [ProxyVariable] {
        let start = direction + "_SERVER_HTTP2_"
        // LIMIT: RFC 9113 section 6.5.2.
        let frame = ProxyVariableType.number(16384...16_777_215)
        return [
            .init(
                start + "INITIAL_STREAM_WINDOW_SIZE",
                window,
                "65535",
                "stream window",
                .awaitsHTTP2
            ),
            .init(
                start + "INITIAL_CONNECTION_WINDOW_SIZE",
                window,
                "1048576",
                "whole window",
                .awaitsHTTP2
            ),
            .init(
                start + "ADAPTIVE_FLOW_CONTROL",
                .flag,
                nil,
                "windows that follow the delay",
                .awaitsHTTP2
            ),
            .init(
                start + "KEEP_ALIVE_INTERVAL",
                .duration,
                nil,
                "pause between pings",
                .awaitsHTTP2
            ),
            .init(
                start + "KEEP_ALIVE_TIMEOUT",
                .duration,
                nil,
                "wait for the answer to a ping",
                .awaitsHTTP2
            ),
            .init(
                start + "MAX_CONCURRENT_STREAMS",
                count,
                nil,
                "streams of a connection",
                .awaitsHTTP2
            ),
            .init(start + "MAX_FRAME_SIZE", frame, nil, "bytes of a frame", .awaitsHTTP2),
            .init(
                start + "MAX_HEADER_LIST_SIZE",
                count,
                nil,
                "bytes of a request's headers",
                .awaitsHTTP2
            ),
            .init(
                start + "MAX_PENDING_ACCEPT_RESET_STREAMS",
                count,
                nil,
                "resets that may wait",
                .awaitsHTTP2
            ),
            .init(
                start + "MAX_SEND_BUF_SIZE",
                count,
                nil,
                "bytes of a stream that may wait",
                .awaitsHTTP2
            ),
        ]
    }
}
