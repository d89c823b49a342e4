// SPDX-License-Identifier: Apache-2.0

import MeshModel
import ProxyCore
import Testing

/// Which requests pass every policy.
@Suite("Probe routes in force")
struct ProbeRoutesTests {
    private func isProbe(_ request: String, port: UInt16 = 8080) throws -> Bool {
        let port8080 = try PortNumber(parsing: "8080")
        let routes = ProbeRoutes([
            try ProbeRoute(port: port8080, path: "/ready"),
            try ProbeRoute(port: port8080, path: "/healthz?full=1"),
        ])
        var parser = HeadParser()
        let bytes = Array(request.utf8)
        guard case .head(let head) = parser.request(bytes.span) else {
            Issue.record("no request: \(request)")
            return false
        }
        return routes.contains(head, of: bytes.span, port: port)
    }

    private func get(_ target: String, _ fields: String = "") -> String {
        "GET \(target) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n"
    }

    @Test(arguments: ["/healthz", "/healthz?", "/healthz?a=/b", "/healthz?a?b", "/ready"])
    func letsInWhatIsListed(target: String) throws {
        #expect(try isProbe(get(target)))
        #expect(try !isProbe(get(target), port: 8081))
    }

    @Test(arguments: [
        "/", "/health", "/healthz/", "/healthzz", "//healthz", "/./healthz", "/x/../healthz",
        "/healthz/../admin", "/healthz;x", "/%68ealthz", "/healthz%3F", "/healthz%00",
        "/Healthz", "/healthz\\", "http://a/healthz", "http://a/healthz?/healthz", "/?/healthz",
    ])
    func knowsNoOtherSpelling(target: String) throws {
        #expect(try !isProbe(get(target)))
    }

    @Test(arguments: ["HEAD", "POST", "OPTIONS", "get", "GETX"])
    func knowsNoOtherMethod(method: String) throws {
        #expect(try !isProbe("\(method) /healthz HTTP/1.1\r\nHost: a\r\n\r\n"))
    }

    /// What follows could be more than a question about health.
    @Test(arguments: [
        "Content-Length: 1\r\n", "Transfer-Encoding: chunked\r\n",
        "Connection: upgrade\r\nUpgrade: websocket\r\n",
    ])
    func letsNothingElsePassWithIt(fields: String) throws {
        #expect(try !isProbe(get("/healthz", fields)))
    }

    @Test func readsHTTP10AndABodyOfNothing() throws {
        #expect(try isProbe("GET /healthz HTTP/1.0\r\n\r\n"))
        #expect(try isProbe(get("/healthz", "Content-Length: 0\r\n")))
        #expect(try isProbe("\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"))
    }
}
