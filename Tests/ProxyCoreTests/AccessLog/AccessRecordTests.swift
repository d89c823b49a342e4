// SPDX-License-Identifier: Apache-2.0

import ProxyCore
import Testing

@Suite("Access log")
struct AccessRecordTests {
    private func record(_ lines: String...) throws -> AccessRecord {
        let bytes = Array("junk".utf8) + Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        var parser = HeadParser()
        guard case .head(let head) = parser.request(bytes.span.extracting(4...)) else {
            throw NoHead()
        }
        return parser.accessRecord(head, of: bytes, base: 4)
    }

    private struct NoHead: Error {}

    private func text(_ record: AccessRecord, _ format: AccessLogFormat) -> String {
        String(decoding: record.line(format), as: UTF8.self)
    }

    @Test func readsAHead() throws {
        let record = try record("POST /a?b=c HTTP/1.1", "Host: api:80", "User-Agent: curl/8")
        #expect(record.method == "POST")
        #expect(record.uri == "/a?b=c")
        #expect(record.version == "HTTP/1.1")
        #expect(record.host == "api:80")
        #expect(record.userAgent == "curl/8")
        #expect(record.traceID == "")
    }

    @Test(arguments: [
        (["X-B3-TraceId: 1a", "X-Request-Id: 2", "X-Amzn-Trace-Id: Root=3"], "1a"),
        (["X-Amzn-Trace-Id: Root=3", "X-Request-Id: 2"], "2"),
        (["x-amzn-trace-id: Root=3", "traceparent: 00-\(trace)-b7ad6b7169203331-01"], "Root=3"),
        (["TraceParent: 00-\(trace)-b7ad6b7169203331-01", "b3: 80f1-05e3-1"], trace),
        (["traceparent: 00-0af7-b7ad-01", "b3: 80f1-05e3-1"], "80f1"),
        (["traceparent: nonsense"], ""), (["b3: 0"], ""), (["x-b3-traceid:"], ""),
    ])
    func findsTheTrace(fields: [String], id: String) throws {
        let head = (["GET / HTTP/1.1", "Host: a"] + fields).joined(separator: "\r\n")
        #expect(try record(head).traceID == id)
    }

    private static let trace = "0af7651916cd43dd8448eb211c80319c"

    @Test func boundsWhatAClientWrites() throws {
        let long = String(repeating: "x", count: 4000)
        let record = try record("GET /\(long) HTTP/1.1", "Host: a", "User-Agent: \(long)")
        #expect(record.uri.utf8.count == 2048 + 3)
        #expect(record.userAgent.utf8.count == 256 + 3)
    }

    private var whole: AccessRecord {
        var record = AccessRecord()
        record.clientAddress = "10.42.0.63:51160"
        record.clientID = "web.default.serviceaccount.identity.linkerd.cluster.local"
        record.host = "webapp:7000"
        record.method = "GET"
        record.uri = "/books"
        record.version = "HTTP/1.1"
        record.userAgent = "Go-http-client/1.1"
        record.traceID = "42"
        record.unixNanos = 1_661_286_500_071_809_491
        record.requestBytes = 7
        record.responseBytes = 19627
        record.status = 200
        record.processingNanos = 39826
        record.totalNanos = 14_441_135
        return record
    }

    @Test func writesLinkerdsJSON() {
        #expect(
            text(whole, .json) == """
                {"client.addr":"10.42.0.63:51160",\
                "client.id":"web.default.serviceaccount.identity.linkerd.cluster.local",\
                "host":"webapp:7000","method":"GET","processing_ns":"39826","request_bytes":"7",\
                "response_bytes":"19627","status":200,\
                "timestamp":"2022-08-23T20:28:20.071809491Z","total_ns":"14441135",\
                "trace_id":"42","uri":"/books","user_agent":"Go-http-client/1.1",\
                "version":"HTTP/1.1"}

                """
        )
    }

    @Test func writesTheCommonLogFormat() {
        #expect(
            text(whole, .apache) == """
                10.42.0.63:51160 web.default.serviceaccount.identity.linkerd.cluster.local - \
                [2022-08-23T20:28:20.071809491Z] "GET /books HTTP/1.1" 200 19627

                """
        )
        var stranger = whole
        stranger.clientID = ""
        stranger.status = 0
        stranger.responseBytes = 0
        #expect(text(stranger, .apache).hasPrefix("10.42.0.63:51160 - - ["))
        #expect(text(stranger, .apache).hasSuffix("\" - -\n"))
    }

    /// Bytes that no field of a request can have, for they were read by other means.
    @Test(arguments: AccessLogFormat.allCases)
    func keepsALineALine(format: AccessLogFormat) {
        var record = whole
        record.uri = "/\"\\\r\n\u{1B}[2J\u{0}\u{FFFD}"
        record.userAgent = record.uri
        record.clientID = record.uri
        let line = record.line(format)
        #expect(line.dropLast().allSatisfy { $0 >= 0x20 && $0 != 0x7F })
        #expect(line.last == 0x0A)
    }
}
