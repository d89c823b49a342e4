// SPDX-License-Identifier: Apache-2.0

/// Writes manifests that no two people would write alike: every style that YAML offers, mixed.
///
/// What it writes is well formed; what it means is of no interest.
struct RandomManifest {
    private var random: SeededGenerator
    private let step: Int
    private let isFlush: Bool
    private let lineBreaks: [String]
    /// How seldom a line gets a comment, spaces or a blank line beside it.
    private let plainness: Int
    private var anchors: [String] = []
    private var keyCount = 0

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        step = random.pick([1, 2, 2, 2, 3, 4, 8])
        isFlush = Bool.random(using: &random)
        plainness = random.pick([2, 5, 50])
        let all = ["\n", "\r\n", "\r"]
        lineBreaks = random.oneIn(6) ? all : [random.pick(["\n", "\n", "\r\n", "\r"])]
    }

    /// A manifest of one to three documents.
    mutating func text() -> String {
        var lines: [String] = []
        let count = random.pick([1, 1, 1, 2, 3])
        for index in 0..<count {
            anchors = []
            if index > 0 || random.oneIn(3) {
                lines.append("---" + random.pick(["", " # d", "  "]))
            }
            let indent = random.oneIn(9) ? step : 0
            if random.oneIn(3) {
                lines.append(margin(indent) + "base: &base {q: 1}" + trail())
                anchors = ["base"]
            }
            lines += mapping(indent: indent, depth: 0)
            if index + 1 < count, random.oneIn(4) { lines.append("...") }
        }
        var text = random.oneIn(9) ? "\u{FEFF}" : ""
        for line in lines { text += line + random.pick(lineBreaks) }
        if random.oneIn(4) {
            while text.utf8.last == 0x0A || text.utf8.last == 0x0D {
                text = String(decoding: text.utf8.dropLast(), as: UTF8.self)
            }
        }
        return text
    }

    // MARK: Blocks

    private mutating func mapping(indent: Int, depth: Int) -> [String] {
        var lines: [String] = []
        for _ in 0..<random.pick([1, 2, 3, 3, 4]) {
            lines += between(indent)
            let key = nextKey()
            let isExplicit = random.oneIn(40)
            let head = margin(indent) + (isExplicit ? "? " + key : key + ":")
            if isExplicit { lines.append(head) }
            lines += value(
                after: isExplicit ? margin(indent) + ":" : head,
                indent: indent,
                depth: depth,
                inList: false
            )
        }
        if random.oneIn(plainness) { lines += between(indent) }
        return lines
    }

    private mutating func sequence(indent: Int, depth: Int) -> [String] {
        var lines: [String] = []
        for _ in 0..<random.pick([1, 2, 3]) {
            lines += between(indent)
            let head = margin(indent) + "-"
            if depth < 4, random.oneIn(2) {
                // `- key: value`: the mapping starts on the line of the dash.
                let gap = random.pick([1, 1, 1, 3])
                var item = mapping(indent: indent + 1 + gap, depth: depth + 1)
                let isKey: (String) -> Bool = { line in
                    let text = line.drop { $0 == " " }
                    return !text.isEmpty && text.first != "#"
                }
                item = Array(item.drop { !isKey($0) })
                item[0] = head + String(repeating: " ", count: gap) + withoutMargin(item[0])
                lines += item
            } else {
                lines += value(after: head, indent: indent, depth: depth, inList: true)
            }
        }
        return lines
    }

    private mutating func value(
        after head: String,
        indent: Int,
        depth: Int,
        inList: Bool
    ) -> [String] {
        let choice = depth < 4 ? Int.random(in: 0..<14, using: &random) : random.pick([4, 8, 9])
        switch choice {
        case 0...3:
            let inner = indent + step
            return [head + anchor() + trail()] + mapping(indent: inner, depth: depth + 1)
        case 4: return [head + " " + random.pick(["null", "~", "{}", "[]", "{ }"]) + trail()]
        case 5...6:
            let inner = isFlush && !inList ? indent : indent + step
            return [head + anchor() + trail()] + sequence(indent: inner, depth: depth + 1)
        case 7: return blockScalar(after: head, indent: indent)
        case 8: return [head + trail()]
        case 9...10: return flow(after: head, indent: indent)
        case 11 where !anchors.isEmpty: return [head + " *" + random.pick(anchors) + trail()]
        default: return [head + anchor() + " " + scalar(isFlow: false) + trail()]
        }
    }

    private mutating func blockScalar(after head: String, indent: Int) -> [String] {
        let header = random.pick(["|", ">"]) + random.pick(["", "-", "+"])
        var lines = [head + " " + header + (random.oneIn(plainness) ? "  # h" : "")]
        if random.oneIn(4) { lines.append("") }
        for index in 0..<random.pick([1, 2, 3]) {
            let extra = index > 0 ? random.pick([0, 0, 2]) : 0
            let text = random.pick(["one", "# two", "a: b", "- x", "--- y", "\"z", "e\u{301}  "])
            lines.append(margin(indent + step + extra) + text)
            if random.oneIn(4) { lines.append(random.pick(["", margin(indent)])) }
        }
        return lines
    }

    // MARK: Flow

    private mutating func flow(after head: String, indent: Int) -> [String] {
        let text = flowNode(depth: 0)
        guard random.oneIn(2), let first = text.first, first == "{" || first == "[" else {
            return [head + " " + text + trail()]
        }
        // On several lines: an entry each, further in than the key.
        let inner = margin(indent + step)
        var lines = [head + " {" + trail()]
        let count = random.pick([1, 2, 3])
        for index in 0..<count {
            if random.oneIn(plainness) { lines.append(inner + "# f") }
            let comma = index + 1 < count || random.oneIn(3) ? "," : ""
            lines.append(inner + nextKey() + ": " + flowNode(depth: 1) + comma + trail())
        }
        lines.append(inner + "}" + trail())
        return lines
    }

    private mutating func flowNode(depth: Int) -> String {
        let padding = random.pick(["", "", " "])
        switch depth < 3 ? Int.random(in: 0..<5, using: &random) : 4 {
        case 0...1:
            var parts: [String] = []
            for _ in 0..<random.pick([0, 1, 2, 3]) {
                let value = random.oneIn(6) ? "" : flowNode(depth: depth + 1)
                parts.append(nextKey() + ": " + value)
            }
            let comma = !parts.isEmpty && random.oneIn(5) ? "," : ""
            return "{" + padding + parts.joined(separator: random.pick([",", ", "])) + comma
                + padding + "}"
        case 2:
            let items = (0..<random.pick([0, 1, 2])).map { _ in flowNode(depth: depth + 1) }
            return "[" + padding + items.joined(separator: ", ") + padding + "]"
        default: return scalar(isFlow: true)
        }
    }

    // MARK: Small things

    private mutating func scalar(isFlow: Bool) -> String {
        let quoted = ["'it''s'", "\"a\\tb\"", "''", "\"\u{1F600}\"", "'x: y # z'", "\"\u{2028}\""]
        let plain = [
            "web", "1.10", "0644", "yes", "a b", "\u{E4}\u{F6}", "x#y", "http://a/b", "v1",
        ]
        return random.pick(random.oneIn(3) ? quoted : plain)
    }

    private mutating func nextKey() -> String {
        keyCount += 1
        let name = random.pick(["key", "a.b/c", "\u{43A}", "k"]) + String(keyCount)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return "\"\(name)\""
        case 1: return "'\(name)'"
        default: return name
        }
    }

    private mutating func anchor() -> String {
        random.oneIn(12) ? " &x\(keyCount)" : ""
    }

    private mutating func trail() -> String {
        random.oneIn(plainness) ? random.pick([" # t", "  # \u{E4}: 'b'", "  ", " "]) : ""
    }

    private mutating func between(_ indent: Int) -> [String] {
        guard random.oneIn(plainness * 2) else { return [] }
        let column = random.pick([0, indent, indent, indent + 2])
        return random.pick([
            [""], [margin(column) + "# between"], ["", margin(indent) + "# b", ""],
        ])
    }

    private func margin(_ count: Int) -> String { String(repeating: " ", count: count) }

    private func withoutMargin(_ line: String) -> String {
        String(decoding: line.utf8.drop { $0 == 0x20 }, as: UTF8.self)
    }
}
