// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ManifestKit

/// The safety net under every edit: it must see each way in which a result can be wrong.
@Suite("Tree comparison")
struct TreeComparisonTests {
    private typealias Change = (inout ManifestEdit, Manifest) throws -> Void

    /// The source text where the two trees part; nil when they are the same.
    private func mismatch(
        _ before: String,
        _ after: String,
        _ change: Change = { _, _ in }
    ) throws -> String? {
        let original = try manifest(before)
        var edit = ManifestEdit(original)
        try change(&edit, original)
        let result = try manifest(after)
        return TreeComparison(edit: edit, result: result).firstMismatch().map { original.slice($0) }
    }

    @Test(arguments: [
        ("a: b\n", "# c\na:   b # d\n"),
        ("a: {b: c}\n", "a: { b: c, }\n"),
        ("a: [b]\n---\nc: d\n", "---\na: [ b ]\n---\nc: d\n"),
        ("a: &x b\nc: *x\n", "a: &x b\n\nc: *x\n"),
        ("a: |\n  b\n", "a: |\n   b\n\n"),
        ("", "# a\n"),
    ])
    func looksAtMeaningOnly(before: String, after: String) throws {
        #expect(try mismatch(before, after) == nil)
    }

    @Test(arguments: [
        ("a: b\n", "a: c\n", "b"),
        ("a: b\n", "a: 'b'\n", "b"),
        ("a: b\n", "c: b\n", "a"),
        ("a: b\nc: d\n", "a: b\n", "c"),
        ("a: b\n", "a: b\nc: d\n", "a: b"),
        ("a: b\nc: d\n", "c: d\na: b\n", "a"),
        ("a: [b]\n", "a: [b, c]\n", "[b]"),
        ("a: [b]\n", "a:\n- b\n", "[b]"),
        ("a: {b: c}\n", "a:\n  b: c\n", "{b: c}"),
        ("a: !t b\n", "a: !u b\n", "!t b"),
        ("a: &x b\n", "a: &y b\n", "&x b"),
        ("a: &x b\nc: &y d\ne: *x\n", "a: &x b\nc: &y d\ne: *y\n", "*x"),
        ("a: &x b\nc: *x\n", "a: &x b\nc: b\n", "*x"),
        ("a: b\n", "a: b\n---\nc: d\n", "a: b"),
        ("a: b\n---\nc: d\n", "a: b\n---\n", "c: d"),
        ("a: b\n", "", "a: b"),
        ("a: |\n  b\n", "a: |-\n  b\n", "|\n  b\n"),
    ])
    func findsWhereTheyPart(before: String, after: String, place: String) throws {
        #expect(try mismatch(before, after) == place)
    }

    private static let insertion = [
        NewEntry("x", .string("1")), NewEntry("y", .sequence([.integer(2)])),
    ]

    @Test(arguments: [
        // The first key of a list's item cannot be preceded, so the new ones may come later.
        ("a: {x: '1', y: [2], b: c}\n", true), ("a: {b: c, x: '1', y: [2]}\n", true),
        ("a: {x: 1, y: [2], b: c}\n", false), ("a: {x: '1', y: ['2'], b: c}\n", false),
        ("a: {x: '1', b: c}\n", false), ("a: {x: '1', y: [2, 3], b: c}\n", false),
        ("a: {y: [2], x: '1', b: c}\n", false), ("a: {x: '1', y: [2], b: c, z: 1}\n", false),
        ("a: {b: c}\n", false), ("a: {x: '1', y: [2]}\n", false),
    ])
    func expectsWhatIsInserted(after: String, isRight: Bool) throws {
        let place = try mismatch("a: {b: c}\n", after) { edit, manifest in
            edit.insert(Self.insertion, into: try manifest.node("a"))
        }
        #expect((place == nil) == isRight)
    }

