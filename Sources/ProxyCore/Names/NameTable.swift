// SPDX-License-Identifier: Apache-2.0

public import MeshModel

/// Which names have which addresses, and when to ask again; no I/O, reads no clock.
///
/// Overview: names are looked up when they become known and whenever what is known of them is out
/// of date, never because a connection wants them: a storm of connections asks nothing.
/// Invariants: what was known stays until somebody knows better; a failure is no such knowledge.
/// What it does not do: it sends nothing; who asks reports each answer by `received`.
public struct NameTable {
    /// To be asked twice: for addresses of either family.
    public struct Question: Equatable, Sendable {
        /// The name that somebody wants to know.
        public let name: String
        /// What it may stand for: the whole name to ask for.
        public let host: String
        let serial: Int
    }

    /// What to do after an answer.
    public enum OnAnswer: Equatable, Sendable {
        /// Wait for the other one, or forget it: nobody wants it any more.
        case none
        /// Ask this one next.
        case ask(Question)
        /// The name has these addresses; `isNew` when they are not those that it had.
        case found(Question, addressCount: Int, isNew: Bool)
        /// Nothing goes by that name; `isNew` when it had addresses until now.
        case missing(Question, isNew: Bool)
        /// What was known stays, be it nothing.
        case failed(Question, reason: String)
    }

    private struct Lookup {
        var question: Question
        var rest: ArraySlice<String>
        var answers: [IPFamily: NameAnswer] = [:]
        var failure: String?
    }

    private struct Entry {
        var addresses: [IPAddress] = []
        /// The whole name that has them.
        var host: String?
        var dueNanos: UInt64
        var lookup: Lookup?
        var isSettled = false
    }

    /// LIMIT: names that are asked for at once; twice as many questions are on their way.
    private static let lookupsMax = 32
    /// LIMIT: addresses of a name, as many as the file lists for a service; the DNS has room for
    /// some 4,000 in an answer.
    public static let addressesMax = 1000

    private let config: ResolverConfig
    private let ttlNanosMin: UInt64
    private let ttlNanosMax: UInt64
    private var entries: [String: Entry] = [:]
    private var lookupCount = 0
    private var serial = 0

    /// Makes an empty table; an answer is taken to hold at least and at most so long.
    public init(_ config: ResolverConfig, ttlNanos: ClosedRange<UInt64>) {
        self.config = config
        ttlNanosMin = ttlNanos.lowerBound
        ttlNanosMax = ttlNanos.upperBound
    }

    /// Whether each name has been asked for to the end.
    public var isSettled: Bool { entries.values.allSatisfy(\.isSettled) }

    /// What is known, in no order that means anything.
    public var addresses: [String: [IPAddress]] { entries.mapValues(\.addresses) }

    /// When `nextQuestion` is to be called again; nil for not before an answer is there.
    public var nextDeadlineNanos: UInt64? {
        guard lookupCount < Self.lookupsMax else { return nil }
        return entries.values.filter { $0.lookup == nil }.map(\.dueNanos).min()
    }

    /// Knows these names from now on, and no others.
    public mutating func keep(_ names: Set<String>, now: UInt64) {
        for (name, entry) in entries where !names.contains(name) {
            if entry.lookup != nil { lookupCount -= 1 }
            entries[name] = nil
        }
        for name in names where entries[name] == nil { entries[name] = Entry(dueNanos: now) }
    }

    /// Takes over what another table knew, to be asked for anew.
    public mutating func inherit(from other: NameTable) {
        for (name, entry) in other.entries {
            entries[name]?.addresses = entry.addresses
            entries[name]?.host = entry.host
            entries[name]?.isSettled = entry.isSettled
        }
    }

