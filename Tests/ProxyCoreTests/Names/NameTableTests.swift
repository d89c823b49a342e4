// SPDX-License-Identifier: Apache-2.0

import MeshModel
import ProxyCore
import Testing

@Suite("Name table")
struct NameTableTests {
    private static let second: UInt64 = 1_000_000_000
    private let one = IPAddress.v4(1)
    private let two = IPAddress.v4(2)
    private let six = IPAddress.v6(6)

    private func table(search: [String] = [], _ names: Set<String> = ["a"]) -> NameTable {
        var config = ResolverConfig()
        config.searchDomains = search
        config.dotsMin = 5
        var table = NameTable(config, ttlNanos: 5 * Self.second...60 * Self.second)
        table.keep(names, now: 0)
        return table
    }

    private func question(
        _ table: inout NameTable,
        at now: UInt64
    ) throws -> NameTable.Question {
        let question = table.nextQuestion(now: now)
        return try #require(question)
    }

    /// Asks, and has both answers come.
    private func lookUp(
        _ table: inout NameTable,
        _ v4: NameAnswer,
        _ v6: NameAnswer = .none,
        at now: UInt64
    ) throws -> NameTable.OnAnswer {
        let question = try self.question(&table, at: now)
        #expect(table.received(v6, .v6, to: question, now: now) == .none)
        return table.received(v4, .v4, to: question, now: now)
    }

    @Test func holdsAnAnswerForItsLifeWithinBounds() throws {
        var table = table()
        #expect(!table.isSettled)
        #expect(table.nextDeadlineNanos == 0)
        for (ttl, life) in [(0, 5), (30, 30), (86_400, 60), (UInt32.max, 60)] {
            var table = table
            let step = try lookUp(&table, .addresses([one], ttlSeconds: UInt32(ttl)), at: 7)
            guard case .found(_, 1, isNew: true) = step else { throw ExpectationFailure() }
            #expect(table.isSettled)
            #expect(table.nextDeadlineNanos == 7 + UInt64(life) * Self.second)
            #expect(table.nextQuestion(now: 6 + UInt64(life) * Self.second) == nil)
            #expect(table.nextQuestion(now: 7 + UInt64(life) * Self.second)?.host == "a")
        }
        table.keep([], now: 0)
        #expect(table.nextDeadlineNanos == nil)
    }

    private struct ExpectationFailure: Error {}

    @Test func takesTheShorterLifeOfBothFamilies() throws {
        var table = table()
        _ = try lookUp(
            &table,
            .addresses([one], ttlSeconds: 30),
            .addresses([six], ttlSeconds: 20),
            at: 0
        )
        #expect(table.nextDeadlineNanos == 20 * Self.second)
        #expect(table.addresses == ["a": [one, six]])
    }

    @Test func tellsNoNewsWhenOnlyTheOrderHasChanged() throws {
        var table = table()
        _ = try lookUp(&table, .addresses([one, two], ttlSeconds: 5), at: 0)
        let step = try lookUp(
            &table,
            .addresses([two, one, two], ttlSeconds: 5),
            at: 5 * Self.second
        )
        guard case .found(_, 2, isNew: false) = step else { throw ExpectationFailure() }
    }

    @Test func keepsWhatItKnewWhenNobodyCanTell() throws {
        var table = table(search: ["x"])
        _ = try lookUp(&table, .addresses([one], ttlSeconds: 5), at: 0)
        // It must not become another name's either.
        let step = try lookUp(&table, .failed("why"), at: 5 * Self.second)
        guard case .failed(_, "why") = step else { throw ExpectationFailure() }
        #expect(table.addresses == ["a": [one]])
        #expect(table.nextDeadlineNanos == 10 * Self.second)
    }

