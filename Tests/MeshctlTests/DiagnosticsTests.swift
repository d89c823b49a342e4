// SPDX-License-Identifier: Apache-2.0

import Testing

/// The commands that read metrics, here from files; Scripts/golden lets them ask proxies.
@Suite("Diagnostics")
struct DiagnosticsTests {
    private static let edge =
        "direction=\"inbound\",target_addr=\"10.0.0.2:80\",target_port=\"80\""
        + ",tls=\"true\",client_id=\"web.shop.serviceaccount.identity.linkerd.cluster.local\""
    private static let plain =
        "direction=\"inbound\",target_addr=\"10.0.0.2:80\",tls=\"no_identity\""
        + ",no_tls_reason=\"no_tls_from_remote\",srv_name=\"a\\\"b\\\\c\""

    /// 90 of 100 responses are good; 80 took at most 100 ms, 95 at most 200, all at most 500.
    private static let page = """
        # HELP request_total Requests.
        # TYPE request_total counter
        request_total{\(edge)} 100
        response_total{\(edge),status_code="200",classification="success"} 90
        response_total{\(edge),status_code="500",classification="failure"} 10
        response_latency_ms_bucket{\(edge),status_code="200",le="50"} 0
        response_latency_ms_bucket{\(edge),status_code="200",le="100"} 80
        response_latency_ms_bucket{\(edge),status_code="200",le="200"} 90
        response_latency_ms_bucket{\(edge),status_code="200",le="500"} 90
        response_latency_ms_bucket{\(edge),status_code="200",le="+Inf"} 90
        response_latency_ms_bucket{\(edge),status_code="500",le="50"} 0
        response_latency_ms_bucket{\(edge),status_code="500",le="100"} 0
        response_latency_ms_bucket{\(edge),status_code="500",le="200"} 5
        response_latency_ms_bucket{\(edge),status_code="500",le="500"} 10
        response_latency_ms_bucket{\(edge),status_code="500",le="+Inf"} 10
        tcp_open_total{peer="src",\(edge)} 3
        tcp_open_total{peer="dst",\(edge)} 7
        inbound_http_authz_deny_total{\(plain)} 2
        process_cpu_seconds_total 1.5

        """

    private func run(_ words: String..., page: String = page) async throws -> CommandResult {
        let workspace = try Workspace()
        try workspace.write("api.txt", page)
        return try await workspace.meshctl(["diagnostics"] + words, input: page)
    }

    @Test func goldenIsATableOfEdges() async throws {
        let result = try await run("golden", "--file", "api=api.txt")
        let rows = result.text.split(separator: "\n").map { line in
            line.split(separator: "  ").map { $0.trimmingPrefix { $0 == " " } }.map(String.init)
        }
        #expect(result.exitCode == 0)
        #expect(result.report == "")
        #expect(
            rows == [
                [
                    "PROXY", "DIRECTION", "FROM", "TO", "SECURED", "SUCCESS", "REQUESTS", "DENIED",
                    "P50", "P95", "P99", "CONNECTIONS",
                ],
                [
                    "api", "inbound", "unknown", "10.0.0.2:80", "no: client not meshed", "-", "-",
                    "2", "-", "-", "-", "0",
                ],
                [
                    "api", "inbound", "web.shop", "10.0.0.2:80", "yes", "90.00%", "100", "0",
                    "81ms",
                    "200ms", "440ms", "3",
                ],
            ]
        )
    }

    @Test func goldenAsJSONIsNotRounded() async throws {
        let result = try await run("golden", "--file", "-", "-o", "json")
        #expect(result.exitCode == 0)
        for part in [
            "\"p50Millis\" : 81.25", "\"successRate\" : 0.9", "\"proxy\" : \"<stdin>\"",
            "\"noTLSReason\" : \"no_tls_from_remote\"",
        ] { #expect(result.text.contains(part), "\(result.text)") }
    }

    @Test func proxyMetricsAreThePageBehindItsName() async throws {
        let result = try await run("proxy-metrics", "--file", "api=api.txt", "--file", "api.txt")
        #expect(result.exitCode == 0)
        #expect(
            result.text == "#\n# PROXY api\n#\n\(Self.page)#\n# PROXY api.txt\n#\n\(Self.page)"
        )
    }

    @Test func whatIsNoMetricsIsSaidWithItsLine() async throws {
        let result = try await run("golden", "--file", "api.txt", page: "a 1\n<html>\n")
        #expect(result.exitCode == 1)
        #expect(result.report == "meshctl: api.txt: line 2 is none of metrics\n")
    }

    @Test func aProxyThatIsNotThereHidesNoOther() async throws {
        let result = try await run(
            "golden",
            "--url",
            "gone=http://127.0.0.1:1/metrics",
            "--file",
            "none=none.txt",
            "--file",
            "api=api.txt"
        )
        #expect(result.exitCode == 1)
        #expect(result.text.contains("web.shop"))
        #expect(
            result.report == """
                meshctl: 127.0.0.1:1: Connection refused
                meshctl: none: cannot be read: No such file or directory

                """
        )
    }

    @Test(arguments: [
        ([], "Name a proxy: --url"), (["--url", "https://a"], "is no address like"),
        (["--url", "http://a:0/"], "is no address like"),
        (["--url", "http://a b/"], "is no address like"),
        (["--file", "-", "--file", "b=-"], "only once"),
    ])
    func wrongWordsAreRefused(words: [String], part: String) async throws {
        let workspace = try Workspace()
        let result = try await workspace.meshctl(["diagnostics", "golden"] + words, input: "")
        #expect(result.exitCode == 64)
        #expect(result.report.contains(part), "\(result.report)")
    }
}
