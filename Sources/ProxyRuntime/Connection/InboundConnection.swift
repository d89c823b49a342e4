// SPDX-License-Identifier: Apache-2.0

internal import MeshModel
internal import ProxyCore

/// A connection to the pod.
///
/// Overview: the first bytes are looked at, not taken. TLS for our own name is ended here and gives
/// the client an identity; HTTP/1 goes on as requests, and other bytes pass as they are, if the
/// policy lets unnamed clients in. The application is connected early where that is so: a server
/// that speaks first is then heard at once. A connection straight to the inbound port must be
/// mutual TLS with a transport header. Where no redirect led here, `forwardTo` stands in for what a
/// redirect would say, and both kinds of clients come to the inbound port: only their bytes tell
/// them apart.
final class InboundConnection: ProxiedConnection {
    private enum Phase {
        case detecting, handshake, header, inside, connecting, over
    }

    private let snapshot: Snapshot
    /// Where the client meant to go; nil when it came to the inbound port itself.
    private let destination: SocketAddress?
    private let isRedirected: Bool
    private let acceptedNanos: UInt64
    /// When the client must have shown whether it speaks TLS; nil while its silence is nothing odd.
    private var detectUntilNanos: UInt64?
    /// When the first part of what looks like a request's first line was seen.
    private var headSinceNanos: UInt64?
    /// When a first word was seen that is no registered method.
    private var oddWordSinceNanos: UInt64?
    private var phase = Phase.detecting {
        didSet { if oldValue == .handshake, phase != .handshake { worker.handshakes.end() } }
    }
    /// Why the application could not be connected early; who needs it will be told.
    private var earlyFailure: String?
    private var identity: String?
    /// Whether the client speaks TLS with somebody behind us.
    private var isTLSPassedOn = false
    private var session: TLSSession?

    init?(_ socket: Int32, _ worker: Worker) {
        snapshot = worker.snapshot
        acceptedNanos = worker.reactor.nowNanos
        // With connection tracking but no redirect, the kernel names our own port.
        let original = SystemCalls.originalDestination(socket).flatMap {
            $0.port == worker.snapshot.inboundPort ? nil : $0
        }
        isRedirected = original != nil
        destination = original ?? snapshot.forwardTo
        super.init(socket, .inbound, worker)
    }

    /// Begins; the client may have sent bytes already.
    func start() {
        if let foreign = foreignAddress {
            return refuse(.policy, "the pod has no such address", [("to", "\(foreign)")])
        }
        if let destination, let client = clientAddress {
            let unnamed = snapshot.authorizer.decide(client: client.ip, identity: nil)
            switch unnamed {
            case .allowed:
                guard !isOpaque else { return connectEarly() }
                let isKnown = worker.pool.speaksHTTP(destination)
                let timing = worker.timing
                setStepDeadline(
                    afterNanos: isKnown ? timing.silentClientNanos : timing.eagerConnectNanos
                )
                return detect()
            case .denied(let reason) where isOpaque:
                count(destination, allowedBy: nil)
                return refuse(.policy, reason, [("to", "\(destination)")])
            case .denied: break
            }
        }
        awaitClient()
        advance()
    }

    /// Where the client meant to go, if that is none of the pod's addresses: who can send packets
    /// here must not reach through the pod what is behind it.
    private var foreignAddress: SocketAddress? {
        let meant =
            isRedirected ? destination : SystemCalls.localAddress(client.token.descriptor)
        guard let meant, !snapshot.ownAddresses.mayBePods(meant.ip) else { return nil }
        return meant
    }

    /// The application may have something to say while the client's first bytes are not enough.
    private func hearApplication() {
        if server == nil, earlyFailure == nil, isAllowed { connectEarly() }
    }

    private func connectEarly() {
        guard let destination else { return }
        connect(to: destination)
    }

    /// Whether the bytes are not to be looked at.
    ///
    /// Without a redirect the port is the proxy's own: clients of the mesh come there by TLS
    /// whatever port they mean.
    private var isOpaque: Bool {
        guard isRedirected, let destination else { return false }
        return snapshot.opaquePorts.contains(destination.port)
    }

    override func serverConnected() {
        if phase == .detecting, isOpaque { startRelay() } else { advance() }
    }

    override var clientTLS: TrafficLabels.TLS {
        if client.tls != nil { return .mutual(peer: identity) }
        if isTLSPassedOn { return .passedOn }
        return .none(reason: isOpaque ? "port_skipped" : "no_tls_from_remote")
    }

    override var refusedTarget: SocketAddress? { serverAddress ?? destination }

