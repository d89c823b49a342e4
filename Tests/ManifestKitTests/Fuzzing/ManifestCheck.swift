// SPDX-License-Identifier: Apache-2.0

import ManifestKit

/// What must hold of any bytes at all.
///
/// The fuzz target builds this file as well, so it uses nothing but what is public.
struct ManifestCheck {
    private let manifest: Manifest
    private let bytes: [UInt8]

    /// What is wrong; nil when all holds, as it does for bytes that are refused.
    static func failure(of bytes: [UInt8]) -> String? {
        var limits = Limits()
        // What a fuzzer can write in a few lines shall not take it seconds.
        limits.expandedNodesMax = 20_000
        do throws(ManifestError) {
            let name = bytes.first == UInt8(ascii: "{") ? "fuzz.json" : "fuzz.yaml"
            let manifest = try Manifest(name: name, bytes: bytes, limits: limits)
            return try ManifestCheck(manifest: manifest, bytes: bytes).failure()
        } catch {
            let isFine = error.code != .verification || mayTurnIntoJSON(bytes)
            return isFine ? nil : "not verified: \(error)"
        }
    }

    /// Whether an edit may make JSON of what is none yet.
    ///
    /// Only then NEL, LS and PS stop to be line breaks, and the verification is right to object.
    private static func mayTurnIntoJSON(_ bytes: [UInt8]) -> Bool {
        let first = bytes.first { $0 > UInt8(ascii: " ") }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    }

    private func failure() throws(ManifestError) -> String? {
        guard manifest.source.bytes == bytes else { return "the source is not the input" }
        for root in manifest.documents.compactMap(\.root) { _ = try? manifest.json(of: root) }
        // Each kind of edit is refused for its own reasons.
        if let wrong = try accepted(annotationFailure) { return wrong }
        if let wrong = try accepted(insertionFailure) { return wrong }
        return try accepted(removalFailure)
    }

    /// Nil for a refusal, but not when only the verification refused.
    private func accepted(
        _ check: () throws(ManifestError) -> String?
    ) throws(ManifestError) -> String? {
        do throws(ManifestError) {
            return try check()
        } catch {
            if error.code == .verification { throw error }
            return nil
        }
    }

    // MARK: Edits

    private func annotationFailure() throws(ManifestError) -> String? {
        guard let outcome = try InjectLikeEdit(manifest)?.add() else { return nil }
        let result = outcome.manifest.source.bytes
        if let wrong = spliceFailure(outcome.splices, result) { return "annotation: " + wrong }
        guard let edit = try InjectLikeEdit(outcome.manifest) else { return "no pod after all" }
        guard try edit.add() == nil else { return "a second edit changes more" }
        guard let undone = try edit.remove(outcome.undo) else { return nil }
        return undone.manifest.source.bytes == bytes ? nil : "removing does not undo"
    }

    private func insertionFailure() throws(ManifestError) -> String? {
        let mappings = self.mappings
        guard !mappings.isEmpty else { return nil }
        var edit = ManifestEdit(manifest)
        for turn in 0..<2 {
            let mapping = mappings[number(turn) % mappings.count]
            let keys = manifest.entries(of: mapping).map { manifest.text(of: $0.key) }
            let after = keys.isEmpty ? [] : [keys[number(turn + 2) % keys.count]]
            let lines = NewNode.string("one\n two\n")
            let entry = NewEntry("x/\(turn)", .mapping([NewEntry("yes", lines)]))
            edit.insert([entry], into: mapping, after: turn == 0 ? [] : Set(after))
        }
        let outcome = try edit.apply()
        return spliceFailure(outcome.splices, outcome.manifest.source.bytes)
    }

    private func removalFailure() throws(ManifestError) -> String? {
        let mappings = self.mappings.filter { manifest.count(of: $0) > 1 }
        guard !mappings.isEmpty else { return nil }
        let entries = manifest.entries(of: mappings[number(4) % mappings.count])
        let entry = entries[number(5) % entries.count]
        // An anchor that goes would leave its aliases behind; so would the first of two equal ones.
        guard !holdsAnchor(entry.key), !holdsAnchor(entry.value) else { return nil }
        var edit = ManifestEdit(manifest)
        edit.remove(entry)
        let outcome = try edit.apply()
        return spliceFailure(outcome.splices, outcome.manifest.source.bytes)
    }

    // MARK: Looking around

    private var mappings: [NodeID] {
        var found: [NodeID] = []
        var open = manifest.documents.compactMap(\.root)
        while let node = open.popLast() {
            if manifest.kind(of: node) == .mapping { found.append(node) }
            open += manifest.entries(of: node).map(\.value) + manifest.items(of: node)
        }
        return found
    }

    private func holdsAnchor(_ node: NodeID) -> Bool {
        if manifest.anchor(of: node) != nil { return true }
        switch manifest.kind(of: node) {
        case .mapping:
            return manifest.entries(of: node).contains { entry in
                holdsAnchor(entry.key) || holdsAnchor(entry.value)
            }
        case .sequence: return manifest.items(of: node).contains { holdsAnchor($0) }
        case .scalar, .alias: return false
        }
    }

    /// Numbers that depend on the input, and stay the same when it is replayed.
    private func number(_ index: Int) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325 &+ UInt64(index)
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int(hash >> 33)
    }

    /// Whether an output minus the splices is not the input.
    private func spliceFailure(_ splices: [Splice], _ output: [UInt8]) -> String? {
        var rebuilt: [UInt8] = []
        var read = 0
        for splice in splices {
            let length = splice.range.lowerBound - rebuilt.count
            guard length >= 0, read + length + splice.replacement.count <= output.count else {
                return "the splices do not fit the output"
            }
            rebuilt += output[read..<(read + length)]
            read += length
            guard output[read...].starts(with: splice.replacement) else {
                return "a splice is not in the output"
            }
            read += splice.replacement.count
            rebuilt += bytes[splice.range]
        }
        rebuilt += output[read...]
        return rebuilt == bytes ? nil : "bytes outside the splices changed"
    }
}