    @Test func keepsOneFamilyOfTheSameNameOnly() throws {
        var table = table(search: ["x"])
        _ = try lookUp(
            &table,
            .addresses([one], ttlSeconds: 5),
            .addresses([six], ttlSeconds: 5),
            at: 0
        )
        _ = try lookUp(
            &table,
            .addresses([two], ttlSeconds: 5),
            .failed("why"),
            at: 5 * Self.second
        )
        #expect(table.addresses == ["a": [two, six]])
        // Now the short name stands for another one.
        let first = try question(&table, at: 10 * Self.second)
        #expect(table.received(.none, .v4, to: first, now: 0) == .none)
        guard case .ask(let next) = table.received(.none, .v6, to: first, now: 0) else {
            throw ExpectationFailure()
        }
        #expect((first.host, next.host) == ("a.x", "a"))
        _ = table.received(.failed("why"), .v6, to: next, now: 0)
        _ = table.received(.addresses([one], ttlSeconds: 5), .v4, to: next, now: 0)
        #expect(table.addresses == ["a": [one]])
    }

    @Test func forgetsAndSaysSoOnce() throws {
        var table = table()
        _ = try lookUp(&table, .addresses([one], ttlSeconds: 5), at: 0)
        guard case .missing(_, isNew: true) = try lookUp(&table, .none, at: 5 * Self.second),
            case .missing(_, isNew: false) = try lookUp(&table, .none, at: 10 * Self.second)
        else { throw ExpectationFailure() }
        #expect(table.addresses == ["a": []])
    }

    /// A search domain that nobody answers for does not keep the name from being found.
    @Test func looksFurtherPastAFailureAndRemembersIt() throws {
        var table = table(search: ["x"])
        let first = try question(&table, at: 0)
        _ = table.received(.failed("why"), .v4, to: first, now: 0)
        guard case .ask(let next) = table.received(.none, .v6, to: first, now: 0) else {
            throw ExpectationFailure()
        }
        _ = table.received(.none, .v4, to: next, now: 0)
        #expect(table.received(.none, .v6, to: next, now: 0) == .failed(next, reason: "why"))
    }

    @Test func hearsNoAnswerTwiceAndNoneToAnOldQuestion() throws {
        var table = table()
        let old = try question(&table, at: 0)
        table.keep([], now: 0)
        table.keep(["a"], now: 0)
        #expect(table.received(.none, .v4, to: old, now: 0) == .none)
        let new = try question(&table, at: 0)
        #expect(table.received(.addresses([one], ttlSeconds: 1), .v4, to: old, now: 0) == .none)
        #expect(table.received(.none, .v6, to: new, now: 0) == .none)
        #expect(table.received(.none, .v6, to: new, now: 0) == .none)
        guard case .missing = table.received(.none, .v4, to: new, now: 0) else {
            throw ExpectationFailure()
        }
        #expect(table.received(.none, .v4, to: new, now: 0) == .none)
    }

    @Test func asksForABoundedNumberAtOnce() throws {
        var table = table(search: [], Set((0..<100).map { "n\($0)" }))
        var asked: [NameTable.Question] = []
        while let question = table.nextQuestion(now: 0) { asked.append(question) }
        #expect(asked.count == 32)
        #expect(table.nextDeadlineNanos == nil)
        for question in asked.prefix(2) {
            _ = table.received(.none, .v4, to: question, now: 0)
            _ = table.received(.none, .v6, to: question, now: 0)
        }
        #expect(table.nextQuestion(now: 0) != nil)
        // What is on its way for names that are gone takes nobody's place.
        table.keep(["new"], now: 0)
        #expect(table.nextQuestion(now: 0)?.name == "new")
    }

    @Test func keepsABoundedNumberOfAddresses() throws {
        var table = table()
        let many = (0..<3000).map { IPAddress.v4($0) }
        _ = try lookUp(&table, .addresses(many, ttlSeconds: 5), at: 0)
        #expect(table.addresses["a"]?.count == NameTable.addressesMax)
    }

    @Test func handsItsKnowledgeOn() throws {
        var old = table(search: [], ["a", "b"])
        let asked = try question(&old, at: 0)
        _ = old.received(.addresses([one], ttlSeconds: 5), .v4, to: asked, now: 0)
        _ = old.received(.none, .v6, to: asked, now: 0)
        var new = table(search: [], [asked.name, "c"])
        new.inherit(from: old)
        #expect(new.addresses == [asked.name: [one], "c": []])
        #expect(new.nextDeadlineNanos == 0)
    }
}
