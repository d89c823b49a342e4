// SPDX-License-Identifier: Apache-2.0

import ProxyCore
import Testing

@Suite("Evading the detection")
struct DetectionEvasionTests {
    private func scan(_ text: String) -> ProtocolScan {
        let bytes = Array(text.utf8)
        return ProtocolScan.of(bytes.span)
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\n", "BREW / HTTP/1.1\r\n", "GET /a b c HTTP/1.1\r\n",
        "GET / HTTP/2.0\r\n", "\r\nGET / HTTP/1.1\r\n",
    ])
    func knowsRequestsWhateverIsWrongWithThem(text: String) {
        #expect(scan(text) == .http1)
    }

    /// Servers that are lenient take them for requests, with fields that only the mesh may write.
    @Test(arguments: [
        "\r\n\r\nGET / HTTP/1.1\r\n", "\nGET / HTTP/1.1\r\n", " GET / HTTP/1.1\r\n",
        "\tGET / HTTP/1.1\r\n", "GET\t/ HTTP/1.1\r\n", "GET /\tHTTP/1.1\r\n",
        "GET\u{0B}/ HTTP/1.1\r\n", "GET /\u{0C}HTTP/1.1\r\n", "GET / http/1.1\r\n",
        String(repeating: "A", count: 40) + " / HTTP/1.1\r\n",
    ])
    func knowsWhatLenientServersTakeForRequests(text: String) {
        #expect(scan(text) == .http1)
    }

    @Test(arguments: [
        "SSH-2.0-OpenSSH_9.6\r\n", "EHLO a\r\n", "get key\r\n", "*1\r\n$4\r\nPING\r\n",
        "\u{0}\u{0}",
        "OPTIONS sip:a SIP/2.0\r\n", "GET /\r\n", "GE:T / HTTP/1.1\r\n",
        String(repeating: "A", count: ProtocolScan.lineBytesMax),
        String(repeating: " ", count: ProtocolScan.lineBytesMax),
    ])
    func passesOtherProtocols(text: String) {
        #expect(scan(text) == .opaque)
    }

    @Test(arguments: ["", "G", "\r", "\r\n", " ", "GET", "GET ", "GET / HTT", "PRI * HTTP/2.0"])
    func waitsForMore(text: String) {
        #expect(scan(text) == .needsMore)
    }

    @Test func knowsHTTP2() {
        #expect(scan("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") == .http2)
    }

    @Test(arguments: [
        ("GET ", true), ("POST /x HT", true), ("\r\n DELETE\t", true), ("GET", false),
        ("get ", false), ("BREW /", false), ("HELLO ", false), ("", false), ("\r\n", false),
        ("GETS ", false),
    ])
    func knowsHowRequestsBegin(text: String, begins: Bool) {
        let bytes = Array(text.utf8)
        #expect(ProtocolScan.beginsLikeRequest(bytes.span) == begins)
    }
}
