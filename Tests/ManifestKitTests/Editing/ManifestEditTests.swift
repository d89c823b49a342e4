// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ManifestKit

@Suite("Manifest edit")
struct ManifestEditTests {
    /// The text that some edits make of another, checked to be nothing but their splices.
    private func edited(
        _ text: String,
        _ change: (inout ManifestEdit, Manifest) throws -> Void
    ) throws -> String {
        let original = try manifest(text)
        var edit = ManifestEdit(original)
        try change(&edit, original)
        let (result, splices) = try edit.apply()
        expectOnlySplices(splices, turn: original.source.bytes, into: result.source.bytes)
        return result.text
    }

    private static let entries = [
        NewEntry("x", .integer(1)), NewEntry("y", .sequence([.string("no")])),
    ]

    // MARK: Insertion

    @Test(arguments: [
        ("a: 1\nb: 2\n", ["a"], "a: 1\nx: 1\ny:\n- \"no\"\nb: 2\n"),
        ("a: 1\nb: 2\n", ["a", "b"], "a: 1\nb: 2\nx: 1\ny:\n- \"no\"\n"),
        ("a: 1\nb: 2\n", ["z"], "x: 1\ny:\n- \"no\"\na: 1\nb: 2\n"),
        ("a: 1 # c\n# d\n  # e\nb: 2\n", ["a"], "a: 1 # c\n# d\n  # e\nx: 1\ny:\n- \"no\"\nb: 2\n"),
        ("? a\n? b\n: 2\n", ["a"], "? a\nx: 1\ny:\n- \"no\"\n? b\n: 2\n"),
        ("a: 1\n?\n  b\n", ["a"], "a: 1\nx: 1\ny:\n- \"no\"\n?\n  b\n"),
        ("{a: 1, ? b : 2}", ["a"], "{a: 1, x: 1, \"y\": [\"no\"], ? b : 2}"),
        (
            "{a: 1, # ? c\n ? # d\n b : 2}", ["a"],
            "{a: 1, # ? c\n x: 1, \"y\": [\"no\"], ? # d\n b : 2}"
        ),
        ("a: 1\n# d\nb: 2\n", ["a"], "a: 1\nx: 1\ny:\n- \"no\"\n# d\nb: 2\n"),
        ("a: |\n  # d\n# e\nb: 2\n", ["a"], "a: |\n  # d\nx: 1\ny:\n- \"no\"\n# e\nb: 2\n"),
        ("{a: 1, b: 2}", ["a"], "{a: 1, x: 1, \"y\": [\"no\"], b: 2}"),
        ("{a: 1, b: 2}", ["b"], "{a: 1, b: 2, x: 1, \"y\": [\"no\"]}"),
        ("{a: 1, b}", ["b"], "{a: 1, b, x: 1, \"y\": [\"no\"]}"),
        (
            "{\n  a: 1,\n  b: 2,\n}", ["b"],
            "{\n  a: 1,\n  b: 2,\n  x: 1,\n  \"y\": [\n    \"no\"\n  ],\n}"
        ),
        ("{\"a\":1}", ["a"], "{\"a\":1,\"x\":1,\"y\":[\"no\"]}"),
    ])
    func insertsAfterTheNamedKeys(text: String, keys: [String], expected: String) throws {
        let result = try edited(text) { edit, manifest in
            edit.insert(Self.entries, into: try manifest.root, after: Set(keys))
        }
        #expect(result == expected.replacing("\ny:", with: "\n\"y\":"))
    }

    @Test func appendsInsertionsIntoOneMapping() throws {
        let result = try edited("a: 1\n") { edit, manifest in
            edit.insert([NewEntry("b", .integer(2))], into: try manifest.root)
            edit.insert([NewEntry("c", .integer(3))], into: try manifest.root, after: ["a"])
            edit.insert([], into: try manifest.root)
        }
        #expect(result == "b: 2\nc: 3\na: 1\n")
    }

    @Test(arguments: [
        ("- a: 1\n  b: 2\n", "- a: 1\n  x: 1\n  b: 2\n"), ("- a: 1\n", "- a: 1\n  x: 1\n"),
        ("- a:\n    b: 2", "- a:\n    b: 2\n  x: 1"), ("-   a: 1\n", "-   a: 1\n    x: 1\n"),
        ("-\n  a: 1\n", "-\n  x: 1\n  a: 1\n"), ("- &x\n  a: 1\n", "- &x\n  x: 1\n  a: 1\n"),
        ("- - a: 1\n", "- - a: 1\n    x: 1\n"), ("- {a: 1}\n", "- {x: 1, a: 1}\n"),
        ("- ? a\n  : 1\n", "- ? a\n  : 1\n  x: 1\n"),
        ("-\n  ? a\n  : 1\n", "-\n  x: 1\n  ? a\n  : 1\n"),
    ])
    func insertsIntoItemsOfLists(text: String, expected: String) throws {
        let result = try edited(text) { edit, manifest in
            var node = try manifest.node("0")
            if manifest.kind(of: node) == .sequence { node = manifest.items(of: node)[0] }
            edit.insert([NewEntry("x", .integer(1))], into: node)
        }
        #expect(result == expected)
    }

