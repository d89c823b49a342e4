// SPDX-License-Identifier: Apache-2.0

internal import MeshConfig
internal import MeshModel
internal import ProxyCore

// From the client to the server.
extension HTTP1Connection {
    /// Reads from the client once and passes it on; whether anything moved.
    func moveRequest() -> Bool {
        if let exchange {
            // Requests sent ahead wait in the kernel.
            guard !exchange.isRequestComplete, !isSendingBroken, let upstream, upstream.isReady,
                !upstream.stream.hasOutput
            else { return false }
        } else if client.hasOutput {
            return false
        }
        return reactor.withScratch { readClient(&$0) }
    }

    private func readClient(_ buffer: inout [UInt8]) -> Bool {
        let kept = held.count
        if kept > 0 { buffer.replaceSubrange(0..<kept, with: held) }
        if isHeldNew {
            isHeldNew = false
            held = []
            takeClient(buffer, 0..<kept)
            return true
        }
        guard !client.isAtEnd, kept < buffer.count else { return false }
        switch client.read(into: &buffer, from: kept) {
        case .bytes(let count):
            if exchange == nil, kept == 0, requestNanos == 0 { requestNanos = reactor.nowNanos }
            let isWorthReading =
                kept == 0
                || HeadParser.mayHaveEnded(buffer.span.extracting(..<(kept + count)), from: kept)
                || kept + count >= HTTP1Limits.headBytesMax
            guard isWorthReading || exchange != nil else {
                held += buffer[kept..<kept + count]
                return true
            }
            held = []
            takeClient(buffer, 0..<kept + count)
            return true
        case .wouldBlock: return false
        case .end:
            clientEnded()
            return false
        case .failed:
            if let violation = client.tls?.violation {
                worker.refusals.note(
                    Refusal(violation.kind),
                    direction,
                    client: origin.clientAddress,
                    violation.reason,
                    wasProxied: true
                )
            }
            abort()
            return false
        }
    }

    /// A client may finish its direction and wait for the response; in the middle of a request it
    /// has left.
    private func clientEnded() {
        client.isAtEnd = true
        guard exchange != nil else { return held.isEmpty ? close() : abort() }
        if exchange?.isRequestComplete == true { exchange?.closeClient() } else { abort() }
    }

    /// Goes through bytes of the client: heads and bodies.
    private func takeClient(_ buffer: [UInt8], _ range: Range<Int>) {
        var rest = range
        while !rest.isEmpty, !isClosed, !isLingering {
            if exchange == nil {
                guard let count = takeHead(buffer, rest) else { break }
                rest = rest.dropFirst(count)
            } else if exchange?.isRequestComplete == false {
                guard let count = takeBody(buffer, rest) else { break }
                rest = rest.dropFirst(count)
            } else {
                held = Array(buffer[rest])
                isHeldNew = true
                break
            }
        }
        sendRequest()
    }

    /// Reads a head and begins its request; nil when nothing more can be read.
    private func takeHead(_ buffer: [UInt8], _ range: Range<Int>) -> Int? {
        switch worker.parser.request(buffer.span.extracting(range)) {
        case .needsMore:
            held = Array(buffer[range])
            return nil
        case .refused(let refusal):
            fail(.request(refusal))
            return nil
        case .head(let head):
            begin(head, buffer, range.lowerBound)
            return head.end
        }
    }

    private func takeBody(_ buffer: [UInt8], _ range: Range<Int>) -> Int? {
        do throws(HTTP1Refusal) {
            let count = try exchange?.requestBytes(buffer.span.extracting(range)) ?? 0
            noteRequestEnd()
            access?.record.requestBytes += count
            let body = range.lowerBound..<range.lowerBound + count
            if worker.output.isEmpty, count == range.count {
                // A body alone is not copied.
                send(buffer, body)
            } else {
                worker.output += buffer[body]
            }
            return count
        } catch {
            fail(.request(error))
            return nil
        }
    }

    private func sendRequest() {
        guard !worker.output.isEmpty else { return }
        if upstream != nil { send(worker.output, 0..<worker.output.count) }
        worker.output.removeAll(keepingCapacity: true)
    }

    private func send(_ bytes: [UInt8], _ range: Range<Int>) {
        kept.append(bytes, range)
        if let upstream, upstream.send(bytes, range) != nil { sendingBroke() }
    }

    /// Servers may answer a request and leave before all of it has come: what they have said is
    /// read before they are given up.
    func sendingBroke() {
        isSendingBroken = true
        upstream?.stream.isReadable = true
    }

    /// Sends what was sent before to another connection.
    func sendAgain(_ bytes: [UInt8]) {
        isSendingBroken = false
        if let upstream, upstream.send(bytes, 0..<bytes.count) != nil { sendingBroke() }
    }

    // MARK: A request