    /// Something to ask now; nil when there is nothing, or too much is on its way.
    public mutating func nextQuestion(now: UInt64) -> Question? {
        guard lookupCount < Self.lookupsMax else { return nil }
        let due = entries.filter { $0.value.lookup == nil && $0.value.dueNanos <= now }
        guard let name = due.min(by: { $0.value.dueNanos < $1.value.dueNanos })?.key else {
            return nil
        }
        let hosts = config.candidates(for: name)
        guard let host = hosts.first else { return nil }
        let question = question(name, host)
        entries[name]?.lookup = Lookup(question: question, rest: hosts.dropFirst())
        lookupCount += 1
        return question
    }

    private mutating func question(_ name: String, _ host: String) -> Question {
        serial += 1
        return Question(name: name, host: host, serial: serial)
    }

    /// Takes note of an answer.
    public mutating func received(
        _ answer: NameAnswer,
        _ family: IPFamily,
        to question: Question,
        now: UInt64
    ) -> OnAnswer {
        guard var entry = entries[question.name], var lookup = entry.lookup,
            lookup.question == question
        else { return .none }
        lookup.answers[family] = answer
        entry.lookup = lookup
        let step = lookup.answers.count < 2 ? .none : next(&entry, lookup, now)
        entries[question.name] = entry
        return step
    }

    /// Both answers are there.
    private mutating func next(_ entry: inout Entry, _ lookup: Lookup, _ now: UInt64) -> OnAnswer {
        let answers = lookup.answers.values
        if answers.contains(where: { !$0.addresses.isEmpty }) {
            return take(lookup, for: &entry, now)
        }
        let failure = answers.compactMap(\.failure).min() ?? lookup.failure
        // While it is unknown what this one stands for, the next one might be somebody else.
        if let failure, !entry.addresses.isEmpty {
            settle(&entry, now + ttlNanosMin)
            return .failed(lookup.question, reason: failure)
        }
        if let host = lookup.rest.first {
            let next = question(lookup.question.name, host)
            entry.lookup = Lookup(question: next, rest: lookup.rest.dropFirst(), failure: failure)
            return .ask(next)
        }
        settle(&entry, now + ttlNanosMin)
        if let failure { return .failed(lookup.question, reason: failure) }
        let isNew = !entry.addresses.isEmpty
        entry.addresses = []
        entry.host = nil
        return .missing(lookup.question, isNew: isNew)
    }

    private mutating func take(_ lookup: Lookup, for entry: inout Entry, _ now: UInt64) -> OnAnswer
    {
        var found: Set<IPAddress> = []
        for (family, answer) in lookup.answers {
            found.formUnion(answer.addresses)
            // Of a family that nobody could tell, the old ones count.
            guard answer.failure != nil, entry.host == lookup.question.host else { continue }
            found.formUnion(entry.addresses.filter { IPFamily(of: $0) == family })
        }
        let seconds = lookup.answers.values.map(\.ttlSeconds).min() ?? 0
        let ttlNanos = min(max(UInt64(seconds) * 1_000_000_000, ttlNanosMin), ttlNanosMax)
        // Servers turn the order from answer to answer; the same addresses are no news.
        let sorted = Array(found.sorted(by: Self.isBefore).prefix(Self.addressesMax))
        let isNew = sorted != entry.addresses
        entry.addresses = sorted
        entry.host = lookup.question.host
        settle(&entry, now + ttlNanos)
        return .found(lookup.question, addressCount: sorted.count, isNew: isNew)
    }

    private mutating func settle(_ entry: inout Entry, _ dueNanos: UInt64) {
        entry.lookup = nil
        entry.isSettled = true
        entry.dueNanos = dueNanos
        lookupCount -= 1
    }

    private static func isBefore(_ left: IPAddress, _ right: IPAddress) -> Bool {
        switch (left, right) {
        case (.v4(let left), .v4(let right)): left < right
        case (.v6(let high, let low), .v6(let otherHigh, let otherLow)):
            (high, low) < (otherHigh, otherLow)
        case (.v4, .v6): true
        case (.v6, .v4): false
        }
    }
}
