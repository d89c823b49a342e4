// SPDX-License-Identifier: Apache-2.0

/// The steps on the way to an edit: each must lead to bytes that mean one thing only.
extension Manifest {
    /// The mapping's own entry under a key, if it can be edited there; nil when the key is absent.
    ///
    /// - Throws: `duplicateKey` when the mapping has any key twice, `sharedNode` when the value
    ///   stands elsewhere (alias, merge key) or is used elsewhere (anchor).
    public func editableEntry(
        _ key: String,
        in mapping: NodeID
    ) throws(ManifestError) -> MappingEntry? {
        try checkKeys(of: mapping)
        guard let found = lookup(key, in: mapping) else { return nil }
        guard let entry = found.entry else {
            throw sharedError("'\(key)' comes from a merge key", at: found.alias ?? mapping)
        }
        try checkNotShared(entry.value, "'\(key)'")
        return entry
    }

    /// Refuses a node that stands for another one, or that another place stands for.
    public func checkNotShared(_ node: NodeID, _ name: String) throws(ManifestError) {
        if kind(of: node) == .alias {
            let target = position(of: resolve(node))
            throw sharedError("\(name) is an alias of line \(target.line)", at: node)
        }
        if let alias = firstAlias(of: node) {
            let line = position(of: alias).line
            throw sharedError("\(name) is used again by an alias in line \(line)", at: node)
        }
    }

    /// Refuses to let a node go that holds an anchor which an alias outside of it refers to.
    func checkMayGo(_ node: NodeID) throws(ManifestError) {
        let first = Int(node.index)
        // Nodes are in source order, and so a node's descendants come right after it.
        var end = first + 1
        while end < arena.records.count, isInside(NodeID(end), node) { end += 1 }
        let inside = first..<end
        guard inside.contains(where: { anchor(of: NodeID($0)) != nil }) else { return }
        for index in arena.records.indices where !inside.contains(index) {
            let record = arena.records[index]
            guard record.kind == .alias, inside.contains(Int(record.valueStart)) else { continue }
            let line = position(of: NodeID(index)).line
            throw error(
                .sharedNode,
                "what goes here is used again by an alias in line \(line)",
                hint: "write the value out there, without the alias",
                at: resolve(NodeID(index))
            )
        }
    }

    private func isInside(_ node: NodeID, _ outer: NodeID) -> Bool {
        var node = node
        while node.index > outer.index, let parent = parent(of: node) { node = parent }
        return node == outer
    }

    /// Refuses a mapping that has one key twice: readers disagree on which one counts.
    public func checkKeys(of mapping: NodeID) throws(ManifestError) {
        guard let (first, second) = duplicateKey(in: mapping) else { return }
        throw error(
            .duplicateKey,
            "the key '\(text(of: second))' is here twice, "
                + "first in line \(position(of: first).line)",
            hint: "remove one: the API server and other tools disagree on which one counts",
            at: second
        )
    }

    private func sharedError(_ message: String, at node: NodeID) -> ManifestError {
        error(
            .sharedNode,
            message + ", so an edit would reach more than this object",
            hint: "write the value out here, without the alias",
            at: node
        )
    }
}
