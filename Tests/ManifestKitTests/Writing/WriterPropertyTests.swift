// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ManifestKit

/// What is written reads back equal, in every style.
@Suite("Written documents")
struct WriterPropertyTests {
    /// Strings out of parts that mean something to YAML, next to each other in every order.
    private struct Strings {
        private static let parts =
            Array("ab01xXeEyYnNo._-+:#,[]{}&*!|>'\"%@`=~?/\\ \t\n<")
            .map(String.init) + [
                " ", "\n", "\n", "  ", "\n\n", "\r", "\r\n", "\u{85}", "\u{2028}", "\u{2029}",
                "\u{FEFF}", "\u{E4}", "\u{1F600}", "\u{301}", "\u{7F}", "\u{0}", "\u{1B}", "\u{A0}",
                "\u{FFFE}", "\u{10FFFF}", "---", "...", ": ", " #", "- ", "true", "null", "1", "0x",
                "{{ x }}", "\n ", "\n\t",
            ]

        static func next(_ random: inout SeededGenerator) -> String {
            let count = Int.random(in: 0...6, using: &random)
            return (0..<count).map { _ in random.pick(parts) }.joined()
        }
    }

    private static func node(_ random: inout SeededGenerator, depth: Int) -> NewNode {
        switch Int.random(in: 0..<(depth < 4 ? 9 : 5), using: &random) {
        case 0: return .integer(Int.random(in: -1_000...1_000, using: &random))
        case 1: return .boolean(Bool.random(using: &random))
        case 2...4: return .string(Strings.next(&random))
        case 5...6:
            let items = Int.random(in: 0...3, using: &random)
            return .sequence((0..<items).map { _ in node(&random, depth: depth + 1) })
        default:
            let count = Int.random(in: 0...3, using: &random)
            var keys: Set<String> = []
            for _ in 0..<count { keys.insert(Strings.next(&random)) }
            return .mapping(keys.sorted().map { NewEntry($0, node(&random, depth: depth + 1)) })
        }
    }

    /// The node that a text reads as; nil when it does not read at all.
    private func readBack(_ text: String, _ place: (Manifest) throws -> NodeID) throws -> NewNode? {
        guard let manifest = try? manifest(text) else { return nil }
        return manifest.newNode(copying: try place(manifest))
    }

    @Test(arguments: [1, 2, 3, 4, 8, 9, 12], [true, false])
    func readBackEqualFromBlockStyle(step: Int, isFlush: Bool) throws {
        var random = SeededGenerator(seed: UInt64(step) << 1 | (isFlush ? 1 : 0))
        let style = BlockStyle(step: step, hasFlushSequences: isFlush)
        for _ in 0..<300 {
            let node = Self.node(&random, depth: 0)
            let text = DocumentWriter.yaml(node, style: style)
            #expect(try readBack(text) { try $0.root } == node, "\(text)")
        }
    }

    @Test(arguments: [1, 2, 3])
    func readBackEqualFromJSON(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let node = Self.node(&random, depth: 0)
            let text = DocumentWriter.json(.sequence([node]))
            let manifest = try manifest(text)
            #expect(manifest.isJSON)
            #expect(manifest.newNode(copying: try manifest.node("0")) == node, "\(text)")
            #expect(try manifest.json(of: try manifest.root) == text)
        }
    }

    @Test(arguments: [1, 2, 3])
    func readBackEqualFromFlowStyle(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let writer = FlowWriter(quoting: .whereNeeded, padding: " ")
        for _ in 0..<500 {
            let node = Self.node(&random, depth: 0)
            let text = "x: " + writer.text(of: .sequence([node])) + "\n"
            #expect(try readBack(text) { try $0.node("x/0") } == node, "\(text)")
        }
    }

    @Test func readBackEqualFromLines() throws {
        var random = SeededGenerator(seed: 1)
        for lineBreak in ["\n", "\r\n"] {
            let writer = FlowLinesWriter(
                writer: FlowWriter(quoting: .whereNeeded),
                lineBreak: lineBreak,
                step: "\t"
            )
            for _ in 0..<200 {
                let node = Self.node(&random, depth: 0)
                let entry = NewEntry("x", node)
                let text =
                    "{\(lineBreak)\t" + writer.text(of: entry, indent: "\t") + "\(lineBreak)}"
                #expect(try readBack(text) { try $0.node("x") } == node, "\(text)")
            }
        }
    }
}
