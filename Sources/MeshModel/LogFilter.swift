// SPDX-License-Identifier: Apache-2.0

/// How much a log directive lets through, least first.
public enum LogLevel: String, CaseIterable, Sendable, CustomStringConvertible {
    /// Nothing.
    case off
    /// Errors.
    case error
    /// Errors and warnings.
    case warn
    /// The above and lifecycle messages.
    case info
    /// The above and what helps to debug; safe in production.
    case debug
    /// Everything.
    case trace

    /// The level in lower case.
    public var description: String { rawValue }

    /// Reads a level in any letter case or its number, 0 to 5, as Rust's `LevelFilter` does.
    ///
    /// Nil for anything else; of numbers `EnvFilter` takes a single digit only.
    init?(_ text: Substring.UTF8View) {
        if text.count == 1, let index = UInt64(digits: text, atMost: 5) {
            self = Self.allCases[Int(index)]
            return
        }
        // LIMIT: the longest level has five bytes.
        guard text.count <= 5 else { return nil }
        self.init(rawValue: String(Substring(text)).lowercased())
    }
}

/// The proxy's log filter: comma-separated directives as in Rust's `tracing` (`EnvFilter`).
///
/// A directive is a level, or a target, a `[span{field="value"}]` or both, with an optional
/// `=level`: `warn,linkerd=info,linkerd[name="inbound"]=trace`.
public struct LogFilter: Hashable, Sendable, CustomStringConvertible {
    /// One directive; at least one of its parts is set.
    public struct Directive: Hashable, Sendable, CustomStringConvertible {
        /// The module path whose messages it is for; nil for every module.
        public let target: String?
        /// The span it is for, with its brackets; nil for any span or none.
        public let span: String?
        /// The level to let through; nil lets everything of the target or span through.
        public let level: LogLevel?

        /// The directive as it is written in a filter.
        public var description: String {
            let place = (target ?? "") + (span ?? "")
            guard let level else { return place }
            return place.isEmpty ? level.rawValue : "\(place)=\(level)"
        }
    }

    /// The directives in the order written, never empty.
    public let directives: [Directive]

    /// The canonical text: levels as words in lower case, empty directives dropped.
    public var description: String {
        directives.map(\.description).joined(separator: ",")
    }
}
