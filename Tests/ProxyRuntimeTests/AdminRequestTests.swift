// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ProxyRuntime

@Suite("Admin requests")
struct AdminRequestTests {
    private func request(_ lines: String...) throws -> AdminRequest {
        let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        #expect(AdminRequest.headEnd(of: bytes + [0x61]) == bytes.count)
        return try AdminRequest(parsing: bytes[...])
    }

    @Test func readsAHead() throws {
        let request = try request(
            "PUT /proxy-log-level?a&b=c HTTP/1.1",
            "Host: x",
            "content-LENGTH:  12 ",
            "Accept: */*"
        )
        #expect(request.method == "PUT")
        #expect(request.path == "/proxy-log-level")
        #expect(request.query == "a&b=c")
        #expect(request.bodyLength == 12)
        #expect(request.accept == "*/*")
    }

    @Test(arguments: [
        ("GET / HTTP/2.0", 400), ("GET /", 400), ("GET  / HTTP/1.1", 400), ("", 400),
        ("GET http://a/ HTTP/1.1", 400), ("PUT / HTTP/1.1\r\nno colon", 400),
        ("PUT / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2", 400),
        ("PUT / HTTP/1.1\r\nContent-Length: +1", 400), ("PUT / HTTP/1.1\r\nContent-Length:", 400),
        ("PUT / HTTP/1.1\r\nContent-Length: 1, 1", 400),
        ("PUT / HTTP/1.1\r\nContent-Length: 4097", 413),
        ("PUT / HTTP/1.1\r\nContent-Length: 99999999999999999999", 413),
        ("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked", 411),
    ])
    func refuses(head: String, status: Int) {
        let error = #expect(throws: AdminResponse.self) { _ = try request(head) }
        #expect(error?.status == status)
    }

    @Test(arguments: [
        (nil, true), ("*/*", true), ("application/json", true), ("text/html, application/*", true),
        ("Application/JSON; q=0.5", true), ("text/html", false), ("application/json;q=0", false),
        ("application/json ; q=0.0, text/*", false), ("", false),
    ])
    func knowsWhetherJSONIsWelcome(accept: String?, isWelcome: Bool) throws {
        var request = try request("GET / HTTP/1.1")
        request.accept = accept
        #expect(request.acceptsJSON == isWelcome)
    }
}
