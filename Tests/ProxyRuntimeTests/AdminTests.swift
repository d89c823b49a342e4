// SPDX-License-Identifier: Apache-2.0

import Foundation
import MeshModel
import Testing

@testable import ProxyRuntime

/// The admin port of a proxy that runs, and what may be done to it there.
@Suite("Admin port")
struct AdminTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func proxy(
        _ config: ProxyConfig = ProxyConfig(),
        _ environment: [String: String] = [:]
    ) throws -> ProxyUnderTest {
        try ProxyUnderTest(config, in: folder, name: "proxy", environment: environment)
    }

    private func put(_ filter: String, _ proxy: ProxyUnderTest) throws -> String {
        let length = "Content-Length: \(filter.utf8.count)\r\n"
        return try proxy.ask("PUT /proxy-log-level HTTP/1.1\r\n\(length)\r\n\(filter)")
    }

    private func ask(_ method: String, _ path: String, _ proxy: ProxyUnderTest) throws -> String {
        try proxy.ask("\(method) \(path) HTTP/1.1\r\nHost: admin\r\n\r\n")
    }

    @Test func changesTheLogLevelOfAllThreads() throws {
        let folder = folder
        let proxy = try ProxyUnderTest(ProxyConfig(), in: folder, name: "proxy")
        #expect(try ask("GET", "/proxy-log-level", proxy).hasSuffix("\r\n\r\n\(Self.usual)\n"))
        #expect(try put("error", proxy).hasPrefix("HTTP/1.1 204 No Content\r\n"))
        _ = try TestSocket.connect(to: proxy.outbound).ending()
        #expect(try put("linkerd_app_outbound=warn\n", proxy).hasPrefix("HTTP/1.1 204 "))
        #expect(try ask("GET", "/proxy-log-level", proxy).hasSuffix("=warn\n"))
        _ = try TestSocket.connect(to: proxy.outbound).ending()
        try proxy.awaitLog("connection refused")
        proxy.process.signal(SIGTERM)
        #expect(try proxy.process.exitCode(within: 5) == 0)
        #expect(try proxy.logLines("connection refused").count == 1)
        #expect(try proxy.logLines("log level changed").count == 1)
        // What the first thread says of the end is under another target.
        #expect(try proxy.logLines("draining") == [])
    }

    private static let usual = "warn,linkerd=info,hickory=error"

    @Test func keepsItsLogLevelForNonsense() throws {
        let proxy = try proxy()
        for (filter, word) in [("linkerd=loud", "not a level"), ("", "must not be empty")] {
            let answer = try put(filter, proxy)
            #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.contains(word), "\(answer)")
        }
        #expect(try ask("GET", "/proxy-log-level", proxy).hasSuffix("\(Self.usual)\n"))
        let large = try proxy.ask("PUT /proxy-log-level HTTP/1.1\r\nContent-Length: 9999\r\n\r\n")
        #expect(large.hasPrefix("HTTP/1.1 413 "))
    }

    @Test func showsItsEnvironmentWithoutSecrets() throws {
        let proxy = try proxy(
            ProxyConfig(),
            ["LINKERD2_PROXY_LOG": "debug", "DB_PASSWORD": "sesame", "HOSTNAME": "web-1"]
        )
        let all = try ask("GET", "/env.json", proxy)
        #expect(all.contains("content-type: application/json\r\n"))
        #expect(all.contains("\"LINKERD2_PROXY_LOG\":\"debug\""))
        #expect(all.contains("\"DB_PASSWORD\":\"[redacted]\"") && !all.contains("sesame"))
        let some = try ask("GET", "/env.json?HOSTNAME&NONE", proxy)
        #expect(some.hasSuffix("\r\n\r\n{\"HOSTNAME\":\"web-1\",\"NONE\":null}\n"))
        #expect(try ask("GET", "/env.json?HOSTNAME=x", proxy).hasPrefix("HTTP/1.1 400 "))
        let html = try proxy.ask("GET /env.json HTTP/1.1\r\nAccept: text/html\r\n\r\n")
        #expect(html.hasPrefix("HTTP/1.1 406 "))
    }

    @Test(arguments: [
        ("POST", "/ready", 405), ("DELETE", "/proxy-log-level", 405), ("PUT", "/env.json", 405),
        ("GET", "/nothing", 404), ("POST", "/shutdown", 404), ("GET", "/shutdown", 404),
        ("HEAD", "/live", 200), ("HEAD", "/metrics", 200), ("HEAD", "/proxy-log-level", 200),
        ("HEAD", "/env.json", 200),
    ])
    func keepsToItsMethods(method: String, path: String, status: Int) throws {
        let answer = try ask(method, path, proxy())
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
        #expect(answer.contains("\r\nallow: ") == (status == 405))
        if method == "HEAD" { #expect(answer.hasSuffix("\r\n\r\n")) }
    }

    @Test func drainsWhenItIsToldTo() throws {
        let app = try TestListener()
        var config = ProxyConfig()
        config.forwardTo = app.address
        let proxy = try proxy(config, ["LINKERD2_PROXY_SHUTDOWN_ENDPOINT_ENABLED": "true"])
        let client = try TestSocket.connect(to: proxy.inbound)
        let server = try app.accept()
        let canary = try Canary((client, server))
        #expect(try ask("GET", "/shutdown", proxy).hasPrefix("HTTP/1.1 405 "))
        #expect(try proxy.status(of: "/ready") == 200)
        // Asking twice does not hurry it, as a second signal would.
        for _ in 0..<2 {
            #expect(try ask("POST", "/shutdown", proxy).hasPrefix("HTTP/1.1 200 "))
        }
        #expect(try proxy.status(of: "/ready") == 503)
        try canary.sing()
        client.close()
        server.close()
        #expect(try proxy.process.exitCode(within: 5) == 0)
        try proxy.awaitLog("all connections have ended")
    }

    /// Clients that ask and do not read, and others that do not finish to ask.
    @Test func bearsSlowClients() throws {
        let app = try TestListener()
        var config = ProxyConfig()
        config.forwardTo = app.address
        let proxy = try proxy(config)
        let canary = try Canary((TestSocket.connect(to: proxy.inbound), app.accept()))
        let before = try proxy.process.descriptorCount()
        let clients = try (0..<300).map { index in
            let client = try TestSocket.connect(to: proxy.admin)
            try? client.send(index % 2 == 0 ? "GET /metrics HTTP/1.1\r\n" : "PUT / HTTP/1.1\r\n")
            try? client.send(index % 4 == 0 ? "\r\n" : "Content-Length: 9\r\n\r\n")
            return client
        }
        #expect(try proxy.status(of: "/ready") == 200)
        try canary.sing()
        try Wait.until("the oldest clients are let go") {
            try proxy.process.descriptorCount() <= before + 64
        }
        #expect(try clients[0].ending() != .broken(Errno(code: 0)))
        #expect(try proxy.status(of: "/live") == 200)
        try canary.sing()
        withExtendedLifetime(clients) {}
    }
}
