// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@testable import ProxyRuntime

/// The configuration file, changed while the proxy runs.
@Suite("Reload", .serialized)
struct ReloadTests {
    /// LIMIT: the promise is a second; the rest is for a machine that builds something meanwhile.
    private static let secondsMax = 5.0

    enum Swap: CaseIterable, Sendable {
        /// The file takes the place of the older one.
        case rename
        /// A link to a folder changes, as Kubernetes does it with `..data`.
        case link
        /// The same file is written to, a part at a time.
        case parts
    }

    /// A proxy with one service.
    private final class Bench {
        let folder: TestFolder
        var config = ProxyConfig()
        let app: TestListener
        let proxy: ProxyUnderTest
        let service: SocketAddress
        private var swaps = 0

        init(flags: [String] = [], policy: String? = nil) throws {
            folder = try TestFolder()
            app = try TestListener()
            service = SocketAddress(ip: config.ip, port: 7000)
            config.services = [.init(address: service, endpoints: [(app.address, nil)])]
            config.forwardTo = app.address
            config.policy = policy
            proxy = try ProxyUnderTest(config, in: folder, name: "mesh", flags: flags)
        }

        func put(_ how: Swap = .rename) throws { try put(config.text, how) }

        func put(_ text: String, _ how: Swap = .rename) throws {
            swaps += 1
            switch how {
            case .rename:
                try folder.write("next.yaml", text)
                try folder.rename("next.yaml", to: "mesh.yaml")
            case .link:
                try folder.makeFolder("data-\(swaps)")
                try folder.write("data-\(swaps)/mesh.yaml", text)
                try folder.link("..new", to: "data-\(swaps)")
                try folder.rename("..new", to: "..data")
                guard swaps == 1 else { return }
                try folder.link("new.yaml", to: "..data/mesh.yaml")
                try folder.rename("new.yaml", to: "mesh.yaml")
            case .parts:
                let bytes = Array(text.utf8)
                for end in stride(from: 0, through: bytes.count, by: 64) {
                    try folder.write("mesh.yaml", Array(bytes[..<end]), atomically: false)
                    Files.pause(nanos: 10_000_000)
                }
                try folder.write("mesh.yaml", bytes, atomically: false)
            }
        }

        /// A connection that arrives at `app`, or nil.
        func connect(
            _ app: TestListener,
            through address: SocketAddress? = nil
        ) throws -> (client: TestSocket, server: TestSocket)? {
            // Those that came too late for an earlier look.
            while try !app.isQuiet() {}
            guard let client = try? TestSocket.connect(to: address ?? service),
                let server = try? app.accept(within: 0.5)
            else { return nil }
            return (client, server)
        }

        func awaitConnection(
            _ app: TestListener,
            through address: SocketAddress? = nil
        ) throws {
            try Wait.until("a connection arrives", within: ReloadTests.secondsMax) {
                guard let pair = try connect(app, through: address) else { return false }
                try Canary(pair).sing()
                return true
            }
        }

        func awaitRefusal(at address: SocketAddress) throws {
            try Wait.until("connections are refused", within: ReloadTests.secondsMax) {
                guard let client = try? TestSocket.connect(to: address) else { return true }
                // Nobody is refused before the first words, which may be a request's.
                try? client.send("\0")
                return try !client.isSilent(forSeconds: 0.1) && client.ending() == .reset
            }
        }
    }

