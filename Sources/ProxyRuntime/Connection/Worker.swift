// SPDX-License-Identifier: Apache-2.0

internal import MeshModel
internal import ProxyCore

/// What the connections of one thread share.
final class Worker {
    let reactor: Reactor
    let store: SnapshotStore
    let counters: ConnectionCounters
    let log: ProxyLog
    let refusals: RefusalLog
    let failures: FailureLog
    let timing: ConnectionTiming
    /// The form of the access log; nil for none.
    let accessLog: AccessLogFormat?
    /// Connections to servers that wait for another request.
    let pool = UpstreamPool()
    /// Where requests go.
    let ways: RequestWays
    let metrics: WorkerMetrics
    /// Reads the heads of all connections, one after the other.
    var parser = HeadParser()
    /// Where heads are put together before they are sent; empty in between.
    var output: [UInt8] = []
    /// Where one byte more is looked for, while the large buffer is in use.
    var oneByte: [UInt8] = [0]
    var requestsInFlight = PerDirection(inbound: 0, outbound: 0)
    var isDraining: Bool { reactor.isDraining }
    let handshakes: Handshakes
    private var known: (version: Int, snapshot: Snapshot)

    /// The snapshot in force.
    ///
    /// Asked for with each request: without a lock as long as it is the same.
    var snapshot: Snapshot {
        let version = store.version
        if known.version != version { known = (version, store.snapshot) }
        return known.snapshot
    }

    init(
        reactor: Reactor,
        store: SnapshotStore,
        counters: ConnectionCounters,
        metrics: WorkerMetrics,
        log: ProxyLog,
        refusals: RefusalLog,
        failures: FailureLog,
        timing: ConnectionTiming,
        accessLog: AccessLogFormat?
    ) {
        self.reactor = reactor
        self.store = store
        self.counters = counters
        self.metrics = metrics
        self.log = log
        self.refusals = refusals
        self.failures = failures
        self.timing = timing
        self.accessLog = accessLog
        known = (store.version, store.snapshot)
        handshakes = Handshakes(reactor)
        ways = RequestWays(pool)
    }
}

/// How long each step of a connection may take, in nanoseconds.
struct ConnectionTiming: Sendable {
    /// What the environment says of each direction.
    var sides: PerDirection<SideSettings>
    /// Whether the pod's own clients are told in a field what went wrong.
    var tellsErrors: Bool
    /// How long a server's first words wait for a client that may be about to speak TLS to us.
    ///
    /// LIMIT: a tenth of a second; a client of the mesh speaks as soon as it is connected, and who
    /// waits for a greeting does not notice.
    var serverFirstNanos: UInt64 = 100_000_000
    /// The same, for a client whose first bytes may be the start of a ClientHello.
    ///
    /// LIMIT: nine tenths of a second: the rest may have been lost on the way and comes again (RFC
    /// 6298), and a client that waits for a greeting gets it within a second.
    var partialHelloNanos: UInt64 = 900_000_000
    /// LIMIT: how long one direction may stay open without a byte after the other has ended: a peer
    /// that forgot its half would hold two descriptors for ever.
    var halfClosedNanos: UInt64 = 300_000_000_000
    /// How long a client may be silent before its server is connected, which may speak first: most
    /// clients begin with a request, for which another connection will do.
    var eagerConnectNanos: UInt64 = 10_000_000
    /// How long a first word may be the method of a request that nobody has registered, while the
    /// rest of its line does not come.
    ///
    /// LIMIT: a twentieth of a second: a line is sent at once, and a server that speaks something
    /// else is kept waiting for the word.
    var oddWordNanos: UInt64 = 50_000_000
    /// How long a destination that speaks HTTP is not connected for a client that is still silent:
    /// it will most likely send a request, for which a connection waits already.
    var silentClientNanos: UInt64 = 100_000_000
    /// LIMIT: for a request's head once its first byte is there; for this and the next two the file
    /// may have other values (`timeouts`).
    var headNanos: UInt64 = 10_000_000_000
    /// LIMIT: without a byte of a request's body, or a byte of a response taken.
    var bodyNanos: UInt64 = 60_000_000_000
    /// LIMIT: between requests; longer than clients keep connections, so that it is they who close.
    var clientIdleNanos: UInt64 = 600_000_000_000
    /// LIMIT: the same while the proxy is leaving; longer than `poolNanos` of the peers.
    var drainIdleNanos: UInt64 = 4_000_000_000
    /// How long a proxy that is leaving takes connections to its pod; at most half of the grace.
    ///
    /// LIMIT: ten seconds, by when everybody knows that it leaves; later ones are refused, so that
    /// their clients go elsewhere.
    var drainAcceptNanos: UInt64 = 10_000_000_000
    /// LIMIT: for a client that has been answered to its end to stop sending, so that it reads the
    /// answer before a reset can reach it (RFC 9112 section 9.6).
    var lingerNanos: UInt64 = 1_000_000_000

    init(_ environment: ProxyEnvironment) {
        sides = PerDirection(
            inbound: SideSettings(environment.inbound),
            outbound: SideSettings(environment.outbound)
        )
        tellsErrors = !environment.isErrorFieldDisabled
    }
}
