// SPDX-License-Identifier: Apache-2.0

/// Writes new documents.
public enum DocumentWriter {
    /// A document as block style YAML, with a final line break and without `---`.
    public static func yaml(_ node: NewNode, style: BlockStyle = .standard) -> String {
        let writer = BlockWriter(style: style)
        let lines: [String]
        switch node {
        case .mapping(let entries) where !entries.isEmpty:
            lines = writer.lines(of: entries, indent: 0)
        case .sequence(let items) where !items.isEmpty:
            lines = writer.lines(of: items, indent: 0)
        default:
            lines = [FlowWriter(quoting: .whereNeeded).text(of: node, isFlow: false)]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A document as one line of JSON.
    public static func json(_ node: NewNode) -> String {
        FlowWriter(quoting: .always, separator: "").text(of: node)
    }
}
