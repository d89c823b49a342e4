// SPDX-License-Identifier: Apache-2.0

internal import MeshConfig
internal import MeshModel
internal import ProxyCore
internal import Synchronization

/// The running proxy: its threads, its listeners, its identity and its end.
///
/// One thread a core relays bytes. The first thread does everything else: probes, signals, the
/// identity's files; nothing that it waits for holds up a connection.
final class ProxyProcess {
    private let setup: ProxySetup
    private let log: ProxyLog
    private let counters = ConnectionCounters()
    private let failures: FailureLog
    private let pages: AdminPages
    private let store: SnapshotStore
    private var loader: IdentityLoader?
    private var loaded: [Files.Stamp?] = []
    /// Why the files as they are now were not taken, so that it is said once.
    private var refusal: TLSError?
    private var workers: [Mailbox] = []
    private let running = RunningWorkers()
    private var freedMemory = FreedMemory()
    private var admin: Reactor?
    private var upkeep: Upkeep?
    private var drain: DrainMachine

    /// How long no connection must have been open before a draining proxy leaves.
    private static let quietNanos: UInt64 = 300_000_000
    /// How often files are looked at, and a drain is.
    private static let upkeepNanos: UInt64 = 500_000_000
    private static let drainStepNanos: UInt64 = 50_000_000

    init(_ setup: ProxySetup, _ log: ProxyLog) {
        self.setup = setup
        self.log = log
        drain = DrainMachine(graceNanosMax: setup.graceNanos, quietNanosMin: Self.quietNanos)
        failures = FailureLog(log)
        pages = AdminPages(counters, failures)
        store = SnapshotStore(Snapshot(setup.config, nil))
    }

    private var config: StandaloneConfig { setup.config }

    /// Runs until it is told to end.
    ///
    /// - Throws: what could not be had at the start: a port, a certificate.
    func run() throws(StartError) {
        do throws(Errno) {
            SystemCalls.raiseDescriptorLimit()
            let signals = try Signals { [weak self] in self?.signalled() }
            let admin = try Reactor()
            self.admin = admin
            try signals.start(on: admin)
            loadIdentityAtStart()
            try startAdmin(admin)
            try startWorkers()
            try startUpkeep(admin)
            try startLogThread()
            if config.identity == nil || store.snapshot.tls != nil { becomeReady() }
            admin.run()
        } catch {
            throw StartError(message: "\(error)")
        }
        log.close()
    }

    private func becomeReady() {
        guard !pages.isReady, drain.isReady else { return }
        pages.setReady(true)
        log.log(.info, "ready", [("threads", "\(setup.threads)")])
    }

    // MARK: Start

    private func loadIdentityAtStart() {
        guard let files = config.identity else { return }
        loader = IdentityLoader(files: files)
        reloadIdentity()
    }

    private func listen(
        _ address: SocketAddress,
        _ what: String,
        sharing: Bool = false
    ) throws(Errno) -> Int32 {
        do throws(Errno) {
            return try SystemCalls.listen(on: address, sharing: sharing)
        } catch {
            log.log(.error, "cannot listen", [("address", "\(address)"), ("for", what)])
            throw error
        }
    }

    private func startAdmin(_ reactor: Reactor) throws(Errno) {
        let socket = try listen(config.inbound.adminListen, "admin")
        let pages = pages
        let listener = Acceptor(socket, reactor, log) { socket, _ in
            _ = AdminConnection(socket, reactor) { pages.respond(to: $0) }
        }
        try listener.start()
    }

    private func startWorkers() throws(Errno) {
        let services = config.services.compactMap(\.address).filter(\.ip.isLoopback)
        let proxying = setup.outboundListeners + [config.inbound.listen] + services
        let own = OwnAddresses(proxying, admin: config.inbound.adminListen)
        let isShared = setup.threads > 1
        for _ in 0..<setup.threads {
            let inbound = try listen(config.inbound.listen, "inbound", sharing: isShared)
            var listeners: [(socket: Int32, service: SocketAddress?)] = []
            for address in setup.outboundListeners {
                listeners.append((try listen(address, "outbound", sharing: isShared), nil))
            }
            for service in services {
                listeners.append((try listen(service, "a service", sharing: isShared), service))
            }
            try startWorker(inbound, listeners, own)
        }
    }

    private func startWorker(
        _ inbound: Int32,
        _ outbound: [(socket: Int32, service: SocketAddress?)],
        _ ownAddresses: OwnAddresses
    ) throws(Errno) {
        let (log, counters, store, timing) = (log, counters, store, setup.timing)
        let failures = failures
        let (running, admin) = (running, admin?.mailbox)
        let reactor = WorkerReactor(try Reactor())
        workers.append(reactor.mailbox)
        running.count.add(1, ordering: .relaxed)
        try SystemThread.start {
            reactor.run { reactor in
                let worker = Worker(
                    reactor: reactor,
                    store: store,
                    counters: counters,
                    log: log,
                    failures: failures,
                    timing: timing,
                    ownAddresses: ownAddresses
                )
                return Acceptors.start(worker, inbound: inbound, outbound: outbound)
            }
            // The last one to have closed its connections ends the process.
            if running.count.subtract(1, ordering: .relaxed).newValue == 0 {
                admin?.post { $0.stop() }
            }
        }
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
        failures.flush(now: nowNanos)
        if !drain.isReady { return drainStep(nowNanos) }
        reloadIdentity()
        if freedMemory.ebbed(open: counters.openCount) { FreedMemory.giveBack() }
        return Self.upkeepNanos
    }

    /// Takes changed files if they are good; keeps the old identity if they are not.
    private func reloadIdentity() {
        guard let loader else { return }
        let stamp = loader.stamp
        // Files that were refused are tried again: a certificate may have become valid since.
        guard stamp != loaded || refusal != nil || store.snapshot.tls == nil else { return }
        loaded = stamp
        let isFirst = store.snapshot.tls == nil
        do throws(TLSError) {
            store.replace(with: Snapshot(config, try loader.load()))
            refusal = nil
            log.log(
                .info,
                isFirst ? "identity loaded" : "identity reloaded",
                [("name", loader.files.name)]
            )
            if !workers.isEmpty { becomeReady() }
        } catch {
            guard error != refusal else { return }
            refusal = error
            // Without one the proxy is not ready, and nothing meshed passes.
            log.log(
                .error,
                isFirst ? "identity not loaded" : "identity not reloaded, the old one stays",
                [("reason", error.reason)]
            )
        }
    }

    // MARK: The end

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
        case nil, .beginDrain: break
        case .finish: leave("all connections have ended")
        case .abort(let open): leave("\(open) connections were cut")
        }
    }

    private func leave(_ reason: String) {
        log.log(.info, "leaving", [("reason", reason)])
        for worker in workers { worker.post { $0.stop() } }
    }
}

/// How many threads still have connections to close.
private final class RunningWorkers: Sendable {
    let count = Atomic<Int>(0)
}

/// What kept a proxy from starting.
struct StartError: Error {
    let message: String
}