    @Test(arguments: [
        ("a: {b: 1, x: '1', y: [2], c: 2}\n", true), ("a: {x: '1', y: [2], b: 1, c: 2}\n", false),
        ("a: {b: 1, c: 2, x: '1', y: [2]}\n", true), ("a: {b: 1, x: '1', c: 2, y: [2]}\n", false),
    ])
    func expectsTheNewEntriesTogether(after: String, isRight: Bool) throws {
        let place = try mismatch("a: {b: 1, c: 2}\n", after) { edit, manifest in
            edit.insert(Self.insertion, into: try manifest.node("a"), after: ["b"])
        }
        #expect((place == nil) == isRight)
    }

    @Test(arguments: [
        ("a: {c: 2}\n", true), ("a: {b: 1}\n", false), ("a: {b: 1, c: 2}\n", false),
        ("a: {}\n", false),
    ])
    func expectsThatRemovedEntriesAreGone(after: String, isRight: Bool) throws {
        let place = try mismatch("a: {b: 1, c: 2}\n", after) { edit, manifest in
            edit.remove(try #require(manifest.ownEntry("b", in: try manifest.node("a"))))
        }
        #expect((place == nil) == isRight)
    }

    @Test(arguments: [
        ("a: {x: true}\n", true), ("a:\n  x: true\n", true), ("a: {x: 'true'}\n", false),
        ("a: {y: true}\n", false), ("a: {}\n", false), ("a: ~\n", false),
        ("a: {x: true, y: 1}\n", false),
    ])
    func expectsWhatIsFilledIn(after: String, isRight: Bool) throws {
        let place = try mismatch("a: ~\n", after) { edit, manifest in
            let entry = try #require(manifest.ownEntry("a", in: try manifest.root))
            edit.fill(entry, with: .mapping([NewEntry("x", .boolean(true))]))
        }
        #expect((place == nil) == isRight)
    }

    @Test(arguments: [
        ("{}", "a: {}\n", true), ("{}", "a:\n", false), ("", "a:\n", true), ("", "a: ~\n", true),
        ("null", "a: null\n", true), ("null", "a: 'null'\n", false), ("[]", "a: []\n", true),
        ("[]", "a: {}\n", false), ("{}", "a: {b: c}\n", false),
    ])
    func expectsWhatIsEmptied(text: String, after: String, isRight: Bool) throws {
        let place = try mismatch("a: {b: c}\n", after) { edit, manifest in
            let entry = try #require(manifest.ownEntry("a", in: try manifest.root))
            edit.empty(entry, to: text)
        }
        #expect((place == nil) == isRight)
    }

    @Test(arguments: [
        ("a: [0, b, 9]\n", true), ("a: [b, 0, 9]\n", false), ("a: [0, 9]\n", false),
        ("a: [0, b, c, 9]\n", false), ("a: ['0', b, 9]\n", false), ("a: [0, b, '9']\n", false),
    ])
    func expectsItemsAroundThoseThatStay(after: String, isRight: Bool) throws {
        let place = try mismatch("a: [b, c]\n", after) { edit, manifest in
            let list = try manifest.node("a")
            edit.insert(front: [.integer(0)], back: [.integer(9)], into: list)
            edit.remove(item: try manifest.node("a/1"))
        }
        #expect((place == nil) == isRight)
    }

    @Test(arguments: [
        ("{<<: *x, c: '1'}", true), ("{c: '1', <<: *x}", false), ("{<<: *y, c: '1'}", false),
        ("{<<: *x}", false), ("{<<: *x, c: '1', d: 2}", false), ("*x", false),
    ])
    func expectsAMergeOverAnAlias(value: String, isRight: Bool) throws {
        let head = "a: &x {}\nb: &y {}\nc: "
        let place = try mismatch(head + "*x\n", head + value + "\n") { edit, manifest in
            let entry = try #require(manifest.ownEntry("c", in: try manifest.root))
            edit.merge([NewEntry("c", .string("1"))], over: entry)
        }
        #expect((place == nil) == isRight)
    }
}
