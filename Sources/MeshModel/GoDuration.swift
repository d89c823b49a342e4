// SPDX-License-Identifier: Apache-2.0

/// A length of time as Go reads and writes it, in nanoseconds: `1h30m`, `1.5s`, `-5s`, `0`.
///
/// The range is Go's `time.Duration`, about 292 years either way.
public struct GoDuration: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The length in nanoseconds; negative durations exist in the grammar.
    public let nanoseconds: Int64

    /// Makes a duration from nanoseconds.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The length in milliseconds, what is left over dropped, as Linkerd passes it to the proxy.
    public var wholeMilliseconds: Int64 { nanoseconds / 1_000_000 }

    /// The length in seconds, what is left over dropped, as Linkerd passes it to the proxy.
    public var wholeSeconds: Int64 { nanoseconds / 1_000_000_000 }

    /// The text that Go's `Duration.String` gives: `1h30m0s`, `1.5s`, `100ms`, `0s`.
    public var description: String {
        let sign = nanoseconds < 0 ? "-" : ""
        let nanos = nanoseconds.magnitude
        let seconds = nanos / 1_000_000_000
        switch nanos {
        case 0: return "0s"
        case ..<1_000: return "\(sign)\(nanos)ns"
        case ..<1_000_000: return sign + Self.decimal(nanos, places: 3) + "µs"
        case ..<1_000_000_000: return sign + Self.decimal(nanos, places: 6) + "ms"
        default:
            let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
            let rest = Self.decimal(nanos % 60_000_000_000, places: 9) + "s"
            if hours > 0 { return "\(sign)\(hours)h\(minutes)m\(rest)" }
            return minutes > 0 ? "\(sign)\(minutes)m\(rest)" : sign + rest
        }
    }

    /// Orders by length.
    public static func < (left: GoDuration, right: GoDuration) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// `value` with its last `places` digits after the point and trailing zeros dropped.
    private static func decimal(_ value: UInt64, places: Int) -> String {
        let scale = (0..<places).reduce(UInt64(1)) { power, _ in power * 10 }
        // A one in front keeps the fraction's leading zeros.
        var fraction = String(value % scale + scale).dropFirst()
        while fraction.last == "0" { fraction.removeLast() }
        return fraction.isEmpty ? "\(value / scale)" : "\(value / scale).\(fraction)"
    }
}
