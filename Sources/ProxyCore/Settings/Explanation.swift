// SPDX-License-Identifier: Apache-2.0

/// What a proxy goes by, setting by setting, and where each value comes from.
public struct Explanation: Equatable, Sendable {
    /// Where a value comes from, the strongest first.
    public enum Source: Equatable, Sendable {
        /// This flag of the command line.
        case flag(String)
        /// These variables, by their whole names, of which each has a part in it.
        case environment([String])
        /// This line of a file.
        case file(String, line: Int)
        /// Nobody has set it.
        case builtIn
    }

    /// A value, and who wants it.
    public struct Choice: Equatable, Sendable {
        /// The value for a person; nil for none.
        public let value: String?
        /// Where it comes from.
        public let source: Source

        /// Makes a choice.
        public init(_ value: String?, _ source: Source) {
            self.value = value
            self.source = source
        }
    }

    /// One setting.
    public struct Row: Equatable, Sendable {
        /// The key of the file, or the variable where no key sets it.
        public let name: String
        /// What holds.
        public let choice: Choice
        /// What was written as well and does not hold, the strongest first.
        public let overridden: [Choice]

        /// Makes a row.
        public init(_ name: String, _ choice: Choice, over overridden: [Choice] = []) {
            self.name = name
            self.choice = choice
            self.overridden = overridden
        }
    }

    /// All settings.
    public let rows: [Row]
    /// The variables that are set and have no effect, and why; their values are not shown.
    public let withoutEffect: [ProxyEnvironment.Finding]

    /// Makes an explanation.
    public init(_ rows: [Row], withoutEffect: [ProxyEnvironment.Finding]) {
        self.rows = rows
        self.withoutEffect = withoutEffect
    }
}

extension Explanation {
    /// A JSON object: `settings`, each with `name`, `value` (a string or null), `source` and
    /// `overridden`, a list of values with their sources; and `withoutEffect`.
    public var json: String {
        let settings = rows.map { row in
            let others = row.overridden.map { "{\(Self.members(of: $0))}" }.joined(separator: ",")
            return "{\"name\":\(JSONText.quoted(row.name)),\(Self.members(of: row.choice)),"
                + "\"overridden\":[\(others)]}"
        }
        let without = withoutEffect.map { finding in
            "{\"variable\":\(JSONText.quoted(finding.variable)),"
                + "\"reason\":\(JSONText.quoted(finding.message))}"
        }
        return "{\"settings\":\(Self.lines(settings)),\n\"withoutEffect\":\(Self.lines(without))}\n"
    }

    private static func members(of choice: Choice) -> String {
        let value = choice.value.map { JSONText.quoted($0) } ?? "null"
        return "\"value\":\(value),\"source\":\(json(of: choice.source))"
    }

    private static func json(of source: Source) -> String {
        switch source {
        case .flag(let name): return "{\"kind\":\"flag\",\"flag\":\(JSONText.quoted(name))}"
        case .environment(let names):
            let list = names.map { JSONText.quoted($0) }.joined(separator: ",")
            return "{\"kind\":\"environment\",\"variables\":[\(list)]}"
        case .file(let path, let line):
            return "{\"kind\":\"file\",\"file\":\(JSONText.quoted(path)),\"line\":\(line)}"
        case .builtIn: return "{\"kind\":\"default\"}"
        }
    }

    private static func lines(_ items: [String]) -> String {
        items.isEmpty ? "[]" : "[\n\(items.joined(separator: ",\n"))\n]"
    }
}
