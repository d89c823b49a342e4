// SPDX-License-Identifier: Apache-2.0

internal import MeshModel
internal import ProxyCore

/// A connection from the pod.
///
/// Overview: the client's first bytes are looked at, not taken. HTTP/1 goes on as requests; all
/// other bytes pass as they are. Either side may speak first, so that a server is connected at once
/// unless requests are to be expected; whoever speaks first decides. A peer with an identity is
/// spoken to by mutual TLS on its inbound port, with a header that says which port is meant; never
/// in the clear.
final class OutboundConnection: ProxiedConnection {
    private let snapshot: Snapshot
    private let destination: SocketAddress
    /// Whether a listener of one service brought it here.
    private let isForService: Bool
    private var candidates: [Peer] = []
    private var endpoint: Peer?
    private var session: TLSSession?
    /// Whether bytes can pass to the server.
    private var isReady = false
    /// Whether the bytes are known to be no HTTP/1.
    private var isOpaque = false
    /// The labels of the route of such bytes, once it is taken.
    private var route: String?
    /// Linkerd's word for what went wrong on it.
    private var routeError = ""
    private let acceptedNanos: UInt64
    /// Whether the client's bytes have been looked at, and what they are is still to be counted.
    private var isDetecting = false
    /// When the first of bytes that may become HTTP/1 was seen.
    private var detectUntilNanos: UInt64?
    /// When the first part of what looks like a request's first line was seen.
    private var headSinceNanos: UInt64?
    /// Why no server could be connected, and which; who needs one will be told.
    private var earlyFailure: (reason: String, address: SocketAddress)?

    /// LIMIT: endpoints that are tried; more would outlast the client's patience.
    private static let triesMax = 3

    /// `destination` is known where a listener serves one service; else it is the redirect's.
    init?(_ socket: Int32, to destination: SocketAddress?, _ worker: Worker) {
        snapshot = worker.snapshot
        acceptedNanos = worker.reactor.nowNanos
        guard let target = destination ?? Self.redirectedFrom(socket) else {
            worker.refusals.note(
                .loop,
                .outbound,
                client: SystemCalls.peerAddress(socket),
                "no redirect led here"
            )
            SystemCalls.reset(socket)
            return nil
        }
        self.destination = target
        isForService = destination != nil
        super.init(socket, .outbound, worker)
    }

    /// Where a redirected connection was headed.
    ///
    /// Where there is connection tracking but no redirect touched it, the kernel names the listener
    /// itself, and going there would lead here again, for ever.
    private static func redirectedFrom(_ socket: Int32) -> SocketAddress? {
        let original = SystemCalls.originalDestination(socket)
        return original == SystemCalls.localAddress(socket) ? nil : original
    }

    /// Begins.
    ///
    /// `turn` spreads connections over the endpoints.
    func start(turn: Int) {
        // Its listener is about to be closed, and it has no other address than that.
        guard !isForService || snapshot.hasService(at: destination) else {
            return refuse(.connect, "the service is gone", [("to", "\(destination)")])
        }
        candidates = Peer.choice(
            from: snapshot.candidates(for: destination),
            turn: turn,
            count: Self.triesMax
        )
        if snapshot.opaquePorts.contains(destination.port) { return passOn(.notHTTP) }
        isDetecting = true
        detect()
        guard !isOpaque, !isTakenOver else { return }
        if missingAllowEntry != nil || candidates.isEmpty {
            // Requests are told why; whoever waits for the server is not kept for long.
            awaitClient(forNanos: worker.timing.sides.outbound.detectNanos)
        } else {
            let isKnown = worker.pool.speaksHTTP(destination)
            let timing = worker.timing
            awaitClient(forNanos: isKnown ? timing.silentClientNanos : timing.eagerConnectNanos)
        }
    }

    private var missingAllowEntry: String? { snapshot.missingAllowEntry(for: destination) }

    override var serverTLS: (tls: TrafficLabels.TLS, target: SocketAddress?) {
        guard let endpoint else { return (.none(reason: "loopback"), serverAddress) }
        let tls: TrafficLabels.TLS =
            endpoint.identity.map { .mutual(peer: $0) }
            ?? .none(reason: "not_provided_by_service_discovery")
        return (tls, endpoint.address)
    }

