// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@testable import ProxyRuntime

/// Name servers that are broken, gone, or somebody else.
@Suite("Hostile names", .serialized)
struct HostileNameTests {
    enum Trouble: CaseIterable, Sendable {
        case serverFailure, silence, nonsense, gone
    }

    @Test(arguments: Trouble.allCases)
    func keepsTheLastAddresses(trouble: Trouble) throws {
        let app = try TestListener()
        let server = try NameServer { [.addresses([.loopbackV4], for: $0)] }
        let named = try NamedService(["app.test:\(app.address.port)"], server)
        switch trouble {
        case .serverFailure: server.change { _ in [.serverFailure] }
        case .silence: server.change { _ in [] }
        case .nonsense:
            // It ends in the middle of an address.
            server.change { _ in
                var reply = NameReply([.init(.loopbackV4)])
                reply.cutBytes = 2
                return [reply]
            }
        case .gone: server.stop()
        }
        try named.proxy.awaitLog("name not resolved, the last addresses stay")
        #expect(try named.reaches(app))
        guard trouble != .gone else { return }
        let new = try TestListener(LoopbackAddresses.next(), port: app.address.port)
        server.change { [.addresses([new.address.ip], for: $0)] }
        try named.awaitReach(new)
    }

    /// Of one family nothing can be told: its old addresses stay beside the other's new ones.
    @Test func keepsTheAddressesOfAFamilyThatFails() throws {
        let app = try TestListener()
        let server = try NameServer { query in
            [.addresses([.loopbackV4, .v6(1)], for: query)]
        }
        let named = try NamedService(["app.test:\(app.address.port)"], server)
        try named.proxy.awaitLog("addresses=\"2\"")
        server.change { query in
            query.type == 1
                ? [.serverFailure]
                : [.addresses([.v6(1), .v6(2)], for: query)]
        }
        try named.proxy.awaitLog("addresses=\"3\"")
        try named.awaitReach(app)
    }

    @Test func forgetsANameThatIsGone() throws {
        let app = try TestListener()
        let server = try NameServer { [.addresses([.loopbackV4], for: $0)] }
        let named = try NamedService(["app.test:\(app.address.port)"], server)
        #expect(try named.reaches(app))
        server.change { _ in [.noSuchName] }
        try named.proxy.awaitLog("no such name name=\"app.test\"")
        #expect(try !named.reaches(app))
    }

    @Test func tellsAStormOfUnknownNamesOnceASecond() throws {
        let server = try NameServer { _ in [.noSuchName] }
        let start = Wait.now()
        let names = (0..<300).map { "name-\($0).test:80" }
        let named = try NamedService(names, server)
        let client = try TestSocket.connect(to: named.service)
        #expect(try client.ending() == .reset)
        try named.proxy.awaitLog("reason=\"no address is known of name-0.test\"")
        try Wait.until("each is asked for again") { server.queries.count >= 1200 }
        try named.proxy.awaitLog("others=\"")
        let lines = try named.proxy.logLines("no such name")
        #expect(Double(lines.count) <= Wait.now() - start + 1)
        #expect(lines.first?.contains("tried=\"name-") == true)
        #expect(try named.proxy.status(of: "/ready") == 200)
    }

