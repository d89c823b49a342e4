// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Which way a connection passes the proxy, relative to the pod.
enum Direction: String, CaseIterable, Sendable {
    case inbound
    case outbound
}

/// What became of connections, counted without locks.
final class ConnectionCounters: Sendable {
    /// Why a connection was not proxied.
    enum Refusal: String, CaseIterable, Sendable {
        case loop
        case policy = "unauthorized"
        case noIdentity = "no_identity"
        case tls = "tls_error"
        case untrusted = "tls_untrusted"
        case outOfDate = "tls_out_of_date"
        case wrongIdentity = "tls_wrong_identity"
        case connect = "connect_error"
        case timeout = "timeout"
        case header = "transport_header"
        case limit = "limit"
        case flood = "tls_flood"
        case halfClosed = "half_closed"

        init(_ kind: TLSError.Kind) {
            switch kind {
            case .protocolError, .identityFiles: self = .tls
            case .untrusted: self = .untrusted
            case .outOfDate: self = .outOfDate
            case .wrongIdentity: self = .wrongIdentity
            case .noIdentity: self = .noIdentity
            case .flood: self = .flood
            }
        }
    }

    private let opened: [Counter]
    private let closed: [Counter]
    private let refused: [[Counter]]
    private let peak = Counter()

    /// One number that any thread may raise.
    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }

    init() {
        opened = Direction.allCases.map { _ in Counter() }
        closed = Direction.allCases.map { _ in Counter() }
        refused = Direction.allCases.map { _ in Refusal.allCases.map { _ in Counter() } }
    }

    func open(_ direction: Direction) {
        raise(opened[Self.index(direction)])
        peak.value.max(openCount, ordering: .relaxed)
    }

    func close(_ direction: Direction) { raise(closed[Self.index(direction)]) }

    func refuse(_ direction: Direction, _ refusal: Refusal) {
        guard let index = Refusal.allCases.firstIndex(of: refusal) else { return }
        raise(refused[Self.index(direction)][index])
    }

    /// How many connections are open.
    var openCount: Int { sum(opened) - sum(closed) }

    /// How many were open at once at most since the last call.
    func takePeak() -> Int { peak.value.exchange(openCount, ordering: .relaxed) }

    func count(_ direction: Direction, _ refusal: Refusal) -> Int {
        guard let index = Refusal.allCases.firstIndex(of: refusal) else { return 0 }
        return refused[Self.index(direction)][index].value.load(ordering: .relaxed)
    }

    func openedCount(_ direction: Direction) -> Int {
        opened[Self.index(direction)].value.load(ordering: .relaxed)
    }

    func closedCount(_ direction: Direction) -> Int {
        closed[Self.index(direction)].value.load(ordering: .relaxed)
    }

    private func raise(_ counter: Counter) { counter.value.add(1, ordering: .relaxed) }

    private func sum(_ counters: [Counter]) -> Int {
        counters.reduce(0) { $0 + $1.value.load(ordering: .relaxed) }
    }

    private static func index(_ direction: Direction) -> Int { direction == .inbound ? 0 : 1 }
}
