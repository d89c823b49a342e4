// SPDX-License-Identifier: Apache-2.0

internal import MeshModel
internal import ProxyCore

/// A connection to the pod.
///
/// Overview: the first bytes are looked at, not taken. TLS for our own name is ended here and gives
/// the client an identity; other bytes pass as they are, if the policy lets unnamed clients in. The
/// application is connected early where that is so: a server that speaks first is then heard at
/// once. A connection straight to the inbound port must be mutual TLS with a transport header.
final class InboundConnection: ProxiedConnection {
    private enum Phase {
        case detecting, handshake, header, connecting
    }

    private let snapshot: Snapshot
    /// Where the client meant to go; nil when it came to the inbound port itself.
    private let destination: SocketAddress?
    private var phase = Phase.detecting
    private var identity: String?
    private var session: TLSSession?

    init?(_ socket: Int32, _ worker: Worker) {
        snapshot = worker.store.snapshot
        let original = SystemCalls.originalDestination(socket)
        if let original {
            destination = original.port == snapshot.inboundPort ? nil : original
        } else {
            destination = snapshot.forwardTo
        }
        super.init(socket, .inbound, worker)
    }

    /// Begins; the client may have sent bytes already.
    func start() {
        if let destination, let client = clientAddress {
            let unnamed = snapshot.authorizer.decide(client: client.ip, identity: nil)
            if case .allowed = unnamed {
                return connect(
                    to: destination,
                    withinNanos: worker.timing.inboundConnectNanos
                )
            }
            if isOpaque(destination), case .denied(let reason) = unnamed {
                return refuse(.policy, reason, [("to", "\(destination)")])
            }
        }
        setDeadline(afterNanos: worker.timing.detectNanos)
        advance()
    }

    private func isOpaque(_ address: SocketAddress) -> Bool {
        snapshot.opaquePorts.contains(address.port)
    }

    override func serverConnected() {
        guard phase == .detecting, let destination, isOpaque(destination) else { return advance() }
        startRelay()
    }

    override func advance() {
        switch phase {
        case .detecting: detect()
        case .handshake: shakeHands()
        case .header: readHeader()
        case .connecting: if isServerConnected { startRelay() }
        }
    }

    // MARK: Detection

    private func detect() {
        switch SystemCalls.peek(client.token.descriptor, into: &reactor.scratch) {
        case .bytes(let count):
            let hello = Array(reactor.scratch[..<min(count, ClientHello.recordBytesMax + 1)])
            switch ClientHello.scan(hello.span) {
            case .needsMore: if isServerSpeaking { startRelay() }
            case .notTLS: passOn()
            case .tls(let serverName): sawHello(serverName)
            }
        case .end: passOn()
        case .wouldBlock: if isServerSpeaking { startRelay() }
        case .failed(let error): refuse(.tls, "\(error)")
        }
    }

    /// A server that speaks before its client settles that the client speaks no TLS to us.
    private var isServerSpeaking: Bool {
        guard isServerConnected, let server, server.isReadable else { return false }
        if case .bytes = SystemCalls.peek(server.token.descriptor, into: &reactor.scratch) {
            return true
        }
        return false
    }

    private func sawHello(_ serverName: String?) {
        guard let tls = snapshot.tls, serverName == tls.name else { return passOn() }
        guard let session = tls.acceptSession(on: client.token.descriptor) else {
            return refuse(.limit, "out of memory")
        }
        self.session = session
        phase = .handshake
        setDeadline(afterNanos: worker.timing.detectNanos)
        shakeHands()
    }

    /// Bytes that are not for us to read: the application's, if unnamed clients may send any.
    private func passOn() {
        guard let destination else {
            return refuse(.noIdentity, "direct connections must be mutual TLS of the mesh")
        }
        admit(to: destination)
    }

    // MARK: TLS

    private func shakeHands() {
        guard let session else { return }
        switch session.handshake() {
        case .inProgress: if case .failed(let error) = session.flush() { refuse(.tls, "\(error)") }
        case .failed(let error):
            refuse(ConnectionCounters.Refusal(error.kind), error.reason)
        case .done:
            client.tls = session
            identity = session.peerIdentity
            if session.hasTransportProtocol {
                phase = .header
                readHeader()
            } else if let destination {
                admit(to: destination)
            } else {
                refuse(.header, "a direct connection without a transport header")
            }
        }
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
            case .failed(let error): return refuse(.header, "\(error)")
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
        let host = snapshot.forwardTo?.ip ?? .loopbackV4
        admit(to: SocketAddress(ip: host, port: found.port))
    }

    private var early: [UInt8] = []

    // MARK: Policy

    private func admit(to target: SocketAddress) {
        guard let client = clientAddress else {
            return refuse(.policy, "the client has no address")
        }
        switch snapshot.authorizer.decide(client: client.ip, identity: identity) {
        case .denied(let reason):
            refuse(
                .policy,
                reason,
                [("to", "\(target)"), ("identity", identity ?? "none")]
            )
        case .allowed:
            phase = .connecting
            if server != nil {
                if isServerConnected { startRelay() }
            } else {
                connect(to: target, withinNanos: worker.timing.inboundConnectNanos)
            }
        }
    }

    override func startRelay() {
        if !early.isEmpty, let server {
            let bytes = early
            early = []
            if let error = server.write(bytes, 0..<bytes.count) {
                return refuse(.connect, "\(error)")
            }
        }
        super.startRelay()
    }
}
