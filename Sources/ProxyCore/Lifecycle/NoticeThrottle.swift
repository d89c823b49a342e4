// SPDX-License-Identifier: Apache-2.0

/// Decides which of many events of one cause are worth a line of the log: the first at once, then
/// one a second that says how many there were beside it.
///
/// A peer can make thousands of refusals a second; each a line would cost more than the refusal.
public struct NoticeThrottle: Sendable {
    /// The time between two lines.
    ///
    /// LIMIT: a second, so that a person who watches sees that it goes on.
    public static let intervalNanos: UInt64 = 1_000_000_000

    private var quietUntilNanos: UInt64 = 0
    private var heldBack = 0

    /// Makes one that has said nothing yet.
    public init() {}

    /// Takes note of an event.
    ///
    /// - Returns: nil when it is not to be logged, else how many were not since the last line.
    public mutating func admit(now: UInt64) -> Int? {
        guard now >= quietUntilNanos else {
            heldBack += 1
            return nil
        }
        return speak(now)
    }

    /// Asks, without an event, whether a line is due about those that were held back.
    ///
    /// - Returns: how many; nil when there is nothing to say now.
    public mutating func flush(now: UInt64) -> Int? {
        guard heldBack > 0, now >= quietUntilNanos else { return nil }
        return speak(now)
    }

    private mutating func speak(_ now: UInt64) -> Int {
        let (until, isOver) = now.addingReportingOverflow(Self.intervalNanos)
        quietUntilNanos = isOver ? .max : until
        defer { heldBack = 0 }
        return heldBack
    }
}
