// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ManifestKit

@Suite("Documents")
struct DocumentTests {
    struct Shape: Equatable, CustomTestStringConvertible {
        let start: Int
        let isExplicit: Bool
        let root: String?

        init(_ start: Int, _ isExplicit: Bool, _ root: String?) {
            self.start = start
            self.isExplicit = isExplicit
            self.root = root
        }

        var testDescription: String { "\(start) \(isExplicit) \(root ?? "nil")" }
    }

    @Test(arguments: [
        ("", []),
        ("\n\n", []),
        ("# only a comment\n", []),
        ("\u{FEFF}", []),
        ("a: b\n", [Shape(0, false, "a: b")]),
        ("\u{FEFF}a: b\n", [Shape(3, false, "a: b")]),
        ("\u{FEFF}a: b\nc: d\n", [Shape(3, false, "a: b\nc: d")]),
        ("\u{FEFF}---\r\na: b\r\n", [Shape(3, true, "a: b")]),
        ("# c\na: b\n", [Shape(4, false, "a: b")]),
        ("---\na: b\n", [Shape(0, true, "a: b")]),
        ("# c\n--- # d\na: b\n", [Shape(4, true, "a: b")]),
        ("--- a\n", [Shape(0, true, "a")]),
        ("a: b\n---\nc: d\n", [Shape(0, false, "a: b"), Shape(5, true, "c: d")]),
        ("a: b\n...\n---\nc: d\n", [Shape(0, false, "a: b"), Shape(9, true, "c: d")]),
        ("%YAML 1.1\n---\na: b\n", [Shape(0, true, "a: b")]),
        ("%TAG !e! tag:e,2020:\n---\na: !e!x b\n", [Shape(0, true, "a: !e!x b")]),
        // Ours: an empty document, which has no root or an empty scalar for one.
        ("---\n", [Shape(0, true, nil)]),
        ("---\n---\na: b\n", [Shape(0, true, nil), Shape(4, true, "a: b")]),
        ("a: b\n---\n", [Shape(0, false, "a: b"), Shape(5, true, nil)]),
        (
            "a: b\n---\n# c\n---\nd: e\n",
            [Shape(0, false, "a: b"), Shape(5, true, nil), Shape(13, true, "d: e")]
        ),
        // Neither of these starts a document.
        ("a: |\n  ---\n  b\n", [Shape(0, false, "a: |\n  ---\n  b\n")]),
        ("a: 'b\n  ---c'\n", [Shape(0, false, "a: 'b\n  ---c'")]),
        ("---a: b\n", [Shape(0, false, "---a: b")]),
    ])
    func startWhereTheyDo(text: String, shapes: [Shape]) throws {
        let manifest = try manifest(text)
        let found = manifest.documents.map { document in
            let root = document.root.map { manifest.slice($0) }
            return Shape(document.start, document.isExplicit, root == "" ? nil : root)
        }
        #expect(found == shapes)
        #expect(!manifest.isJSON)
    }

    @Test(arguments: ["\n", "\r\n", "\r"])
    func areTheSameWithEveryLineBreak(lineBreak: String) throws {
        let text = "a: b\n---\nc:\n- d\n...\n---\ne: |\n  f\n"
        let other = text.split(separator: "\n", omittingEmptySubsequences: false)
            .joined(separator: lineBreak)
        let manifest = try manifest(other)
        #expect(manifest.documents.count == 3)
        let values = manifest.documents.compactMap(\.root).map { root in
            manifest.entries(of: root).map { manifest.text(of: $0.value) }
        }
        #expect(values == [["b"], [""], ["f\n"]])
    }

    @Test func mayMixTheirLineBreaks() throws {
        let manifest = try manifest("a: b\r\nc: d\ne: f\rg: h\u{85}i: j\u{2028}k: l\u{2029}m: n")
        let entries = manifest.entries(of: try manifest.root)
        #expect(entries.map { manifest.text(of: $0.key) } == ["a", "c", "e", "g", "i", "k", "m"])
        #expect(entries.map { manifest.text(of: $0.value) } == ["b", "d", "f", "h", "j", "l", "n"])
    }

    @Test(arguments: ["%YAML 2.0\n---\na: b\n", "%YAML 1.1\n%YAML 1.1\n---\na: b\n"])
    func refuseVersionsThatDoNotExist(text: String) throws {
        #expect(try refusal(of: text).code == .syntax)
    }

    /// libyaml's rule. Others drop what follows without a word.
    @Test func needADashLineAfterAnEndMark() throws {
        let error = try refusal(of: "a: b\n...\nc: d\n")
        #expect(error.code == .syntax)
        #expect(error.position == Position(line: 3, column: 1))
        #expect(try manifest("a: b\n...\n# c\n...\n").documents.count == 1)
    }

    @Test(arguments: ["1.1", "1.2"])
    func mayBeOfEitherVersion(version: String) throws {
        let manifest = try manifest("%YAML \(version)\n---\na: yes\n")
        #expect(manifest.typedValue(of: try manifest.node("a")) == .boolean(true))
    }
}
