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
    /// What `relay` does next; its file is ProxiedConnection+Relay.swift.
    var machine = RelayMachine(unsentBytesMax: 0, now: 0)
    /// Whether only what has been read is still to be delivered.
    var isClosing = false
    /// The side that is to be reset once everything has been delivered to it, and since when.
    var survivor: (stream: ByteStream, sinceNanos: UInt64)?
    private var isClosed = false
    /// Whether the sockets are closed or somebody else's.
    var isTakenOver: Bool { isClosed }
    private var connectDeadlineNanos: UInt64?
    private var stepDeadlineNanos: UInt64?

    var reactor: Reactor { worker.reactor }

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
        SystemCalls.tune(socket, worker.timing.sides[direction].accepted)
        worker.counters.open()
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

    /// What TLS the client speaks with us.
    var clientTLS: TrafficLabels.TLS { .none(reason: "loopback") }

    /// What TLS the server speaks with us, and what its address is for the metrics.
    var serverTLS: (tls: TrafficLabels.TLS, target: SocketAddress?) {
        (.none(reason: "loopback"), serverAddress)
    }

    /// Whom the client means, as far as it is known.
    var refusedTarget: SocketAddress? { serverAddress }

    /// The deadline of `advance`'s own step has passed.
    func stepTimedOut() { refuse(.timeout, "no progress in time") }

    /// Both sockets are closed.
    func ended() {}

    // MARK: Connecting

    func connect(to address: SocketAddress) {
        guard !worker.snapshot.ownAddresses.lead(to: address) else {
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
                SystemCalls.tune(socket, worker.timing.sides[direction].connected)
                connectDeadlineNanos =
                    reactor.nowNanos + worker.timing.sides[direction].connectNanos
                rearm()
            } catch {
                SystemCalls.close(socket)
                throw error
            }
        } catch {
            guard !error.isOutOfDescriptors else {
                // Another address needs one too, and so does whoever else waits.
                return refuse(.connect, "cannot connect: \(error)", [("to", "\(address)")])
            }
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
                server.note(events)
                return tookConnection()
            }
            server.note(events)
            if isLost(server, events, .upstream) { return }
        }
        if isRelaying { relay() } else { advance() }
    }

    private func tookConnection() {
        isServerConnected = true
        connectDeadlineNanos = nil
        rearm()
        serverConnected()
    }

    override func deadlineReached(nowNanos: UInt64) {
        guard !isClosed else { return }
        if let deadline = connectDeadlineNanos, deadline <= nowNanos {
            // Connected, and the thread was too busy to hear of it: not the server's fault.
            if let server, SystemCalls.peerAddress(server.token.descriptor) != nil {
                return tookConnection()
            }
            return failServer("timed out")
        }
        guard isRelaying else {
            stepDeadlineNanos = nil
            rearm()
            return stepTimedOut()
        }
        if isClosing { return relay() }
        if let action = machine.tick(now: nowNanos) {
            worker.refusals.note(
                .halfClosed,
                direction,
                client: clientAddress,
                "one half of the connection was left open too long",
                wasProxied: true
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
        beginCounting()
        relay()
    }

    /// Counts what passes from now on, on behalf of both ends.
    func beginCounting() {
        let (serverTLS, target) = serverTLS
        guard let target, client.series == nil else { return }
        let way: TrafficLabels.Direction = direction == .inbound ? .inbound : .outbound
        client.series = worker.metrics.connections(.src, trafficLabels(way, target, clientTLS))
        server?.series = worker.metrics.connections(.dst, trafficLabels(way, target, serverTLS))
        client.series?.hasOpened()
        server?.series?.hasOpened()
    }

    private func trafficLabels(
        _ way: TrafficLabels.Direction,
        _ target: SocketAddress,
        _ tls: TrafficLabels.TLS
    ) -> TrafficLabels {
        TrafficLabels(direction: way, target: target, tls: tls)
    }

    // MARK: The end

    /// Ends a connection that is not to be, says why, and counts it.
    func refuse(
        _ refusal: Refusal,
        _ reason: String,
        _ fields: [ProxyLog.Field] = []
    ) {
        guard !isClosed else { return }
        let target = direction == .inbound ? refusedTarget : nil
        worker.refusals.note(
            refusal,
            direction,
            client: clientAddress,
            reason,
            fields,
            labels: target.map { trafficLabels(.inbound, $0, clientTLS) },
            wasProxied: isRelaying
        )
        end(withReset: true)
    }

    func close() { end(withReset: false) }

    func end(withReset: Bool) {
        guard !isClosed else { return }
        isClosed = true
        reactor.setDeadline(nil, of: self, client.token)
        for stream in [client, server].compactMap({ $0 }) {
            stream.series?.hasClosed(withReset ? "ECONNRESET" : "")
            if withReset { reactor.reset(stream.token) } else { reactor.close(stream.token) }
        }
        server = nil
        ended()
        worker.counters.close()
    }
}