    private func begin(_ head: RequestHead, _ buffer: [UInt8], _ start: Int) {
        if requestNanos == 0 { requestNanos = reactor.nowNanos }
        worker.requestsInFlight[direction] += 1
        exchange = Exchange(head)
        isGRPC = head.isGRPC
        beginAccessEntry(head, buffer, start)
        defer { access?.handedOn() }
        snapshot = worker.snapshot
        if way?.snapshot !== snapshot {
            way = worker.ways.way(direction, to: origin.destination, snapshot)
            worker.pool.note(origin.destination)
        }
        if !tried.isEmpty { tried = [] }
        isCounted = false
        requestEndNanos = 0
        noteRequestEnd()
        if worker.isDraining { exchange?.closeClient() }
        if let failure = refusal(head, buffer.span.extracting(start...)) { return fail(failure) }
        worker.parser.forward(
            head,
            of: buffer,
            base: start,
            HeadForwarding(
                dropsMeshFields: direction == .inbound,
                clientIdentity: direction == .inbound ? origin.identity : nil
            ),
            into: &worker.output
        )
        candidates = way?.endpointsInTurn() ?? []
        isSendingBroken = false
        kept.begin(isIdempotent: head.isRepeatable, mayMove: candidates.count > 1)
        guard !candidates.isEmpty else {
            let reason = snapshot.reasonForNoCandidates(at: origin.destination)
            return fail(.noEndpoints("\(origin.destination): \(reason)"))
        }
        connectNext(isRepeatable: head.isRepeatable, usesPool: true)
    }

    /// Why a request is not to be sent on; nil when it is.
    private func refusal(_ head: RequestHead, _ bytes: Span<UInt8>) -> ProxyFailure? {
        let requestsMax = worker.timing.sides[direction].requestsMax
        if worker.requestsInFlight[direction] > requestsMax {
            return .overloaded(requestsMax: requestsMax)
        }
        switch direction {
        case .outbound:
            route = outboundRoute
            return way?.missingAllowEntry.map { .notAllowed(missing: $0) }
        case .inbound:
            guard let client = origin.clientAddress else {
                return .unauthorized("the client has no address")
            }
            switch snapshot.authorizer.decide(client: client.ip, identity: origin.identity) {
            case .allowed(let authorization):
                countAllowed(by: authorization)
                return nil
            case .denied(let reason):
                let port = origin.destination.port
                guard !snapshot.probes.contains(head, of: bytes, port: port) else {
                    countProbe()
                    return nil
                }
                worker.metrics.denied(clientLabels, server: serverLabels)
                return .unauthorized(reason)
            }
        }
    }

    /// Finds a connection to the next endpoint.
    func connectNext(isRepeatable: Bool, usesPool: Bool) {
        while let endpoint = candidates.popFirst() {
            self.endpoint = endpoint
            guard let target = endpoint.target, let idle = endpoint.idle else {
                tried.append(
                    "\(endpoint.peer.address): this proxy has no identity to speak to it with"
                )
                continue
            }
            if usesPool, let pooled = pooled(idle, isRepeatable: isRepeatable) {
                pooled.use(for: self)
                return dispatched(to: pooled)
            }
            guard !snapshot.ownAddresses.lead(to: target.address) else {
                return fail(.loop("\(target.address)"))
            }
            do throws(Errno) {
                return dispatched(
                    to: try HTTP1Upstream(to: target, idle, for: self, snapshot.tls, worker)
                )
            } catch {
                tried.append("\(target.address): \(error)")
            }
        }
        fail(.connect(tried.joined(separator: "; ")))
    }

    private func dispatched(to upstream: HTTP1Upstream) {
        self.upstream = upstream
        if direction == .outbound { series = upstream.requests }
        countBegin()
    }

    private func pooled(_ idle: UpstreamPool.Shelf, isRepeatable: Bool) -> HTTP1Upstream? {
        while let pooled = idle.take() {
            // A request that cannot be repeated must not meet a server that has just left.
            if isRepeatable || pooled.isStillQuiet { return pooled }
            pooled.close()
        }
        return nil
    }

    /// The connection could not be made: another endpoint is tried.
    func upstreamFailed(_ failed: HTTP1Upstream, _ failure: ProxyFailure) {
        guard failed === upstream else { return }
        upstream = nil
        let waiting = failed.takeWaiting()
        switch failure {
        case .connect(let reason), .connectTimeout(let reason): tried.append(reason)
        default: candidates = []
        }
        guard !candidates.isEmpty else {
            guard case .connectTimeout = failure else {
                return fail(tried.isEmpty ? failure : .connect(tried.joined(separator: "; ")))
            }
            return fail(.connectTimeout(tried.joined(separator: "; ")))
        }
        connectNext(isRepeatable: kept.isIdempotent, usesPool: false)
        sendAgain(waiting)
    }

    /// A proxy of the mesh could not pass the request on: another endpoint is tried.
    ///
    /// False when none is left, or too little of the request is; then its answer is the answer.
    func tryAnother() -> Bool {
        guard let upstream, upstream.target.identity != nil, !candidates.isEmpty,
            let bytes = kept.bytes
        else { return false }
        tried.append("\(upstream.target.address): could not pass it on")
        self.upstream = nil
        upstream.close(abruptly: exchange?.isRequestComplete != true)
        connectNext(isRepeatable: kept.isIdempotent, usesPool: true)
        sendAgain(bytes)
        return true
    }
}
