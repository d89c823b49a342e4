// SPDX-License-Identifier: Apache-2.0

internal import MeshConfig
internal import MeshModel
internal import ProxyCore
internal import Synchronization

/// The threads that relay bytes, and what they listen on.
final class Workers {
    private let log: ProxyLog
    private let counters: ConnectionCounters
    private let store: SnapshotStore
    private let refusals: RefusalLog
    private let failures: FailureLog
    private let pages: AdminPages
    private var all: [(mailbox: Mailbox, orders: ListenerOrders)] = []
    private let running = RunningWorkers()
    /// Of listeners for the pod's own connections.
    private var outboundBacklog = 0

    /// How many threads still have connections to close.
    private final class RunningWorkers: Sendable {
        let count = Atomic<Int>(0)
    }

    init(
        _ store: SnapshotStore,
        _ counters: ConnectionCounters,
        _ logs: (refusals: RefusalLog, failures: FailureLog),
        _ pages: AdminPages,
        _ log: ProxyLog
    ) {
        self.store = store
        self.counters = counters
        (refusals, failures) = logs
        self.pages = pages
        self.log = log
    }

    var isEmpty: Bool { all.isEmpty }

    var mailboxes: [Mailbox] { all.map(\.mailbox) }

    /// Starts them all; the last one to end stops the reactor of the first thread.
    func start(_ setup: ProxySetup, _ first: Mailbox) throws(Errno) {
        let isShared = setup.threads > 1
        let listening = Listening(log: log)
        let sides = setup.timing.sides
        outboundBacklog = sides.outbound.backlog
        for _ in 0..<setup.threads {
            let inbound = setup.config.inbound.listen
            var listeners = WorkerListeners(
                inbound: try listening.open(
                    inbound,
                    "inbound",
                    sharing: isShared,
                    backlog: sides.inbound.backlog
                )
            )
            listeners.outbound = try listening.openOutbound(
                setup.outboundListeners,
                sharing: isShared,
                backlog: outboundBacklog
            )
            for address in setup.servicesToListenFor {
                let socket = try listening.open(
                    address,
                    "a service",
                    sharing: isShared,
                    backlog: outboundBacklog
                )
                listeners.services.append((address, socket))
            }
            try start(listeners, setup, first)
        }
    }

    private func start(
        _ listeners: WorkerListeners,
        _ setup: ProxySetup,
        _ first: Mailbox
    ) throws(Errno) {
        let (timing, accessLog) = (setup.workerTiming, setup.accessLog)
        let usesRing = setup.usesRings
        let (log, counters, store, running) = (log, counters, store, running)
        let (refusals, failures, shard) = (refusals, failures, pages.series.makeShard())
        let reactor = WorkerReactor(try Reactor())
        let orders = ListenerOrders(reactor.mailbox)
        all.append((reactor.mailbox, orders))
        running.count.add(1, ordering: .relaxed)
        try SystemThread.start {
            reactor.run { reactor in
                if usesRing { Self.openRing(reactor, log) }
                let worker = Worker(
                    reactor: reactor,
                    store: store,
                    counters: counters,
                    metrics: WorkerMetrics(shard),
                    log: log,
                    refusals: refusals,
                    failures: failures,
                    timing: timing,
                    accessLog: accessLog
                )
                return Acceptors.start(worker, listeners, orders)
            }
            // The last one to have closed its connections ends the process.
            if running.count.subtract(1, ordering: .relaxed).newValue == 0 {
                first.post { $0.stop() }
            }
        }
    }

    /// A container's seccomp profile may forbid it, and so may sysctl(8); older kernels lack it.
    private static func openRing(_ reactor: Reactor, _ log: ProxyLog) {
        do throws(Errno) {
            try reactor.openRing()
        } catch {
            log.log(.debug, "no io_uring, epoll does as well", [("error", "\(error)")])
        }
    }

    /// Listens on more addresses, but takes no connections yet.
    ///
    /// - Returns: for each worker its sockets; none is left behind when one cannot be had.
    func open(_ addresses: [SocketAddress]) throws(Errno) -> [[ListenerOrders.Order]] {
        var orders: [[ListenerOrders.Order]] = all.map { _ in [] }
        var sockets: [Int32] = []
        do throws(Errno) {
            for address in addresses {
                for index in all.indices {
                    let socket = try SystemCalls.listen(
                        on: address,
                        sharing: all.count > 1,
                        backlog: outboundBacklog
                    )
                    sockets.append(socket)
                    orders[index].append(.open(address, socket: socket))
                }
            }
        } catch {
            for socket in sockets { SystemCalls.close(socket) }
            throw error
        }
        return orders
    }

    /// Hands each worker its orders.
    func give(_ orders: [[ListenerOrders.Order]], closing: [SocketAddress]) {
        for (worker, opened) in zip(all, orders) {
            let all = opened + closing.map { .close($0) }
            if !all.isEmpty { worker.orders.give(all) }
        }
    }

    /// Has each do what it does when it is called upon.
    func callUpon() {
        for worker in all { worker.mailbox.post { $0.calledUpon?() } }
    }

    func stop() {
        for worker in all { worker.mailbox.post { $0.stop() } }
    }
}
