// SPDX-License-Identifier: Apache-2.0

import Foundation
import MeshModel
import Testing

@testable import ProxyRuntime

/// Identity files that appear, change, or are wrong.
@Suite("Certificate rotation")
struct RotationTests {
    /// Puts the files of an identity into a folder under the names that the configuration has.
    private func put(_ name: String, into place: String, of folder: TestFolder) throws {
        let source = try Identities.authority().folder
        try folder.makeFolder(place)
        try folder.write("\(place)/tls.crt", try source.read(name + ".crt"))
        try folder.write("\(place)/tls.key", try source.read(name + ".key"))
    }

    private func issue() throws -> String {
        let name = "api-" + UUID().uuidString
        try Identities.authority().issue(name, .init(dns: Identities.api))
        return name
    }

    /// A proxy whose identity is `live/tls.*`.
    private func start(
        in folder: TestFolder,
        _ app: TestListener,
        awaitsReady: Bool = true
    ) throws -> ProxyUnderTest {
        try Identities.copy(["web.crt", "web.key", "ca.crt"], to: folder)
        var config = ProxyConfig()
        config.identity = (Identities.api, "live/tls")
        config.policy = "all-authenticated"
        return try ProxyUnderTest(config, in: folder, name: "api", awaitsReady: awaitsReady)
    }

    /// The certificate that the proxy shows now.
    private func shown(by proxy: ProxyUnderTest, _ folder: TestFolder) throws -> String {
        let name = "shown-" + UUID().uuidString
        let peer = try TestProcess(
            "/bin/sh",
            [
                "-c",
                "openssl s_client -connect \(proxy.inbound) -servername \(Identities.api)"
                    + " -cert web.crt -key web.key </dev/null | openssl x509 -outform PEM",
            ],
            in: folder,
            name: name
        )
        _ = try peer.exitCode()
        return try folder.text(name + ".out")
    }

    private func awaitShown(_ name: String, by proxy: ProxyUnderTest, _ folder: TestFolder) throws {
        let wanted = try Identities.authority().folder.text(name + ".crt")
        try Wait.until("the new certificate is shown", within: 2) {
            try shown(by: proxy, folder) == wanted
        }
    }

    enum Swap: CaseIterable, Sendable {
        /// A link to a folder changes, as Kubernetes does it with `..data`.
        case link
        /// Each file takes the place of an older one.
        case rename
    }

    private func swap(_ how: Swap, to name: String, in folder: TestFolder) throws {
        switch how {
        case .link:
            let target = "data-" + UUID().uuidString
            try put(name, into: "live/" + target, of: folder)
            try folder.link("live/..new", to: target)
            try folder.rename("live/..new", to: "live/..data")
        case .rename:
            try put(name, into: "next", of: folder)
            for file in ["tls.crt", "tls.key"] {
                try folder.rename("next/" + file, to: "live/" + file)
            }
        }
    }

    private func prepare(_ how: Swap, _ folder: TestFolder) throws {
        try folder.makeFolder("live")
        try swap(how, to: "api", in: folder)
        guard how == .link else { return }
        for file in ["tls.crt", "tls.key"] { try folder.link("live/" + file, to: "..data/" + file) }
    }

    @Test(arguments: Swap.allCases)
    func losesNoConnection(how: Swap) throws {
        let folder = try TestFolder()
        let app = try TestListener()
        try prepare(how, folder)
        let api = try start(in: folder, app)
        var config = ProxyConfig()
        config.identity = (Identities.web, "web")
        let service = SocketAddress(ip: config.ip, port: 7000)
        let endpoint = SocketAddress(ip: api.ip, port: app.address.port)
        config.services = [.init(address: service, endpoints: [(endpoint, Identities.api)])]
        let web = try ProxyUnderTest(config, in: folder, name: "web")
        let serving = try Background {
            for _ in 0..<800 {
                let server = try app.accept()
                try server.send("served")
                server.finish()
            }
        }
        let clients = try (0..<4).map { _ in
            try Background {
                for _ in 0..<200 {
                    let client = try TestSocket.connect(to: service)
                    guard try client.receiveText(6) == "served" else {
                        throw BenchError("not served")
                    }
                }
            }
        }
        let names = try (0..<2).map { _ in try issue() }
        for name in names {
            try swap(how, to: name, in: folder)
            try awaitShown(name, by: api, folder)
        }
        for client in clients { try client.value() }
        try serving.value()
        #expect(try web.logLines("refused") == [])
        // Those who only looked at the certificate sent no header.
        let refused = try api.logLines("refused").filter { !$0.contains("transport header") }
        #expect(refused == [])
    }

    enum Damage: CaseIterable, Sendable {
        case halfWritten, unreadable, mismatched, missing
    }

    @Test(arguments: Damage.allCases)
    func keepsTheOldOneWhenFilesAreBad(damage: Damage) throws {
        let folder = try TestFolder()
        let app = try TestListener()
        try prepare(.rename, folder)
        let proxy = try start(in: folder, app)
        let next = try issue()
        switch damage {
        case .halfWritten:
            let bytes = try Identities.authority().folder.read(next + ".crt")
            try folder.write("live/tls.crt", Array(bytes.prefix(bytes.count / 2)))
        case .unreadable:
            // Root may read everything, except what is no file.
            try folder.remove("live/tls.crt")
            try folder.makeFolder("live/tls.crt")
        case .mismatched:
            try folder.write("live/tls.key", try Identities.authority().folder.read("web.key"))
        case .missing: try folder.remove("live/tls.key")
        }
        try proxy.awaitLog("identity not reloaded, the old one stays")
        try awaitShown("api", by: proxy, folder)
        // Three more looks at the files say nothing new.
        try? Wait.until("it is said again", within: 1.6) {
            try proxy.logLines("identity not reloaded").count > 1
        }
        #expect(try proxy.logLines("identity not reloaded").count == 1)
        #expect(try proxy.status(of: "/ready") == 200)
        if damage == .unreadable { try folder.remove("live/tls.crt") }
        try swap(.rename, to: next, in: folder)
        try awaitShown(next, by: proxy, folder)
    }

    @Test func isReadyOnceTheFilesAreThere() throws {
        let folder = try TestFolder()
        let app = try TestListener()
        let proxy = try start(in: folder, app, awaitsReady: false)
        #expect(try proxy.status(of: "/live") == 200)
        #expect(try proxy.status(of: "/ready") == 503)
        try proxy.awaitLog("identity not loaded")
        let peer = try TLSPeer(connectingTo: proxy.inbound, in: folder, sending: [])
        _ = try peer.output()
        try proxy.awaitLog("TLS for this proxy, whose identity is not loaded yet")
        try prepare(.rename, folder)
        try Wait.until("it is ready", within: 2) { try proxy.status(of: "/ready") == 200 }
        try awaitShown("api", by: proxy, folder)
    }

    @Test func isReadyAtOnceWithoutAnIdentity() throws {
        let folder = try TestFolder()
        let proxy = try ProxyUnderTest(
            ProxyConfig(),
            in: folder,
            name: "proxy",
            awaitsReady: false
        )
        #expect(try proxy.status(of: "/ready") == 200)
    }
}
