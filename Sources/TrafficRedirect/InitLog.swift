// SPDX-License-Identifier: Apache-2.0

/// How `meshctl-init` writes a line of its log: what happened, and with which values.
///
/// A line has no time: the container's runtime notes one beside each.
struct InitLog: Sendable {
    /// The form of a line.
    enum Format: Equatable, Sendable {
        /// For people.
        case plain
        /// One JSON object a line, with the keys of Linkerd's log.
        case json

        /// The words of `--log-format`.
        static let words: [(String, Format)] = [("plain", .plain), ("json", .json)]
    }

    /// How much a line matters; the lower, the more.
    enum Level: Int, Comparable, Sendable {
        /// Why the run failed.
        case error
        /// What may not be as it was meant.
        case warning
        /// What was done.
        case info
        /// What was found.
        case debug

        /// The words of `--log-level`, Linkerd's included.
        static let words: [(String, Level)] = [
            ("error", .error), ("warn", .warning), ("info", .info), ("debug", .debug),
            ("panic", .error), ("fatal", .error), ("warning", .warning), ("trace", .debug),
        ]

        /// The word in a line.
        var name: String {
            switch self {
            case .error: "error"
            case .warning: "warning"
            case .info: "info"
            case .debug: "debug"
            }
        }

        /// Orders by how much a line matters.
        static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    /// A name and a value that belong to a message.
    struct Field: Equatable, Sendable {
        /// The name, in lower case with underscores.
        let name: String
        /// The value.
        let value: String

        /// Makes a field.
        init(_ name: String, _ value: some CustomStringConvertible) {
            self.name = name
            self.value = value.description
        }
    }

    /// The form of all lines.
    let format: Format
    /// The least level that is written.
    let level: Level

    /// The line with its newline; nil when the level is too low.
    func line(_ level: Level, _ message: String, _ fields: [Field] = []) -> String? {
        guard level <= self.level else { return nil }
        switch format {
        case .plain:
            let mark = level == .info ? "" : "\(level.name): "
            let pairs = fields.map { " \($0.name)=\(Self.word($0.value))" }.joined()
            return "meshctl-init: \(mark)\(message)\(pairs)\n"
        case .json:
            let all = [Field("level", level.name), Field("msg", message)] + fields
            let pairs = all.map { "\(Self.quote($0.name)):\(Self.quote($0.value))" }
            return "{\(pairs.joined(separator: ","))}\n"
        }
    }

    /// A value in quotes where it has a space, as Linkerd's log has it.
    private static func word(_ text: String) -> String {
        text.contains(" ") ? quote(text) : text
    }

    /// A JSON string (RFC 8259, section 7).
    private static func quote(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\n": result += "\\n"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
