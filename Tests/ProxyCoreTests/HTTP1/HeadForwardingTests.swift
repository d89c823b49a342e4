// SPDX-License-Identifier: Apache-2.0

import ProxyCore
import Testing

/// What the next hop gets: every byte of it.
@Suite("HTTP/1 heads passed on")
struct HeadForwardingTests {
    private static let inbound = HeadForwarding(
        dropsMeshFields: true,
        clientIdentity: "web.shop.serviceaccount.identity.linkerd.cluster.local"
    )

    /// Sends a request on; it stands at an odd place of its buffer.
    private func request(
        _ line: String,
        _ fields: [String],
        _ rules: HeadForwarding = HeadForwarding(dropsMeshFields: true)
    ) throws -> [String] {
        let text = ([line] + fields + ["", ""]).joined(separator: "\r\n")
        let bytes = HTTP1Form.bytes("before" + text + "after")
        var parser = HeadParser()
        guard case .head(let head) = parser.request(bytes.span.extracting(6...)) else {
            throw Unexpected()
        }
        var output: [UInt8] = Array("kept:".utf8)
        parser.forward(head, of: bytes, base: 6, rules, into: &output)
        return try lines(output)
    }

    private func response(
        _ line: String,
        _ fields: [String],
        _ connection: HeadForwarding.Connection = .unsaid,
        dropsMeshFields: Bool = true
    ) throws -> [String] {
        let text = ([line] + fields + ["", ""]).joined(separator: "\r\n")
        let bytes = HTTP1Form.bytes("before" + text + "after")
        var parser = HeadParser()
        guard case .head(let head) = parser.response(bytes.span.extracting(6...)) else {
            throw Unexpected()
        }
        var output: [UInt8] = Array("kept:".utf8)
        let rules = HeadForwarding(dropsMeshFields: dropsMeshFields)
        parser.forward(head, of: bytes, base: 6, rules, connection, into: &output)
        return try lines(output)
    }

    private struct Unexpected: Error {}

    /// The lines of a head that ends as it must.
    private func lines(_ output: [UInt8]) throws -> [String] {
        let text = HTTP1Form.text(output)
        guard text.hasPrefix("kept:"), text.hasSuffix("\r\n\r\n") else { throw Unexpected() }
        return text.dropFirst(5).dropLast(2).split(separator: "\r\n").map(String.init)
    }