    /// The bytes are no requests: counts the connection, and the route that it takes.
    private func noteOpaque(_ detected: WorkerMetrics.Detected) {
        isOpaque = true
        note("opaq", detected)
        let labels = RouteLabels(
            outboundTo: snapshot.serviceName(at: destination),
            port: destination.port,
            isOpaque: true
        )
        route = labels.route
        worker.metrics.shard.counter(.tcpRouteOpened, labels.route).add()
    }

    override func end(withReset: Bool) {
        if withReset, routeError.isEmpty { routeError = "unexpected" }
        super.end(withReset: withReset)
    }

    override func ended() {
        guard let route else { return }
        let labels = "\(route),error=\"\(routeError)\""
        worker.metrics.shard.counter(.tcpRouteClosed, labels).add()
    }

    /// Counts the connection by its protocol, and what its first bytes were if they were looked at.
    private func note(_ name: String, _ detected: WorkerMetrics.Detected) {
        worker.metrics.shard.counter(.outboundProtocols, "protocol=\"\(name)\"").add()
        guard isDetecting else { return }
        isDetecting = false
        let nanos = reactor.nowNanos &- acceptedNanos
        worker.metrics.detected(detected, server: nil, nanos: nanos)
    }

    // MARK: Detection

    private func detect() {
        switch SystemCalls.peek(client.token.descriptor, into: &reactor.scratch) {
        case .bytes(let count):
            let first = Array(reactor.scratch[..<min(count, ProtocolScan.lineBytesMax)])
            let scan = ProtocolScan.of(first.span)
            switch scan {
            case .http1:
                note("http/1", .http1)
                becomeHTTP1(to: destination)
            case .http2, .opaque: passOn(.init(scan))
            case .needsMore:
                let prospect = ProtocolScan.prospect(first.span)
                guard !client.isEnding, prospect != .unlikely else { return passOn(.notHTTP) }
                awaitRest(of: first.span, prospect)
            }
        case .end, .failed: passOn(.notHTTP)
        case .wouldBlock: break
        }
    }

    private func awaitClient(forNanos nanos: UInt64) {
        guard detectUntilNanos == nil else { return }
        setStepDeadline(afterNanos: nanos)
    }

    /// What may be a request gets a while, once.
    private func awaitRest(of first: Span<UInt8>, _ prospect: ProtocolScan.Prospect) {
        if headSinceNanos == nil, ProtocolScan.beginsLikeRequest(first) {
            headSinceNanos = reactor.nowNanos
        }
        let timing = worker.timing
        let patience = prospect == .likely ? timing.sides.outbound.detectNanos : timing.oddWordNanos
        let usual = detectUntilNanos ?? reactor.nowNanos + patience
        let deadline = min(usual, headSinceNanos.map { $0 + worker.timing.headNanos } ?? usual)
        detectUntilNanos = deadline
        if canConnect {
            // The server may have something to say meanwhile.
            setStepDeadline(atNanos: min(deadline, reactor.nowNanos + timing.eagerConnectNanos))
        } else if isReady || server == nil {
            setStepDeadline(atNanos: deadline)
        }
    }

    private var canConnect: Bool {
        server == nil && earlyFailure == nil && !candidates.isEmpty && missingAllowEntry == nil
    }

    override func stepTimedOut() {
        guard session == nil || isReady else { return super.stepTimedOut() }
        let isWaiting = detectUntilNanos.map { $0 > reactor.nowNanos } ?? true
        if isWaiting, canConnect {
            tryNext()
            if session == nil || isReady { setStepDeadline(atNanos: detectUntilNanos) }
        } else if isWaiting, detectUntilNanos != nil {
            setStepDeadline(atNanos: detectUntilNanos)
        } else if let headSinceNanos {
            note("http/1", .readTimeout)
            becomeHTTP1(to: destination, headSinceNanos: headSinceNanos)
        } else {
            passOn(.readTimeout)
        }
    }

