// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ManifestKit

@Suite("Lookup")
struct LookupTests {
    private let merged = """
        base: &base {a: 1, b: 2}
        more: &more {b: 3, c: 4}
        one: {<<: *base, d: 5}
        list:
          <<: [*base, *more]
          a: 6
        nested: &nested
          <<: *more
          e: 7
        deep:
          <<: *nested
        quoted: {"<<": *base}
        literal: {<<: {f: 8}}
        odd: {<<: 9, g: 10}

        """

    @Test(arguments: [
        ("one", "a", "1"), ("one", "d", "5"), ("list", "a", "6"), ("list", "b", "2"),
        ("list", "c", "4"), ("nested", "b", "3"), ("deep", "c", "4"), ("deep", "e", "7"),
        ("literal", "f", "8"), ("odd", "g", "10"),
    ])
    func findsValuesThroughMergeKeys(mapping: String, key: String, value: String) throws {
        let manifest = try manifest(merged)
        let found = try #require(manifest.lookup(key, in: try manifest.node(mapping)))
        #expect(manifest.text(of: found.value) == value)
        #expect(manifest.string(at: [mapping, key], in: try manifest.root) == nil)
        #expect(manifest.value(at: [mapping, key], in: try manifest.root) == found.value)
    }

    @Test(arguments: [("one", "c"), ("quoted", "a"), ("odd", "a"), ("base", "z"), ("odd", "")])
    func findsNothingThatIsNotThere(mapping: String, key: String) throws {
        let manifest = try manifest(merged)
        #expect(manifest.lookup(key, in: try manifest.node(mapping)) == nil)
    }

    @Test func saysHowItGotThere() throws {
        let manifest = try manifest("a: &x {b: &y c}\nd: {<<: *x}\ne: *x\nf: {g: *y, h: i}\n")
        let root = try manifest.root
        let merged = try #require(manifest.lookup("b", in: try manifest.node("d")))
        #expect(merged.entry == nil)
        #expect(merged.alias.map { manifest.slice($0) } == "*x")
        let aliased = try #require(manifest.lookup("g", in: try manifest.node("f")))
        #expect(aliased.entry?.value == aliased.alias)
        #expect(manifest.text(of: aliased.value) == "c")
        let own = try #require(manifest.lookup("h", in: try manifest.node("f")))
        #expect(own.alias == nil)
        #expect(own.entry?.value == own.value)
        #expect(manifest.lookup("b", in: try manifest.node("e"))?.entry != nil)
        #expect(
            manifest.value(at: [], in: try manifest.node("e"))
                == manifest.lookup("a", in: root)?.value
        )
    }

    @Test func takesTheFirstOfTwoEqualKeys() throws {
        let manifest = try manifest("a: 1\n'a': 2\n")
        let root = try manifest.root
        #expect(manifest.ownEntry("a", in: root).map { manifest.text(of: $0.value) } == "1")
        let twice = try #require(manifest.duplicateKey(in: root))
        #expect(manifest.position(of: twice.first) == Position(line: 1, column: 1))
        #expect(manifest.position(of: twice.second) == Position(line: 2, column: 1))
    }

    @Test(arguments: ["{a: 1, b: 2}", "{<<: {}, <<: {}}", "[a, a]", "a", "{a: {b: 1}, b: 1}"])
    func findsNoDuplicateWhereThereIsNone(text: String) throws {
        let manifest = try manifest("x: " + text)
        #expect(manifest.duplicateKey(in: try manifest.node("x")) == nil)
    }

    @Test func countsAQuotedMergeKeyAsAKey() throws {
        let manifest = try manifest("{\"<<\": 1, '<<': 2}")
        #expect(manifest.duplicateKey(in: try manifest.root) != nil)
    }

    @Test func readsStringsOnly() throws {
        let manifest = try manifest("a: {b: c, d: 1, e: '1', f: ~, g: [h]}\n")
        let root = try manifest.root
        #expect(manifest.string(at: ["a", "b"], in: root) == "c")
        #expect(manifest.string(at: ["a", "e"], in: root) == "1")
        for key in ["d", "f", "g", "z"] {
            #expect(manifest.string(at: ["a", key], in: root) == nil)
        }
        #expect(manifest.string(at: ["a", "b", "c"], in: root) == nil)
    }

    @Test func listsEachKeyOnceOwnOnesFirst() throws {
        let manifest = try manifest(merged)
        func keys(_ path: String) throws -> [String] {
            manifest.mergedEntries(of: try manifest.node(path)).map {
                manifest.text(of: $0.key) + manifest.text(of: $0.value)
            }
        }
        #expect(try keys("one") == ["d5", "a1", "b2"])
        #expect(try keys("list") == ["a6", "b2", "c4"])
        #expect(try keys("deep") == ["e7", "b3", "c4"])
        #expect(try keys("quoted") == ["<<"])
        #expect(try keys("odd") == ["g10"])
    }

    @Test func endsInLongChainsOfMerges() throws {
        var text = "m0: &m0 {a: 1}\n"
        for level in 1...40 { text += "m\(level): &m\(level) {<<: *m\(level - 1)}\n" }
        let manifest = try manifest(text)
        #expect(manifest.lookup("a", in: try manifest.node("m10")) != nil)
        #expect(manifest.lookup("a", in: try manifest.node("m40")) == nil)
        #expect(manifest.mergedEntries(of: try manifest.node("m40")).isEmpty)
    }

    @Test func countsEntriesAndItems() throws {
        let manifest = try manifest("a: {b: 1, c: 2}\nd: [1, 2, 3]\ne: x\n")
        #expect(manifest.count(of: try manifest.node("a")) == 2)
        #expect(manifest.count(of: try manifest.node("d")) == 3)
        #expect(manifest.count(of: try manifest.node("e")) == 0)
        #expect(manifest.entries(of: try manifest.node("d")).isEmpty)
        #expect(manifest.ownEntry("b", in: try manifest.node("d")) == nil)
    }
}
