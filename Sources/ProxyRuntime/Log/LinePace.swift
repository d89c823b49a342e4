// SPDX-License-Identifier: Apache-2.0

/// Lets one line a second pass, and counts the others.
struct LinePace {
    private var nextNanos: UInt64 = 0
    private var held = 0

    private static let pauseNanos: UInt64 = 1_000_000_000

    /// How many lines were held back since the last one; nil to hold this one back too.
    mutating func next(nowNanos: UInt64) -> Int? {
        guard nowNanos >= nextNanos else {
            held += 1
            return nil
        }
        defer { held = 0 }
        nextNanos = nowNanos + Self.pauseNanos
        return held
    }
}
