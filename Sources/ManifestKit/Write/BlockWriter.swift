// SPDX-License-Identifier: Apache-2.0

/// How lists and nesting look in a file.
public struct BlockStyle: Equatable, Sendable {
    /// Spaces that a nested mapping is indented by.
    public var step: Int
    /// Whether a list in a mapping starts in the column of its key (`flush`) or one step in.
    public var hasFlushSequences: Bool

    /// The style of `kubectl get -o yaml`.
    public static let standard = BlockStyle(step: 2, hasFlushSequences: true)

    /// Makes a style; `step` is 1 or more.
    public init(step: Int, hasFlushSequences: Bool) {
        self.step = max(step, 1)
        self.hasFlushSequences = hasFlushSequences
    }
}

/// Writes new nodes in block style, as lines without their breaks.
struct BlockWriter {
    let style: BlockStyle

    /// The lines of some entries, the keys in column `indent` (from 0).
    func lines(of entries: [NewEntry], indent: Int) -> [String] {
        entries.flatMap { lines(of: $0, indent: indent) }
    }

    /// The lines of some list items, the dashes in column `indent`.
    func lines(of items: [NewNode], indent: Int) -> [String] {
        items.flatMap { item -> [String] in
            let margin = spaces(indent)
            switch item {
            case .mapping(let entries) where !entries.isEmpty:
                var lines = lines(of: entries, indent: indent + 2)
                lines[0] = margin + "- " + withoutMargin(lines[0], indent + 2)
                return lines
            case .sequence(let items) where !items.isEmpty:
                var lines = lines(of: items, indent: indent + 2)
                lines[0] = margin + "- " + withoutMargin(lines[0], indent + 2)
                return lines
            default:
                return scalarLines(item, after: margin + "-", indent: indent)
            }
        }
    }

    private func lines(of entry: NewEntry, indent: Int) -> [String] {
        let head = spaces(indent) + ScalarWriter.inline(entry.key, isFlow: false) + ":"
        switch entry.value {
        case .mapping(let entries) where !entries.isEmpty:
            return [head] + lines(of: entries, indent: indent + style.step)
        case .sequence(let items) where !items.isEmpty:
            let itemIndent = style.hasFlushSequences ? indent : indent + style.step
            return [head] + lines(of: items, indent: itemIndent)
        default:
            return scalarLines(entry.value, after: head, indent: indent)
        }
    }

    private func scalarLines(_ node: NewNode, after head: String, indent: Int) -> [String] {
        // LIMIT: an indentation indicator is one digit.
        guard case .string(let text) = node, ScalarWriter.isLiteralSafe(text),
            !startsWithBlank(text) || style.step < 10
        else {
            return [head + " " + FlowWriter(quoting: .whereNeeded).text(of: node, isFlow: false)]
        }
        return [head + " " + literalHeader(text)] + literalLines(text, indent: indent + style.step)
    }

    /// `|` and its chomping: how many line breaks the value ends with (YAML 1.2.2 section 8.1.1.2).
    private func literalHeader(_ text: String) -> String {
        let indentation = startsWithBlank(text) ? String(style.step) : ""
        if !text.hasSuffix("\n") { return "|" + indentation + "-" }
        return "|" + indentation + (text.hasSuffix("\n\n") ? "+" : "")
    }

    /// By its bytes: a space with a combining character is one `Character`.
    private func startsWithBlank(_ text: String) -> Bool {
        text.utf8.first == .space || text.utf8.first == .tab
    }

    private func literalLines(_ text: String, indent: Int) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if text.hasSuffix("\n") { lines.removeLast() }
        return lines.map { $0.isEmpty ? "" : spaces(indent) + $0 }
    }

    /// By bytes: a space is not a `Character` of its own where a combining character follows.
    private func withoutMargin(_ line: String, _ count: Int) -> String {
        String(decoding: line.utf8.dropFirst(count), as: UTF8.self)
    }

    private func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }
}
