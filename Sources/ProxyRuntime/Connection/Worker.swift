// SPDX-License-Identifier: Apache-2.0

internal import MeshModel
internal import ProxyCore

/// What the connections of one thread share.
final class Worker {
    let reactor: Reactor
    let store: SnapshotStore
    let counters: ConnectionCounters
    let log: ProxyLog
    let timing: ConnectionTiming

    init(
        reactor: Reactor,
        store: SnapshotStore,
        counters: ConnectionCounters,
        log: ProxyLog,
        timing: ConnectionTiming
    ) {
        self.reactor = reactor
        self.store = store
        self.counters = counters
        self.log = log
        self.timing = timing
    }
}

/// How long each step of a connection may take, in nanoseconds.
struct ConnectionTiming: Sendable {
    /// For the application to take a connection (Linkerd: 100 ms in the chart).
    var inboundConnectNanos: UInt64 = 100_000_000
    /// For another pod to take one.
    var outboundConnectNanos: UInt64 = 1_000_000_000
    /// For a TLS handshake, and for what must follow it.
    var detectNanos: UInt64 = 10_000_000_000
    /// How long a server's first words wait for a client that may be about to speak TLS to us.
    ///
    /// LIMIT: a tenth of a second; a client of the mesh speaks as soon as it is connected, and who
    /// waits for a greeting does not notice.
    var serverFirstNanos: UInt64 = 100_000_000
    /// LIMIT: how long one direction may stay open without a byte after the other has ended: a peer
    /// that forgot its half would hold two descriptors for ever.
    var halfClosedNanos: UInt64 = 300_000_000_000
    var keepAliveMillis: Int? = 10_000
    var userTimeoutMillis: Int? = 30_000
}