    /// Two mappings that end in one place: what goes into the inner one comes first.
    @Test(arguments: [
        ("a:\n  b:\n    c: 1\nd: 2\n", "a:\n  b:\n    c: 1\n    x: 3\n  x: 2\nx: 1\nd: 2\n"),
        ("a:\n  b:\n    c: 1", "a:\n  b:\n    c: 1\n    x: 3\n  x: 2\nx: 1"),
    ])
    func insertsIntoTheInnerMappingFirst(text: String, expected: String) throws {
        for order in [["", "a", "a/b"], ["a/b", "a", ""], ["a", "a/b", ""]] {
            let result = try edited(text) { edit, manifest in
                for path in order {
                    let depth = path.isEmpty ? 1 : path.count / 2 + 2
                    let entry = NewEntry("x", .integer(depth))
                    edit.insert([entry], into: try manifest.node(path), after: ["a", "b", "c"])
                }
            }
            #expect(result == expected)
        }
    }

    @Test func changesNothingWithoutAnEdit() throws {
        let original = try manifest("a: 1")
        let edit = ManifestEdit(original)
        #expect(edit.isEmpty)
        #expect(try edit.apply().splices.isEmpty)
        #expect(try edit.apply().manifest.text == "a: 1")
    }

    /// Blank lines and comments further in would become part of a literal; so would the end of a
    /// file that ends without a line break.
    @Test(arguments: [
        ("a: 1\nb: 2\n", true), ("a: 1\n", true), ("a: 1\n# c\nb: 2\n", true),
        ("a: 1", false), ("a: 1\n\nb: 2\n", true), ("a: 1\n  # c\n", false),
        ("a: 1\n   \n", false), ("a: 1\n   ", false), ("a: 1\n---\nb: 2\n", true),
    ])
    func writesALiteralOnlyWhereItStaysWhole(text: String, isLiteral: Bool) throws {
        let result = try edited(text) { edit, manifest in
            let entries = ["x", "y"].map { NewEntry($0, .string("1\n2\n")) }
            edit.insert(entries, into: try manifest.root, after: ["a"])
        }
        let last = isLiteral ? "|\n  1\n  2" : #""1\n2\n""#
        #expect(result.contains("\nx: |\n  1\n  2\n\"y\": " + last))
    }

