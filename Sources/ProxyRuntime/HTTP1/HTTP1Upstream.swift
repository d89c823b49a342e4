// SPDX-License-Identifier: Apache-2.0

internal import MeshModel
internal import ProxyCore

/// A connection to a server, for one request after another.
///
/// It is connected on behalf of a client's connection, its user, which writes through it and reads
/// from it; between two users it waits in the pool.
final class HTTP1Upstream: SocketOwner {
    private enum Phase {
        case connecting, handshaking, ready, closed
    }

    let target: UpstreamTarget
    /// Where it waits between two requests.
    private let shelf: UpstreamPool.Shelf
    let stream: ByteStream
    /// Who serves, and how it is spoken to.
    let labels: TrafficLabels
    private let worker: Worker
    private let tls: TLSContext?
    private var session: TLSSession?
    private var phase = Phase.connecting
    /// What is sent once it is connected.
    private var waiting: [UInt8] = []
    /// Where requests to it are counted.
    lazy var requests = worker.metrics.outbound(labels)
    /// Whoever sends a request now.
    private var user: HTTP1Connection?
    /// Whether it has carried a request before: the server may close it at any moment.
    private(set) var isReused = false

    var isReady: Bool { phase == .ready }

    /// Starts to connect.
    ///
    /// - Throws: why that cannot be.
    init(
        to target: UpstreamTarget,
        _ shelf: UpstreamPool.Shelf,
        for user: HTTP1Connection,
        _ tls: TLSContext?,
        _ worker: Worker
    ) throws(Errno) {
        self.target = target
        self.shelf = shelf
        let isInbound = user.direction == .inbound
        let reason = isInbound ? "loopback" : "not_provided_by_service_discovery"
        labels = TrafficLabels(
            direction: isInbound ? .inbound : .outbound,
            target: target.endpoint,
            tls: target.identity.map { .mutual(peer: $0) } ?? .none(reason: reason)
        )
        self.tls = tls
        self.worker = worker
        self.user = user
        let socket = try SystemCalls.connect(to: target.address)
        let placeholder = SocketOwner()
        do throws(Errno) {
            stream = ByteStream(try worker.reactor.add(socket, placeholder))
        } catch {
            SystemCalls.close(socket)
            throw error
        }
        super.init()
        stream.isReadable = false
        worker.reactor.transfer(stream.token, to: self)
        let side = worker.timing.sides[user.direction]
        SystemCalls.tune(socket, side.connected)
        setDeadline(afterNanos: side.connectNanos)
    }

    // MARK: Use

    /// Sends bytes, or keeps them until it is connected: its user reads no more until then.
    ///
    /// - Returns: nil, or what broke.
    func send(_ bytes: [UInt8], _ range: Range<Int>) -> Errno? {
        guard phase == .ready else {
            waiting += bytes[range]
            return nil
        }
        return stream.write(bytes, range)
    }

    /// What was to be sent and was not, for another server.
    func takeWaiting() -> [UInt8] {
        let bytes = waiting
        waiting = []
        return bytes
    }

    /// Takes it out of the pool for another request.
    func use(for user: HTTP1Connection) {
        self.user = user
        isReused = true
        worker.reactor.setDeadline(nil, of: self, stream.token)
    }

    /// Whether the server has neither ended nor said anything: asked before a request that cannot
    /// be repeated.
    var isStillQuiet: Bool {
        stream.ringSocket?.isQuiet ?? SystemCalls.isQuiet(stream.token.descriptor)
    }

    /// Gives it back after a request; it waits for another, or is closed.
    func release() {
        let side = worker.timing.sides[user?.direction ?? .outbound]
        user = nil
        guard worker.pool.put(self, on: shelf, atMost: side.idleUpstreamsMax) else {
            return close()
        }
        worker.reactor.joinRing(stream)
        setDeadline(afterNanos: side.poolNanos)
    }

