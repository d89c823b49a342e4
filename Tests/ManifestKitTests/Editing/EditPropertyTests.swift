// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ManifestKit

/// Random edits of random manifests keep what they must keep.
///
/// A seed that fails is the argument of its case: run it alone with a filter on its number.
@Suite("Random edits")
struct EditPropertyTests {
    private static let seeds: [UInt64] = Array(0..<200)

    /// Every node of a manifest, aliases not followed.
    private func nodes(of manifest: Manifest) -> [NodeID] {
        var result: [NodeID] = []
        var open = manifest.documents.compactMap(\.root)
        while let node = open.popLast() {
            result.append(node)
            open += manifest.children(of: node)
        }
        return result
    }

    private func mappings(of manifest: Manifest) -> [NodeID] {
        nodes(of: manifest).filter { manifest.kind(of: $0) == .mapping }
    }

    private func newNode(_ random: inout SeededGenerator, depth: Int = 0) -> NewNode {
        switch Int.random(in: 0..<(depth < 2 ? 6 : 3), using: &random) {
        case 0: return .integer(Int.random(in: 0..<100, using: &random))
        case 1: return .boolean(Bool.random(using: &random))
        case 2: return .string(random.pick(["x", "yes", "a: b", "", "two\nlines\n", "\u{301}"]))
        case 3...4:
            return .mapping([
                NewEntry(random.pick(["n", "0", "n: n"]), newNode(&random, depth: depth + 1))
            ])
        default: return .sequence([newNode(&random, depth: depth + 1), .integer(1)])
        }
    }

    /// The outcome of an edit; nil when the place cannot be edited, which must be said as such.
    private func outcome(of edit: ManifestEdit) throws -> (manifest: Manifest, splices: [Splice])? {
        do throws(ManifestError) {
            return try edit.apply()
        } catch {
            #expect(error.code == .unsupported, "\(error)\n\(edit.manifest.text)")
            return nil
        }
    }

    @Test func comeFromManifestsThatParse() throws {
        var kinds: Set<NodeKind> = []
        var styles: Set<NodeStyle> = []
        for seed in Self.seeds {
            var generator = RandomManifest(seed: seed)
            let manifest = try manifest(generator.text())
            for node in nodes(of: manifest) {
                kinds.insert(manifest.kind(of: node))
                styles.insert(manifest.style(of: node))
            }
        }
        #expect(kinds.count == 4)
        #expect(styles.count == 7)
    }

    @Test(arguments: seeds)
    func insertAndTakeBack(seed: UInt64) throws {
        var generator = RandomManifest(seed: seed)
        var random = SeededGenerator(seed: seed &+ 1_000_000)
        let original = try manifest(generator.text())
        var edit = ManifestEdit(original)
        let mappings = mappings(of: original)
        for index in 0..<random.pick([1, 1, 2, 3]) where !mappings.isEmpty {
            let mapping = random.pick(mappings)
            let keys = original.entries(of: mapping).map { original.text(of: $0.key) }
            let after = keys.isEmpty || Bool.random(using: &random) ? [] : [random.pick(keys)]
            let entries = (0..<random.pick([1, 2])).map {
                NewEntry("new.\(index)/\($0)", newNode(&random))
            }
            edit.insert(entries, into: mapping, after: Set(after))
        }
        guard let (result, splices) = try outcome(of: edit) else { return }
        expectOnlySplices(splices, turn: original.source.bytes, into: result.source.bytes)

        var undo = ManifestEdit(result)
        for mapping in self.mappings(of: result) {
            for entry in result.entries(of: mapping)
            where result.text(of: entry.key).hasPrefix("new.") {
                undo.remove(entry)
            }
        }
        let undone = try #require(try outcome(of: undo), "\(result.text)")
        #expect(undone.manifest.text.utf8.elementsEqual(original.source.bytes), "\(result.text)")
    }

    @Test(arguments: seeds)
    func removeWholeEntries(seed: UInt64) throws {
        var generator = RandomManifest(seed: seed)
        var random = SeededGenerator(seed: seed &+ 2_000_000)
        let original = try manifest(generator.text())
        var edit = ManifestEdit(original)
        for mapping in mappings(of: original) where random.oneIn(3) {
            let entries = original.entries(of: mapping)
            // An anchor that goes would leave its aliases behind.
            for entry in entries.dropLast()
            where random.oneIn(2) && !original.isScalar(entry.key, "base") {
                edit.remove(entry)
            }
        }
        let removed = edit.removedKeys
        let isNested = removed.contains { key in
            var node = original.parent(of: key)
            while let current = node {
                let parent = original.parent(of: current)
                let entry = parent.flatMap { parent in
                    original.entries(of: parent).first { $0.value == current }
                }
                if let entry, removed.contains(entry.key) { return true }
                node = parent
            }
            return false
        }
        guard !isNested, let (result, splices) = try outcome(of: edit) else { return }
        expectOnlySplices(splices, turn: original.source.bytes, into: result.source.bytes)
        #expect(splices.allSatisfy { $0.replacement.isEmpty })
    }

    @Test(arguments: seeds)
    func fillAndTakeBack(seed: UInt64) throws {
        var generator = RandomManifest(seed: seed)
        var random = SeededGenerator(seed: seed &+ 3_000_000)
        let original = try manifest(generator.text())
        let nulls = mappings(of: original).flatMap { original.entries(of: $0) }.filter {
            original.kind(of: $0.value) == .scalar && original.typedValue(of: $0.value) == .null
        }
        guard !nulls.isEmpty else { return }
        let entry = random.pick(nulls)
        let content = newNode(&random)
        var edit = ManifestEdit(original)
        edit.fill(entry, with: .mapping([NewEntry("new.0", content)]))
        guard let (result, splices) = try outcome(of: edit) else { return }
        expectOnlySplices(splices, turn: original.source.bytes, into: result.source.bytes)
        let filled = mappings(of: result).flatMap { result.entries(of: $0) }.first {
            result.ownEntry("new.0", in: $0.value) != nil
        }
        var undo = ManifestEdit(result)
        undo.empty(try #require(filled), to: original.slice(entry.value))
        let undone = try #require(try outcome(of: undo), "\(result.text)")
        #expect(undone.manifest.text.utf8.elementsEqual(original.source.bytes), "\(result.text)")
    }

    @Test(arguments: seeds)
    func changeLists(seed: UInt64) throws {
        var generator = RandomManifest(seed: seed)
        var random = SeededGenerator(seed: seed &+ 4_000_000)
        let original = try manifest(generator.text())
        let lists = nodes(of: original).filter { original.kind(of: $0) == .sequence }
        guard !lists.isEmpty else { return }
        let list = random.pick(lists)
        var edit = ManifestEdit(original)
        let front = random.oneIn(2) ? [newNode(&random)] : []
        edit.insert(front: front, back: [newNode(&random)], into: list)
        guard let (result, splices) = try outcome(of: edit) else { return }
        expectOnlySplices(splices, turn: original.source.bytes, into: result.source.bytes)
        let count = original.count(of: list)
        let found = nodes(of: result).first { node in
            result.kind(of: node) == .sequence && result.count(of: node) == count + front.count + 1
                && result.span(of: node).lowerBound == original.span(of: list).lowerBound
        }
        guard let found, count > 0 else { return }
        var undo = ManifestEdit(result)
        let items = result.items(of: found)
        if !front.isEmpty { undo.remove(item: items[0]) }
        undo.remove(item: items[items.count - 1])
        let undone = try #require(try outcome(of: undo), "\(result.text)")
        #expect(undone.manifest.text.utf8.elementsEqual(original.source.bytes), "\(result.text)")
    }
}