    @Test(arguments: ["a: |\n  b", "a: >+\n  b", "a: |2\n  b", "a:\n- |\n  b"])
    func refusesToAppendToALiteralThatTheEndOfTheFileCuts(text: String) throws {
        let original = try manifest(text)
        var edit = ManifestEdit(original)
        edit.insert([NewEntry("x", .integer(1))], into: try original.root, after: ["a"])
        let error = try #require(throws: ManifestError.self) { try edit.apply() }
        #expect(error.code == .unsupported)
        #expect(
            error.message == "a line break at the end of the file would become part of this"
        )
    }

    /// What follows the margin is content, even where it is blank.
    @Test(arguments: [
        ("a: |\n  b\n    \n  \n", "a: |\n  b\n    \n"),
        ("a: |\n  b\n  \t\n\n", "a: |\n  b\n  \t\n"),
        ("a: |\n  b\n \n", "a: |\n  b\n"), ("a: >-\n\n\n", "a: >-\n"),
        ("a: |1\n  b\n  \n \n", "a: |1\n  b\n  \n"), ("a: |\n \u{85}b: 1\n", "a: |\n \u{85}"),
        ("a: |  # c\n   b\n   \n", "a: |  # c\n   b\n"),
    ])
    func appendsBehindTheLastContentOfALiteral(text: String, head: String) throws {
        let result = try edited(text) { edit, manifest in
            edit.insert([NewEntry("x", .integer(1))], into: try manifest.root, after: ["a"])
        }
        #expect(result == head + "x: 1\n" + text.dropFirst(head.count))
    }

    @Test(arguments: ["a: |-\n  b", "a: |", "a: >\n  b\n", "a: &x |-2\n   b", "a: |+\n\n"])
    func appendsToOtherLiteralsAtTheEnd(text: String) throws {
        let result = try edited(text) { edit, manifest in
            edit.insert([NewEntry("x", .integer(1))], into: try manifest.root, after: ["a"])
        }
        let hasBreak = text.utf8.last == 0x0A
        #expect(result == (hasBreak ? text + "x: 1\n" : text + "\nx: 1"))
    }

    @Test(arguments: [
        ("a:\n-", "a:\n- 1\n-\n- 2"), ("-", nil), ("a:\n- b\n-\n", "a:\n- 1\n- b\n-\n- 2\n"),
    ])
    func insertsAroundItemsThatAreEmpty(text: String, expected: String?) throws {
        let original = try manifest(text)
        let list = expected == nil ? try original.root : try original.node("a")
        var edit = ManifestEdit(original)
        edit.insert(front: [.integer(1)], back: [.integer(2)], into: list)
        guard let expected else {
            #expect(throws: ManifestError.self) { try edit.apply() }
            return
        }
        #expect(try edit.apply().manifest.text == expected)
    }

    // MARK: Removal

    @Test(arguments: [
        ("a: 1\nb: 2\n", "a", "b: 2\n"), ("a: 1\nb: 2\n", "b", "a: 1\n"),
        ("a: 1\nb: 2", "b", "a: 1"),
        ("a: 1\r\nb: 2", "b", "a: 1"), ("b: |\n  1\n\n# c\na: 2\n", "b", "\n# c\na: 2\n"),
        ("b: |+\n  1\n\n# c\na: 2\n", "b", "# c\na: 2\n"),
        ("a: 1\nb:  # c\n- 2  # d\n", "b", "a: 1\n"),
        ("b: |\n  1\u{2028}a: 2", "a", "b: |\n  1\u{2028}"),
        ("b: |\n  1\na: 2", "a", "b: |\n  1\n"), ("b: |-\n  1\na: 2", "a", "b: |-\n  1"),
        ("b: |+\n\n\na: 2", "a", "b: |+\n\n\n"), ("{? a : 1, ? b : 2}", "a", "{? b : 2}"),
        ("# c\na: 1\n# d\nb: 2\n", "a", "# c\n# d\nb: 2\n"),
        ("a: 1\nb:\nc: 3\n", "b", "a: 1\nc: 3\n"),
        ("? a\n: 1\n? b\n: 2\n", "a", "? b\n: 2\n"),
        ("{a: 1, b: 2}", "a", "{b: 2}"), ("{a: 1, b: 2}", "b", "{a: 1}"),
        ("{ a: 1, }", "a", "{  }"),
        ("{a: 1}", "a", "{}"), ("{\n  \"a\": 1,\n  \"b\": 2\n}", "b", "{\n  \"a\": 1\n}"),
        ("{\n  \"a\": 1,\n  \"b\": 2\n}", "a", "{\n  \"b\": 2\n}"), ("{a, b}", "a", "{b}"),
    ])
    func removesTheEntryAndItsLines(text: String, key: String, expected: String) throws {
        let result = try edited(text) { edit, manifest in
            edit.remove(try #require(manifest.ownEntry(key, in: try manifest.root)))
        }
        #expect(result == expected)
    }

    @Test(arguments: [
        ("- a: 1\n  b: 2\n", "a", "- b: 2\n"), ("- a: 1\n  b: 2\n", "b", "- a: 1\n"),
        ("- a:\n    c: 1\n\n  b: 2\n", "a", "- b: 2\n"),
        ("- ? a\n  : 1\n  b: 2\n", "a", "- b: 2\n"), ("- a: 1\n  ? b\n", "a", "- ? b\n"),
    ])
    func removesFromItemsOfLists(text: String, key: String, expected: String) throws {
        let result = try edited(text) { edit, manifest in
            edit.remove(try #require(manifest.ownEntry(key, in: try manifest.node("0"))))
        }
        #expect(result == expected)
    }

    @Test func removesSeveralAtOnce() throws {
        for (text, expected) in [
            ("a: 1\nb: 2\nc: 3\nd: 4\n", "b: 2\n"), ("a: 1\nb: 2\nc: 3\nd: 4", "b: 2"),
            ("b: 2\nc: 3\nd: 4\n# e\nf: 5", "b: 2\n# e"), ("b: 2\r\nc: 3\r\nd: 4", "b: 2"),
            ("{a: 1, b: 2, c: 3, d: 4}", "{b: 2}"),
        ] {
            let result = try edited(text) { edit, manifest in
                for entry in manifest.entries(of: try manifest.root)
                where manifest.text(of: entry.key) != "b" {
                    edit.remove(entry)
                }
            }
            #expect(result == expected)
        }
    }

    @Test(arguments: [
        ("a: 1\n", "this mapping would be left without lines"),
        ("- a: 1 # c\n  b: 2\n", "a comment stands between this key and the next"),
    ])
    func refusesRemovalsThatTakeMore(text: String, message: String) throws {
        let original = try manifest(text)
        let root = try original.root
        let mapping = original.kind(of: root) == .sequence ? original.items(of: root)[0] : root
        var edit = ManifestEdit(original)
        edit.remove(try #require(original.ownEntry("a", in: mapping)))
        let error = try #require(throws: ManifestError.self) { try edit.apply() }
        #expect(error.code == .unsupported)
        #expect(error.message == message)
    }

    @Test(arguments: [
        ("b: |+\n  1\na: 2\n\nc: 3\n", false), ("b: |\n  1\na: 2\n\nc: 3\n", true),
        ("b: |\n  1\na: 2\n    \nc: 3\n", false), ("b: |\n  1\na: 2\n  # d\nc: 3\n", false),
        ("b: |\n  1\na: 2\n# d\nc: 3\n", true), ("b:\n- >+\n  1\na: 2\n\n", false),
        ("b: 1\na: 2\n  # d\n\nc: 3\n", true), ("b: |\n  1\na: 2\n\n  # d\n", false),
    ])
    func removesNothingThatKeepsABlockScalarApart(text: String, isFine: Bool) throws {
        let original = try manifest(text)
        var edit = ManifestEdit(original)
        edit.remove(try #require(original.ownEntry("a", in: try original.root)))
        if isFine {
            #expect(try edit.apply().manifest.text == text.replacing("a: 2\n", with: ""))
        } else {
            let error = try #require(throws: ManifestError.self) { try edit.apply() }
            #expect(error.message == "what follows would become part of this")
        }
    }

    // MARK: Replacement

    @Test(arguments: [
        ("a:\nb: 2\n", "a:\n  x: 1\nb: 2\n"), ("a: # c\n", "a: # c\n  x: 1\n"),
        ("a:", "a:\n  x: 1"),
        ("a: null\n", "a: {x: 1}\n"), ("{a: null}", "{a: {x: 1}}"), ("{a: }", "{a: {x: 1}}"),
        ("{\"a\":null}", "{\"a\":{\"x\":1}}"),
        ("a: ~ # c", "a: {x: 1} # c"),
    ])
    func fillsWhatIsNull(text: String, expected: String) throws {
        let result = try edited(text) { edit, manifest in
            let entry = try #require(manifest.ownEntry("a", in: try manifest.root))
            edit.fill(entry, with: .mapping([NewEntry("x", .integer(1))]))
        }
        #expect(result == expected)
    }

    @Test(arguments: [
        ("a:\nb:\n  - c\n", "a:\n  - 1\nb:\n  - c\n"), ("a:\nb:\n- c\n", "a:\n- 1\nb:\n- c\n"),
        ("a: null\n", "a: [1]\n"),
    ])
    func fillsWithAListInTheFilesStyle(text: String, expected: String) throws {
        let result = try edited(text) { edit, manifest in
            let entry = try #require(manifest.ownEntry("a", in: try manifest.root))
            edit.fill(entry, with: .sequence([.integer(1)]))
        }
        #expect(result == expected)
    }

    @Test(arguments: [
        ("a:\n  x: 1\nb: 2\n", "", "a:\nb: 2\n"), ("a: # c\n  x: 1", "", "a: # c"),
        ("a: {x: 1} # c\n", "null", "a: null # c\n"), ("a: {x: 1}\n", "", "a: \n"),
        ("{a: {x: 1}, b: 2}", "", "{a: , b: 2}"), ("a:\n- 1\n- 2\nb: 3\n", "", "a:\nb: 3\n"),
    ])
    func emptiesToTheGivenText(text: String, to: String, expected: String) throws {
        let result = try edited(text) { edit, manifest in
            edit.empty(try #require(manifest.ownEntry("a", in: try manifest.root)), to: to)
        }
        #expect(result == expected)
    }

    @Test(arguments: [
        ("a:\nc: e\n", "a: d\nc: e\n"), ("a: # c\n", "a: d # c\n"), ("a:", "a: d"),
        ("a: b # c\n", "a: d # c\n"), ("a: 'b'\n", "a: d\n"), ("{\"a\":\"b\"}", "{\"a\":\"d\"}"),
        ("a: |\n  b\n", "a: d\n"), ("a: &x b\n", "a: d\n"),
        ("a: |-\n  b\n\nc: e\n", "a: d\n\nc: e\n"),
        ("a: >+\n  b\n\nc: e\n", "a: d\nc: e\n"), ("a: b\n  b\nc: e\n", "a: d\nc: e\n"),
        ("a:\n  b\nc: e\n", "a:\n  d\nc: e\n"), ("a: |-\n  b", "a: d"),
    ])
    func replacesOneScalar(text: String, expected: String) throws {
        let result = try edited(text) { edit, manifest in
            edit.replace(try #require(manifest.ownEntry("a", in: try manifest.root)), with: "d")
        }
        #expect(result == expected)
    }

    @Test func refusesTwoEditsInOnePlace() throws {
        let original = try manifest("a:\n  b: 1\n")
        var edit = ManifestEdit(original)
        let entry = try #require(original.ownEntry("a", in: try original.root))
        edit.empty(entry, to: "")
        edit.replace(try #require(original.ownEntry("b", in: entry.value)), with: "2")
        let error = try #require(throws: ManifestError.self) { try edit.apply() }
        #expect(error.message == "two edits meet in one place")
    }

    @Test(arguments: [
        ("a: &x {}\nb: # c\n  *x\n", "this alias does not stand on the line of its key"),
        ("a: &x {}\n? b\n: *x\n", "this key has no colon on its line"),
        ("a: &x {}\nb: {}\nc: {b: *x}\n", "this alias cannot be extended"),
    ])
    func refusesToMergeWhereLinesDoNotFit(text: String, message: String) throws {
        let original = try manifest(text)
        let root = try original.root
        let mapping = original.ownEntry("c", in: root)?.value ?? root
        var edit = ManifestEdit(original)
        edit.merge([], over: try #require(original.ownEntry("b", in: mapping)))
        let error = try #require(throws: ManifestError.self) { try edit.apply() }
        #expect(error.code == .unsupported)
        #expect(error.message == message)
    }

    @Test(arguments: [
        ("[a: b]", "a pair in a list has one key and no more"),
        ("[a: {b: c}]", "a pair in a list has one key and no more"),
        ("-\n\u{FEFF}a: b\n", "a character that is no space stands before this key"),
    ])
    func refusesMappingsThatTakeNoMore(text: String, message: String) throws {
        let original = try manifest(text)
        var edit = ManifestEdit(original)
        edit.insert([NewEntry("x", .integer(1))], into: try original.node("0"))
        let error = try #require(throws: ManifestError.self) { try edit.apply() }
        #expect(error.code == .unsupported)
        #expect(error.message == message)
    }

    @Test(arguments: [
        ("? a\n", "this value cannot be filled"), ("{a, b: 1}", "this key has no colon"),
        ("{b: 1, a\n # c\n}", "this key has no colon"),
    ])
    func refusesToFillAKeyWithoutAColon(text: String, message: String) throws {
        let original = try manifest(text)
        var edit = ManifestEdit(original)
        let entry = try #require(original.ownEntry("a", in: try original.root))
        edit.fill(entry, with: .mapping([NewEntry("x", .integer(1))]))
        let error = try #require(throws: ManifestError.self) { try edit.apply() }
        #expect(error.code == .unsupported)
        #expect(error.message == message)
    }

    // MARK: Aliases

    @Test(arguments: [
        "c: *x\n", "c: *x  # d\n", "c:   *x", "'c': *x\nd: e\n",
    ])
    func mergesOverAnAliasAndBack(text: String) throws {
        let head = "a: &x\n  b: 1\n"
        let original = try manifest(head + text)
        var edit = ManifestEdit(original)
        let entry = try #require(original.ownEntry("c", in: try original.root))
        edit.merge([NewEntry("y", .integer(1))], over: entry)
        let (merged, splices) = try edit.apply()
        expectOnlySplices(splices, turn: original.source.bytes, into: merged.source.bytes)
        let json = try merged.json(of: try merged.node("c"))
        #expect(json == #"{"y":1,"b":1}"#)

        var undo = ManifestEdit(merged)
        let mapping = try #require(merged.ownEntry("c", in: try merged.root))
        undo.remove(try #require(merged.ownEntry("y", in: mapping.value)))
        let (bare, _) = try undo.apply()
        var unmerge = ManifestEdit(bare)
        unmerge.unmerge(try #require(bare.ownEntry("c", in: try bare.root)))
        #expect(try unmerge.apply().manifest.text == head + text)
    }
}
