// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshConfig
internal import MeshModel
internal import ProxyCore

/// What the proxy goes by while it runs: the file, the identity's files and the names of endpoints,
/// each in its last good state, published together as one snapshot.
///
/// All of it happens on the first thread, and no connection waits for it.
final class LiveSettings {
    private(set) var setup: ProxySetup
    private let source: ConfigSource
    private let log: ProxyLog
    private let store: SnapshotStore
    private let workers: Workers
    private let identity: IdentityUpkeep
    private let resolver: Resolver
    private var watch: FileWatch
    /// Why the file as it is now was not taken, so that it is said once.
    private var refusal: [String] = []
    private var isRefusalSaid = true
    private var refusalPace = LinePace()
    /// The file may be good, but something around it was not: it is tried again.
    private var isRetrying = false

    /// LIMIT: errors of one file in the log; `--check` tells all.
    private static let errorsMax = 20

    init(
        _ setup: ProxySetup,
        _ source: ConfigSource,
        _ store: SnapshotStore,
        _ workers: Workers,
        _ reactor: Reactor,
        _ shard: MetricsShard,
        _ log: ProxyLog,
        namesChanged: @escaping () -> Void
    ) {
        self.setup = setup
        self.source = source
        self.store = store
        self.workers = workers
        self.log = log
        identity = IdentityUpkeep(setup.config.identity, shard, log)
        resolver = Resolver(reactor, log, changed: namesChanged)
        watch = FileWatch(taken: setup.stamp)
    }

    /// Whether connections get what the file says.
    var isComplete: Bool { identity.isComplete && resolver.isSettled }

    /// Loads the identity, and begins to look names up.
    func start() throws(Errno) {
        if identity.look() { publish() }
        try resolver.use(setup.endpointNames, setup.config.dns)
    }

    /// Lets the connections from now on go by what holds now.
    func publish() {
        store.replace(
            with: Snapshot(
                setup.config,
                identity.tls,
                names: resolver.addresses,
                ownAddresses: setup.ownAddresses
            )
        )
    }

    /// Looks at the configuration file, and takes it up when it is due.
    func lookAtFile(nowNanos: UInt64) {
        guard case .due(let stamp) = watch.look(source.stamp, now: nowNanos) else { return }
        let start = SystemCalls.monotonicNanos()
        let read = source.read()
        // Written to meanwhile: what was read may be neither the old file nor the new one.
        let isWhole = source.stamp == stamp
        watch.took(isWhole ? stamp : nil, start: start, now: SystemCalls.monotonicNanos())
        guard isWhole else { return }
        guard stamp.size != 0 else {
            isRetrying = false
            return refuse(["\(source.path) is empty; write {} for a configuration of defaults"])
        }
        reload(read)
    }

    /// Looks at all other files.
    func lookAround() {
        if identity.look() { publish() }
        resolver.look()
        if isRetrying, !watch.isChanging { reload(source.read()) }
        sayRefusal()
    }

    /// After how long to look at the configuration file again.
    func pauseNanos(nowNanos: UInt64) -> UInt64 { watch.pauseNanos(now: nowNanos) }

    // MARK: The file

    private func reload(_ read: (setup: ProxySetup?, errors: [ManifestError])) {
        guard let next = read.setup else {
            // Descriptors may have run out, say.
            isRetrying = read.errors.contains { $0.code == .unreadable }
            return refuse(read.errors.map(\.description))
        }
        isRetrying = false
        guard next.config != setup.config else {
            refusal = []
            return
        }
        let reload = Reload(old: setup, new: next)
        guard reload.restarts.isEmpty else {
            return refuse(reload.restarts.map { $0 + ", which takes a restart" })
        }
        do throws(ReloadError) {
            try take(reload)
        } catch {
            isRetrying = true
            refuse([error.message])
        }
    }

    /// Why a good file could not be taken.
    private struct ReloadError: Error {
        let message: String
    }

    /// All of it or nothing: what may fail comes first.
    private func take(_ reload: Reload) throws(ReloadError) {
        let opened = try open(reload.opened)
        do throws(TLSError) {
            try identity.turn(to: reload.new.config.identity)
        } catch {
            for case .open(_, let socket) in opened.joined() { SystemCalls.close(socket) }
            throw ReloadError(message: "the identity: \(error.reason)")
        }
        setup.config = reload.new.config
        do throws(Errno) {
            try resolver.use(setup.endpointNames, setup.config.dns)
        } catch {
            log.log(.error, "cannot look names up", [("error", "\(error)")])
        }
        publish()
        // A connection through a new listener must find its service in the snapshot.
        workers.give(opened, closing: reload.closed)
        refusal = []
        let services = "\(setup.config.services.count)"
        log.log(.info, "configuration reloaded", [("services", services)])
    }

    private func open(
        _ addresses: [SocketAddress]
    ) throws(ReloadError) -> [[ListenerOrders.Order]] {
        do throws(Errno) {
            return try workers.open(addresses)
        } catch {
            let all = addresses.map(\.description).sorted().joined(separator: " ")
            throw ReloadError(message: "cannot listen on \(all): \(error)")
        }
    }

    private func refuse(_ reasons: [String]) {
        guard reasons != refusal else { return }
        refusal = reasons
        isRefusalSaid = false
        sayRefusal()
    }

    /// Says it at most once a second, however often the file changes: then what holds by then.
    private func sayRefusal() {
        guard !isRefusalSaid, !refusal.isEmpty,
            refusalPace.next(nowNanos: SystemCalls.monotonicNanos()) != nil
        else { return }
        isRefusalSaid = true
        for reason in refusal.prefix(Self.errorsMax) {
            log.log(
                .error,
                "configuration not reloaded, the last good one stays",
                [("reason", reason)],
                each: true
            )
        }
    }
}
