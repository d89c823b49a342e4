// SPDX-License-Identifier: Apache-2.0

import Foundation
import MeshModel
import Testing

@testable import ProxyRuntime

/// What the access log of a running proxy says of requests, and what becomes of trace headers.
@Suite("Access log and traces")
struct AccessLogTests {
    private static let traceFields = [
        "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "TraceState: a=1, b=2", "X-B3-TraceId: 80f198ee56343ba864fe8b2a57d3eff7",
        "x-b3-spanid: e457b5a2e4d86bd1", "X-B3-ParentSpanId: 05e3ac9a4f6e3b90",
        "X-B3-Sampled: 1", "x-b3-flags: 0",
        "b3: 80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1", "baggage: user=a%20b",
    ]

    /// Sends one request through both proxies, and returns what the server got.
    private func exchange(
        _ request: String,
        _ response: String,
        _ pair: MeshPair
    ) throws -> (request: String, response: String) {
        let client = try TestSocket.connect(to: pair.service)
        try client.send(request)
        let server = try pair.app.accept()
        var got: [UInt8] = []
        let body = request.components(separatedBy: "\r\n\r\n")[1]
        try Wait.until("the request") {
            got += try server.receiveSome() ?? []
            return String(decoding: got, as: UTF8.self).hasSuffix("\r\n\r\n" + body)
        }
        try server.send(response)
        var answer: [UInt8] = []
        let end = response.components(separatedBy: "\r\n\r\n")[1]
        try Wait.until("the response") {
            answer += try client.receiveSome() ?? []
            return String(decoding: answer, as: UTF8.self).hasSuffix("\r\n\r\n" + end)
        }
        return (String(decoding: got, as: UTF8.self), String(decoding: answer, as: UTF8.self))
    }

    @Test func saysWhoAskedForWhat() throws {
        let pair = try MeshPair(environment: ["LINKERD2_PROXY_ACCESS_LOG": "json"])
        _ = try exchange(
            "POST /a?b=\"c HTTP/1.1\r\nHost: api:80\r\nUser-Agent: x\"y\r\nContent-Length: 5\r\n"
                + "X-Request-Id: 42\r\n\r\nhello",
            "HTTP/1.1 201 Created\r\nContent-Length: 12\r\n\r\nhello, world",
            pair
        )
        try pair.api.awaitLog("client.addr")
        let line = try #require(try pair.api.logLines("client.addr").first)
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
        let fields = try #require(object as? [String: Any])
        let expected = [
            "client.id": Identities.web, "host": "api:80", "method": "POST", "request_bytes": "5",
            "response_bytes": "12", "trace_id": "42", "uri": "/a?b=\"c", "user_agent": "x\"y",
            "version": "HTTP/1.1",
        ]
        for (name, value) in expected { #expect(fields[name] as? String == value, "\(name)") }
        #expect(fields["status"] as? Int == 201)
        #expect((fields["client.addr"] as? String)?.hasPrefix("127.") == true)
        let total = (fields["total_ns"] as? String).flatMap { Int($0) } ?? 0
        let processing = (fields["processing_ns"] as? String).flatMap { Int($0) } ?? 0
        #expect(processing > 0 && total >= processing && total < 20_000_000_000)
        let time = try #require(fields["timestamp"] as? String)
        #expect(time.hasPrefix("20") && time.hasSuffix("Z") && time.utf8.count == 30)
        #expect(fields.count == 14)
        // The proxy of the client says nothing of it.
        #expect(try pair.web.logLines("client.addr") == [])
    }

    @Test func tellsOfDeniedRequestsToo() throws {
        let pair = try MeshPair(
            policy: "deny",
            environment: [
                "LINKERD2_PROXY_ACCESS_LOG": "apache",
                "LINKERD2_PROXY_INBOUND_DEFAULT_POLICY": "deny",
            ]
        )
        let client = try TestSocket.connect(to: pair.service)
        try client.send("GET /secret HTTP/1.1\r\nHost: api\r\n\r\n")
        #expect(String(decoding: try client.receiveSome() ?? [], as: UTF8.self).contains(" 403 "))
        try pair.api.awaitLog("\"GET /secret HTTP/1.1\" 403 -")
        #expect(try pair.api.logLines(" \(Identities.web) - [").count == 1)
    }

    @Test func isSilentUnlessItIsWanted() throws {
        let pair = try MeshPair()
        _ = try exchange(
            "GET /quiet HTTP/1.1\r\nHost: api\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            pair
        )
        for proxy in [pair.api, pair.web] {
            proxy.process.signal(SIGTERM)
            _ = try proxy.process.exitCode()
            #expect(try proxy.logLines("quiet") == [])
        }
    }

    @Test func leavesTraceFieldsAsTheyAre() throws {
        let pair = try MeshPair(environment: ["LINKERD2_PROXY_TRACE_SERVICE_NAME": "mesh"])
        let fields = Self.traceFields.joined(separator: "\r\n") + "\r\n"
        let (got, _) = try exchange(
            "GET / HTTP/1.1\r\nHost: api\r\n\(fields)\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\(fields)\r\n",
            pair
        )
        #expect(got.contains("\r\n" + fields))
        try pair.api.awaitLog("traces are not exported yet")
        let lines = try pair.api.logLines("traces are not exported yet")
        #expect(lines.count == 1)
        #expect(lines.first?.contains("TRACE_SERVICE_NAME") == true)
        #expect(try pair.web.logLines("traces") == [])
    }
}
