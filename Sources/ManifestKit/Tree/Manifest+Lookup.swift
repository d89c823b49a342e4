// SPDX-License-Identifier: Apache-2.0

/// Where a value was found on behalf of a mapping.
public struct Lookup: Sendable {
    /// The value's node, aliases resolved.
    public let value: NodeID
    /// The alias that was followed to get there: the value's own, or the merge key's.
    public let alias: NodeID?
    /// The mapping's own entry; nil when the value came through a merge key.
    public let entry: MappingEntry?
}

/// Reading as Kubernetes' YAML library does: through aliases and merge keys.
extension Manifest {
    /// The value under a key: the mapping's own, else through its `<<` keys, first come first.
    public func lookup(_ key: String, in node: NodeID) -> Lookup? {
        lookup(key, in: node, depth: 0)
    }

    private func lookup(_ key: String, in node: NodeID, depth: Int) -> Lookup? {
        let mapping = resolve(node)
        // LIMIT: merges of merges; `Limits.expandedNodesMax` bounds what they hold.
        guard arena[mapping].kind == .mapping, depth < 16 else { return nil }
        if let entry = ownEntry(key, in: mapping) {
            let value = resolve(entry.value)
            let alias = value == entry.value ? nil : entry.value
            return Lookup(value: value, alias: alias, entry: entry)
        }
        for entry in entries(of: mapping) where isMergeKey(entry.key) {
            let merged = resolve(entry.value)
            let sources = arena[merged].kind == .sequence ? items(of: merged) : [entry.value]
            for source in sources {
                if let found = lookup(key, in: source, depth: depth + 1) {
                    return Lookup(value: found.value, alias: found.alias ?? source, entry: nil)
                }
            }
        }
        return nil
    }

    /// The value at a path of keys, read as `lookup` reads.
    public func value(at path: [String], in node: NodeID) -> NodeID? {
        var current = resolve(node)
        for key in path {
            guard let next = lookup(key, in: current) else { return nil }
            current = next.value
        }
        return current
    }

    /// The text of a string at a path of keys; nil when absent or not a string.
    public func string(at path: [String], in node: NodeID) -> String? {
        guard let value = value(at: path, in: node), case .string(let text) = typedValue(of: value)
        else { return nil }
        return text
    }

    /// All entries that a mapping has, merged ones last, each key once.
    public func mergedEntries(of node: NodeID) -> [MappingEntry] {
        var result: [MappingEntry] = []
        var seen: Set<ArraySlice<UInt8>> = []
        collectEntries(of: node, depth: 0, &seen, &result)
        return result
    }

    private func collectEntries(
        of node: NodeID,
        depth: Int,
        _ seen: inout Set<ArraySlice<UInt8>>,
        _ result: inout [MappingEntry]
    ) {
        let mapping = resolve(node)
        guard arena[mapping].kind == .mapping, depth < 16 else { return }
        let own = entries(of: mapping)
        for entry in own where !isMergeKey(entry.key) {
            if seen.insert(valueBytes(of: resolve(entry.key))).inserted { result.append(entry) }
        }
        for entry in own where isMergeKey(entry.key) {
            let merged = resolve(entry.value)
            for source in arena[merged].kind == .sequence ? items(of: merged) : [entry.value] {
                collectEntries(of: source, depth: depth + 1, &seen, &result)
            }
        }
    }
}
