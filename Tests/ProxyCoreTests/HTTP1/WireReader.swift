// SPDX-License-Identifier: Apache-2.0

import ProxyCore

/// Takes the bytes of one side in pieces, as a connection of the proxy does.
///
/// The fuzz target builds this file as well, so it uses nothing but what is public.
struct WireReader: ~Copyable {
    /// One message of a side.
    struct Message: Equatable {
        var request: RequestHead?
        var response: ResponseHead?
        var meaning: Exchange.OnResponseHead?
        var head: [UInt8] = []
        var body: [UInt8] = []
    }

    /// How far the side has come.
    enum State: Equatable {
        case between
        case inHead
        case inBody
        case done(extraBytes: Int)
        case refused(HTTP1Refusal)
    }

    private(set) var messages: [Message] = []
    private(set) var state = State.between
    private(set) var exchange: Exchange?
    private let readsResponses: Bool
    private var parser = HeadParser()
    private var held: [UInt8] = []

    /// Reads requests.
    init() { readsResponses = false }

    /// Reads the responses to a request.
    init(responsesTo request: RequestHead) {
        readsResponses = true
        var exchange = Exchange(request)
        // Whatever body the request has is somebody else's concern.
        if case .length(let count) = request.framing {
            _ = try? exchange.requestBytes([UInt8](repeating: 0, count: Int(count)).span)
        }
        self.exchange = exchange
    }

    /// Takes what one read brought.
    mutating func take(_ piece: [UInt8]) {
        if case .refused = state { return }
        if case .done(let count) = state {
            state = .done(extraBytes: count + piece.count)
            return
        }
        let kept = held.count
        held += piece
        if !readsResponses, kept > 0, exchange == nil,
            !HeadParser.mayHaveEnded(held.span, from: kept),
            held.count < HTTP1Limits.headBytesMax
        {
            return
        }
        let bytes = held
        held = []
        var rest = bytes[...]
        while !rest.isEmpty {
            if case .refused = state { return }
            guard step(&rest) else { break }
        }
        held = Array(rest)
        if case .done = state { state = .done(extraBytes: rest.count) }
    }

    /// Takes note that the other side has ended; whether its message is whole.
    mutating func end() -> Bool {
        if readsResponses { return exchange?.serverEnded() ?? false }
        return state == .between
    }

    private mutating func step(_ rest: inout ArraySlice<UInt8>) -> Bool {
        if case .done = state { return false }
        if state == .inBody { return takeBody(&rest) }
        return readsResponses ? takeResponse(&rest) : takeRequest(&rest)
    }

    private mutating func takeRequest(_ rest: inout ArraySlice<UInt8>) -> Bool {
        switch parser.request(Array(rest).span) {
        case .needsMore:
            state = .inHead
            return false
        case .refused(let refusal): state = .refused(refusal)
        case .head(let head):
            messages.append(Message(request: head, head: Array(rest.prefix(head.end))))
            rest = rest.dropFirst(head.end)
            let new = Exchange(head)
            exchange = new.isRequestComplete ? nil : new
            state = new.isRequestComplete ? .between : .inBody
        }
        return true
    }

    private mutating func takeResponse(_ rest: inout ArraySlice<UInt8>) -> Bool {
        switch parser.response(Array(rest).span) {
        case .needsMore:
            state = .inHead
            return false
        case .refused(let refusal): state = .refused(refusal)
        case .head(let head):
            guard let meaning = exchange?.responseHead(head) else { return false }
            if case .refused(let refusal) = meaning {
                state = .refused(refusal)
                return true
            }
            var message = Message(response: head, head: Array(rest.prefix(head.end)))
            message.meaning = meaning
            messages.append(message)
            rest = rest.dropFirst(head.end)
            switch meaning {
            case .interim: state = .between
            case .tunnel: state = .done(extraBytes: 0)
            case .final, .refused:
                state = exchange?.isResponseComplete == true ? .done(extraBytes: 0) : .inBody
            }
        }
        return true
    }

    private mutating func takeBody(_ rest: inout ArraySlice<UInt8>) -> Bool {
        do throws(HTTP1Refusal) {
            let bytes = Array(rest)
            let count =
                readsResponses
                ? try exchange?.responseBytes(bytes.span) ?? 0
                : try exchange?.requestBytes(bytes.span) ?? 0
            messages[messages.count - 1].body += rest.prefix(count)
            rest = rest.dropFirst(count)
        } catch {
            // How much of the body was read before depends on the pieces.
            messages[messages.count - 1].body = []
            state = .refused(error)
            return true
        }
        if readsResponses {
            if exchange?.isResponseComplete == true { state = .done(extraBytes: 0) }
        } else if exchange?.isRequestComplete == true {
            exchange = nil
            state = .between
        }
        return true
    }
}

extension WireReader {
    /// What reading gave, to be compared.
    struct Outcome: Equatable {
        var messages: [Message]
        var state: State
        var isWhole: Bool
        var reusesClient: Bool?
        var reusesServer: Bool?
    }

    /// Reads bytes cut at some places; `to` is the request that they respond to, if they do.
    static func outcome(
        of bytes: [UInt8],
        cutAt places: [Int] = [],
        to request: RequestHead? = nil
    ) -> Outcome {
        var reader = request.map { WireReader(responsesTo: $0) } ?? WireReader()
        var start = 0
        for place in places + [bytes.count] {
            reader.take(Array(bytes[start..<place]))
            start = place
        }
        let isWhole = reader.end()
        return Outcome(
            messages: reader.messages,
            state: reader.state,
            isWhole: isWhole,
            reusesClient: reader.exchange?.reusesClient,
            reusesServer: reader.exchange?.reusesServer
        )
    }
}
