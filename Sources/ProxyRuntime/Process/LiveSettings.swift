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
    /// The file is good, but something around it was not: it is tried again.
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

    /// Looks at all files; returns whether to look again soon.
    func look() -> Bool {
        if identity.look() { publish() }
        resolver.look()
        switch watch.look(source.stamp) {
        case .same:
            if isRetrying { reload(watchedAs: nil) }
            return false
        case .changing: return true
        case .changed(let stamp):
            reload(watchedAs: stamp)
            return false
        }
    }

    // MARK: The file

    private func reload(watchedAs stamp: Files.Stamp?) {
        let (next, errors) = source.read()
        // Written to meanwhile: what was read may be neither the old file nor the new one.
        if let stamp {
            guard source.stamp == stamp else { return }
            watch.took(stamp)
        }
        isRetrying = false
        guard let next else { return refuse(errors.map(\.description)) }
        guard stamp == nil || stamp?.size != 0 else {
            return refuse(["\(source.path) is empty; write {} for a configuration of defaults"])
        }
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
        for reason in reasons.prefix(Self.errorsMax) {
            log.log(
                .error,
                "configuration not reloaded, the last good one stays",
                [("reason", reason)],
                each: true
            )
        }
    }
}
