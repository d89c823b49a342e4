// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Which way a connection passes the proxy, relative to the pod.
enum Direction: String, CaseIterable, Sendable {
    case inbound
    case outbound
}

/// How many connections there are, counted without locks.
final class ConnectionCounters: Sendable {
    private let opened = Atomic<Int>(0)
    private let closed = Atomic<Int>(0)
    private let peak = Atomic<Int>(0)

    func open() {
        opened.add(1, ordering: .relaxed)
        peak.max(openCount, ordering: .relaxed)
    }
    func close() { closed.add(1, ordering: .relaxed) }

    /// How many connections are open.
    var openCount: Int { opened.load(ordering: .relaxed) - closed.load(ordering: .relaxed) }

    /// How many were open at most since this was last asked.
    func takePeak() -> Int { peak.exchange(openCount, ordering: .relaxed) }
}

/// Why a connection was not proxied: Linkerd's word where it has one, else a finer one.
enum Refusal: String, CaseIterable, Sendable {
    case loop
    case policy = "unauthorized"
    case noIdentity = "no_identity"
    case tls = "tls_error"
    case untrusted = "tls_untrusted"
    case outOfDate = "tls_out_of_date"
    case wrongIdentity = "tls_wrong_identity"
    case connect = "i/o"
    case timeout = "tls detection timeout"
    case header = "transport_header"
    case limit = "loadshed"
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
