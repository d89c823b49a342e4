// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ManifestKit

@Suite("Document writer")
struct DocumentWriterTests {
    private static let sample = NewNode.mapping([
        NewEntry("a", .string("b")), NewEntry("c", .integer(-1)), NewEntry("d", .boolean(true)),
        NewEntry(
            "e",
            .mapping([NewEntry("f", .sequence([.string("g"), .sequence([.integer(1)])]))])
        ),
        NewEntry(
            "h",
            .sequence([.mapping([NewEntry("i", .string("")), NewEntry("j", .string("1"))])])
        ),
        NewEntry("k", .mapping([])), NewEntry("l", .sequence([])),
        NewEntry("m", .string("n\no\n")),
    ])

    @Test func writesBlockStyleAsKubectlDoes() {
        #expect(
            DocumentWriter.yaml(Self.sample) == """
                a: b
                c: -1
                d: true
                e:
                  f:
                  - g
                  - - 1
                h:
                - i: ""
                  j: "1"
                k: {}
                l: []
                m: |
                  n
                  o

                """
        )
    }

    @Test func writesTheStyleThatIsAskedFor() {
        let style = BlockStyle(step: 4, hasFlushSequences: false)
        #expect(
            DocumentWriter.yaml(Self.sample, style: style) == """
                a: b
                c: -1
                d: true
                e:
                    f:
                        - g
                        - - 1
                h:
                    - i: ""
                      j: "1"
                k: {}
                l: []
                m: |
                    n
                    o

                """
        )
        #expect(BlockStyle(step: 0, hasFlushSequences: true).step == 1)
    }

    @Test func writesJSONOnOneLine() {
        #expect(
            DocumentWriter.json(Self.sample)
                == #"{"a":"b","c":-1,"d":true,"e":{"f":["g",[1]]},"h":[{"i":"","j":"1"}],"#
                + #""k":{},"l":[],"m":"n\no\n"}"#
        )
    }

    @Test(arguments: [
        (NewNode.string("a"), "a\n"), (.integer(1), "1\n"), (.mapping([]), "{}\n"),
        (.sequence([]), "[]\n"), (.sequence([.integer(1)]), "- 1\n"),
        (.string("--- a"), "\"--- a\"\n"),
    ])
    func writesRootsOfEveryKind(node: NewNode, text: String) throws {
        #expect(DocumentWriter.yaml(node) == text)
    }

    @Test(arguments: [
        ("a\nb", "|-\n  a\n  b"), ("a\nb\n", "|\n  a\n  b"), ("a\nb\n\n", "|+\n  a\n  b\n"),
        (" a\nb\n", "|2\n   a\n  b"), ("\ta\nb", "|2-\n  \ta\n  b"), ("a\n\nb", "|-\n  a\n\n  b"),
        (" \u{301}a\nb", "|2-\n   \u{301}a\n  b"), ("a\n  \nb", "|-\n  a\n    \n  b"),
        ("\na", #""\na""#), ("a\r\nb", #""a\r\nb""#), ("a\u{85}\nb", #""a\u0085\nb""#),
    ])
    func writesLinesAsALiteralWhereThatIsSafe(text: String, written: String) {
        let node = NewNode.mapping([NewEntry("x", .string(text))])
        #expect(DocumentWriter.yaml(node) == "x: " + written + "\n")
    }
}
