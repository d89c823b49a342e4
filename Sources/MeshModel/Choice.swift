// SPDX-License-Identifier: Apache-2.0

/// The shared wording for values that must be one word of a closed list.
enum Choice {
    /// Returns the case of `type` whose word is exactly `text`.
    static func pick<Value>(_ text: String, of type: Value.Type) throws(ValueError) -> Value
    where Value: CaseIterable & RawRepresentable<String> {
        if let value = Value(rawValue: text) { return value }
        throw error(text, words: Value.allCases.map(\.rawValue))
    }

    /// Checks that `text` is exactly one of `words`.
    static func check(_ text: String, in words: [String]) throws(ValueError) {
        guard !words.contains(text) else { return }
        throw error(text, words: words)
    }

    private static func error(_ text: String, words: [String]) -> ValueError {
        ValueError(
            "\(ValueError.quote(text)) is not one of \(listed(words))\(hint(for: text, in: words))"
        )
    }

    /// Writes `words` for a person: `a, b or c`; the empty word is shown as `""`.
    static func listed(_ words: [String]) -> String {
        let shown = words.map { $0.isEmpty ? "\"\"" : $0 }
        guard let last = shown.last, shown.count > 1 else { return shown.joined() }
        return shown.dropLast().joined(separator: ", ") + " or " + last
    }

    private static func hint(for text: String, in words: [String]) -> String {
        if let near = nearMiss(text, in: words) { return "; did you mean \"\(near)\"?" }
        guard let example = words.first else { return "" }
        return "; write \"\(example)\", for instance"
    }

    /// Booleans where Linkerd wants `enabled`/`disabled` are the commonest mix-up.
    private static func nearMiss(_ text: String, in words: [String]) -> String? {
        switch text.utf8.count < 8 ? text.lowercased() : "" {
        case "true", "yes", "on", "1", "enable": words.first { $0 == "enabled" }
        case "false", "no", "off", "0", "disable": words.first { $0 == "disabled" }
        default: Suggestion.nearest(to: text, in: words)
        }
    }
}
