// SPDX-License-Identifier: Apache-2.0

internal import MeshConfig
internal import MeshModel
internal import ProxyCore

/// A client's connection on which it sends HTTP/1 requests, one after another.
///
/// Overview: a request's head is read, decided about and sent on; its body and the response pass
/// through as they come. Each request gets a connection to a server for itself, from the pool where
/// one waits. A client that sends requests ahead has them served in turn.
///
/// Invariants: a side is read only while the other has taken all that was read before; after a
/// request that was answered early, cut off or refused in its body, no further one is read.
final class HTTP1Connection: SocketOwner {
    /// What the connection is about, as it was accepted.
    struct Origin {
        var direction: Direction
        var clientAddress: SocketAddress?
        /// The identity that the client has proved.
        var identity: String?
        /// Where requests go: the pod's application, or where the application meant to connect.
        var destination: SocketAddress
    }

    let worker: Worker
    let client: ByteStream
    let origin: Origin
    /// Bytes of the client that nobody has taken: part of a head, or requests sent ahead.
    ///
    /// LIMIT: one read buffer; until they are gone the client is not read.
    var held: [UInt8] = []
    /// Whether the held bytes have not been looked at since the last request.
    var isHeldNew = false
    var exchange: Exchange?
    var isGRPC = false
    /// The request under way as it was sent on, as long as it may have to be sent again.
    var kept = KeptRequest()
    var upstream: HTTP1Upstream?
    /// Part of a response's head.
    var responseHeld: [UInt8] = []
    /// What the server has said behind a head that makes a tunnel.
    var tunnelEarly: [UInt8]?
    /// Whether the server takes no more of the request; it may have said why.
    var isSendingBroken = false
    /// The endpoint that has the request, those that have not been tried for it, and what became of
    /// the others.
    var endpoint: RequestEndpoint?
    var candidates: ArraySlice<RequestEndpoint> = []
    var tried: [String] = []
    var snapshot: Snapshot
    /// Where requests go, as a snapshot had it; nil before the first.
    var way: RequestWay?
    var isClosed = false
    var isLingering = false
    /// When the step under way began, or last got on.
    var stepNanos: UInt64
    /// Where the request under way is counted: by who serves it, once that is known, and by route.
    var series: RequestSeries?
    var route: RouteSeries?
    /// Where this client's requests are counted, and since which snapshot.
    var counted: (snapshot: Snapshot, route: RouteSeries, series: RequestSeries?)?
    /// Whether it has been counted.
    var isCounted = false
    /// The status of its response.
    var status = 0
    /// What the access log will say of the request under way; nil without one.
    var access: AccessEntry?
    /// When the request's first byte was read.
    var requestNanos: UInt64 = 0
    /// When its last byte was read; 0 before that.
    var requestEndNanos: UInt64 = 0

    var reactor: Reactor { worker.reactor }
    var direction: Direction { origin.direction }

    /// LIMIT: reads in one turn; then the others have theirs.
    private static let readsPerTurn = 16

    /// Takes over a client's socket, which `open` was counted for, and bytes read from it.
    ///
    /// A head's time began `headSinceNanos`, if that is known, else with those bytes.
    init(
        _ client: ByteStream,
        _ origin: Origin,
        early: [UInt8],
        headSinceNanos: UInt64?,
        _ worker: Worker
    ) {
        self.client = client
        self.origin = origin
        self.worker = worker
        snapshot = worker.snapshot
        stepNanos = worker.reactor.nowNanos
        held = early
        isHeldNew = !early.isEmpty
        requestNanos = headSinceNanos ?? (early.isEmpty ? 0 : stepNanos)
        super.init()
        worker.reactor.transfer(client.token, to: self)
        client.series = worker.metrics.connections(.src, clientLabels)
        client.series?.hasOpened()
        client.series?.read.add(early.count)
    }

    // MARK: Events

    override func handle(_ events: SocketEvents, on token: SocketToken) {
        guard !isClosed else { return }
        client.note(events)
        if events.contains(.hungUp), client.brokenBy != nil {
            return abort()
        }
        work()
    }