    /// Neither its id, nor its question, nor its port is that of the question.
    @Test func takesNoAnswerToAnotherQuestion() throws {
        let app = try TestListener(LoopbackAddresses.next())
        let evil = try TestListener(LoopbackAddresses.next(), port: app.address.port)
        let server = try NameServer { query in
            var forged = NameReply.addresses([evil.address.ip], for: query)
            var all: [NameReply] = []
            for offset in [1, 0x7FFF, 0xFFFF] as [UInt16] {
                forged.idOffset = offset
                all.append(forged)
            }
            forged.idOffset = 0
            forged.isFromElsewhere = true
            all.append(forged)
            forged.isFromElsewhere = false
            forged.question = "other.test"
            all.append(forged)
            return all + [.addresses([app.address.ip], for: query)]
        }
        let named = try NamedService(["app.test:\(app.address.port)"], server)
        for _ in 0..<10 { #expect(try named.reaches(app)) }
        try Wait.until("it asks five times") { server.queries.count >= 10 }
        #expect(try named.reaches(app))
        #expect(try evil.isQuiet())
        #expect(try named.proxy.logLines("name resolved").count == 1)
    }

    @Test func takesNoAddressOfAnotherNameInTheAnswer() throws {
        let app = try TestListener(LoopbackAddresses.next())
        let evil = try TestListener(LoopbackAddresses.next(), port: app.address.port)
        let server = try NameServer { query in
            guard query.type == 1 else { return [NameReply([])] }
            let good = NameReply.Record(app.address.ip)
            return [NameReply([good, .init(evil.address.ip, name: "other.test")])]
        }
        let named = try NamedService(["app.test:\(app.address.port)"], server)
        for _ in 0..<4 { #expect(try named.reaches(app)) }
        #expect(try evil.isQuiet())
    }

    @Test func followsAliasesAndIsNotLedInACircle() throws {
        let app = try TestListener()
        let server = try NameServer { query in
            let circle: [NameReply.Record] = [
                .init(alias: "b.test", name: "a.test"), .init(alias: "a.test", name: "b.test"),
            ]
            let chain = NameReply.Record(alias: "b.test", name: "chain.test")
            guard query.name == "chain.test" else { return [NameReply(circle)] }
            return query.type == 1
                ? [NameReply([chain, .init(.loopbackV4, name: "b.test")])] : [NameReply([chain])]
        }
        let named = try NamedService(
            ["a.test:\(app.address.port)", "chain.test:\(app.address.port)"],
            server,
            ttl: ("400ms", "400ms")
        )
        #expect(try named.reaches(app))
        try named.proxy.awaitLog("no such name name=\"a.test\"")
        let before = try named.proxy.process.processorSeconds()
        let asked = server.queries.count
        try? Wait.until("many questions are asked", within: 1) {
            server.queries.count > asked + 20
        }
        #expect(server.queries.count <= asked + 20)
        #expect(try named.proxy.process.processorSeconds() - before < 0.3)
    }

    /// By UDP only the news that it does not fit.
    @Test func takesALargeAnswerByTCPUpToABound() throws {
        let app = try TestListener(.unspecifiedV4)
        let base = LoopbackAddresses.next()
        guard case .v4(let first) = base else { return }
        let server = try NameServer { query in
            guard query.type == 1 else { return [NameReply([])] }
            var reply = NameReply.addresses(
                (0..<4000).map { .v4(first &+ $0) },
                for: query
            )
            guard query.isByTCP else {
                reply.records = []
                reply.isTruncated = true
                return [reply]
            }
            #expect(reply.message(for: query).count > 63_000)
            return [reply]
        }
        let named = try NamedService(["app.test:\(app.address.port)"], server)
        try named.proxy.awaitLog("addresses=\"1000\"")
        #expect(try named.reaches(app))
        #expect(server.queries.contains { $0.isByTCP })
    }

    @Test func asksByTCPWhatUDPCutsOff() throws {
        let app = try TestListener(LoopbackAddresses.next())
        let evil = LoopbackAddresses.next()
        let server = try NameServer { query in
            if query.isByTCP { return [.addresses([app.address.ip], for: query)] }
            var reply = NameReply.addresses([evil], for: query)
            reply.isTruncated = true
            return [reply]
        }
        let named = try NamedService(["app.test:\(app.address.port)"], server)
        try named.proxy.awaitLog("addresses=\"1\"")
        #expect(try named.reaches(app))
    }

    /// RFC 1035 section 2.3.4: 255 bytes on the wire.
    @Test func survivesANameThatIsTooLong() throws {
        let app = try TestListener()
        let label = String(repeating: "a", count: 63)
        let long = [String](repeating: label, count: 5).joined(separator: ".")
        let server = try NameServer { query in
            guard query.name == "long.test" else { return [.addresses([.loopbackV4], for: query)] }
            return [NameReply([.init(alias: long), .init(.loopbackV4, name: long)])]
        }
        let named = try NamedService(["long.test:1", "app.test:\(app.address.port)"], server)
        try named.awaitReach(app)
        let folder = named.folder
        try folder.write("long.yaml", "services: {a: {endpoints: [{address: \(long):80}]}}")
        let check = try TestProcess(
            ProxyUnderTest.executable(),
            ["--config", "long.yaml", "--check"],
            in: folder,
            name: "check"
        )
        #expect(try check.exitCode() == 1)
        #expect(try folder.text("check.err").contains("has a name of 319 bytes; DNS takes at most"))
    }
}