    /// Leaves the socket to somebody else: a tunnel.
    func detach() -> ByteStream {
        worker.reactor.setDeadline(nil, of: self, stream.token)
        phase = .closed
        user = nil
        worker.reactor.leaveRing(stream)
        return stream
    }

    /// Closes it; `abruptly` where the server must see that a request was cut off.
    func close(abruptly: Bool = false) {
        guard phase != .closed else { return }
        phase = .closed
        user = nil
        stream.series?.hasClosed(abruptly ? "ECONNRESET" : "")
        worker.reactor.setDeadline(nil, of: self, stream.token)
        if abruptly {
            worker.reactor.reset(stream.token)
        } else {
            // close_notify; what the socket does not take of it is not missed.
            if stream.tls != nil { stream.finish() }
            worker.reactor.close(stream.token)
        }
    }

    private func setDeadline(afterNanos nanos: UInt64) {
        worker.reactor.setDeadline(worker.reactor.nowNanos + nanos, of: self, stream.token)
    }

    // MARK: Events

    override func handle(_ events: SocketEvents, on token: SocketToken) {
        stream.note(events)
        switch phase {
        case .closed: break
        case .connecting:
            guard events.contains(.writable) || events.contains(.hungUp) else { return }
            if let error = SystemCalls.connectError(token.descriptor) {
                return fail(.connect("\(target.address): \(error)"))
            }
            connected()
        case .handshaking: shakeHands()
        case .ready:
            guard let user else { return movedWhileIdle() }
            user.work()
        }
    }

    override func deadlineReached(nowNanos: UInt64) {
        switch phase {
        case .connecting, .handshaking: fail(.connectTimeout("\(target.address): timed out"))
        case .ready: drop()
        case .closed: break
        }
    }

    override func abandon() { close(abruptly: true) }

    override func drain() { if user == nil { drop() } }

    /// An end, or bytes that nobody asked for: either way it is of no more use.
    private func movedWhileIdle() {
        let result = worker.reactor.withScratch { stream.read(into: &$0) }
        if result != .wouldBlock { drop() }
    }

    private func drop() {
        worker.pool.remove(self, from: shelf)
        close()
    }

    private func fail(_ failure: ProxyFailure) {
        let user = user
        close()
        user?.upstreamFailed(self, failure)
    }

    // MARK: Connecting

    private func connected() {
        guard let identity = target.identity else { return becomeReady() }
        guard
            let session = tls?.connectSession(
                on: stream.token.descriptor,
                worker.reactor.tlsFlight,
                to: identity,
                withTransportHeader: true
            )
        else { return fail(.connect("\(target.address): out of memory")) }
        self.session = session
        phase = .handshaking
        setDeadline(afterNanos: worker.timing.sides.outbound.detectNanos)
        shakeHands()
    }

    private func shakeHands() {
        guard let session else { return }
        switch session.handshake() {
        case .inProgress:
            if case .failed(let error) = session.flush() {
                fail(.connect("\(target.address): \(error)"))
            }
        case .failed(let error):
            worker.refusals.note(
                Refusal(error.kind),
                .outbound,
                client: user?.origin.clientAddress,
                error.reason,
                [("to", "\(target.address)")]
            )
            fail(.connect("\(target.address): \(error.reason)"))
        case .done:
            guard session.hasTransportProtocol else {
                return fail(.connect("\(target.address): the peer takes no transport header"))
            }
            stream.tls = session
            let header = TransportHeader(port: target.endpoint.port, sessionProtocol: .http1)
            waiting = header.encoded() + waiting
            becomeReady()
        }
    }

    private func becomeReady() {
        phase = .ready
        stream.isReadable = true
        stream.series = worker.metrics.connections(.dst, labels)
        stream.series?.hasOpened()
        worker.reactor.setDeadline(nil, of: self, stream.token)
        let bytes = takeWaiting()
        if !bytes.isEmpty, let error = stream.write(bytes, 0..<bytes.count) {
            return fail(.serverLeft("\(target.address) (\(error))"))
        }
        user?.work()
    }
}
