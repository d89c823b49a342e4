// SPDX-License-Identifier: Apache-2.0

import ProxyCore
import Testing

/// Heads by which a client could reach beyond its own request.
@Suite("Attacked heads")
struct AttackedHeadTests {
    private func request(_ lines: [String]) -> HeadParser.Step<RequestHead> {
        var parser = HeadParser()
        let bytes = Array((lines + ["", ""]).joined(separator: "\r\n").utf8)
        return parser.request(bytes.span)
    }

    /// The head as the next hop gets it.
    private func forwarded(_ lines: [String], inbound: Bool = true) -> [String] {
        var parser = HeadParser()
        let bytes = Array((lines + ["", ""]).joined(separator: "\r\n").utf8)
        guard case .head(let head) = parser.request(bytes.span) else { return ["refused"] }
        var output: [UInt8] = []
        let rules = HeadForwarding(dropsMeshFields: inbound)
        parser.forward(head, of: bytes, base: 0, rules, into: &output)
        let text = String(decoding: output, as: UTF8.self)
        return text.split(separator: "\r\n").map(String.init)
    }

    /// A server that reads a body where we saw none takes the next client's request for it.
    @Test(arguments: ["Content-Length: 30", "Transfer-Encoding: chunked"])
    func refusesABodyOfCONNECT(field: String) {
        #expect(
            request(["CONNECT a:80 HTTP/1.1", "Host: a:80", field]) == .refused(.connectWithBody)
        )
        guard case .head = request(["CONNECT a:80 HTTP/1.1", "Host: a:80"]) else {
            Issue.record("CONNECT itself is refused")
            return
        }
    }

    /// In an environment variable `l5d_client_id` and `l5d-client-id` are the same.
    @Test(arguments: [
        "l5d-client-id", "L5D_CLIENT_ID", "l5d_client-id", "l5d_", "x_forwarded_client_cert",
        "X-Forwarded_Client-Cert",
    ])
    func dropsNamesThatServersTakeForTheMeshs(name: String) {
        let lines = ["GET / HTTP/1.1", "Host: a", "\(name): evil", "x: y"]
        #expect(forwarded(lines) == ["GET / HTTP/1.1", "Host: a", "x: y"])
        #expect(forwarded(lines, inbound: false) == lines)
    }

    @Test(arguments: ["l5dx", "l5d", "x-forwarded-client-certs", "forwarded-client-cert"])
    func keepsOtherNames(name: String) {
        let lines = ["GET / HTTP/1.1", "Host: a", "\(name): good"]
        #expect(forwarded(lines) == lines)
    }

    @Test(arguments: ["Content_Length", "TRANSFER_ENCODING"])
    func refusesAliasesOfFraming(name: String) {
        #expect(
            request(["GET / HTTP/1.1", "Host: a", "\(name): 1"]) == .refused(.framingAlias)
        )
    }

    /// HTTP/2 in the clear would pass unread, and so would a list that only has it among others.
    @Test(arguments: [
        ["Upgrade: h2c"], ["Upgrade: h2c, websocket"], ["Upgrade: websocket, H2C"],
        ["Upgrade: h2c", "Upgrade: websocket"], ["Upgrade: websocket", "Upgrade: h2c"],
    ])
    func asksNobodyForH2C(upgrades: [String]) {
        let lines = ["GET / HTTP/1.1", "Host: a", "Connection: upgrade"] + upgrades
        #expect(forwarded(lines) == ["GET / HTTP/1.1", "Host: a"])
    }

    @Test func asksForOtherProtocols() {
        let lines = ["GET / HTTP/1.1", "Host: a", "Connection: upgrade", "Upgrade: websocket"]
        #expect(
            forwarded(lines)
                == ["GET / HTTP/1.1", "Host: a", "Upgrade: websocket", "connection: upgrade"]
        )
    }

    /// Each of them is held against each field.
    @Test func boundsConnection() {
        let commas = String(repeating: ",", count: HTTP1Limits.connectionBytesMax - 1)
        let lines = ["GET / HTTP/1.1", "Host: a", "Connection: \(commas)x"]
        #expect(forwarded(lines) == ["GET / HTTP/1.1", "Host: a"])
        #expect(request(lines + ["Connection: y"]) == .refused(.connectionTooLong))
        #expect(HTTP1Refusal.connectionTooLong.status == 431)
    }
}
