// SPDX-License-Identifier: Apache-2.0

/// Decides how a proxy leaves after SIGTERM, without I/O and without a clock.
///
/// Overview: the first signal makes the proxy report that it is not ready, and it goes on serving,
/// new connections included: the application beside it got the signal at the same moment and may
/// need the network to shut down. The process ends when the last connection does, at the grace
/// deadline, or at a second signal.
///
/// Responsibilities: counting connections and the two deadlines. What it does not do: closing
/// anything; it says when.
///
/// Invariants: `.finish` and `.abort` come once, after them every answer is nil.
public struct DrainMachine: Sendable {
    /// What to do next.
    public enum Action: Equatable, Sendable {
        /// Report not ready, ask peers to end their connections, and go on serving.
        case beginDrain
        /// Leave: nothing is open.
        case finish
        /// Close what is still open, this many connections, and leave.
        case abort(openConnections: Int)
    }

    private enum State {
        case serving
        case draining(deadlineNanos: UInt64)
        case ended
    }

    private var state = State.serving
    private var isAccepting = true
    private var quietSinceNanos: UInt64?
    private let graceNanosMax: UInt64
    private let quietNanosMin: UInt64

    /// Connections that are open now.
    public private(set) var openConnections = 0

    /// Makes the machine of a proxy that serves and has no connections.
    ///
    /// While it accepts, a draining proxy leaves only when nothing was open for `quietNanosMin`:
    /// an application that shuts down may open one connection after another.
    public init(graceNanosMax: UInt64, quietNanosMin: UInt64 = 0) {
        self.graceNanosMax = graceNanosMax
        self.quietNanosMin = quietNanosMin
    }

    /// Whether probes should be told that the proxy is ready, as far as draining goes.
    public var isReady: Bool {
        if case .serving = state { true } else { false }
    }

    /// When to call ``tick(now:)`` next, at the latest; nil for never.
    public var nextDeadlineNanos: UInt64? {
        guard case .draining(let deadline) = state else { return nil }
        guard let quietSinceNanos else { return deadline }
        return min(deadline, Self.sum(quietSinceNanos, quietNanosMin))
    }

    /// Takes note of a SIGTERM, a SIGINT or a request to shut down.
    ///
    /// A second one hurries: whoever sends it does not want to wait.
    public mutating func signal(now: UInt64) -> Action? {
        switch state {
        case .serving:
            state = .draining(deadlineNanos: Self.sum(now, graceNanosMax))
            if openConnections == 0 { quietSinceNanos = now }
            return tick(now: now) ?? .beginDrain
        case .draining:
            return end()
        case .ended:
            return nil
        }
    }

    /// Takes note of a connection that was accepted.
    public mutating func connectionOpened() {
        openConnections += 1
        quietSinceNanos = nil
    }

    /// Takes note of a connection that has ended.
    public mutating func connectionClosed(now: UInt64) -> Action? {
        assert(openConnections > 0, "a connection was closed that was not opened")
        openConnections = max(0, openConnections - 1)
        guard openConnections == 0, case .draining = state else { return nil }
        quietSinceNanos = now
        return tick(now: now)
    }

    /// Takes note that the listeners are closed: nothing new can come any more.
    public mutating func stoppedAccepting(now: UInt64) -> Action? {
        isAccepting = false
        return tick(now: now)
    }

    /// Ends the drain when its time has come.
    public mutating func tick(now: UInt64) -> Action? {
        guard case .draining(let deadline) = state else { return nil }
        if now >= deadline { return end() }
        guard let quietSinceNanos else { return nil }
        let isQuiet = !isAccepting || now >= Self.sum(quietSinceNanos, quietNanosMin)
        return isQuiet ? end() : nil
    }

    private mutating func end() -> Action {
        state = .ended
        return openConnections == 0 ? .finish : .abort(openConnections: openConnections)
    }

    /// LIMIT: a deadline past the end of time is the end of time.
    private static func sum(_ start: UInt64, _ length: UInt64) -> UInt64 {
        let (sum, isOver) = start.addingReportingOverflow(length)
        return isOver ? .max : sum
    }
}
