// SPDX-License-Identifier: Apache-2.0

/// Walking a manifest. Nothing here follows aliases unless it says so.
extension Manifest {
    /// What a node is.
    public func kind(of node: NodeID) -> NodeKind { arena[node].kind }

    /// How a node is written.
    public func style(of node: NodeID) -> NodeStyle { arena[node].style }

    /// The byte span of a node, anchor and tag included.
    public func span(of node: NodeID) -> Range<Int> {
        Int(arena[node].start)..<Int(arena[node].end)
    }

    /// The byte range from a node's start to the end of its last line, line break included.
    public func lines(of node: NodeID) -> ClosedRange<Int> {
        let span = span(of: node)
        return span.lowerBound...max(span.upperBound, source.nextLineStart(after: span.upperBound))
    }

    /// The collection that holds a node; nil for a document's root.
    public func parent(of node: NodeID) -> NodeID? {
        let parent = arena[node].parent
        return parent < 0 ? nil : NodeID(Int(parent))
    }

    /// The anchor before a node, without its `&`.
    public func anchor(of node: NodeID) -> String? { properties(of: node)?.anchor }

    /// The tag before a node, resolved by libyaml.
    public func tag(of node: NodeID) -> String? { properties(of: node)?.tag }

    /// The first `*alias` that refers to a node's anchor.
    public func firstAlias(of node: NodeID) -> NodeID? { properties(of: node)?.firstAlias }

    /// The bytes of a scalar's value, escapes and folds undone; empty for other nodes.
    public func valueBytes(of node: NodeID) -> ArraySlice<UInt8> {
        let record = arena[node]
        guard record.kind == .scalar else { return [] }
        let range = Int(record.valueStart)..<Int(record.valueStart + record.valueCount)
        return record.isDecoded ? arena.decoded[range] : source.bytes[range]
    }

    /// A scalar's value as text; empty for other nodes.
    public func text(of node: NodeID) -> String {
        String(decoding: valueBytes(of: node), as: UTF8.self)
    }

    /// Whether a node is a scalar with this value, however it is quoted.
    public func isScalar(_ node: NodeID, _ value: String) -> Bool {
        arena[node].kind == .scalar && valueBytes(of: node).elementsEqual(value.utf8)
    }

    /// The number of entries of a mapping or of items of a sequence.
    public func count(of node: NodeID) -> Int {
        let record = arena[node]
        return record.kind == .mapping ? Int(record.childCount) / 2 : Int(record.childCount)
    }

    /// The items of a sequence in order.
    public func items(of sequence: NodeID) -> [NodeID] { children(of: sequence) }

    /// The entries of a mapping in order; none of other nodes.
    public func entries(of mapping: NodeID) -> [MappingEntry] {
        guard arena[mapping].kind == .mapping else { return [] }
        let nodes = children(of: mapping)
        return stride(from: 0, to: nodes.count - 1, by: 2).map {
            MappingEntry(key: nodes[$0], value: nodes[$0 + 1])
        }
    }

    /// The first entry that a mapping writes itself (not through `<<`) under a key.
    public func ownEntry(_ key: String, in mapping: NodeID) -> MappingEntry? {
        guard arena[mapping].kind == .mapping else { return nil }
        var child = arena[mapping].firstChild
        while child >= 0 {
            let keyNode = NodeID(Int(child))
            let value = arena[keyNode].nextSibling
            guard value >= 0 else { return nil }
            if isScalar(keyNode, key) {
                return MappingEntry(key: keyNode, value: NodeID(Int(value)))
            }
            child = arena.records[Int(value)].nextSibling
        }
        return nil
    }

    /// What an alias stands for; any other node itself.
    public func resolve(_ node: NodeID) -> NodeID {
        // An alias never stands for an alias: an anchor on an alias is not YAML.
        arena[node].kind == .alias ? NodeID(Int(arena[node].valueStart)) : node
    }

    /// The second of two equal keys in a mapping, with the first.
    public func duplicateKey(in mapping: NodeID) -> (first: NodeID, second: NodeID)? {
        var seen: [ArraySlice<UInt8>: NodeID] = [:]
        for entry in entries(of: mapping) where arena[entry.key].kind == .scalar {
            // Two `<<` are two merges, not a duplicate.
            if isMergeKey(entry.key) { continue }
            if let first = seen.updateValue(entry.key, forKey: valueBytes(of: entry.key)) {
                return (first, entry.key)
            }
        }
        return nil
    }

    /// Whether a key is the merge key of YAML 1.1.
    func isMergeKey(_ key: NodeID) -> Bool { arena[key].style == .plain && isScalar(key, "<<") }

    /// A mapping's first key; nil of other nodes.
    func firstKey(of mapping: NodeID) -> NodeID? {
        let record = arena[mapping]
        guard record.kind == .mapping, record.firstChild >= 0 else { return nil }
        return NodeID(Int(record.firstChild))
    }

    func children(of node: NodeID) -> [NodeID] {
        var result: [NodeID] = []
        result.reserveCapacity(Int(arena[node].childCount))
        var child = arena[node].firstChild
        while child >= 0 {
            result.append(NodeID(Int(child)))
            child = arena.records[Int(child)].nextSibling
        }
        return result
    }

    private func properties(of node: NodeID) -> NodeProperties? {
        let index = arena[node].properties
        return index < 0 ? nil : arena.properties[Int(index)]
    }
}
