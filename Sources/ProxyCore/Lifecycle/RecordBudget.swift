// SPDX-License-Identifier: Apache-2.0

/// Decides when a TLS peer sends too many messages that are no data: key updates, alerts, tickets.
///
/// Each costs its sender a few bytes and us a derivation of keys or an answer, and a thread that
/// reads on for as long as they come has no time for its other connections. An honest peer updates
/// its keys after some hundred gigabytes (RFC 8446 section 5.5) and sends a ticket or two.
public struct RecordBudget: Sendable {
    /// How many may come at once.
    ///
    /// LIMIT: 32, as many empty records in a row as OpenSSL bears.
    public static let burstMax = 32
    /// After how long there may be one more.
    ///
    /// LIMIT: one second: as good as nothing to us, and more than any honest peer needs.
    public static let refillNanos: UInt64 = 1_000_000_000

    private var spent: Int = 0
    private var sinceNanos: UInt64 = 0

    /// Makes a budget of which nothing is spent.
    public init() {}

    /// Takes note of one message; false when it is one too many.
    public mutating func spend(now: UInt64) -> Bool {
        if now > sinceNanos {
            let refilled = (now - sinceNanos) / Self.refillNanos
            spent -= min(spent, Int(clamping: refilled))
            sinceNanos = spent == 0 ? now : sinceNanos + refilled * Self.refillNanos
        }
        guard spent < Self.burstMax else { return false }
        spent += 1
        return true
    }
}
