// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ManifestKit

@Suite("Anchors and aliases")
struct AnchorTests {
    @Test func nameTheNodeThatTheyMark() throws {
        let manifest = try manifest("a: &x b\nc: &y {d: e}\nf: &z\n- g\nh: *x\n")
        #expect(manifest.anchor(of: try manifest.node("a")) == "x")
        #expect(manifest.anchor(of: try manifest.node("c")) == "y")
        #expect(manifest.anchor(of: try manifest.node("f")) == "z")
        #expect(manifest.anchor(of: try manifest.node("h")) == nil)
    }

    @Test func resolveToTheirAnchor() throws {
        let manifest = try manifest("a: &x {b: c}\nd: *x\ne: [*x]\n")
        let target = try manifest.node("a")
        let aliases = [try manifest.node("d"), try manifest.node("e/0")]
        for alias in aliases {
            #expect(manifest.kind(of: alias) == .alias)
            #expect(manifest.resolve(alias) == target)
        }
        #expect(manifest.resolve(target) == target)
        #expect(manifest.firstAlias(of: target) == aliases[0])
        #expect(manifest.firstAlias(of: try manifest.node("e")) == nil)
    }

    @Test func meanTheLastAnchorOfTheirName() throws {
        let manifest = try manifest("a: &x 1\nb: *x\nc: &x 2\nd: *x\n")
        #expect(manifest.text(of: manifest.resolve(try manifest.node("b"))) == "1")
        #expect(manifest.text(of: manifest.resolve(try manifest.node("d"))) == "2")
    }

    @Test func mayMarkKeys() throws {
        let manifest = try manifest("&x a: b\nc: *x\n*x : d\n")
        let entries = manifest.entries(of: try manifest.root)
        #expect(manifest.text(of: manifest.resolve(entries[1].value)) == "a")
        #expect(manifest.resolve(entries[2].key) == entries[0].key)
    }

    @Test func doNotReachAcrossDocuments() throws {
        let error = try refusal(of: "a: &x b\n---\nc: *x\n")
        #expect(error.code == .syntax)
        #expect(error.position == Position(line: 3, column: 4))
        #expect(error.message == "*x refers to no anchor of this document")
    }

    @Test(arguments: ["a: &x {b: *x}\n", "a: &x [b, *x]\n", "a: &x\n  b:\n    c: *x\n"])
    func doNotContainThemselves(text: String) throws {
        #expect(try refusal(of: text).code == .aliasExpansion)
    }

    /// Each level doubles: 3 leaves, 2^n of them at level n.
    @Test func areCountedAsOftenAsTheyExpand() throws {
        var limits = Limits()
        limits.expandedNodesMax = 60
        let text = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n"
        // 1 + 4 keys + 3 + 7 + 15 + 31 nodes.
        #expect(try refusal(of: text, limits: limits).code == .aliasExpansion)
        limits.expandedNodesMax = 61
        #expect(try manifest(text, limits: limits).documents.count == 1)
        limits.expandedNodesMax = 1
        #expect(try manifest("a: [b, c, d]\n", limits: limits).documents.count == 1)
    }

    @Test func neverOverflowTheirCount() throws {
        var text = "a0: &a0 x\n"
        for level in 1...200 {
            let items = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(items)]\n"
        }
        #expect(try refusal(of: text).code == .aliasExpansion)
    }

    @Test func areCountedInTheirOwnDocument() throws {
        var limits = Limits()
        limits.expandedNodesMax = 7
        let document = "a: &a [x]\nb: *a\n"
        #expect(try manifest(document + "---\n" + document, limits: limits).documents.count == 2)
        limits.expandedNodesMax = 6
        let error = try refusal(of: "c: d\n---\n" + document, limits: limits)
        #expect(error.position == Position(line: 3, column: 1))
    }
}
