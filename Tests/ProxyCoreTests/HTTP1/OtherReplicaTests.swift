// SPDX-License-Identifier: Apache-2.0

import ProxyCore
import Testing

/// What proxies say to each other so that a request may go to another replica.
@Suite("Other replicas")
struct OtherReplicaTests {
    private func request(_ text: String) throws -> RequestHead {
        var parser = HeadParser()
        let bytes = Array(text.utf8)
        guard case .head(let head) = parser.request(bytes.span) else {
            throw ParseError(text: text)
        }
        return head
    }

    private struct ParseError: Error { let text: String }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", true),
        ("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n", true),
        ("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 16384\r\n\r\n", true),
        ("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 16385\r\n\r\n", false),
        ("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", false),
        ("POST / HTTP/1.1\r\nHost: a\r\n\r\n", false),
        ("PATCH / HTTP/1.1\r\nHost: a\r\n\r\n", false),
        ("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", false),
    ])
    func repeatsWhatIsIdempotentAndShort(text: String, isRepeatable: Bool) throws {
        #expect(try request(text).isRepeatable == isRepeatable)
    }

    @Test func readsThatARequestHasReachedNobodyAndPassesItOnToNobody() throws {
        var parser = HeadParser()
        let bytes = Array("HTTP/1.1 502 Bad\r\nL5D-proxy-UNSENT: true\r\nX-A: b\r\n\r\n".utf8)
        guard case .head(let head) = parser.response(bytes.span) else {
            Issue.record("no head")
            return
        }
        #expect(head.isUnsent)
        var output: [UInt8] = []
        let rules = HeadForwarding(dropsMeshFields: false)
        parser.forward(head, of: bytes, base: 0, rules, .unsaid, into: &output)
        #expect(String(decoding: output, as: UTF8.self) == "HTTP/1.1 502 Bad\r\nX-A: b\r\n\r\n")
    }

    private func response(_ failure: ProxyFailure, tellsProxy: Bool) -> String {
        var output: [UInt8] = []
        failure.writeResponse(
            isGRPC: false,
            closes: false,
            informs: true,
            tellsProxy: tellsProxy,
            into: &output
        )
        return String(decoding: output, as: UTF8.self)
    }

    @Test(arguments: [
        (ProxyFailure.connect("a"), true),
        (.connectTimeout("a"), true),
        (.overloaded(requestsMax: 1), true),
        (.serverReset("a"), true),
        // A server may have acted on it.
        (.serverLeft("a"), false),
        (.requestTimeout(setting: "a"), false),
        // No other replica would decide otherwise.
        (.unauthorized("a"), false),
        (.request(.hostMissing), false),
    ])
    func tellsProxiesAloneThatARequestHasReachedNobody(failure: ProxyFailure, isUnsent: Bool) {
        let line = "\r\nl5d-proxy-unsent: true\r\n"
        #expect(response(failure, tellsProxy: true).contains(line) == isUnsent)
        #expect(!response(failure, tellsProxy: false).contains("unsent"))
    }
}
