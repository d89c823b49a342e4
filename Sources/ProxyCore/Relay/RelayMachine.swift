// SPDX-License-Identifier: Apache-2.0

/// Decides what a full-duplex relay of bytes does next, without I/O, clock or allocation.
///
/// Overview: bytes read from one side wait in the caller's buffer until they are written to the
/// other side. The caller tells what it read and wrote; each answer says what to do with the
/// source of that direction, or how to end.
///
/// Responsibilities: half-close in either order, back-pressure, the idle limit, and the difference
/// between an orderly end and a cut-off one.
///
/// Invariants:
/// - A sink is shut down only after the source's end of file was read and every byte written.
/// - `.close` comes only when nothing is lost, `.reset` only when something may be: a peer must
///   never take cut-off bytes for whole ones.
/// - After `.close`, `.reset` or `.resetAfterDelivery` every input answers `.pauseReading`, so that
///   events which were already on their way do no harm.
///
/// What it does not do: it holds no bytes and does not check that the caller wrote the ones it
/// read; it only counts them.
public struct RelayMachine: Sendable {
    /// One of the two connections.
    public enum Side: Hashable, CaseIterable, Sendable {
        /// The connection that was accepted.
        case downstream
        /// The connection that was made for it.
        case upstream
    }

    /// The way that bytes take.
    public enum Direction: Hashable, CaseIterable, Sendable {
        /// From downstream to upstream.
        case toUpstream
        /// From upstream to downstream.
        case toDownstream

        /// The side that is read.
        public var source: Side { self == .toUpstream ? .downstream : .upstream }
        /// The side that is written.
        public var sink: Side { self == .toUpstream ? .upstream : .downstream }
        /// The other way.
        public var opposite: Direction { self == .toUpstream ? .toDownstream : .toUpstream }
    }

    /// What to do next; reading is about the source of the direction that the input named.
    public enum Action: Equatable, Sendable {
        /// Read the source when it has bytes, as before.
        case keepReading
        /// Do not read the source: its sink is behind, or there is nothing more to read.
        case pauseReading
        /// Read the source again.
        case resumeReading
        /// Everything was written: send an end of file to this side, and do not read its source.
        case shutdownWrite(Side)
        /// Everything is done: close both sides.
        case close
        /// All that the broken side had said was written to this one: send it the end of file, and
        /// once its peer has taken that, reset it, so that it does not go on talking to nobody.
        case resetAfterDelivery(Side)
        /// Bytes are lost: close both sides so that their peers see an error, not an end of file.
        case reset
    }

    private enum Phase {
        case open
        /// The end of file was read, bytes may still wait to be written.
        case sourceFinished
        /// Every byte was written and the sink shut down.
        case finished
        /// The sink is gone; what the source still says is dropped.
        case abandoned
    }

    private struct Flow {
        var phase = Phase.open
        var isPaused = false
        var unsentBytes = 0
    }

    private var toUpstream = Flow()
    private var toDownstream = Flow()
    private var hasEnded = false
    private var lastActivityNanos: UInt64
    private let unsentBytesMax: Int
    private let idleNanosMax: UInt64
    private let halfClosedNanosMax: UInt64

    /// Makes a relay of two open connections.
    ///
    /// A source is paused while more than `unsentBytesMax` bytes wait for its sink. The relay ends
    /// when no byte moved for `idleNanosMax`, or for `halfClosedNanosMax` once one side has
    /// finished: such connections pile up when a peer forgets its half. Nil means never.
    public init(
        unsentBytesMax: Int,
        idleNanosMax: UInt64? = nil,
        halfClosedNanosMax: UInt64? = nil,
        now: UInt64
    ) {
        self.unsentBytesMax = unsentBytesMax
        self.idleNanosMax = idleNanosMax ?? .max
        self.halfClosedNanosMax = min(self.idleNanosMax, halfClosedNanosMax ?? .max)
        lastActivityNanos = now
    }

    /// Takes note of bytes, at least one, that were read from the source.
    public mutating func readBytes(_ direction: Direction, count: Int, now: UInt64) -> Action {
        guard !hasEnded else { return .pauseReading }
        switch self[direction].phase {
        case .open:
            guard count > 0 else { return misused() }
            lastActivityNanos = now
            self[direction].unsentBytes += count
            if self[direction].unsentBytes > unsentBytesMax { self[direction].isPaused = true }
            return self[direction].isPaused ? .pauseReading : .keepReading
        case .sourceFinished, .finished:
            return misused()
        case .abandoned:
            return .pauseReading
        }
    }

