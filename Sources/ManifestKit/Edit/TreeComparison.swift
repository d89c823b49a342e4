// SPDX-License-Identifier: Apache-2.0

/// Compares the tree that an edit means with the tree that its result reads as.
struct TreeComparison {
    let edit: ManifestEdit
    let result: Manifest
    private var original: Manifest { edit.manifest }

    init(edit: ManifestEdit, result: Manifest) {
        self.edit = edit
        self.result = result
    }

    /// The node of the original where the two part; nil when they are the same.
    ///
    /// Recursion is bounded by `Limits.depthMax`.
    func firstMismatch() -> NodeID? {
        let fallback = original.documents.lazy.compactMap(\.root).first ?? NodeID(0)
        guard original.documents.count == result.documents.count else { return fallback }
        for (before, after) in zip(original.documents, result.documents) {
            switch (before.root, after.root) {
            case (nil, nil): continue
            case (let before?, let after?):
                if let mismatch = mismatch(before, after) { return mismatch }
            case (let root?, nil), (nil, let root?): return before.root == nil ? fallback : root
            }
        }
        return nil
    }

    private func mismatch(_ before: NodeID, _ after: NodeID) -> NodeID? {
        if let replacement = edit.replacements[before] {
            switch replacement {
            case .node(let node): return isSame(node, after) ? nil : before
            case .text(let text): return isSame(text: text, after) ? nil : before
            case .merged(let entries): return isMerge(of: before, entries, after) ? nil : before
            case .unmerged:
                let merge = original.entries(of: before).first { original.isMergeKey($0.key) }
                return merge.map { isSameAlias($0.value, after) } == true ? nil : before
            }
        }
        guard original.kind(of: before) == result.kind(of: after),
            original.style(of: before) == result.style(of: after),
            original.tag(of: before) == result.tag(of: after),
            original.anchor(of: before) == result.anchor(of: after)
        else { return before }
        switch original.kind(of: before) {
        case .scalar:
            return original.valueBytes(of: before) == result.valueBytes(of: after) ? nil : before
        case .alias:
            return isSameAlias(before, after) ? nil : before
        case .sequence:
            return sequenceMismatch(before, after)
        case .mapping:
            return mappingMismatch(before, after)
        }
    }

    private func sequenceMismatch(_ before: NodeID, _ after: NodeID) -> NodeID? {
        let items = original.items(of: before).filter { !edit.removedItems.contains($0) }
        let insertion = edit.itemInsertions[before] ?? ManifestEdit.ItemInsertion()
        let newItems = result.items(of: after)
        let front = insertion.front.count
        guard newItems.count == front + items.count + insertion.back.count,
            zip(insertion.front, newItems).allSatisfy({ isSame($0, $1) }),
            zip(insertion.back, newItems.dropFirst(front + items.count))
                .allSatisfy({ isSame($0, $1) })
        else { return before }
        for (item, newItem) in zip(items, newItems.dropFirst(front)) {
            if let mismatch = mismatch(item, newItem) { return mismatch }
        }
        return nil
    }

    private func mappingMismatch(_ before: NodeID, _ after: NodeID) -> NodeID? {
        let entries = original.entries(of: before)
        let insertion = edit.insertions[before]
        var newEntries = result.entries(of: after)[...]
        // A block mapping whose first key shares its line takes new entries after it.
        var pending = insertion?.entries
        func takePending() -> Bool {
            guard let expected = pending else { return true }
            pending = nil
            for entry in expected {
                guard let actual = newEntries.popFirst(), result.isScalar(actual.key, entry.key),
                    isSame(entry.value, actual.value)
                else { return false }
            }
            return true
        }
        for (index, entry) in entries.enumerated() {
            if let insertion, index >= insertion.position, pending != nil,
                let actual = newEntries.first, let first = insertion.entries.first,
                result.isScalar(actual.key, first.key)
            {
                guard takePending() else { return before }
            }
            if edit.removedKeys.contains(entry.key) { continue }
            guard let actual = newEntries.popFirst() else { return entry.key }
            if let mismatch = mismatch(entry.key, actual.key) ?? mismatch(entry.value, actual.value)
            {
                return mismatch
            }
        }
        guard takePending(), newEntries.isEmpty else { return before }
        return nil
    }

    /// Whether two aliases stand for the same anchor.
    private func isSameAlias(_ before: NodeID, _ after: NodeID) -> Bool {
        original.kind(of: before) == .alias && result.kind(of: after) == .alias
            && original.anchor(of: original.resolve(before))
                == result.anchor(of: result.resolve(after))
    }

    private func isMerge(of alias: NodeID, _ entries: [NewEntry], _ after: NodeID) -> Bool {
        let actual = result.entries(of: after)
        guard let merge = actual.first, result.isMergeKey(merge.key) else { return false }
        return isSameAlias(alias, merge.value) && actual.count == entries.count + 1
            && zip(entries, actual.dropFirst()).allSatisfy { expected, actual in
                result.isScalar(actual.key, expected.key) && isSame(expected.value, actual.value)
            }
    }

    private func isSame(_ expected: NewNode, _ actual: NodeID) -> Bool {
        switch expected {
        case .string(let text): return result.typedValue(of: actual) == .string(text)
        case .integer(let number): return result.typedValue(of: actual) == .integer(String(number))
        case .boolean(let flag): return result.typedValue(of: actual) == .boolean(flag)
        case .mapping(let entries):
            let actualEntries = result.entries(of: actual)
            return result.kind(of: actual) == .mapping && actualEntries.count == entries.count
                && zip(entries, actualEntries).allSatisfy { expected, actual in
                    result.isScalar(actual.key, expected.key)
                        && isSame(expected.value, actual.value)
                }
        case .sequence(let items):
            let actualItems = result.items(of: actual)
            return result.kind(of: actual) == .sequence && actualItems.count == items.count
                && zip(items, actualItems).allSatisfy { isSame($0, $1) }
        }
    }

    private func isSame(text: String, _ actual: NodeID) -> Bool {
        if text == "{}" || text == "[]" {
            let kind: NodeKind = text == "{}" ? .mapping : .sequence
            return result.kind(of: actual) == kind && result.count(of: actual) == 0
        }
        return result.typedValue(of: actual) == .null
    }
}