    /// The application may be wanted on another port, or not at all: the client's bytes will tell.
    override func serverFailed(_ reason: String, _ address: SocketAddress) -> Bool {
        switch phase {
        case .detecting where isOpaque, .connecting: return false
        case .detecting where isRedirected || snapshot.tls == nil:
            // A request will be told; it should be here soon.
            setStepDeadline(afterNanos: worker.timing.serverFirstNanos)
        case .detecting: awaitClient()
        case .handshake, .header, .inside, .over: break
        }
        earlyFailure = reason
        return true
    }

    override func stepTimedOut() {
        if phase == .inside {
            guard let destination, headSinceNanos != nil else {
                return decidedInside(.readTimeout)
            }
            countDetected(.readTimeout)
            return becomeHTTP1(
                to: destination,
                identity: identity,
                early: early,
                headSinceNanos: headSinceNanos
            )
        }
        guard phase == .detecting else { return super.stepTimedOut() }
        if server == nil, earlyFailure == nil, detectUntilNanos == nil { return connectEarly() }
        if earlyFailure != nil, detectUntilNanos == nil { return passOn(.readTimeout) }
        guard let detectUntilNanos, detectUntilNanos <= reactor.nowNanos else { return detect() }
        switch SystemCalls.peek(client.token.descriptor, into: &reactor.scratch) {
        case .wouldBlock where earlyFailure == nil: super.stepTimedOut()
        case .bytes where headSinceNanos != nil: becomeLateRequest()
        case .bytes, .wouldBlock, .end, .failed: passOn(.readTimeout)
        }
    }

    /// Half of a request's first line, after all the time that it had.
    private func becomeLateRequest() {
        guard let destination else { return passOn(.readTimeout) }
        countDetected(.readTimeout)
        becomeHTTP1(to: destination, headSinceNanos: headSinceNanos)
    }

    override func advance() {
        switch phase {
        case .detecting: detect()
        case .handshake: shakeHands()
        case .header: readHeader()
        case .inside: readInside()
        case .connecting: if isServerConnected { startRelay() }
        case .over: break
        }
    }

    // MARK: Detection

    private func detect() {
        switch SystemCalls.peek(client.token.descriptor, into: &reactor.scratch) {
        case .bytes(let count):
            let hello = Array(reactor.scratch[..<min(count, ClientHello.recordBytesMax + 1)])
            switch ClientHello.scan(hello.span) {
            case .needsMore where client.isEnding: passOn(.notHTTP)
            case .needsMore where isServerSpeaking:
                heardServer(afterNanos: worker.timing.partialHelloNanos)
            case .needsMore:
                hearApplication()
                awaitClient()
            case .notTLS: sawPlain(hello.span)
            case .tls(let serverName): sawHello(serverName)
            }
        case .end: passOn(.notHTTP)
        case .wouldBlock:
            if isServerSpeaking { heardServer(afterNanos: worker.timing.serverFirstNanos) }
        case .failed(let error): refuse(.tls, "\(error)")
        }
    }

    private func sawPlain(_ first: Span<UInt8>) {
        let count = min(first.count, ProtocolScan.lineBytesMax)
        let scan = ProtocolScan.of(first.extracting(..<count))
        switch scan {
        case .http1:
            guard let destination else { return passOn(.http1) }
            countDetected(.http1)
            becomeHTTP1(to: destination)
        case .http2, .opaque: passOn(.init(scan))
        case .needsMore:
            let prospect = ProtocolScan.prospect(first)
            if client.isEnding || prospect == .unlikely || isServerSpeaking {
                return passOn(.notHTTP)
            }
            hearApplication()
            awaitClient()
            if ProtocolScan.beginsLikeRequest(first) {
                awaitHead()
            } else if prospect == .possible {
                awaitOddWord()
            }
        }
    }

    private func awaitOddWord() {
        let since = oddWordSinceNanos ?? reactor.nowNanos
        oddWordSinceNanos = since
        let deadline = since + worker.timing.oddWordNanos
        detectUntilNanos = min(detectUntilNanos ?? deadline, deadline)
        setStepDeadline(atNanos: detectUntilNanos)
    }

    /// A request's head has its time from its first byte on.
    private func awaitHead() {
        let since = headSinceNanos ?? reactor.nowNanos
        headSinceNanos = since
        let deadline = since + worker.timing.headNanos
        guard let usual = detectUntilNanos, deadline < usual else { return }
        detectUntilNanos = deadline
        setStepDeadline(atNanos: deadline)
    }

    /// The client gets a while, once; what has not become TLS by then is not for us.
    private func awaitClient() {
        let deadline =
            detectUntilNanos ?? reactor.nowNanos + worker.timing.sides.inbound.detectNanos
        detectUntilNanos = deadline
        setStepDeadline(atNanos: deadline)
    }