    @Test func keepsWhatIsNoneOfItsBusiness() throws {
        let fields = [
            "hOsT:a", "X: \t caf\u{C3}\u{A9} \t", "x:", "X: again", "Content-Length: 5",
            "Cookie: a=b",
            "Authorization: Bearer x", "Expect: 100-continue", "Via: 1.1 a", "Trailer: X",
        ]
        #expect(
            try request("POST /%2e/\u{E9}? HTTP/1.1", fields) == ["POST /%2e/\u{E9}? HTTP/1.1"]
                + fields
        )
        #expect(
            try request("GET http://a/ HTTP/1.1", ["Host: a"]) == [
                "GET http://a/ HTTP/1.1", "Host: a",
            ]
        )
        #expect(try request("\r\nGET / HTTP/1.1", ["Host: a"]) == ["GET / HTTP/1.1", "Host: a"])
    }

    @Test(arguments: [
        "Connection: close", "CONNECTION:keep-alive", "connection:", "Keep-Alive: timeout=5",
        "Proxy-Connection: keep-alive", "TE: trailers", "HTTP2-Settings: AAMA",
        "Upgrade: websocket",
        "l5d-client-id: admin", "L5D-Whatever: x", "l5d_client_id: admin", "l5d-: x",
        "X-Forwarded-Client-Cert: By=x", "x_forwarded_client_cert: By=x",
    ])
    func dropsWhatEndsHere(field: String) throws {
        for place in 0...2 {
            var fields = ["Host: a", "X: y"]
            fields.insert(field, at: place)
            #expect(
                try request("GET / HTTP/1.1", fields) == ["GET / HTTP/1.1", "Host: a", "X: y"]
            )
        }
        // Alone between its like.
        let many = [field, "Host: a", field, field, "X: y", field]
        #expect(try request("GET / HTTP/1.1", many) == ["GET / HTTP/1.1", "Host: a", "X: y"])
    }

    @Test(arguments: [
        "l5d", "l5dx: a", "l5-client: a", "X-Forwarded-Client-Certs: a", "X-Forwarded-For: a",
        "TEA: x", "Upgrades: x", "Keep_Alive: x",
    ])
    func keepsWhatOnlyLooksLikeIt(field: String) throws {
        let fields = ["Host: a", field.contains(":") ? field : field + ": x"]
        #expect(try request("GET / HTTP/1.1", fields) == ["GET / HTTP/1.1"] + fields)
    }

    /// Fields of the mesh that come from the pod itself are for the next proxy to judge.
    @Test func outboundKeepsMeshFields() throws {
        let fields = ["Host: a", "l5d-retry-limit: 3", "x-forwarded-client-cert: y"]
        let rules = HeadForwarding(dropsMeshFields: false)
        #expect(try request("GET / HTTP/1.1", fields, rules) == ["GET / HTTP/1.1"] + fields)
    }

    @Test func dropsWhatConnectionNames() throws {
        let fields = [
            "A: 1", "Host: a", "Connection: x-secret ,, B,close", "X-Secret: 1", "b: 2", "C: 3",
            "X-SECRET: 4",
        ]
        #expect(
            try request("GET / HTTP/1.1", fields) == ["GET / HTTP/1.1", "A: 1", "Host: a", "C: 3"]
        )
        #expect(
            try request(
                "GET / HTTP/1.1",
                ["Host: a", "X: 1", "Connection: Y", "Y: 2", "connection: x"]
            )
                == ["GET / HTTP/1.1", "Host: a"]
        )
    }

    /// What decides about framing, rights and routes stays, whatever Connection names.
    @Test(arguments: [
        "Host: a", "Content-Length: 5", "Content-Type: a/b", "Cookie: a=b", "Authorization: x",
        "Forwarded: for=a", "X-Forwarded-For: a", "X-Forwarded-Host: a", "X-Forwarded-Proto: https",
    ])
    func protectsFieldsFromConnection(field: String) throws {
        let name = field.split(separator: ":")[0]
        let fields = field == "Host: a" ? [field] : ["Host: a", field]
        #expect(
            try request("GET / HTTP/1.1", ["Connection: \(name), close"] + fields)
                == ["GET / HTTP/1.1"] + fields
        )
    }

    @Test func saysWhoTheClientIs() throws {
        let identity = "l5d-client-id: web.shop.serviceaccount.identity.linkerd.cluster.local"
        #expect(
            try request(
                "GET / HTTP/1.1",
                ["Host: a", "l5d-client-id: admin", "X: y"],
                Self.inbound
            )
                == ["GET / HTTP/1.1", "Host: a", "X: y", identity]
        )
        #expect(
            try request("GET / HTTP/1.1", ["Connection: l5d-client-id", "Host: a"], Self.inbound)
                == ["GET / HTTP/1.1", "Host: a", identity]
        )
        #expect(
            try request("GET / HTTP/1.0", [], Self.inbound)
                == ["GET / HTTP/1.0", identity, "connection: keep-alive"]
        )
    }

    @Test func passesUpgradesOn() throws {
        #expect(
            try request(
                "GET / HTTP/1.1",
                ["Host: a", "Connection: keep-alive, Upgrade", "Upgrade: websocket", "X: y"]
            ) == ["GET / HTTP/1.1", "Host: a", "Upgrade: websocket", "X: y", "connection: upgrade"]
        )
        #expect(
            try response(
                "HTTP/1.1 101 Switching",
                ["Upgrade: websocket", "Connection: Upgrade"],
                .upgrade
            )
                == ["HTTP/1.1 101 Switching", "Upgrade: websocket", "connection: upgrade"]
        )
        // What a server offers is no switch.
        #expect(
            try response("HTTP/1.1 426 No", ["Upgrade: TLS/1.0", "Content-Length: 0"])
                == ["HTTP/1.1 426 No", "Content-Length: 0"]
        )
    }

    /// Not asked for in Connection, HTTP/2 anywhere in the list, an empty list, HTTP/1.0.
    @Test(arguments: [
        ("1.1", "keep-alive", ["websocket"]), ("1.1", "Upgrade, HTTP2-Settings", ["h2c"]),
        ("1.1", "Upgrade", ["H2C, websocket"]), ("1.1", "Upgrade", ["websocket, h2c"]),
        ("1.1", "Upgrade", ["websocket,h2c,x"]), ("1.1", "Upgrade", ["h2c", "websocket"]),
        ("1.1", "Upgrade", ["websocket", "h2c"]), ("1.1", "Upgrade", []), ("1.1", "Upgrade", [","]),
        ("1.1", "Upgrade", [""]), ("1.0", "Upgrade", ["websocket"]),
    ])
    func dropsOtherUpgrades(version: String, connection: String, upgrades: [String]) throws {
        let fields = ["Host: a", "Connection: \(connection)", "HTTP2-Settings: AAMA"]
        let line = "GET / HTTP/\(version)"
        #expect(
            try request(line, fields + upgrades.map { "Upgrade: \($0)" })
                == [line, "Host: a"] + (version == "1.0" ? ["connection: keep-alive"] : [])
        )
    }

    @Test(arguments: [
        (HeadForwarding.Connection.unsaid, [String]()), (.close, ["connection: close"]),
        (.keepAlive, ["connection: keep-alive"]),
    ])
    func tellsTheClientOfItsOwnConnection(
        connection: HeadForwarding.Connection,
        added: [String]
    ) throws {
        let fields = ["Server: x", "Connection: close, X-Hop", "X-Hop: 1", "Keep-Alive: timeout=5"]
        #expect(
            try response("HTTP/1.1 200 ", fields + ["Set-Cookie: a", "set-cookie: b"], connection)
                == ["HTTP/1.1 200 ", "Server: x", "Set-Cookie: a", "set-cookie: b"] + added
        )
        #expect(try response("HTTP/1.1 204", [], connection) == ["HTTP/1.1 204"] + added)
    }

    @Test func keepsAServersMeshFieldsOutbound() throws {
        let fields = ["l5d-proxy-error: x", "Content-Length: 0"]
        let line = "HTTP/1.1 502 Bad"
        #expect(try response(line, fields) == [line, "Content-Length: 0"])
        #expect(try response(line, fields, dropsMeshFields: false) == [line] + fields)
    }
}
