// SPDX-License-Identifier: Apache-2.0

/// Decides when to accept again after the process or the system ran out of file descriptors.
///
/// After EMFILE or ENFILE (accept(2)) the connection stays in the listener's queue and the listener
/// stays readable: a loop that went on would take a whole core away from the connections that are
/// open, and these are what gives descriptors back.
public struct AcceptBackoff: Sendable {
    /// The first pause.
    ///
    /// LIMIT: shorter than a person or a probe notices, long enough for a loop to close something.
    public static let pauseNanosMin: UInt64 = 10_000_000
    /// The longest pause.
    ///
    /// LIMIT: one second; a client's SYN is not repeated sooner (RFC 6298 section 2).
    public static let pauseNanosMax: UInt64 = 1_000_000_000

    private var pauseNanos = pauseNanosMin

    /// When to accept again; nil while accepting is not paused.
    public private(set) var nextDeadlineNanos: UInt64?

    /// Makes a backoff that is not paused.
    public init() {}

    /// Takes note of an EMFILE or ENFILE: pause until the time that it returns.
    ///
    /// Each one after the other pauses for twice as long.
    public mutating func ranOut(now: UInt64) -> UInt64 {
        let (deadline, isOver) = now.addingReportingOverflow(pauseNanos)
        let until = isOver ? UInt64.max : deadline
        nextDeadlineNanos = until
        pauseNanos = min(pauseNanos * 2, Self.pauseNanosMax)
        return until
    }

    /// Takes note of a connection that was accepted: the next pause is the shortest again.
    public mutating func accepted() {
        pauseNanos = Self.pauseNanosMin
        nextDeadlineNanos = nil
    }

    /// Ends the pause when it is over; true means: accept again now.
    public mutating func tick(now: UInt64) -> Bool {
        guard let nextDeadlineNanos, now >= nextDeadlineNanos else { return false }
        self.nextDeadlineNanos = nil
        return true
    }
}
