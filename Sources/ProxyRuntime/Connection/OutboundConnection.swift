// SPDX-License-Identifier: Apache-2.0

internal import MeshModel
internal import ProxyCore

/// A connection from the pod.
///
/// Overview: the destination's endpoints are known or it is its own; one is connected at once,
/// since either side may speak first. A peer with an identity is spoken to by mutual TLS on its
/// inbound port, with a header that says which port is meant; never in the clear.
final class OutboundConnection: ProxiedConnection {
    private let snapshot: Snapshot
    private let destination: SocketAddress
    /// Whether a listener of one service brought it here.
    private let isForService: Bool
    private var candidates: [Peer] = []
    private var endpoint: Peer?
    private var session: TLSSession?
    private var isReady = false

    /// LIMIT: endpoints that are tried; more would outlast the client's patience.
    private static let triesMax = 3

    /// `destination` is known where a listener serves one service; else it is the redirect's.
    init?(_ socket: Int32, to destination: SocketAddress?, _ worker: Worker) {
        snapshot = worker.store.snapshot
        guard let target = destination ?? Self.redirectedFrom(socket) else {
            worker.counters.refuse(.outbound, .loop)
            worker.log.log(
                .warn,
                "connection refused",
                [("direction", "outbound"), ("reason", "no redirect led here")]
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
        if let entry = snapshot.missingAllowEntry(for: destination) {
            return refuse(
                .policy,
                "outgoing.allow has no entry for it, such as \(entry)",
                [("to", "\(destination)")]
            )
        }
        let all = snapshot.candidates(for: destination)
        guard !all.isEmpty else {
            let reason = snapshot.reasonForNoCandidates(at: destination)
            return refuse(.connect, reason, [("to", "\(destination)")])
        }
        candidates = Peer.choice(from: all, turn: turn, count: Self.triesMax)
        tryNext()
    }

    private func tryNext() {
        let next = candidates.removeFirst()
        endpoint = next
        guard next.identity != nil else {
            return connect(to: next.address, withinNanos: worker.timing.outboundConnectNanos)
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
            return connect(to: next.address, withinNanos: worker.timing.outboundConnectNanos)
        }
        connect(to: proxy, withinNanos: worker.timing.outboundConnectNanos)
    }

    override func serverFailed(_ reason: String) -> Bool {
        guard !candidates.isEmpty else { return false }
        tryNext()
        return true
    }

    override func serverConnected() {
        guard let identity = endpoint?.identity, let tls = snapshot.tls, let server else {
            return startRelay()
        }
        session = tls.connectSession(
            on: server.token.descriptor,
            to: identity,
            withTransportHeader: true
        )
        guard session != nil else { return refuse(.limit, "out of memory") }
        setStepDeadline(afterNanos: worker.timing.detectNanos)
        advance()
    }

    override func advance() {
        guard isServerConnected, let session, !isReady else { return }
        switch session.handshake() {
        case .inProgress: if case .failed(let error) = session.flush() { refuse(.tls, "\(error)") }
        case .failed(let error):
            refuse(
                ConnectionCounters.Refusal(error.kind),
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
        isReady = true
        server.tls = session
        server.isReadable = true
        let header = TransportHeader(port: port, name: nil, sessionProtocol: nil).encoded()
        if let error = server.write(header, 0..<header.count) { return refuse(.tls, "\(error)") }
        startRelay()
    }
}
