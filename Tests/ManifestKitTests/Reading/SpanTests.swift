// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ManifestKit

@Suite("Spans")
struct SpanTests {
    @Test(arguments: [
        // Scalars.
        ("a: b\n", "a", "b"),
        ("a: b c  # d\n", "a", "b c"),
        ("a: 'b'\n", "a", "'b'"),
        ("a: \"b\\n\"   \n", "a", "\"b\\n\""),
        ("a: b\n  c\nd: e\n", "a", "b\n  c"),
        ("a:\nb: c\n", "a", ""),
        ("a: ~", "a", "~"),
        ("a: b\r\nc: d\r\n", "c", "d"),
        ("a: b\rc: d\r", "c", "d"),
        ("- a\n- b", "1", "b"),
        // Properties belong to the node.
        ("a: &x b\n", "a", "&x b"),
        ("a: !!str b\n", "a", "!!str b"),
        ("a: !t &x 'b'\n", "a", "!t &x 'b'"),
        ("a: &x\n  b: c\n", "a", "&x\n  b: c"),
        ("a: &x {b: c}\n", "a", "&x {b: c}"),
        ("a: &x b\nc: *x # d\n", "c", "*x"),
        // Collections by indentation end with their last leaf.
        ("a:\n  b: c  # tail\n\n# foot\nd: e\n", "a", "b: c"),
        ("a:\n- b\n- c\n\n# foot\nd: e\n", "a", "- b\n- c"),
        ("a:\n  - b: c\n    d:\n    - e\n# foot\n", "a", "- b: c\n    d:\n    - e"),
        ("a:\n  b:\nc: d\n", "a", "b:"),
        ("a:\n  b: {c: d}  # x\n", "a", "b: {c: d}"),
        // Collections in braces end with them.
        ("a: { b: c , }  # d\n", "a", "{ b: c , }"),
        ("a: [\n  b, # c\n  ]\nd: e\n", "a", "[\n  b, # c\n  ]"),
        ("a: {}\n", "a", "{}"),
        // Block scalars hold their header and their last line break.
        ("a: |\n  b\n  c\nd: e\n", "a", "|\n  b\n  c\n"),
        ("a: >- # b\n  c\nd: e\n", "a", ">- # b\n  c\n"),
        ("a: |+\n  b\n\nc: d\n", "a", "|+\n  b\n\n"),
        ("a: |\n  b", "a", "|\n  b"),
        // Offsets are bytes, whatever stands before.
        ("\u{FEFF}a: b\n", "a", "b"),
        ("# \u{1F600}\u{E4}\na: \u{1F600}\nb: c\n", "b", "c"),
        ("a: \u{1F600}\nb: c\n", "a", "\u{1F600}"),
        ("a: \"x\u{2028}y\"\nb: c\n", "b", "c"),
        ("{\"a\": [1, {\"b\": \"c\"}]}", "a/1", "{\"b\": \"c\"}"),
        ("? a\n: b\n", "a", "b"),
    ])
    func coverTheNodeAndNothingElse(text: String, path: String, span: String) throws {
        let manifest = try manifest(text)
        #expect(manifest.slice(try manifest.node(path)) == span)
    }

    /// A checkpoint stands every 128 code points; a mistake of one would show behind them.
    @Test(arguments: [0, 1, 126, 127, 128, 129, 255, 256, 257, 1000])
    func stayExactFarBehindWideCharacters(count: Int) throws {
        let filler = String(repeating: "\u{20AC}", count: count)
        let manifest = try manifest("a: '\(filler)'\nb: c\n")
        #expect(manifest.slice(try manifest.node("a")) == "'\(filler)'")
        #expect(manifest.slice(try manifest.node("b")) == "c")
    }

    @Test func nestAsTheNodesDo() throws {
        let manifest = try manifest("a:\n  b: [c, {d: e}]\n  f: |\n    g\nh: i\n")
        func check(_ node: NodeID) {
            let span = manifest.span(of: node)
            for child in manifest.children(of: node) {
                let inner = manifest.span(of: child)
                #expect(span.lowerBound <= inner.lowerBound && inner.upperBound <= span.upperBound)
                #expect(manifest.parent(of: child) == node)
                check(child)
            }
        }
        let root = try manifest.root
        #expect(manifest.parent(of: root) == nil)
        check(root)
    }

    @Test func linesReachPastTheComment() throws {
        let manifest = try manifest("a:\n  b: c  # d\ne: f")
        let lines = manifest.lines(of: try manifest.node("a"))
        #expect(lines == 5...15)
        #expect(manifest.lines(of: try manifest.node("e")) == 18...19)
    }
}
