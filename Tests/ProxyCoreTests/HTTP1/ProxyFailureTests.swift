// SPDX-License-Identifier: Apache-2.0

import ProxyCore
import Testing

@Suite("HTTP/1 failures")
struct ProxyFailureTests {
    private func response(
        _ failure: ProxyFailure,
        isGRPC: Bool = false,
        closes: Bool = false,
        informs: Bool = true
    ) -> String {
        var output = Array("kept:".utf8)
        failure.writeResponse(
            isGRPC: isGRPC,
            closes: closes,
            informs: informs,
            tellsProxy: false,
            into: &output
        )
        return String(decoding: output, as: UTF8.self)
    }

    struct Case: Sendable {
        var failure: ProxyFailure
        var line: String
        var grpc: Int
        var words: String
        /// `closes` and `internal`.
        var flags: String
    }

    private static func given(
        _ failure: ProxyFailure,
        _ line: String,
        grpc: Int,
        _ words: String,
        _ flags: String = ""
    ) -> Case {
        Case(failure: failure, line: line, grpc: grpc, words: words, flags: flags)
    }

    private static let refusals =
        ([
            (.hostMissing, "400 Bad Request", "an HTTP/1.1 request needs a Host field"),
            (.targetTooLong, "414 URI Too Long", "the request target is longer than 32768 bytes"),
            (
                .headTooLarge, "431 Request Header Fields Too Large",
                "the head is larger than 65536 bytes"
            ),
            (
                .transferEncodingUnknown, "501 Not Implemented",
                "Transfer-Encoding is not chunked alone"
            ),
            (
                .versionUnsupported, "505 HTTP Version Not Supported",
                "the HTTP version is neither 1.0 nor 1.1"
            ),
        ] as [(HTTP1Refusal, String, String)]).map {
            given(.request($0.0), $0.1, grpc: 13, $0.2, "closes")
        }

    private static let denials = [
        given(.unauthorized("no"), "403 Forbidden", grpc: 7, "no"),
        given(
            .notAllowed(missing: "10.0.0.1/32"),
            "403 Forbidden",
            grpc: 7,
            "outgoing.allow has no entry for it, such as 10.0.0.1/32"
        ),
        given(
            .overloaded(requestsMax: 9),
            "503 Service Unavailable",
            grpc: 14,
            "more than 9 requests are under way",
            "closes"
        ),
    ]

    private static let timeouts =
        ([
            (
                .headTimeout, "408 Request Timeout", "the request's head did not come in time",
                "closes"
            ),
            (.bodyTimeout, "408 Request Timeout", "the request's body stopped coming", "closes"),
            (
                .noEndpoints("10.0.0.1:80"), "504 Gateway Timeout", "nobody serves 10.0.0.1:80",
                "closes internal"
            ),
            (
                .connectTimeout("a:1: timed out"), "504 Gateway Timeout",
                "cannot connect: a:1: timed out", "closes internal"
            ),
            (
                .requestTimeout(setting: "outgoing.request.timeout, 1s"), "504 Gateway Timeout",
                "no response within outgoing.request.timeout, 1s", ""
            ),
        ] as [(ProxyFailure, String, String, String)]).map {
            given($0.0, $0.1, grpc: 4, $0.2, $0.3)
        }

    private static let servers =
        ([
            (.loop("a:1"), "508 Loop Detected", 10, "a:1 is this proxy itself"),
            (.connect("a:1: refused"), "502 Bad Gateway", 14, "cannot connect: a:1: refused"),
            (
                .serverLeft("a:1"), "502 Bad Gateway", 14,
                "a:1 closed the connection before its response"
            ),
            (
                .response(.statusLineSyntax, from: "a:1"), "502 Bad Gateway", 13,
                "a:1 answers badly: the status line is malformed (RFC 9112 section 4)"
            ),
        ] as [(ProxyFailure, String, Int, String)]).map {
            given($0.0, $0.1, grpc: $0.2, $0.3, "closes internal")
        }

