// SPDX-License-Identifier: Apache-2.0

/// Writes sketches in block style, with flow style where chance has it.
struct BlockSketchWriter {
    let style: SketchStyle
    var random: SeededGenerator
    private(set) var lines: [String] = []

    init(_ style: SketchStyle, _ random: SeededGenerator) {
        self.style = style
        self.random = random
    }

    mutating func line(_ text: String) {
        lines.append(text + (random.chance(style.trailingSpaces) ? random.pick([" ", "  "]) : ""))
    }

    mutating func document(_ root: Sketch) {
        interlude(indent: 0)
        if root.hasLines, !random.chance(style.flow / 4) {
            guard case .anchored(let name, let inner) = root else { return block(root, indent: 0) }
            line("--- &" + name)
            block(inner, indent: 0)
        } else {
            var flow = FlowSketchWriter(style, random)
            line(flow.text(of: root, indent: -1))
            random = flow.random
        }
        interlude(indent: 0)
    }

    // MARK: Collections

    private mutating func block(_ node: Sketch, indent: Int, head: String? = nil) {
        switch node {
        case .mapping(let fields):
            for (index, field) in fields.enumerated() {
                if index > 0 || head == nil { interlude(indent: indent) }
                let margin = index == 0 ? head : nil
                self.field(field, indent: indent, margin ?? spaces(indent))
            }
        case .sequence(let items):
            for (index, item) in items.enumerated() {
                if index > 0 || head == nil { interlude(indent: indent) }
                let margin = index == 0 ? head : nil
                self.item(item, indent: indent, margin ?? spaces(indent))
            }
        case .anchored, .null, .text, .word, .lines: break
        }
    }

    private mutating func field(_ field: Sketch.Field, indent: Int, _ margin: String) {
        let isMerge = field.key == "<<"
        let key = isMerge ? "<<" : ScalarSketch.written(field.key, isFlow: false, &random)
        if !isMerge, odd(), margin.allSatisfy({ $0 == " " }) {
            line(margin + "? " + key)
            value(field.value, indent: indent, margin + ":", isKeyed: true)
            return
        }
        let colon = odd() ? " :" : ":"
        value(field.value, indent: indent, margin + key + colon, isKeyed: true)
    }

    private mutating func item(_ item: Sketch, indent: Int, _ margin: String) {
        guard item.hasLines, !random.chance(style.flow) else {
            return value(item, indent: indent, margin + "-", isKeyed: false)
        }
        if case .anchored = item {
            return value(item, indent: indent, margin + "-", isKeyed: false)
        }
        if odd() {
            line(margin + "-" + trailer())
            interlude(indent: indent + 1)
            block(item, indent: indent + style.step)
        } else {
            let gap = odd() ? 1 + random.below(3) : 1
            block(item, indent: indent + 1 + gap, head: margin + "-" + spaces(gap))
        }
    }

    /// A value after its key's colon or its dash.
    private mutating func value(
        _ node: Sketch,
        indent: Int,
        _ head: String,
        isKeyed: Bool,
        properties: String = ""
    ) {
        switch node {
        case .anchored(let name, let inner):
            let anchor = " &" + name
            value(inner, indent: indent, head, isKeyed: isKeyed, properties: anchor)
        case .mapping, .sequence:
            guard node.hasLines, !random.chance(style.flow) else {
                return inline(node, indent: indent, head + properties)
            }
            let tag = odd() && properties.isEmpty ? tag(of: node) : ""
            line(head + properties + tag + trailer())
            var inner = indent + (isKeyed ? style.step : max(style.step, 1))
            if case .sequence = node, isKeyed, style.hasFlushLists != odd() { inner = indent }
            block(node, indent: inner)
        case .lines(let lines) where random.chance(75):
            blockScalar(lines, indent: indent, head + properties)
        case .null, .text, .word, .lines:
            inline(node, indent: indent, head + properties)
        }
    }

    private func tag(of node: Sketch) -> String {
        if case .sequence = node { " !!seq" } else { " !!map" }
    }

    private mutating func inline(_ node: Sketch, indent: Int, _ head: String) {
        var flow = FlowSketchWriter(style, random)
        var text = flow.text(of: node, indent: indent)
        random = flow.random
        if case .text = node, odd(), text.hasPrefix("\"") || text.hasPrefix("'") {
            // A fold: the line break reads as the space that it takes the place of.
            text = text.replacing(" ", with: "\n" + spaces(indent + 2), maxReplacements: 1)
        }
        if odd(), !text.isEmpty, !text.contains("\n") {
            line(head + trailer())
            line(spaces(indent + 1 + random.below(4)) + text + trailer())
            return
        }
        // A tab may follow no dash, and no colon that starts its line.
        let mayTab = head.hasSuffix(":") && !head.allSatisfy { $0 == " " || $0 == ":" }
        let gap = odd() ? random.pick(mayTab ? ["  ", "\t", " \t"] : ["  ", "   "]) : " "
        line(head + (text.isEmpty ? "" : gap + text) + trailer())
    }

    // MARK: Block scalars

    private mutating func blockScalar(_ content: [String], indent: Int, _ head: String) {
        let depth = 1 + random.below(4)
        let indicator = odd() ? "\(depth)" : ""
        let chomping = random.pick(["", "-", "+"])
        let mark =
            random.pick(["|", ">"]) + random.pick([indicator + chomping, chomping + indicator])
        lines.append(head + " " + mark + trailer())
        for text in content {
            lines.append(text.isEmpty ? "" : spaces(max(indent, 0) + depth) + text)
        }
        for _ in 0..<random.pick([0, 0, 0, 1, 2]) {
            lines.append(random.chance(30) ? spaces(random.below(max(indent, 0) + depth)) : "")
        }
    }

    // MARK: Trivia

    private mutating func odd() -> Bool { random.chance(style.oddities) }

    /// What may stand between two lines: comments in any column, blank lines.
    private mutating func interlude(indent: Int) {
        if random.chance(style.blanks) { lines.append(random.chance(20) ? "  " : "") }
        while random.chance(style.comments) {
            let margin = odd() ? random.below(12) : indent
            lines.append(spaces(margin) + random.pick(["# note", "#", "# a: b", "#- c", "# ü: '"]))
        }
    }

    private mutating func trailer() -> String {
        random.chance(style.comments) ? random.pick([" # why", "  #", " # a: {b", "\t# x"]) : ""
    }

    private func spaces(_ count: Int) -> String { String(repeating: " ", count: max(count, 0)) }
}
