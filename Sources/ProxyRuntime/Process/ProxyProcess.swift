// SPDX-License-Identifier: Apache-2.0

internal import MeshConfig
internal import MeshModel
internal import ProxyCore

/// The running proxy: its threads, its listeners, its settings and its end.
///
/// One thread a core relays bytes. The first thread does everything else: probes, signals, files,
/// names; nothing that it waits for holds up a connection.
final class ProxyProcess {
    private let setup: ProxySetup
    private let source: ConfigSource
    private let log: ProxyLog
    private let counters = ConnectionCounters()
    private let refusals: RefusalLog
    private let failures: FailureLog
    private let pages: AdminPages
    private let shard: MetricsShard
    private let store: SnapshotStore
    private let workers: Workers
    private var live: LiveSettings?
    private var freedMemory = FreedMemory()
    private var adminListener: AdminListener?
    private var upkeep: Upkeep?
    private var nextUpkeepNanos: UInt64 = 0
    private var nextRetirementNanos: UInt64 = 0
    private var drain: DrainMachine

    /// How long no connection must have been open before a draining proxy leaves.
    private static let quietNanos: UInt64 = 300_000_000
    /// How often is looked at what is not looked at more often.
    private static let upkeepNanos: UInt64 = 500_000_000
    /// How often a drain is looked at.
    private static let drainStepNanos: UInt64 = 50_000_000
    /// How seldom is looked for series that may give way.
    private static let retirementNanosMax: UInt64 = 60_000_000_000

    init(_ setup: ProxySetup, _ source: ConfigSource, _ log: ProxyLog) {
        self.setup = setup
        self.source = source
        self.log = log
        drain = DrainMachine(graceNanosMax: setup.graceNanos, quietNanosMin: Self.quietNanos)
        store = SnapshotStore(
            Snapshot(setup.config, nil, names: [:], ownAddresses: setup.ownAddresses)
        )
        pages = AdminPages(store)
        shard = pages.series.makeShard()
        refusals = RefusalLog(shard, log)
        failures = FailureLog(log)
        workers = Workers(store, counters, (refusals, failures), pages, log)
    }

    /// Runs until it is told to end.
    ///
    /// - Throws: what could not be had at the start: a port, a certificate.
    func run() throws(StartError) {
        do throws(Errno) {
            SystemCalls.raiseDescriptorLimit()
            let signals = try Signals { [weak self] in self?.signalled() }
            let first = try Reactor()
            try signals.start(on: first)
            try startSettings(first)
            try startAdmin(first)
            try workers.start(setup, first.mailbox)
            try startUpkeep(first)
            try startLogThread()
            becomeReady()
            first.run()
        } catch {
            throw StartError(message: "\(error)")
        }
        log.close()
    }

    /// Says that traffic is welcome, once there is what connections need.
    private func becomeReady() {
        guard !pages.isReady, drain.isReady, !workers.isEmpty, live?.isComplete == true else {
            return
        }
        FreedMemory.unmapCode()
        pages.setReady(true)
        log.log(.info, "ready", [("threads", "\(setup.threads)")])
    }

    // MARK: Start

    private func startSettings(_ reactor: Reactor) throws(Errno) {
        let live = LiveSettings(setup, source, store, workers, reactor, shard, log) { [weak self] in
            self?.live?.publish()
            self?.becomeReady()
        }
        self.live = live
        try live.start()
    }

    private func startAdmin(_ reactor: Reactor) throws(Errno) {
        let socket = try Listening(log: log).open(setup.config.inbound.adminListen, "admin")
        let service = AdminService(
            pages,
            log,
            environment: SystemEnvironment.variables(),
            shutDown: setup.isShutdownEnabled ? { [weak self] in self?.toldToLeave() } : nil
        )
        let listener = AdminListener(socket, reactor, log, service)
        try listener.start()
        adminListener = listener
    }

    private func startUpkeep(_ reactor: Reactor) throws(Errno) {
        let upkeep = try Upkeep { [weak self] nowNanos in self?.keepUp(nowNanos) ?? nil }
        try upkeep.start(on: reactor, afterNanos: Self.upkeepNanos)
        self.upkeep = upkeep
    }

    private func startLogThread() throws(Errno) {
        let log = log
        try SystemThread.start { log.run() }
    }

    // MARK: Upkeep

    /// Looks at the files, or at the drain; returns when it wants to be called again.
    private func keepUp(_ nowNanos: UInt64) -> UInt64? {
        if !drain.isReady { return drainStep(nowNanos) }
        live?.lookAtFile(nowNanos: nowNanos)
        if nowNanos >= nextUpkeepNanos {
            nextUpkeepNanos = nowNanos + Self.upkeepNanos
            live?.lookAround()
            giveBackMemory()
            retireSeries(nowNanos)
        }
        becomeReady()
        return live?.pauseNanos(nowNanos: nowNanos)
    }

    /// Makes room for new series where old ones count nothing any more.
    private func retireSeries(_ nowNanos: UInt64) {
        guard nowNanos >= nextRetirementNanos else { return }
        // An idle time is seen with the precision of a quarter, or of a minute.
        nextRetirementNanos = nowNanos + min(setup.seriesIdleNanos / 4, Self.retirementNanosMax)
        if pages.series.retire(now: nowNanos, idleNanosMin: setup.seriesIdleNanos) {
            workers.callUpon()
        }
    }

    private func giveBackMemory() {
        let (peak, open) = (counters.takePeak(), counters.openCount)
        if freedMemory.ebbed(open: open, sinceLast: peak) {
            FreedMemory.giveBack(workers.mailboxes)
        }
    }

    // MARK: The end

    /// As the first signal; asking again does not hurry.
    private func toldToLeave() { if drain.isReady { signalled() } }

    private func signalled() {
        let isFirst = drain.isReady
        countConnections(SystemCalls.monotonicNanos())
        pages.setReady(false)
        log.log(
            .info,
            isFirst ? "draining" : "hurried by a second signal",
            [("connections", "\(counters.openCount)")]
        )
        act(drain.signal(now: SystemCalls.monotonicNanos()))
        upkeep?.wake(afterNanos: Self.drainStepNanos)
    }

    /// Tells the machine how many connections there are by now, and the time.
    private func drainStep(_ nowNanos: UInt64) -> UInt64? {
        countConnections(nowNanos)
        act(drain.tick(now: nowNanos))
        return Self.drainStepNanos
    }

    private func countConnections(_ nowNanos: UInt64) {
        let open = counters.openCount
        while drain.openConnections < open { drain.connectionOpened() }
        while drain.openConnections > open {
            if let action = drain.connectionClosed(now: nowNanos) { act(action) }
        }
    }

    private func act(_ action: DrainMachine.Action?) {
        switch action {
        case nil: break
        case .beginDrain: for mailbox in workers.mailboxes { mailbox.post { $0.drain() } }
        case .finish: leave("all connections have ended")
        case .abort(let open): leave("\(open) connections were cut")
        }
    }

    private func leave(_ reason: String) {
        log.log(.info, "leaving", [("reason", reason)])
        workers.stop()
    }
}

/// What kept a proxy from starting.
struct StartError: Error {
    let message: String
}