    /// Takes note that every byte read so far was written to the sink.
    public mutating func wroteAll(_ direction: Direction, now: UInt64) -> Action {
        wrote(direction, count: self[direction].unsentBytes, now: now)
    }

    /// Takes note that the sink took this many bytes; the others still wait.
    public mutating func wrotePart(_ direction: Direction, count: Int, now: UInt64) -> Action {
        wrote(direction, count: count, now: now)
    }

    /// Takes note that the source has ended; more than once does no harm.
    public mutating func readEOF(_ direction: Direction, now: UInt64) -> Action {
        guard !hasEnded, self[direction].phase == .open else { return .pauseReading }
        lastActivityNanos = now
        self[direction].phase = .sourceFinished
        return self[direction].unsentBytes == 0 ? finish(direction) : .pauseReading
    }

    /// Takes note that a side is broken; neither read nor write it again.
    ///
    /// What it had said to its end is still delivered, and then the answer is
    /// `.resetAfterDelivery`: a server that has answered and closed resets a client that goes on
    /// sending, and the client must get the answer. Until then `.pauseReading` is about the other
    /// side.
    public mutating func failed(_ side: Side) -> Action {
        guard !hasEnded else { return .pauseReading }
        let said: Direction = side == .downstream ? .toUpstream : .toDownstream
        switch self[said].phase {
        case .open, .abandoned:
            hasEnded = true
            return .reset
        case .sourceFinished:
            self[said.opposite] = Flow(phase: .abandoned)
            return .pauseReading
        case .finished:
            hasEnded = true
            return .resetAfterDelivery(said.sink)
        }
    }

    /// Ends the relay when it was idle for too long; nil when it was not.
    public mutating func tick(now: UInt64) -> Action? {
        guard let deadline = nextDeadlineNanos, now >= deadline else { return nil }
        hasEnded = true
        let isClean = toUpstream.unsentBytes == 0 && toDownstream.unsentBytes == 0
        return isClean ? .close : .reset
    }

    /// When to call ``tick(now:)`` next, at the latest; nil for never.
    public var nextDeadlineNanos: UInt64? {
        guard !hasEnded else { return nil }
        let isOpen = toUpstream.phase == .open && toDownstream.phase == .open
        let limit = isOpen ? idleNanosMax : halfClosedNanosMax
        let (deadline, isOver) = lastActivityNanos.addingReportingOverflow(limit)
        return isOver || limit == .max ? nil : deadline
    }

    /// How many bytes of a direction wait to be written.
    public func unsentBytes(_ direction: Direction) -> Int {
        self[direction].unsentBytes
    }
}

extension RelayMachine {
    private subscript(direction: Direction) -> Flow {
        get {
            switch direction {
            case .toUpstream: toUpstream
            case .toDownstream: toDownstream
            }
        }
        set {
            switch direction {
            case .toUpstream: toUpstream = newValue
            case .toDownstream: toDownstream = newValue
            }
        }
    }

    private mutating func wrote(_ direction: Direction, count: Int, now: UInt64) -> Action {
        guard !hasEnded else { return .pauseReading }
        let unsent = self[direction].unsentBytes - count
        switch self[direction].phase {
        case .finished, .abandoned:
            return .pauseReading
        case .open, .sourceFinished:
            guard count >= 0, unsent >= 0 else { return misused() }
            if count > 0 { lastActivityNanos = now }
            self[direction].unsentBytes = unsent
        }
        if self[direction].phase == .sourceFinished {
            return unsent == 0 ? finish(direction) : .pauseReading
        }
        guard self[direction].isPaused else { return .keepReading }
        // Half, so that a slow sink does not switch its source on and off with each write.
        guard unsent <= unsentBytesMax / 2 else { return .pauseReading }
        self[direction].isPaused = false
        return .resumeReading
    }

    private mutating func finish(_ direction: Direction) -> Action {
        self[direction].phase = .finished
        switch self[direction.opposite].phase {
        case .open, .sourceFinished:
            return .shutdownWrite(direction.sink)
        case .finished:
            hasEnded = true
            return .close
        case .abandoned:
            hasEnded = true
            return .resetAfterDelivery(direction.sink)
        }
    }

    /// The caller's count of bytes is wrong: some would be lost or sent twice.
    private mutating func misused() -> Action {
        assertionFailure("bytes were reported that the relay cannot have")
        hasEnded = true
        return .reset
    }
}
