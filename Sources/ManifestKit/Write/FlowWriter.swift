// SPDX-License-Identifier: Apache-2.0

/// Writes new nodes on one line, in flow style or as JSON.
struct FlowWriter {
    enum Quoting { case whereNeeded, always }

    let quoting: Quoting
    /// Between a colon or a comma and what follows.
    var separator = " "
    /// Inside braces.
    var padding = ""

    /// A node's text; `isFlow` says whether it stands inside braces or brackets.
    func text(of node: NewNode, isFlow: Bool = true) -> String {
        switch node {
        case .string(let text): return string(text, isFlow: isFlow)
        case .integer(let number): return String(number)
        case .boolean(let flag): return flag ? "true" : "false"
        case .mapping(let entries):
            if entries.isEmpty { return "{}" }
            return "{" + padding + entries.map(text(of:)).joined(separator: "," + separator)
                + padding + "}"
        case .sequence(let items):
            return "[" + items.map { text(of: $0) }.joined(separator: "," + separator) + "]"
        }
    }

    /// `key: value`.
    func text(of entry: NewEntry) -> String {
        string(entry.key, isFlow: true) + ":" + separator + text(of: entry.value)
    }

    /// A string in this writer's quotes.
    func string(_ text: String, isFlow: Bool) -> String {
        switch quoting {
        case .always: ScalarWriter.doubleQuoted(text)
        case .whereNeeded: ScalarWriter.inline(text, isFlow: isFlow)
        }
    }
}

/// Writes new entries inside a flow mapping that has a line for each of its own.
struct FlowLinesWriter {
    let writer: FlowWriter
    let lineBreak: String
    let step: String

    /// An entry's text from its key on; the lines after the first start with `indent`.
    func text(of entry: NewEntry, indent: String) -> String {
        writer.string(entry.key, isFlow: true) + ":" + writer.separator
            + text(of: entry.value, indent: indent)
    }

    /// A node's text from its first character on.
    func text(of node: NewNode, indent: String) -> String {
        let inner = indent + step
        let separator = "," + lineBreak + inner
        switch node {
        case .mapping(let entries) where !entries.isEmpty:
            return "{" + lineBreak + inner
                + entries.map { text(of: $0, indent: inner) }.joined(separator: separator)
                + lineBreak + indent + "}"
        case .sequence(let items) where !items.isEmpty:
            return "[" + lineBreak + inner
                + items.map { text(of: $0, indent: inner) }.joined(separator: separator)
                + lineBreak + indent + "]"
        default: return writer.text(of: node)
        }
    }
}