    @Test(arguments: Swap.allCases)
    func takesUpOtherEndpointsAndCostsNoConnection(how: Swap) throws {
        let bench = try Bench()
        let canary = try Canary(#require(try bench.connect(bench.app)))
        let new = try TestListener()
        bench.config.services[0].endpoints = [(new.address, nil)]
        let start = Wait.now()
        try bench.put(how)
        let put = Wait.now()
        try bench.awaitConnection(new)
        // A second, and what this machine needs to say so.
        #expect(Wait.now() - put < 2.5, "put within \(put - start) s")
        try canary.sing()
        // Of parts that come too slowly on a busy machine it may say that they are no file.
        #expect(try how == .parts || bench.proxy.logLines("not reloaded") == [])
        // A file that is half there may look like a good one.
        try bench.proxy.awaitLog("configuration reloaded")
        #expect(try bench.proxy.logLines("configuration reloaded").count == 1)
    }

    @Test func opensAndClosesTheListenersOfServices() throws {
        let bench = try Bench(flags: ["--threads", "3"])
        let canary = try Canary(#require(try bench.connect(bench.app)))
        let second = SocketAddress(ip: bench.config.ip, port: 7001)
        bench.config.services.append(.init(address: second, endpoints: [(bench.app.address, nil)]))
        try bench.put()
        for _ in 0..<20 { try bench.awaitConnection(bench.app, through: second) }
        bench.config.services.removeFirst()
        try bench.put()
        try bench.proxy.awaitLog("configuration reloaded services=\"1\"")
        try Wait.until("nobody listens any more") {
            (try? TestSocket.connect(to: bench.service)) == nil
        }
        for _ in 0..<20 { try bench.awaitConnection(bench.app, through: second) }
        try canary.sing()
        // The port is free again, and somebody else has it meanwhile.
        let other = try TestListener(bench.config.ip, port: 7000)
        bench.config.services.append(
            .init(address: bench.service, endpoints: [(bench.app.address, nil)])
        )
        try bench.put()
        try bench.proxy.awaitLog("cannot listen on \(bench.service): address already in use")
        #expect(try other.isQuiet())
        try bench.awaitConnection(bench.app, through: second)
    }

    @Test func obeysAnotherAllowList() throws {
        let bench = try Bench()
        bench.config.allow = ["ip:10.0.0.0/8"]
        try bench.put()
        try bench.awaitRefusal(at: bench.service)
        bench.config.allow = ["kubernetes"]
        try bench.put()
        try bench.awaitConnection(bench.app)
    }

    @Test func obeysAnotherPolicy() throws {
        let bench = try Bench(policy: "all-unauthenticated")
        let pair = try #require(try bench.connect(bench.app, through: bench.proxy.inbound))
        let canary = try Canary(pair)
        bench.config.policy = "deny"
        try bench.put()
        try bench.awaitRefusal(at: bench.proxy.inbound)
        // Who is in stays in.
        try canary.sing()
        bench.config.policy = "all-unauthenticated"
        try bench.put()
        try bench.awaitConnection(bench.app, through: bench.proxy.inbound)
    }

    @Test func takesUpAnIdentity() throws {
        let bench = try Bench()
        try Identities.copy(["web.crt", "web.key", "ca.crt"], to: bench.folder)
        bench.config.identity = (Identities.web, "nothing")
        try bench.put()
        try bench.proxy.awaitLog("reason=\"the identity: ")
        try bench.awaitConnection(bench.app)
        bench.config.identity = (Identities.web, "web")
        try bench.put()
        try bench.proxy.awaitLog("configuration reloaded")
        try bench.awaitConnection(bench.app)
    }

    @Test func keepsTheLastGoodOneWhenTheFileIsBad() throws {
        let bench = try Bench()
        let new = try TestListener()
        var text = bench.config.text
        text.append("\nservces: {}\n")
        try bench.put(text)
        try bench.proxy.awaitLog("configuration not reloaded, the last good one stays")
        #expect(try bench.proxy.log().contains("mesh.yaml:"))
        try bench.awaitConnection(bench.app)
        // It is said once.
        try? Wait.until("it is said again", within: 1.6) {
            try bench.proxy.logLines("not reloaded").count > 1
        }
        #expect(try bench.proxy.logLines("not reloaded").count == 1)
        try bench.put("")
        try bench.proxy.awaitLog("is empty; write {} for a configuration of defaults")
        try bench.folder.remove("mesh.yaml")
        try bench.awaitConnection(bench.app)
        bench.config.services[0].endpoints = [(new.address, nil)]
        try bench.put()
        try bench.awaitConnection(new)
        #expect(try bench.proxy.logLines("not reloaded").count == 2)
    }

    /// Of a file with another listener nothing is taken, not even what could be.
    @Test(arguments: ["4143", "4140", "4191"])
    func refusesAnotherListener(port: String) throws {
        let bench = try Bench()
        let canary = try Canary(#require(try bench.connect(bench.app)))
        let new = try TestListener()
        bench.config.services[0].endpoints = [(new.address, nil)]
        let address = "\(bench.config.ip):"
        let text = bench.config.text
        try bench.put(text.replacing(address + port, with: address + "5" + port))
        try bench.proxy.awaitLog(
            "is \(address)\(port) and would be \(address)5\(port), which takes a restart"
        )
        try bench.awaitConnection(bench.app)
        try canary.sing()
        #expect(try new.isQuiet())
        #expect((try? TestSocket.connect(to: SocketAddress(parsing: address + "5" + port))) == nil)
    }

    /// Five changes under load; nobody notices.
    @Test func failsNobodyUnderLoad() throws {
        let bench = try Bench(flags: ["--threads", "2"])
        let apps = try (0..<6).map { _ in try TestListener() }
        let (isOver, isServed) = (Flag(), Flag())
        let served = try ([bench.app] + apps).map { app in
            try Background {
                while !isServed.isSet {
                    guard let server = try? app.accept(within: 0.05) else { continue }
                    try server.send("served")
                    server.finish()
                }
            }
        }
        let service = bench.service
        let clients = try (0..<4).map { _ in
            try Background {
                var count = 0
                while !isOver.isSet {
                    let client = try TestSocket.connect(to: service)
                    guard try client.receiveText(6) == "served" else {
                        throw BenchError("not served")
                    }
                    count += 1
                }
                return count
            }
        }
        for round in 1...5 {
            bench.config.services[0].endpoints = [
                (apps[round - 1].address, nil), (apps[round].address, nil),
            ]
            let other = SocketAddress(ip: bench.config.ip, port: UInt16(7100 + round))
            bench.config.services.append(.init(address: other, endpoints: []))
            try bench.put(round.isMultiple(of: 2) ? .rename : .parts)
            try Wait.until("reload \(round)") {
                try bench.proxy.logLines("configuration reloaded").count == round
            }
        }
        isOver.set()
        let counts = try clients.map { try $0.value() }
        // Not before the clients have what they came for.
        isServed.set()
        for app in served { try app.value() }
        #expect(counts.allSatisfy { $0 > 50 }, "\(counts)")
        #expect(try bench.proxy.logLines("refused") == [])
    }
}
