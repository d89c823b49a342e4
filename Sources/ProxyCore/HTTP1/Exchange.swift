// SPDX-License-Identifier: Apache-2.0

/// One request and its responses, without I/O: where both messages end, and what becomes of the two
/// connections after them.
///
/// Invariants: a connection is reused only when both messages have ended where their framing says;
/// a response that was cut off is never taken for a whole one.
public struct Exchange: Sendable {
    /// What a response's head means.
    public enum OnResponseHead: Equatable, Sendable {
        /// It is passed on, and another follows.
        case interim
        /// It is passed on, and then bytes pass both ways, unread.
        case tunnel
        /// It is passed on; its body follows.
        case final
        /// The server may not say that.
        case refused(HTTP1Refusal)
    }

    private let method: RequestHead.Method
    private let requestIsHTTP10: Bool
    private let asksUpgrade: Bool
    private var clientKeepsAlive: Bool
    private var serverKeepsAlive = true
    private var interimCount = 0
    private var request: BodyReader
    private var response: BodyReader?

    /// Begins when a request's head has been read.
    public init(_ head: RequestHead) {
        method = head.method
        requestIsHTTP10 = head.isHTTP10
        asksUpgrade = head.asksUpgrade
        clientKeepsAlive = head.keepsAlive
        // CONNECT has no body: what follows is the tunnel's, and waits for it.
        request = BodyReader(head.framing)
    }

    /// Whether the whole request has been read.
    public var isRequestComplete: Bool { request.isComplete }
    /// Whether a final response's head has been read.
    public var hasResponse: Bool { response != nil }
    /// Whether the whole final response has been read.
    public var isResponseComplete: Bool { response?.isComplete ?? false }
    /// Whether both messages have ended.
    public var isComplete: Bool { isRequestComplete && isResponseComplete }
    /// Whether the request asks for another protocol.
    public var isUpgrade: Bool { asksUpgrade }
    /// Whether the request was HTTP/1.0.
    public var isHTTP10: Bool { requestIsHTTP10 }

    /// Whether the client may send another request after this exchange.
    ///
    /// Known from the response's head on, so that it can be told; a response without length, or one
    /// that comes before the request has ended, ends the connection.
    public var reusesClient: Bool { clientKeepsAlive }
    /// Whether the server may be sent another request.
    public var reusesServer: Bool { serverKeepsAlive && isComplete }

    /// Takes bytes behind the request's head, and returns how many are the request's.
    public mutating func requestBytes(_ bytes: Span<UInt8>) throws(HTTP1Refusal) -> Int {
        try request.consume(bytes)
    }

    /// Takes a response's head.
    public mutating func responseHead(_ head: ResponseHead) -> OnResponseHead {
        if head.isInterim {
            interimCount += 1
            guard interimCount <= HTTP1Limits.interimResponsesMax else {
                return .refused(.tooManyInterimResponses)
            }
            return .interim
        }
        if head.status == 101 {
            guard asksUpgrade else { return .refused(.switchWithoutUpgrade) }
            return .tunnel
        }
        if method == .connect, (200..<300).contains(head.status) { return .tunnel }
        let framing = Self.framing(of: head, to: method)
        guard !requestIsHTTP10 || framing != .chunked else {
            return .refused(.responseToHTTP10Chunked)
        }
        response = BodyReader(framing)
        serverKeepsAlive = head.keepsAlive && framing != .untilClose
        if framing == .untilClose || head.isHTTP10 || !isRequestComplete {
            clientKeepsAlive = false
        }
        return .final
    }

    /// RFC 9112 section 6.3: the request and the status go before the fields.
    private static func framing(
        of head: ResponseHead,
        to method: RequestHead.Method
    ) -> BodyFraming {
        switch head.status {
        case 204, 304: .none
        default: method == .head ? .none : head.framing
        }
    }

    /// Takes bytes behind the final response's head, and returns how many are the response's.
    public mutating func responseBytes(_ bytes: Span<UInt8>) throws(HTTP1Refusal) -> Int {
        guard response != nil else { return 0 }
        return try response?.consume(bytes) ?? 0
    }

    /// Takes note that the server's connection has ended; whether the response is whole.
    public mutating func serverEnded() -> Bool {
        serverKeepsAlive = false
        return response?.connectionEnded() ?? false
    }

    /// Ends the client's connection after this exchange.
    public mutating func closeClient() { clientKeepsAlive = false }
}
