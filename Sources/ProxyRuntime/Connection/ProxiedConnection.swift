// SPDX-License-Identifier: Apache-2.0

internal import MeshModel

/// One connection through the proxy: a client's socket, a server's socket, and the bytes between.
///
/// Responsibilities: connecting with a deadline, relaying in both directions with half-close and
/// back-pressure, and the end of it all. What comes before the relay is a subclass's.
/// Invariants: both sockets are closed exactly once; a side is read only while the other has taken
/// all that was read before.
class ProxiedConnection: SocketOwner {
    let worker: Worker
    let direction: Direction
    let client: ByteStream
    let clientAddress: SocketAddress?
    private(set) var server: ByteStream?
    private(set) var isServerConnected = false
    private(set) var isRelaying = false
    private var isClosed = false
    private var serverConnectDeadlineNanos: UInt64?
    private var endedSides = 0

    var reactor: Reactor { worker.reactor }

    /// LIMIT: reads of one side in one turn; then the others have theirs.
    private static let readsPerTurn = 8

    /// Takes over an accepted socket; nil when the reactor cannot watch it.
    init?(_ socket: Int32, _ direction: Direction, _ worker: Worker) {
        self.worker = worker
        self.direction = direction
        clientAddress = SystemCalls.peerAddress(socket)
        let placeholder = Placeholder()
        guard let token = try? worker.reactor.add(socket, placeholder) else {
            SystemCalls.close(socket)
            return nil
        }
        client = ByteStream(token)
        super.init()
        worker.reactor.transfer(token, to: self)
        SystemCalls.tune(
            socket,
            keepAliveMillis: worker.timing.keepAliveMillis,
            userTimeoutMillis: worker.timing.userTimeoutMillis
        )
        worker.counters.open(direction)
    }

    /// Stands in until the connection itself exists.
    private final class Placeholder: SocketOwner {}

    // MARK: What a subclass decides

    /// Goes on with whatever comes before the relay.
    func advance() {}

    /// The server's socket is connected.
    func serverConnected() { advance() }

    /// The server could not be reached; true when another was tried.
    func serverFailed(_ reason: String) -> Bool { false }

    /// The deadline of `advance`'s own step has passed.
    func stepTimedOut() { refuse(.timeout, "no progress in time") }

    // MARK: Connecting

    func connect(to address: SocketAddress, withinNanos: UInt64) {
        guard !worker.ownAddresses.contains(address) else {
            return refuse(.loop, "the destination is the proxy itself", [("to", "\(address)")])
        }
        do throws(Errno) {
            let socket = try SystemCalls.connect(to: address)
            do throws(Errno) {
                let token = try reactor.add(socket, self)
                let stream = ByteStream(token)
                stream.isReadable = false
                server = stream
                isServerConnected = false
                SystemCalls.tune(
                    socket,
                    keepAliveMillis: worker.timing.keepAliveMillis,
                    userTimeoutMillis: worker.timing.userTimeoutMillis
                )
                setDeadline(afterNanos: withinNanos)
                serverConnectDeadlineNanos = deadlineNanos
            } catch {
                SystemCalls.close(socket)
                throw error
            }
        } catch {
            failServer("\(error)", address)
        }
    }

    private func failServer(_ reason: String, _ address: SocketAddress?) {
        dropServer()
        guard !serverFailed(reason) else { return }
        refuse(.connect, "cannot connect: \(reason)", address.map { [("to", "\($0)")] } ?? [])
    }

    /// Closes the server's socket to try another.
    func dropServer() {
        if let server { reactor.close(server.token) }
        server = nil
        isServerConnected = false
        serverConnectDeadlineNanos = nil
    }

    func setDeadline(afterNanos: UInt64?) {
        let deadline = afterNanos.map { reactor.nowNanos + $0 }
        reactor.setDeadline(deadline, of: self, client.token)
    }

    // MARK: Events