    /// Does what can be done now, on both sides.
    func work() {
        guard !isClosed else { return }
        for _ in 0..<Self.readsPerTurn {
            guard flush() else { return }
            let hasMoved = isLingering ? discard() : moveResponse() || moveRequest()
            guard !isClosed else { return }
            guard hasMoved else { return rearm() }
            stepNanos = reactor.nowNanos
        }
        reactor.runAgain(self, client.token)
        rearm()
    }

    /// Offers waiting bytes to both sockets; false when that ended the connection.
    private func flush() -> Bool {
        if client.hasOutput, client.flush() != nil {
            abort()
            return false
        }
        if let upstream, upstream.isReady, upstream.stream.hasOutput,
            upstream.stream.flush() != nil
        {
            sendingBroke()
        }
        return true
    }

    // MARK: Time

    private func rearm() {
        guard !isClosed else { return }
        let deadline = stepDeadlineNanos
        if deadline != deadlineNanos { reactor.setDeadline(deadline, of: self, client.token) }
    }

    /// When the step under way has taken too long.
    private var stepDeadlineNanos: UInt64? {
        let timing = worker.timing
        if isLingering { return requestNanos + timing.lingerNanos }
        guard let exchange else {
            // The end of a response that nobody takes holds as much as its middle.
            if client.hasOutput { return stepNanos + timing.bodyNanos }
            guard held.isEmpty else { return requestNanos + timing.headNanos }
            return stepNanos + (worker.isDraining ? timing.drainIdleNanos : timing.clientIdleNanos)
        }
        let isSlow = client.hasOutput || !exchange.isRequestComplete && upstream?.isReady == true
        let body = isSlow ? stepNanos + timing.bodyNanos : nil
        guard !exchange.hasResponse, direction == .outbound, let timeout = snapshot.requestTimeout
        else { return body }
        let request = requestNanos + UInt64(max(timeout.nanoseconds, 0))
        return body.map { min($0, request) } ?? request
    }

    override func deadlineReached(nowNanos: UInt64) {
        guard !isClosed, let deadline = stepDeadlineNanos else { return }
        guard deadline <= nowNanos else { return rearm() }
        if isLingering { return close() }
        if client.hasOutput { return abort() }
        guard let exchange else { return held.isEmpty ? close() : fail(.headTimeout) }
        if !exchange.isRequestComplete, stepNanos + worker.timing.bodyNanos <= nowNanos {
            return fail(.bodyTimeout)
        }
        let setting = snapshot.requestTimeout.map { "outgoing.request.timeout, \($0)" } ?? ""
        fail(.requestTimeout(setting: setting))
    }

    override func drain() {
        exchange?.closeClient()
        rearm()
    }

    // MARK: The end

    override func abandon() { abort() }

    /// Ends the connection so that the client sees that something is missing.
    func abort() {
        guard !isClosed else { return }
        countCutOff()
        dropUpstream()
        end()
        client.series?.hasClosed("ECONNRESET")
        reactor.reset(client.token)
    }

    func close() {
        guard !isClosed else { return }
        dropUpstream()
        end()
        client.series?.hasClosed()
        reactor.close(client.token)
    }

    /// Lets go of the socket without closing it.
    func end() {
        isClosed = true
        if exchange != nil { requestEnded() }
        reactor.setDeadline(nil, of: self, client.token)
        worker.counters.close()
    }

    func requestEnded() {
        endAccessEntry()
        exchange = nil
        series = nil
        route = nil
        worker.requestsInFlight[direction] -= 1
    }

    /// A server whose request was cut off must not take it for a whole one.
    func dropUpstream() {
        guard let upstream else { return }
        self.upstream = nil
        responseHeld = []
        upstream.close(abruptly: exchange?.isRequestComplete != true)
    }

    /// Says that no more will come and waits for the client to have read it.
    func linger() {
        isLingering = true
        requestNanos = reactor.nowNanos
        held = []
        client.finish()
        if client.isAtEnd, !client.hasOutput { close() }
    }

    /// Reads and drops what the client still sends.
    private func discard() -> Bool {
        guard !client.isAtEnd else {
            if !client.hasOutput { close() }
            return false
        }
        switch reactor.withScratch({ client.read(into: &$0) }) {
        case .bytes: return true
        case .wouldBlock: return false
        case .end:
            client.isAtEnd = true
            return true
        case .failed:
            abort()
            return false
        }
    }
}
