// SPDX-License-Identifier: Apache-2.0

internal import MeshConfig
internal import MeshModel
internal import ProxyCore

// From the server to the client.
extension HTTP1Connection {
    /// Reads from the server once and passes it on; whether anything moved.
    func moveResponse() -> Bool {
        guard exchange != nil, let upstream, upstream.isReady, !client.hasOutput else {
            return false
        }
        let hasMoved = reactor.withScratch { readServer(upstream, &$0) }
        // The relay wants the reactor's buffer for itself.
        if let tunnelEarly { becomeTunnel(early: tunnelEarly) }
        return hasMoved
    }

    private func readServer(_ upstream: HTTP1Upstream, _ buffer: inout [UInt8]) -> Bool {
        let kept = responseHeld.count
        if kept > 0 { buffer.replaceSubrange(0..<kept, with: responseHeld) }
        switch upstream.stream.read(into: &buffer, from: kept) {
        case .bytes(let count):
            responseHeld = []
            takeServer(buffer, 0..<kept + count)
            return true
        case .wouldBlock: return false
        case .end:
            serverEnded()
            return true
        case .failed(let error):
            serverBroke("\(error)", isReset: error.isReset)
            return true
        }
    }

    /// Goes through bytes of the server: heads, a body, and what should not be there.
    private func takeServer(_ buffer: [UInt8], _ range: Range<Int>) {
        var rest = range
        var failure: ProxyFailure?
        while !rest.isEmpty, exchange?.isResponseComplete == false, failure == nil {
            if exchange?.hasResponse == true {
                do throws(HTTP1Refusal) {
                    rest = rest.dropFirst(try takeBody(buffer, rest))
                } catch {
                    failure = .response(error, from: server)
                }
            } else {
                switch worker.parser.response(buffer.span.extracting(rest)) {
                case .needsMore:
                    responseHeld = Array(buffer[rest])
                    rest = rest.upperBound..<rest.upperBound
                case .refused(let refusal): failure = .response(refusal, from: server)
                case .head(let head):
                    if head.isUnsent, tryAnother() { return }
                    failure = takeHead(head, buffer, rest)
                    rest = rest.dropFirst(head.end)
                    if tunnelEarly != nil { return }
                }
            }
        }
        guard sendResponse() else { return }
        if let failure { return fail(failure) }
        if exchange?.isResponseComplete == true { finish(isClean: rest.isEmpty) }
    }

    private var server: String { upstream.map { "\($0.target.address)" } ?? "the server" }

    /// Passes a response's head on; what is wrong with it, if anything is.
    private func takeHead(
        _ head: ResponseHead,
        _ buffer: [UInt8],
        _ range: Range<Int>
    ) -> ProxyFailure? {
        let meaning = exchange?.responseHead(head) ?? .final
        if case .refused(let refusal) = meaning { return .response(refusal, from: server) }
        // HTTP/1.0 knows no interim responses (RFC 9110 section 15.2).
        if meaning == .interim, exchange?.isHTTP10 == true { return nil }
        status = head.status
        access?.record.status = head.status
        // From now on the request has been seen to be served.
        kept.forget()
        worker.parser.forward(
            head,
            of: buffer,
            base: range.lowerBound,
            HeadForwarding(dropsMeshFields: direction == .inbound),
            connection(meaning),
            into: &worker.output
        )
        if meaning == .tunnel { tunnelEarly = Array(buffer[range.dropFirst(head.end)]) }
        return nil
    }

    private func connection(_ meaning: Exchange.OnResponseHead) -> HeadForwarding.Connection {
        switch meaning {
        case .interim, .refused: return .unsaid
        case .tunnel: return exchange?.isUpgrade == true ? .upgrade : .unsaid
        case .final:
            if worker.isDraining { exchange?.closeClient() }
            guard exchange?.reusesClient == true else { return .close }
            return exchange?.isHTTP10 == true ? .keepAlive : .unsaid
        }
    }