    override func handle(_ events: SocketEvents, on token: SocketToken) {
        guard !isClosed else { return }
        if token == client.token {
            if events.contains(.readable) { client.isReadable = true }
        } else if let server, token == server.token {
            if !isServerConnected {
                guard events.contains(.writable) || events.contains(.hungUp) else { return }
                if let error = SystemCalls.connectError(token.descriptor) {
                    return failServer("\(error)", nil)
                }
                isServerConnected = true
                serverConnectDeadlineNanos = nil
                setDeadline(afterNanos: nil)
                if events.contains(.readable) { server.isReadable = true }
                return serverConnected()
            }
            if events.contains(.readable) { server.isReadable = true }
        }
        if isRelaying { relay() } else { advance() }
    }

    override func deadlineReached(nowNanos: UInt64) {
        guard !isClosed else { return }
        if let deadline = serverConnectDeadlineNanos, deadline <= nowNanos {
            return failServer("timed out", nil)
        }
        if isRelaying {
            return refuse(.timeout, "one half was left open too long")
        }
        stepTimedOut()
    }

    override func abandon() { close() }

    // MARK: Relaying

    /// From now on bytes pass in both directions.
    func startRelay() {
        isRelaying = true
        setDeadline(afterNanos: nil)
        relay()
    }

    private func relay() {
        guard let server else { return }
        var isBusy = false
        for (from, to) in [(client, server), (server, client)] {
            if let error = to.flush() { return broken(error) }
            switch pump(from, to) {
            case .moreToCome: isBusy = true
            case .waiting: break
            case .broken(let error): return broken(error)
            }
        }
        if client.isFinished, server.isFinished { return close() }
        if isBusy { reactor.runAgain(self, client.token) }
        if endedSides == 1 { setDeadline(afterNanos: worker.timing.halfClosedNanos) }
    }

    private enum PumpResult {
        case moreToCome, waiting
        case broken(Errno)
    }

    private var sawEnd: (client: Bool, server: Bool) = (false, false)

    /// Moves bytes one way while the sink takes them all.
    private func pump(_ from: ByteStream, _ to: ByteStream) -> PumpResult {
        let isClient = from === client
        if isClient ? sawEnd.client : sawEnd.server { return .waiting }
        for _ in 0..<Self.readsPerTurn {
            if to.hasOutput { return .waiting }
            switch from.read(into: &reactor.scratch) {
            case .bytes(let count):
                if let error = to.write(reactor.scratch, 0..<count) { return .broken(error) }
            case .wouldBlock: return .waiting
            case .end:
                if isClient { sawEnd.client = true } else { sawEnd.server = true }
                endedSides += 1
                to.finish()
                return .waiting
            case .failed(let error): return .broken(error)
            }
        }
        return .moreToCome
    }

    /// The other side shall see that the stream is not whole.
    private func broken(_ error: Errno) {
        worker.log.log(
            .debug,
            "connection broken",
            [("direction", direction.rawValue), ("error", "\(error)")]
        )
        end(withReset: true)
    }

    // MARK: The end

    /// Ends a connection that is not to be, says why, and counts it.
    func refuse(
        _ refusal: ConnectionCounters.Refusal,
        _ reason: String,
        _ fields: [ProxyLog.Field] = []
    ) {
        guard !isClosed else { return }
        worker.counters.refuse(direction, refusal)
        let known: [ProxyLog.Field] = [
            ("direction", direction.rawValue),
            ("client", clientAddress.map { "\($0)" } ?? "unknown"),
            ("reason", reason),
        ]
        worker.log.log(.warn, "connection refused", known + fields)
        end(withReset: true)
    }

    func close() { end(withReset: false) }

    private func end(withReset: Bool) {
        guard !isClosed else { return }
        isClosed = true
        reactor.setDeadline(nil, of: self, client.token)
        for stream in [client, server].compactMap({ $0 }) {
            if withReset { reactor.reset(stream.token) } else { reactor.close(stream.token) }
        }
        server = nil
        worker.counters.close(direction)
    }
}
