// SPDX-License-Identifier: Apache-2.0

internal import MeshModel

/// One client of the admin port: a request, an answer, and the end.
final class AdminConnection: SocketOwner {
    private let reactor: Reactor
    private let clients: AdminClients
    private let service: AdminService
    private let address: SocketAddress?
    private var token: SocketToken?
    private var stream: ByteStream?
    private var received: [UInt8] = []
    private var request: AdminRequest?
    private var bodyStart = 0
    private var isAnswered = false
    private var answerBytes = 0

    /// LIMIT: bytes of a request's head; the kubelet's have some hundred.
    private static let headBytesMax = 8 << 10
    /// LIMIT: nanoseconds for a request and its answer.
    private static let patienceNanos: UInt64 = 10_000_000_000

    init?(_ socket: Int32, _ reactor: Reactor, _ clients: AdminClients, _ service: AdminService) {
        self.reactor = reactor
        self.clients = clients
        self.service = service
        address = SystemCalls.peerAddress(socket)
        super.init()
        guard let token = try? reactor.add(socket, self) else {
            SystemCalls.close(socket)
            return nil
        }
        self.token = token
        stream = ByteStream(token)
        reactor.setDeadline(reactor.nowNanos + Self.patienceNanos, of: self, token)
    }

    /// Bytes of the answer that may still be in our memory.
    var waitingBytes: Int { stream?.hasOutput == true ? answerBytes : 0 }

    override func handle(_ events: SocketEvents, on token: SocketToken) {
        guard let stream else { return }
        if events.contains(.readable) { stream.isReadable = true }
        if isAnswered { return finish(stream) }
        while true {
            switch stream.read(into: &reactor.scratch) {
            case .bytes(let count):
                received += reactor.scratch[0..<count]
                if let response = responseIfDue() { return answer(response, stream) }
            case .wouldBlock: return
            case .end, .failed: return close()
            }
        }
    }

    /// The answer, once the whole request is there, or is seen to be none.
    private func responseIfDue() -> AdminResponse? {
        if request == nil {
            guard let end = AdminRequest.headEnd(of: received) else {
                return received.count > Self.headBytesMax ? .headTooLarge : nil
            }
            do throws(AdminResponse) {
                request = try AdminRequest(parsing: received[..<end])
            } catch {
                return error
            }
            bodyStart = end
        }
        guard var request, received.count - bodyStart >= request.bodyLength else { return nil }
        request.body = Array(received[bodyStart..<bodyStart + request.bodyLength])
        return service.respond(to: request, from: address)
    }

    private func answer(_ response: AdminResponse, _ stream: ByteStream) {
        isAnswered = true
        received = []
        let bytes = response.bytes(
            withBody: request?.method != "HEAD",
            gzip: request?.acceptsGzip == true
        )
        clients.makeRoom(for: bytes.count, of: self)
        answerBytes = bytes.count
        guard stream.write(bytes, 0..<bytes.count) == nil else { return close() }
        stream.finish()
        finish(stream)
    }

    private func finish(_ stream: ByteStream) {
        if stream.flush() != nil { return close() }
        guard stream.isFinished else { return }
        // Bytes of the client that nobody read would turn the close into a reset.
        switch stream.read(into: &reactor.scratch) {
        case .end, .failed: close()
        case .bytes: reactor.runAgain(self, stream.token)
        case .wouldBlock: break
        }
    }

    override func deadlineReached(nowNanos: UInt64) { close() }

    override func abandon() { close() }

    func close() {
        guard let token else { return }
        self.token = nil
        stream = nil
        reactor.close(token)
        clients.remove(self)
    }
}
