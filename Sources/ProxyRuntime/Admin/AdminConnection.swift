// SPDX-License-Identifier: Apache-2.0

/// One client of the admin port: a request, an answer, and the end.
final class AdminConnection: SocketOwner {
    private let reactor: Reactor
    private let respond: (AdminRequest) -> AdminResponse
    private var token: SocketToken?
    private var stream: ByteStream?
    private var request: [UInt8] = []
    private var isAnswered = false

    /// LIMIT: bytes of a request's head; the kubelet's have some hundred.
    private static let headBytesMax = 8 << 10
    /// LIMIT: nanoseconds for a request and its answer.
    private static let patienceNanos: UInt64 = 10_000_000_000

    init?(_ socket: Int32, _ reactor: Reactor, _ respond: @escaping (AdminRequest) -> AdminResponse)
    {
        self.reactor = reactor
        self.respond = respond
        super.init()
        guard let token = try? reactor.add(socket, self) else {
            SystemCalls.close(socket)
            return nil
        }
        self.token = token
        stream = ByteStream(token)
        reactor.setDeadline(reactor.nowNanos + Self.patienceNanos, of: self, token)
    }

    override func handle(_ events: SocketEvents, on token: SocketToken) {
        guard let stream else { return }
        if events.contains(.readable) { stream.isReadable = true }
        if isAnswered { return finish(stream) }
        while true {
            switch stream.read(into: &reactor.scratch) {
            case .bytes(let count):
                request += reactor.scratch[0..<count]
                if let end = AdminRequest.headEnd(of: request) {
                    return answer(AdminRequest(parsing: request[..<end]), stream)
                }
                guard request.count <= Self.headBytesMax else {
                    return answer(nil, stream)
                }
            case .wouldBlock: return
            case .end, .failed: return close()
            }
        }
    }

    private func answer(_ request: AdminRequest?, _ stream: ByteStream) {
        isAnswered = true
        let response = request.map(respond) ?? AdminResponse(status: 400, body: "bad request\n")
        let bytes = response.bytes(
            withBody: request?.method != "HEAD",
            gzip: request?.acceptsGzip == true
        )
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

    private func close() {
        if let token { reactor.close(token) }
        token = nil
        stream = nil
    }
}

/// A request to the admin port: what of HTTP/1 it needs.
struct AdminRequest: Equatable {
    let method: String
    /// Without its query.
    let path: String
    /// Whether the client takes a compressed answer (RFC 9110 section 12.5.3).
    let acceptsGzip: Bool

    /// The end of the head, past its empty line.
    static func headEnd(of bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 3..<bytes.count
        where bytes[index] == 0x0A && bytes[index - 1] == 0x0D && bytes[index - 2] == 0x0A {
            return index + 1
        }
        return nil
    }

    /// Nothing when the first line is no request line (RFC 9112 section 3).
    init?(parsing head: ArraySlice<UInt8>) {
        let line = head.prefix { $0 != 0x0D }
        let words = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard words.count == 3, words[2].starts(with: "HTTP/1.".utf8), words[1].first == 0x2F else {
            return nil
        }
        method = String(decoding: words[0], as: UTF8.self)
        path = String(decoding: words[1].prefix { $0 != 0x3F }, as: UTF8.self)
        acceptsGzip = head.split(separator: 0x0A).dropFirst().contains(where: Self.asksForGzip)
    }

    /// Whether a field line is `accept-encoding` with gzip in it, and not with a weight of zero.
    private static func asksForGzip(_ line: ArraySlice<UInt8>) -> Bool {
        let text = String(decoding: line, as: UTF8.self).lowercased()
        guard let colon = text.firstIndex(of: ":"), text[..<colon] == "accept-encoding" else {
            return false
        }
        return text[text.index(after: colon)...].split(separator: ",").contains { coding in
            let words = coding.filter { $0 != " " && $0 != "\t" && $0 != "\r" && $0 != "\r\n" }
                .split(separator: ";")
            guard words.first == "gzip" else { return false }
            return !words.dropFirst().contains { word in
                word.hasPrefix("q=") && word.dropFirst(2).allSatisfy { $0 == "0" || $0 == "." }
            }
        }
    }
}

/// An answer of the admin port.
struct AdminResponse {
    let status: Int
    let body: String
    var contentType = "text/plain"

    private static let reasons = [
        200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found",
        405: "Method Not Allowed", 503: "Service Unavailable",
    ]

    /// LIMIT: bytes of a body below which it is not worth compressing: it fits one packet.
    private static let gzipBytesMin = 1400

    func bytes(withBody: Bool, gzip: Bool) -> [UInt8] {
        var content = Array(body.utf8)
        var encoding = ""
        if gzip, content.count >= Self.gzipBytesMin, let compressed = Gzip.compressed(content) {
            content = compressed
            encoding = "content-encoding: gzip\r\n"
        }
        let head =
            "HTTP/1.1 \(status) \(Self.reasons[status] ?? "Error")\r\n"
            + "content-type: \(contentType)\r\ncontent-length: \(content.count)\r\n\(encoding)"
            + "vary: accept-encoding\r\nconnection: close\r\n\r\n"
        return Array(head.utf8) + (withBody ? content : [])
    }
}