    /// The bytes are not HTTP/1.
    private func passOn(_ detected: WorkerMetrics.Detected) {
        if !isOpaque { noteOpaque(detected) }
        if let entry = missingAllowEntry {
            routeError = "forbidden"
            return refuse(
                .policy,
                "outgoing.allow has no entry for it, such as \(entry)",
                [("to", "\(destination)")]
            )
        }
        if let earlyFailure {
            return refuse(
                .connect,
                "cannot connect: \(earlyFailure.reason)",
                [("to", "\(earlyFailure.address)")]
            )
        }
        if isReady { return startRelay() }
        guard server == nil else { return }
        guard !candidates.isEmpty else {
            let reason = snapshot.reasonForNoCandidates(at: destination)
            return refuse(.connect, reason, [("to", "\(destination)")])
        }
        setStepDeadline(atNanos: nil)
        tryNext()
    }

    // MARK: The server

    private func tryNext() {
        let next = candidates.removeFirst()
        endpoint = next
        guard next.identity != nil else {
            return connect(to: next.address)
        }
        guard snapshot.tls != nil else {
            return refuse(
                .noIdentity,
                "the peer is meshed, and this proxy has no identity to speak to it with",
                [("to", "\(next.address)")]
            )
        }
        let proxy = SocketAddress(ip: next.address.ip, port: MeshDefaults.inboundPort)
        guard !snapshot.ownAddresses.lead(to: proxy) else {
            // The peer's proxy is this one: nothing leaves the machine, as in Linkerd.
            endpoint = Peer(address: next.address)
            return connect(to: next.address)
        }
        connect(to: proxy)
    }

    override func serverFailed(_ reason: String, _ address: SocketAddress) -> Bool {
        guard candidates.isEmpty else {
            tryNext()
            return true
        }
        guard !isOpaque else { return false }
        // A request will be told; it should be here soon.
        earlyFailure = (reason, address)
        session = nil
        awaitClient(forNanos: worker.timing.serverFirstNanos)
        return true
    }

    override func serverConnected() {
        guard let identity = endpoint?.identity, let tls = snapshot.tls, let server else {
            return becomeReady()
        }
        session = tls.connectSession(
            on: server.token.descriptor,
            reactor.tlsFlight,
            to: identity,
            withTransportHeader: true
        )
        guard session != nil else { return refuse(.limit, "out of memory") }
        setStepDeadline(afterNanos: worker.timing.sides.outbound.detectNanos)
        advance()
    }

    override func advance() {
        if isServerConnected, let session, !isReady { shakeHands(session) }
        guard !isOpaque, !isTakenOver else { return }
        detect()
        guard !isOpaque, !isTakenOver, isReady else { return }
        hearServer()
    }

    private func shakeHands(_ session: TLSSession) {
        switch session.handshake() {
        case .inProgress: if case .failed(let error) = session.flush() { refuse(.tls, "\(error)") }
        case .failed(let error):
            refuse(
                Refusal(error.kind),
                error.reason,
                [("to", endpoint.map { "\($0.address)" } ?? "")]
            )
        case .done: sendHeader(session)
        }
    }

    private func sendHeader(_ session: TLSSession) {
        guard let server, let port = endpoint?.address.port else { return }
        guard session.hasTransportProtocol else {
            return refuse(.header, "the peer does not take a transport header")
        }
        server.tls = session
        server.isReadable = true
        let header = TransportHeader(port: port, name: nil, sessionProtocol: nil).encoded()
        if let error = server.write(header, 0..<header.count) { return refuse(.tls, "\(error)") }
        becomeReady()
    }

    private func becomeReady() {
        isReady = true
        setStepDeadline(atNanos: detectUntilNanos)
        if isOpaque { startRelay() } else { advance() }
    }

    /// A server that speaks, or leaves, before its client settles that this is no HTTP.
    private func hearServer() {
        guard let server else { return }
        switch server.read(into: &reactor.scratch) {
        case .bytes(let count):
            noteOpaque(.notHTTP)
            beginCounting()
            server.series?.read.add(count)
            if let error = client.write(reactor.scratch, 0..<count) {
                return refuse(.connect, "\(error)")
            }
            startRelay()
        case .wouldBlock: break
        case .end, .failed:
            noteOpaque(.notHTTP)
            server.isReadable = true
            startRelay()
        }
    }
}