    /// A server that speaks, or leaves, before its client settles that the client speaks no TLS to
    /// us; unless the client has only just come.
    private func heardServer(afterNanos patience: UInt64) {
        let deadline = acceptedNanos + patience
        guard snapshot.tls != nil, reactor.nowNanos < deadline else {
            countDetected(.notHTTP)
            return startRelay()
        }
        setStepDeadline(atNanos: deadline)
    }

    private var isServerSpeaking: Bool {
        guard isServerConnected, let server, server.isReadable else { return false }
        let said = SystemCalls.peek(server.token.descriptor, into: &reactor.scratch)
        // The kernel tells of a reset but once, and of an end from then on.
        if case .failed(let error) = said { server.writeError = error }
        return said != .wouldBlock
    }

    private func sawHello(_ serverName: String?) {
        guard isOurs(serverName) else {
            isTLSPassedOn = true
            return passOn(.notHTTP)
        }
        guard let tls = snapshot.tls else {
            return refuse(.noIdentity, "TLS for this proxy, whose identity is not loaded yet")
        }
        guard let session = tls.acceptSession(on: client.token.descriptor, reactor.tlsFlight) else {
            return refuse(.limit, "out of memory")
        }
        self.session = session
        phase = .handshake
        worker.handshakes.begin(client.token)
        setStepDeadline(afterNanos: worker.timing.sides.inbound.detectNanos)
        shakeHands()
    }

    /// A SPIFFE ID is no server name (RFC 6066 section 3): who means it names none.
    private func isOurs(_ serverName: String?) -> Bool {
        guard let own = snapshot.identityName else { return false }
        return own.contains(":") ? serverName == nil && !isRedirected : serverName == own
    }

    /// Bytes that are not for us to read: the application's, if unnamed clients may send any.
    private func passOn(_ detected: WorkerMetrics.Detected) {
        countDetected(detected)
        guard let destination else {
            return refuse(.noIdentity, "direct connections must be mutual TLS of the mesh")
        }
        admit(to: destination)
    }

    // MARK: TLS

    /// Whether the handshake is neither done nor given up.
    var isShakingHands: Bool { phase == .handshake }

    /// Ends here, so that another may begin.
    func giveWay() { refuse(.limit, "too many handshakes at once, and this is the oldest") }

    override func ended() { phase = .over }

    private func shakeHands() {
        guard let session else { return }
        switch session.handshake() {
        case .inProgress: if case .failed(let error) = session.flush() { refuse(.tls, "\(error)") }
        case .failed(let error):
            refuse(Refusal(error.kind), error.reason)
        case .done:
            client.tls = session
            identity = session.peerIdentity
            phase = .header
            if session.hasTransportProtocol {
                readHeader()
            } else if destination != nil {
                phase = .inside
                setStepDeadline(atNanos: nil)
                readInside()
            } else {
                refuse(.header, "a direct connection without a transport header")
            }
        }
    }

    /// Looks at what comes through TLS without a header; either side may speak first.
    private func readInside() {
        guard let destination else { return }
        while true {
            switch client.read(into: &reactor.scratch) {
            case .bytes(let count):
                if early.isEmpty {
                    setStepDeadline(afterNanos: worker.timing.sides.inbound.detectNanos)
                }
                early += reactor.scratch[0..<count]
                let first = Array(early.prefix(ProtocolScan.lineBytesMax))
                let scan = ProtocolScan.of(first.span)
                switch scan {
                case .needsMore:
                    let prospect = ProtocolScan.prospect(early.span)
                    if prospect == .unlikely { return decidedInside(.notHTTP) }
                    guard ProtocolScan.beginsLikeRequest(early.span) else {
                        if prospect == .possible { awaitOddWord() }
                        continue
                    }
                    let since = headSinceNanos ?? reactor.nowNanos
                    headSinceNanos = since
                    setStepDeadline(atNanos: since + worker.timing.headNanos)
                case .http2, .opaque: return decidedInside(.init(scan))
                case .http1:
                    countDetected(.http1)
                    return becomeHTTP1(to: destination, identity: identity, early: early)
                }
            case .wouldBlock: break
            case .end, .failed:
                client.isReadable = true
                return decidedInside(.notHTTP)
            }
            if isServerSpeaking { return decidedInside(.notHTTP) }
            hearApplication()
            return
        }
    }

    private var isAllowed: Bool {
        guard let client = clientAddress else { return false }
        if case .allowed = snapshot.authorizer.decide(client: client.ip, identity: identity) {
            return true
        }
        return false
    }

    private func decidedInside(_ detected: WorkerMetrics.Detected) {
        countDetected(detected)
        if let destination { admit(to: destination) }
    }

    private var header: [UInt8] = []

