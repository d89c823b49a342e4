// SPDX-License-Identifier: Apache-2.0

/// Writes sketches in flow style, or as JSON.
struct FlowSketchWriter {
    let style: SketchStyle
    var random: SeededGenerator
    /// Strict JSON: quotes everywhere, no comments, no anchors.
    var isJSON = false
    private let separator: String
    private let padding: String

    init(_ style: SketchStyle, _ random: SeededGenerator) {
        self.style = style
        self.random = random
        separator = self.random.pick([" ", " ", "  "])
        padding = self.random.pick(["", "", " "])
    }

    /// The text of a node; its lines after the first are further in than `indent`.
    mutating func text(of node: Sketch, indent: Int) -> String {
        switch node {
        case .null: return null(indent: indent)
        case .text(let text): return string(text)
        case .lines(let lines): return string(lines.joined(separator: "\n"))
        case .word(let word): return word
        case .anchored(let name, let inner):
            let text = self.text(of: inner, indent: indent)
            return isJSON ? text : "&" + name + (text.isEmpty ? "" : " " + text)
        case .mapping(let fields):
            return collection("{", "}", fields.count, indent) { writer, index, inner in
                let field = fields[index]
                let isMerge = field.key == "<<"
                let key = isMerge ? "<<" : writer.string(field.key)
                let value = writer.text(of: field.value, indent: inner)
                let isTight = key.hasPrefix("\"") && writer.random.chance(20)
                // A plain word goes on past a colon that no space follows.
                let isQuoted = key.hasPrefix("\"") || key.hasPrefix("'")
                if value.isEmpty { return key + (isQuoted ? ":" : ": ") }
                return key + ":" + (isTight ? "" : writer.separator) + value
            }
        case .sequence(let items):
            return collection("[", "]", items.count, indent) { writer, index, inner in
                let text = writer.text(of: items[index], indent: inner)
                // Nothing at all between two commas is no item.
                return text.isEmpty ? "~" : text
            }
        }
    }

    private mutating func null(indent: Int) -> String {
        if isJSON { return "null" }
        return random.pick(["", "null", "~", "Null", "NULL"])
    }

    private mutating func string(_ text: String) -> String {
        isJSON
            ? ScalarSketch.doubleQuoted(text, &random)
            : ScalarSketch.written(text, isFlow: true, &random)
    }

    private mutating func collection(
        _ open: String,
        _ close: String,
        _ count: Int,
        _ indent: Int,
        _ item: (inout FlowSketchWriter, Int, Int) -> String
    ) -> String {
        let isSplit = random.chance(isJSON ? 60 : 30)
        guard count > 0 else {
            return open + (isSplit ? "\n" + spaces(indent + 1) : random.pick(["", "", " "])) + close
        }
        let inner = indent + 1 + random.below(4)
        let margin = isSplit ? "\n" + spaces(inner) : ""
        var text = open + (isSplit ? margin : padding)
        for index in 0..<count {
            text += item(&self, index, inner)
            let isLast = index == count - 1
            let hasComma = !isLast || (!isJSON && random.chance(style.oddities))
            if hasComma { text += (random.chance(style.oddities) ? " " : "") + "," }
            if isSplit, !isJSON, random.chance(style.comments) { text += " # flow" }
            if !isLast { text += isSplit ? margin : random.pick(["", separator, separator]) }
        }
        return text + (isSplit ? "\n" + spaces(indent + 1) : padding) + close
    }

    private func spaces(_ count: Int) -> String { String(repeating: " ", count: max(count, 0)) }
}