    private func takeBody(_ buffer: [UInt8], _ range: Range<Int>) throws(HTTP1Refusal) -> Int {
        let count = try exchange?.responseBytes(buffer.span.extracting(range)) ?? 0
        access?.record.responseBytes += count
        let body = range.lowerBound..<range.lowerBound + count
        if worker.output.isEmpty {
            // A body alone is not copied.
            if client.write(buffer, body) != nil { abort() }
        } else {
            worker.output += buffer[body]
        }
        return count
    }

    /// Sends what was put together; false when that ended the connection.
    private func sendResponse() -> Bool {
        guard !isClosed else { return false }
        guard !worker.output.isEmpty else { return true }
        let error = client.write(worker.output, 0..<worker.output.count)
        worker.output.removeAll(keepingCapacity: true)
        guard error == nil else {
            abort()
            return false
        }
        return true
    }

    // MARK: The end of a response

    private func finish(isClean: Bool) {
        guard let exchange, let upstream else { return }
        self.upstream = nil
        countEnd()
        if exchange.reusesServer, isClean, !upstream.stream.hasOutput, !upstream.stream.isEnding,
            !worker.isDraining, isQuiet(upstream)
        {
            upstream.release()
        } else {
            upstream.close(abruptly: !exchange.isRequestComplete)
        }
        answered(reusesClient: exchange.reusesClient && exchange.isRequestComplete)
    }

    /// Whether nothing has come behind the response: the next client would get it.
    ///
    /// Another record of TLS, or what did not fit into the buffer, was announced together with the
    /// response, and never will be again.
    private func isQuiet(_ upstream: HTTP1Upstream) -> Bool {
        upstream.stream.read(into: &worker.oneByte) == .wouldBlock
    }

    /// Goes on with the next request, or ends the connection.
    private func answered(reusesClient: Bool) {
        requestEnded()
        requestNanos = isHeldNew ? reactor.nowNanos : 0
        if reusesClient, !client.isAtEnd || isHeldNew { return reactor.joinRing(client) }
        linger()
    }

    private func serverEnded() {
        upstream?.stream.isAtEnd = true
        if exchange?.serverEnded() == true { return finish(isClean: false) }
        serverBroke("closed")
    }

    /// The connection to the server is of no more use; what the client is told depends on how far
    /// the response was.
    func serverBroke(_ reason: String, isReset: Bool = false) {
        let target = server
        let isReused = upstream?.isReused == true
        dropUpstream()
        guard kept.isIdempotent, let bytes = kept.bytes, exchange?.hasResponse == false else {
            return fail(.serverLeft("\(target) (\(reason))"))
        }
        // A server that closes a connection while it waits says nothing about this request.
        if isReused, let endpoint { candidates = [endpoint] + candidates }
        guard !candidates.isEmpty, isReused || isReset else {
            let what = "\(target) (\(reason))"
            return fail(isReset ? .serverReset(what) : .serverLeft(what))
        }
        connectNext(isRepeatable: true, usesPool: false)
        sendAgain(bytes)
    }

    // MARK: Failures

    /// Answers the request that cannot be served, or cuts its response off.
    func fail(_ failure: ProxyFailure) {
        guard !isClosed else { return }
        count(failure)
        worker.failures.note(
            failure,
            direction,
            client: origin.clientAddress,
            to: origin.destination
        )
        worker.output.removeAll(keepingCapacity: true)
        guard exchange?.hasResponse != true else { return abort() }
        let isWhole = exchange?.isRequestComplete ?? false
        let reuses = isWhole && exchange?.reusesClient == true && !failure.closesClient
        dropUpstream()
        access?.record.status = isGRPC ? 200 : failure.status
        failure.writeResponse(
            isGRPC: isGRPC && exchange != nil,
            closes: !reuses,
            informs: direction == .outbound || origin.identity != nil,
            tellsProxy: direction == .inbound && origin.identity != nil,
            hasErrorField: direction == .inbound || worker.timing.tellsErrors,
            into: &worker.output
        )
        if exchange == nil { worker.requestsInFlight[direction] += 1 }
        guard sendResponse() else { return }
        answered(reusesClient: reuses)
    }
}
