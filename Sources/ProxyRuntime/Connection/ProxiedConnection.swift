// SPDX-License-Identifier: Apache-2.0

internal import MeshModel
internal import ProxyCore

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
    /// Where the server's socket is connected, or is being connected.
    private(set) var serverAddress: SocketAddress?
    private(set) var isServerConnected = false
    private(set) var isRelaying = false
    private var isClosed = false
    /// Whether the sockets are closed or somebody else's.
    var isTakenOver: Bool { isClosed }
    private var connectDeadlineNanos: UInt64?
    private var stepDeadlineNanos: UInt64?
    private var isClosing = false
    private var machine = RelayMachine(unsentBytesMax: 0, now: 0)

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

    /// Takes over two sockets that are connected, and the count of one open connection.
    init(
        adopting client: ByteStream,
        _ server: ByteStream,
        at serverAddress: SocketAddress,
        clientAddress: SocketAddress?,
        _ direction: Direction,
        _ worker: Worker
    ) {
        self.worker = worker
        self.direction = direction
        self.client = client
        self.clientAddress = clientAddress
        self.server = server
        self.serverAddress = serverAddress
        isServerConnected = true
        super.init()
        worker.reactor.transfer(client.token, to: self)
        worker.reactor.transfer(server.token, to: self)
    }

    /// Leaves the client's socket to requests of HTTP/1, with bytes that were read from it.
    func becomeHTTP1(
        to destination: SocketAddress,
        identity: String? = nil,
        early: [UInt8] = [],
        headSinceNanos: UInt64? = nil
    ) {
        guard !isClosed else { return }
        dropServer()
        isClosed = true
        reactor.setDeadline(nil, of: self, client.token)
        let origin = HTTP1Connection.Origin(
            direction: direction,
            clientAddress: clientAddress,
            identity: identity,
            destination: destination
        )
        HTTP1Connection(client, origin, early: early, headSinceNanos: headSinceNanos, worker).work()
    }

    /// Stands in until the connection itself exists.
    private final class Placeholder: SocketOwner {}

    // MARK: What a subclass decides

    /// Goes on with whatever comes before the relay.
    func advance() {}

    /// The server's socket is connected.
    func serverConnected() { advance() }

    /// The server could not be reached; true when another was tried.
    func serverFailed(_ reason: String, _ address: SocketAddress) -> Bool { false }

    /// The deadline of `advance`'s own step has passed.
    func stepTimedOut() { refuse(.timeout, "no progress in time") }

    // MARK: Connecting

    func connect(to address: SocketAddress, withinNanos: UInt64) {
        guard !worker.ownAddresses.lead(to: address) else {
            return refuse(.loop, "the destination is the proxy itself", [("to", "\(address)")])
        }
        do throws(Errno) {
            let socket = try SystemCalls.connect(to: address)
            do throws(Errno) {
                let token = try reactor.add(socket, self)
                let stream = ByteStream(token)
                stream.isReadable = false
                server = stream
                serverAddress = address
                isServerConnected = false
                SystemCalls.tune(
                    socket,
                    keepAliveMillis: worker.timing.keepAliveMillis,
                    userTimeoutMillis: worker.timing.userTimeoutMillis
                )
                connectDeadlineNanos = reactor.nowNanos + withinNanos
                rearm()
            } catch {
                SystemCalls.close(socket)
                throw error
            }
        } catch {
            serverAddress = address
            failServer("\(error)")
        }
    }

    private func failServer(_ reason: String) {
        guard let address = serverAddress else { return }
        dropServer()
        guard !serverFailed(reason, address) else { return }
        refuse(.connect, "cannot connect: \(reason)", [("to", "\(address)")])
    }

    /// Closes the server's socket to try another.
    func dropServer() {
        if let server { reactor.close(server.token) }
        server = nil
        serverAddress = nil
        isServerConnected = false
        connectDeadlineNanos = nil
        rearm()
    }

    /// Gives `advance`'s own step so long; connecting has a deadline of its own.
    func setStepDeadline(afterNanos: UInt64) {
        setStepDeadline(atNanos: reactor.nowNanos + afterNanos)
    }

    func setStepDeadline(atNanos: UInt64?) {
        stepDeadlineNanos = atNanos
        rearm()
    }

    private func rearm() {
        let deadline = [connectDeadlineNanos, stepDeadlineNanos].compactMap(\.self).min()
        reactor.setDeadline(deadline, of: self, client.token)
    }

    // MARK: Events

    override func handle(_ events: SocketEvents, on token: SocketToken) {
        guard !isClosed else { return }
        if token == client.token {
            client.note(events)
            if isLost(client, events, .downstream) { return }
        } else if let server, token == server.token {
            if !isServerConnected {
                guard events.contains(.writable) || events.contains(.hungUp) else { return }
                if let error = SystemCalls.connectError(token.descriptor) {
                    return failServer("\(error)")
                }
                isServerConnected = true
                connectDeadlineNanos = nil
                rearm()
                server.note(events)
                return serverConnected()
            }
            server.note(events)
            if isLost(server, events, .upstream) { return }
        }
        if isRelaying { relay() } else { advance() }
    }

    /// Whether the connection has ended because this side, which had finished, has now been reset:
    /// nothing would read that from it any more.
    private func isLost(
        _ stream: ByteStream,
        _ events: SocketEvents,
        _ side: RelayMachine.Side
    ) -> Bool {
        guard isRelaying, stream.isAtEnd, events.contains(.hungUp),
            let error = SystemCalls.connectError(stream.token.descriptor)
        else { return false }
        return broken(side, error) == .ended
    }

    override func deadlineReached(nowNanos: UInt64) {
        guard !isClosed else { return }
        if let deadline = connectDeadlineNanos, deadline <= nowNanos {
            return failServer("timed out")
        }
        guard isRelaying else {
            stepDeadlineNanos = nil
            rearm()
            return stepTimedOut()
        }
        if let action = machine.tick(now: nowNanos) {
            worker.log.log(
                .info,
                "one half of a connection was left open too long",
                [("direction", direction.rawValue)]
            )
            if act(action) == .goOn { relay() }
        }
    }

    /// Bytes may be missing, so that no peer shall take what it got for the whole.
    override func abandon() { end(withReset: true) }

    // MARK: Relaying

    /// From now on bytes pass in both directions.
    func startRelay() {
        isRelaying = true
        machine = RelayMachine(
            // A side is read only while the other has taken everything: nothing piles up.
            unsentBytesMax: 0,
            halfClosedNanosMax: worker.timing.halfClosedNanos,
            now: reactor.nowNanos
        )
        stepDeadlineNanos = nil
        rearm()
        relay()
    }

    private func relay() {
        guard let server else { return }
        var isBusy = false
        for (direction, from, to) in [
            (RelayMachine.Direction.toUpstream, client, server), (.toDownstream, server, client),
        ] {
            if flush(to, direction) == .ended || pump(direction, from, to, &isBusy) == .ended {
                return
            }
        }
        if isClosing {
            // The last bytes and the end itself must leave before the sockets do.
            if !client.hasOutput, !server.hasOutput { close() }
            return
        }
        if isBusy { reactor.runAgain(self, client.token) }
        let next = machine.nextDeadlineNanos
        if next != deadlineNanos { reactor.setDeadline(next, of: self, client.token) }
    }

    private enum Step {
        case goOn, ended
    }

    private func flush(_ to: ByteStream, _ direction: RelayMachine.Direction) -> Step {
        guard to.hasOutput else { return .goOn }
        if let error = to.flush() { return broken(direction.sink, error) }
        return to.hasOutput ? .goOn : act(machine.wroteAll(direction, now: reactor.nowNanos))
    }

    /// Moves bytes one way while the sink takes them all.
    private func pump(
        _ direction: RelayMachine.Direction,
        _ from: ByteStream,
        _ to: ByteStream,
        _ isBusy: inout Bool
    ) -> Step {
        for _ in 0..<Self.readsPerTurn {
            if to.hasOutput || from.isAtEnd || isClosing { return .goOn }
            switch from.read(into: &reactor.scratch) {
            case .bytes(let count):
                _ = machine.readBytes(direction, count: count, now: reactor.nowNanos)
                if let error = to.write(reactor.scratch, 0..<count) {
                    return broken(direction.sink, error)
                }
                if !to.hasOutput { _ = machine.wroteAll(direction, now: reactor.nowNanos) }
            case .wouldBlock: return .goOn
            case .end:
                from.isAtEnd = true
                return act(machine.readEOF(direction, now: reactor.nowNanos))
            case .failed(let error): return broken(direction.source, error)
            }
        }
        isBusy = true
        return .goOn
    }

    private func act(_ action: RelayMachine.Action) -> Step {
        switch action {
        case .keepReading, .pauseReading, .resumeReading: return .goOn
        case .shutdownWrite(let side):
            (side == .downstream ? client : server)?.finish()
            return .goOn
        case .close:
            isClosing = true
            client.finish()
            server?.finish()
            return .goOn
        case .reset:
            end(withReset: true)
            return .ended
        }
    }

    /// What the broken side had said to its end is still delivered; else the other side shall see
    /// that the stream is not whole.
    private func broken(_ side: RelayMachine.Side, _ error: Errno) -> Step {
        worker.log.log(
            .debug,
            "connection broken",
            [("direction", direction.rawValue), ("side", "\(side)"), ("error", "\(error)")]
        )
        (side == .downstream ? client : server)?.isAtEnd = true
        return act(machine.failed(side))
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