    private func readHeader() {
        guard identity != nil else {
            return refuse(.noIdentity, "direct connections must show a certificate")
        }
        while true {
            switch TransportHeader.scan(header.span) {
            case .malformed(let reason): return refuse(.header, reason)
            case .header(let found, let byteCount): return take(found, byteCount)
            case .needsMore: break
            }
            switch client.read(into: &reactor.scratch) {
            case .bytes(let count): header += reactor.scratch[0..<count]
            case .wouldBlock: return
            case .end: return refuse(.header, "the client left before its transport header")
            case .failed(let error):
                guard let violation = client.tls?.violation else {
                    return refuse(.header, "\(error)")
                }
                return refuse(Refusal(violation.kind), violation.reason)
            }
        }
    }

    private func take(_ found: TransportHeader, _ byteCount: Int) {
        guard found.name == nil else {
            return refuse(.header, "this proxy is no gateway")
        }
        guard found.port != snapshot.inboundPort else {
            return refuse(.loop, "the transport header leads back to the proxy")
        }
        // What came behind the header is the application's.
        early = Array(header[byteCount...])
        header = []
        let target = SocketAddress(ip: host(of: found.port), port: found.port)
        count(found)
        switch found.sessionProtocol {
        case .http1: becomeHTTP1(to: target, identity: identity, early: early)
        case .http2, nil: admit(to: target)
        }
    }

    /// Where a port that a client of the mesh names is: at a loopback address of the client's
    /// version of IP, by which it would have met the application without a mesh.
    ///
    /// At the admin port, loopback addresses may do more: whoever comes through the mesh must come
    /// there as somebody from outside, from the address that it has reached us at.
    private func host(of port: UInt16) -> IPAddress {
        let loopback = clientAddress?.ip.bitWidth == 128 ? IPAddress.loopbackV6 : .loopbackV4
        guard port == snapshot.adminPort else { return snapshot.forwardTo?.ip ?? loopback }
        return SystemCalls.localAddress(client.token.descriptor)?.ip ?? loopback
    }

    private var early: [UInt8] = []

    private func count(_ header: TransportHeader) {
        let name =
            switch header.sessionProtocol {
            case .http1: "http/1"
            case .http2: "http/2"
            case nil: ""
            }
        let client = TrafficLabels.escaped(identity ?? "")
        worker.metrics.shard.counter(
            .transportHeaders,
            "session_protocol=\"\(name)\",target_port=\"\(header.port)\",target_name=\"\""
                + ",client_id=\"\(client)\""
        ).add()
    }

    /// Counts what the first bytes were; those of a connection straight to us say so themselves.
    private func countDetected(_ result: WorkerMetrics.Detected) {
        guard let destination else { return }
        worker.metrics.detected(
            result,
            server: TrafficLabels.server(snapshot.defaultPolicy, port: destination.port),
            nanos: reactor.nowNanos &- acceptedNanos
        )
    }

    /// Counts what the policy says of a connection of bytes.
    private func count(_ target: SocketAddress, allowedBy authorization: String?) {
        let labels = TrafficLabels(direction: .inbound, target: target, tls: clientTLS).text
        let server = TrafficLabels.server(snapshot.defaultPolicy, port: target.port)
        guard let authorization else {
            return worker.metrics.shard.counter(.inboundTCPDenied, "\(labels),\(server)").add()
        }
        let by = TrafficLabels.authorization(authorization)
        worker.metrics.shard.counter(.inboundTCPAllowed, "\(labels),\(server),\(by)").add()
    }

    // MARK: Policy

    private func admit(to target: SocketAddress) {
        guard let client = clientAddress else {
            return refuse(.policy, "the client has no address")
        }
        switch snapshot.authorizer.decide(client: client.ip, identity: identity) {
        case .denied(let reason):
            count(target, allowedBy: nil)
            refuse(
                .policy,
                reason,
                [("to", "\(target)"), ("identity", identity ?? "none")]
            )
        case .allowed(let authorization):
            count(target, allowedBy: authorization)
            setStepDeadline(atNanos: nil)
            phase = .connecting
            // The one that was connected early may not be the one that the client means.
            if server != nil, serverAddress != target { dropServer() }
            if let earlyFailure, target == destination {
                refuse(.connect, "cannot connect: \(earlyFailure)", [("to", "\(target)")])
            } else if server == nil {
                connect(to: target)
            } else if isServerConnected {
                startRelay()
            }
        }
    }

    override func startRelay() {
        // Whose server was heard first has not been asked about since it came.
        if phase == .detecting, let destination, let client = clientAddress,
            case .allowed(let by) = snapshot.authorizer.decide(client: client.ip, identity: nil)
        {
            count(destination, allowedBy: by)
        }
        if !early.isEmpty, let server {
            let bytes = early
            early = []
            beginCounting()
            client.series?.read.add(bytes.count)
            if let error = server.write(bytes, 0..<bytes.count) {
                return refuse(.connect, "\(error)")
            }
        }
        super.startRelay()
    }
}
