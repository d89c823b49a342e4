// SPDX-License-Identifier: Apache-2.0

internal import ProxyCore

/// The relay itself: bytes, ends and breaks from either side to the other.
extension ProxiedConnection {
    /// LIMIT: reads of one side in one turn; then the others have theirs.
    private static let readsPerTurn = 8
    /// LIMIT: a twentieth of a second to the next look at what a peer has taken, then ever longer.
    private static let deliveryCheckNanosMin: UInt64 = 50_000_000

    /// Moves what can be moved, both ways.
    func relay() {
        guard let server else { return }
        var isBusy = false
        for (direction, from, to) in [
            (RelayMachine.Direction.toUpstream, client, server), (.toDownstream, server, client),
        ] {
            if flush(to, direction) == .ended || pump(direction, from, to, &isBusy) == .ended {
                return
            }
        }
        if isClosing {
            // The last bytes and the end itself must leave before the sockets do.
            if let survivor {
                return resetWhenDelivered(survivor.stream, since: survivor.sinceNanos)
            }
            if !client.hasOutput, !server.hasOutput { close() }
            return
        }
        if isBusy { reactor.runAgain(self, client.token) }
        let next = machine.nextDeadlineNanos
        if next != deadlineNanos { reactor.setDeadline(next, of: self, client.token) }
    }

    /// Whether the connection is still there after a step.
    enum Step {
        case goOn, ended
    }

    private func flush(_ to: ByteStream, _ direction: RelayMachine.Direction) -> Step {
        guard to.hasOutput else { return .goOn }
        if let error = to.flush() { return cannotWrite(to, direction.sink, error) }
        return to.hasOutput ? .goOn : act(machine.wroteAll(direction, now: reactor.nowNanos))
    }

    /// Moves bytes one way while the sink takes them all.
    private func pump(
        _ direction: RelayMachine.Direction,
        _ from: ByteStream,
        _ to: ByteStream,
        _ isBusy: inout Bool
    ) -> Step {
        for _ in 0..<Self.readsPerTurn {
            if to.hasOutput || to.writeError != nil || from.isAtEnd || isClosing { return .goOn }
            switch from.read(into: &reactor.scratch) {
            case .bytes(let count):
                _ = machine.readBytes(direction, count: count, now: reactor.nowNanos)
                if let error = to.write(reactor.scratch, 0..<count) {
                    return cannotWrite(to, direction.sink, error)
                }
                if !to.hasOutput { _ = machine.wroteAll(direction, now: reactor.nowNanos) }
            case .end where from.falseEnd == nil: return sawEnd(of: from, direction)
            case .wouldBlock where from.writeError == nil: return .goOn
            case .failed(let error):
                guard let violation = from.tls?.violation else {
                    return broken(direction.source, error)
                }
                refuse(Refusal(violation.kind), violation.reason)
                return .ended
            case .end, .wouldBlock:
                return broken(direction.source, from.writeError ?? Errno(code: 0))
            }
        }
        isBusy = true
        return .goOn
    }

    private func sawEnd(of from: ByteStream, _ direction: RelayMachine.Direction) -> Step {
        from.isAtEnd = true
        if act(machine.readEOF(direction, now: reactor.nowNanos)) == .ended { return .ended }
        return from.writeError.map { broken(direction.source, $0) } ?? .goOn
    }

    /// A peer that is gone may have said something before, which is read first: a server answers,
    /// leaves, and resets the client that goes on with its request.
    private func cannotWrite(
        _ to: ByteStream,
        _ side: RelayMachine.Side,
        _ error: Errno
    ) -> Step {
        to.writeError = error
        to.isReadable = true
        reactor.runAgain(self, client.token)
        return to.isAtEnd ? broken(side, error) : .goOn
    }

    /// Does what the machine says.
    func act(_ action: RelayMachine.Action) -> Step {
        switch action {
        case .keepReading, .pauseReading, .resumeReading: return .goOn
        case .shutdownWrite(let side):
            (side == .downstream ? client : server)?.finish()
            return .goOn
        case .close:
            isClosing = true
            client.finish()
            server?.finish()
            return .goOn
        case .resetAfterDelivery(let side):
            isClosing = true
            if let stream = side == .downstream ? client : server {
                survivor = (stream, reactor.nowNanos)
                stream.finish()
            }
            return .goOn
        case .reset:
            end(withReset: true)
            return .ended
        }
    }

    /// What the broken side had said to its end is still delivered; else the other side shall see
    /// that the stream is not whole.
    private func broken(_ side: RelayMachine.Side, _ error: Errno) -> Step {
        worker.log.log(
            .debug,
            "connection broken",
            [("direction", direction.rawValue), ("side", "\(side)"), ("error", "\(error)")]
        )
        let stream = side == .downstream ? client : server
        stream?.isAtEnd = true
        stream?.writeError = error
        return act(machine.failed(side))
    }

    /// Resets the side that does not know that the other is gone, once it has all that it is to
    /// have: a reset overtakes what the kernel still holds.
    private func resetWhenDelivered(_ stream: ByteStream, since: UInt64) {
        let isDelivered =
            !stream.hasOutput && SystemCalls.unacknowledgedBytes(stream.token.descriptor) == 0
        guard !isDelivered, stream.writeError == nil else { return end(withReset: true) }
        // No event tells of it. A peer that takes nothing at all is TCP_USER_TIMEOUT's to end.
        let waited = reactor.nowNanos - since
        guard waited < worker.timing.halfClosedNanos else { return end(withReset: true) }
        let pause = max(Self.deliveryCheckNanosMin, waited / 4)
        reactor.setDeadline(reactor.nowNanos + pause, of: self, client.token)
    }

    /// Whether the connection has ended because this side, which had finished, has now been reset:
    /// nothing would read that from it any more.
    func isLost(
        _ stream: ByteStream,
        _ events: SocketEvents,
        _ side: RelayMachine.Side
    ) -> Bool {
        guard isRelaying, stream.isAtEnd, events.contains(.hungUp),
            let error = SystemCalls.connectError(stream.token.descriptor)
        else { return false }
        return broken(side, error) == .ended
    }
}