    @Test(arguments: refusals + denials + timeouts + servers)
    func writesEveryByte(_ given: Case) {
        let failure = given.failure
        #expect(failure.closesClient == given.flags.contains("closes"))
        let isInternal = given.flags.contains("internal")
        #expect(failure.isInternal == isInternal)
        let end = "content-length: 0\r\nl5d-proxy-error: \(given.words)\r\n"
        #expect(response(failure) == "kept:HTTP/1.1 \(given.line)\r\n\(end)\r\n")
        #expect(
            response(failure, closes: true)
                == "kept:HTTP/1.1 \(given.line)\r\n\(end)connection: close\r\n"
                + "l5d-proxy-connection: close\r\n\r\n"
        )
        #expect(
            response(failure, isGRPC: true)
                == "kept:HTTP/1.1 200 OK\r\ncontent-type: application/grpc\r\n"
                + "grpc-status: \(given.grpc)\r\ngrpc-message: \(given.words)\r\n\(end)\r\n"
        )
        let told = isInternal ? "unavailable" : given.words
        #expect(response(failure, informs: false).contains("l5d-proxy-error: \(told)\r\n"))
        #expect(response(failure, informs: false).contains(given.words) != isInternal)
    }

    /// Every refusal gives a response that its own parser takes.
    @Test(arguments: HTTP1Refusal.allCases)
    func writesEveryRefusal(refusal: HTTP1Refusal) {
        for failure in [ProxyFailure.request(refusal), .response(refusal, from: "a:1")] {
            for isGRPC in [false, true] {
                let text = response(failure, isGRPC: isGRPC, closes: true)
                expectOneResponse(Array(text.utf8.dropFirst(5)), isGRPC ? 200 : failure.status)
            }
        }
    }

    private func expectOneResponse(_ bytes: [UInt8], _ status: Int) {
        var parser = HeadParser()
        guard case .head(let head) = parser.response(bytes.span) else {
            Issue.record("\(String(decoding: bytes, as: UTF8.self)) is refused")
            return
        }
        #expect(head.status == status)
        #expect(head.end == bytes.count)
        #expect(head.framing == .none)
    }

    /// Words may come from a peer's certificate: they stay one field's value.
    @Test(arguments: [
        "a\r\nX: y\r\n\r\nHTTP/1.1 200 OK", "a\nb", "a\rb", "a\0b", "\u{7F}", "caf\u{E9}",
        "\u{2028}",
        "\t", String(repeating: "\r\n", count: 2000), String(repeating: "\u{1F600}", count: 300),
        "50%\r\n", "%0d%0a",
    ])
    func nothingIsInjected(words: String) {
        let short = words.utf8.count <= 512
        let clean = words.utf8.prefix(512).map { 0x20..<0x7F ~= $0 ? $0 : UInt8(ascii: "?") }
        let text = String(decoding: clean, as: UTF8.self)
        for isGRPC in [false, true] {
            let response = response(.unauthorized(words), isGRPC: isGRPC)
            #expect(response.contains("\r\nl5d-proxy-error: \(text)\r\n"))
            #expect(response.utf8.count < (short ? 1024 : 2048) + 512)
            expectOneResponse(Array(response.utf8.dropFirst(5)), isGRPC ? 200 : 403)
        }
    }

    /// gRPC decodes the message's percent signs, so they are written as such.
    @Test func encodesPercentSignsForGRPC() {
        #expect(
            response(.unauthorized("5%, %41"), isGRPC: true).contains(
                "grpc-message: 5%25, %2541\r\n"
            )
        )
        #expect(response(.unauthorized("5%")).contains("l5d-proxy-error: 5%\r\n"))
    }

    @Test(arguments: [
        ("application/grpc", true), ("application/grpc+proto", true),
        ("Application/gRPC; a=b", true),
        ("application/grp", false), ("application/json", false), ("", false),
    ])
    func knowsGRPC(contentType: String, isGRPC: Bool) throws {
        let head = try #require(
            HTTP1Laws.head(of: "POST / HTTP/1.1\r\nHost: a\r\ncontent-type: \(contentType)\r\n\r\n")
        )
        #expect(head.isGRPC == isGRPC)
    }
}
