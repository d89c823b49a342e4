// SPDX-License-Identifier: Apache-2.0

import Foundation
import MeshModel
import Testing

@testable import ProxyRuntime

/// What the log of a running proxy says, and what it never says.
@Suite("Log")
struct LogTests {
    private func count(_ line: Substring) -> Int {
        let rest = line.components(separatedBy: "unlogged=\"").dropFirst().first ?? "0"
        return 1 + (Int(rest.prefix { $0.isNumber }) ?? 0)
    }

    @Test func saysTheSameOnceASecond() throws {
        let folder = try TestFolder()
        let proxy = try ProxyUnderTest(ProxyConfig(), in: folder, name: "proxy")
        let start = Wait.now()
        for _ in 0..<300 { _ = try? TestSocket.connect(to: proxy.outbound) }
        try Wait.until("all are refused") { try proxy.refusals("outbound", "loop") == 300 }
        let seconds = Int(Wait.now() - start)
        // Another cause is not held back by the first.
        _ = try TestSocket.connect(to: proxy.inbound).ending()
        proxy.process.signal(SIGTERM)
        #expect(try proxy.process.exitCode(within: 5) == 0)
        let lines = try proxy.logLines("connection refused direction=\"outbound\"")
        #expect((2...seconds + 3).contains(lines.count), "\(lines)")
        #expect(lines.reduce(0) { $0 + count($1) } == 300)
        #expect(try proxy.logLines("connection refused direction=\"inbound\"").count == 1)
    }

    @Test func saysLaterWhatItHeldBack() throws {
        let folder = try TestFolder()
        let proxy = try ProxyUnderTest(ProxyConfig(), in: folder, name: "proxy")
        for _ in 0..<3 { _ = try? TestSocket.connect(to: proxy.outbound).ending() }
        try proxy.awaitLog("unlogged=\"1\"", within: 5)
    }

    @Test func writesLinkerdsJSON() throws {
        let folder = try TestFolder()
        let proxy = try ProxyUnderTest(
            ProxyConfig(),
            in: folder,
            name: "proxy",
            environment: ["LINKERD2_PROXY_LOG_FORMAT": "json"]
        )
        _ = try TestSocket.connect(to: proxy.outbound).ending()
        try proxy.awaitLog("connection refused")
        for line in try proxy.log().split(separator: "\n") {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            let entry = try #require(object as? [String: Any])
            #expect(Set(entry.keys) == ["timestamp", "level", "fields", "target"])
            let time = try #require(entry["timestamp"] as? String)
            #expect(time.wholeMatch(of: /\[ *\d+\.\d{6}s\]/) != nil, "\(time)")
            #expect(time.utf8.count == 16, "\(time)")
        }
        let line = try #require(try proxy.logLines("connection refused").first)
        #expect(line.contains("\"level\":\"WARN\",\"fields\":{\"message\":\"connection refused\","))
        #expect(line.hasSuffix(",\"target\":\"linkerd_app_outbound\"}"))
    }

    /// At the most talkative level, with all that can go wrong with a request.
    @Test(arguments: ["plain", "json"])
    func keepsSecretsOutOfTheLog(format: String) throws {
        let pair = try MeshPair(
            flags: ["--log-level", "debug", "--log-format", format],
            environment: ["LINKERD2_PROXY_API_TOKEN": Self.secret, "API_KEY": Self.secret]
        )
        let fields =
            "Authorization: Bearer \(Self.secret)\r\nCookie: s=\(Self.secret)\r\n"
            + "X-Api-Key: \(Self.secret)\r\nProxy-Authorization: Basic \(Self.secret)\r\n"
        let head = "GET /?\(Self.secret) HTTP/1.1\r\nHost: api\r\n\(fields)"
        for response in [
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSet-Cookie: s=\(Self.secret)\r\n\r\n",
            "HTTP/1.1 200 OK\r\nSet-Cookie \(Self.secret)\r\n\r\n", "\(Self.secret)\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n\(Self.secret)", "",
        ] {
            let client = try TestSocket.connect(to: pair.service)
            try client.send(head + "\r\n")
            let server = try pair.app.accept()
            _ = try server.receiveSome()
            try? server.send(response)
            server.close()
            client.finish()
            _ = try? client.ending()
        }
        for start in ["X: \u{1}", "", "Host: "] {
            let broken = start + Self.secret + "\r\n"
            let client = try TestSocket.connect(to: pair.service)
            try client.send(head + broken + "\r\n")
            client.finish()
            _ = try? client.ending()
        }
        for proxy in [pair.web, pair.api] {
            proxy.process.signal(SIGTERM)
            _ = try proxy.process.exitCode()
            let log = try proxy.log()
            #expect(log.contains("request failed"))
            #expect(!log.contains(Self.secret), "\(log)")
            #expect(!log.contains("PRIVATE KEY"))
        }
    }

    private static let secret = "s3same0pen"
}
