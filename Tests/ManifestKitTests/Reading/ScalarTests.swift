// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ManifestKit

@Suite("Scalars")
struct ScalarTests {
    @Test(arguments: [
        ("a: b", "b"), ("a: b  c  # d", "b  c"), ("a: b#c", "b#c"), ("a: b:c", "b:c"),
        ("a: 'it''s'", "it's"), ("a: ''", ""), ("a: \"\"", ""), ("a: '\"'", "\""),
        (
            #"a: "\t\x41\u00e4\U0001F600\/\\\"\e\N\L\P""#,
            "\tA\u{E4}\u{1F600}/\\\"\u{1B}\u{85}\u{2028}\u{2029}"
        ),
        // Folding: one break is a space, two are one.
        ("a: b\n c\n\n d", "b c\nd"), ("a: 'b\n  c'", "b c"), ("a: \"b\\\n  c\"", "bc"),
        ("a: >\n  b\n  c\n\n  d\n", "b c\nd\n"), ("a: >\n  b\n    c\n  d\n", "b\n  c\nd\n"),
        // Chomping: strip, clip, keep.
        ("a: |-\n  b\n\n\n", "b"), ("a: |\n  b\n\n\n", "b\n"), ("a: |+\n  b\n\n\n", "b\n\n\n"),
        ("a: >-\n  b\n\n", "b"), ("a: >+\n  b\n\n", "b\n\n"),
        ("a: |1\n  b\n", " b\n"), ("a: |2-\n   b", " b"), ("a: |-2\n   b", " b"),
        ("a: |\n\n  b\n", "\nb\n"), ("a: |\n", ""), ("a: |+\n\n", "\n"),
        ("a: |\n  b  \n", "b  \n"), ("a: |\n  --- x\n  # c\n", "--- x\n# c\n"),
        // Line breaks inside values are normalised, but LS and PS stay.
        ("a: |\r\n  b\r\n  c\r\n", "b\nc\n"), ("a: |\r  b\r", "b\n"),
        ("a: |\n  b\u{85}  c\n", "b\nc\n"), ("a: |\n  b\u{2028}  c\n", "b\u{2028}c\n"),
        ("a: \u{E4}\u{1F600}", "\u{E4}\u{1F600}"), ("a: \u{FEFF}b", "\u{FEFF}b"),
    ])
    func haveTheValueThatYAMLGivesThem(text: String, value: String) throws {
        let manifest = try manifest(text)
        let node = try manifest.node("a")
        #expect(manifest.text(of: node) == value)
        #expect(manifest.isScalar(node, value))
        #expect(!manifest.isScalar(node, value + "x"))
    }

    @Test(arguments: [
        ("b", NodeStyle.plain), ("'b'", .singleQuoted), ("\"b\"", .doubleQuoted),
        ("|\n  b", .literal), (">\n  b", .folded), ("[b]", .flow), ("{b: c}", .flow),
        ("\n  b: c", .block), ("\n- b", .block),
    ])
    func keepTheirStyle(text: String, style: NodeStyle) throws {
        let manifest = try manifest("a: " + text)
        #expect(manifest.style(of: try manifest.node("a")) == style)
    }

    @Test func haveNoTextWhenTheyAreNone() throws {
        let manifest = try manifest("a: &x {b: c}\nd: *x\ne: [f]\n")
        for path in ["a", "d", "e"] {
            #expect(manifest.text(of: try manifest.node(path)).isEmpty)
            #expect(!manifest.isScalar(try manifest.node(path), ""))
        }
    }

    @Test(arguments: [
        ("b", nil), ("!!str b", "tag:yaml.org,2002:str"), ("!t b", "!t"), ("! b", "!"),
        ("!<tag:x> b", "tag:x"), ("!!map {}", "tag:yaml.org,2002:map"),
    ])
    func haveTheirTagResolved(text: String, tag: String?) throws {
        let manifest = try manifest("a: " + text)
        #expect(manifest.tag(of: try manifest.node("a")) == tag)
    }
}
