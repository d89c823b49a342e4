// SPDX-License-Identifier: Apache-2.0

/// Names one node of one `Manifest`.
public struct NodeID: Hashable, Sendable {
    let index: Int32
    init(_ index: Int) { self.index = Int32(index) }
}

/// What a node is.
public enum NodeKind: UInt8, Sendable {
    /// A string, number, boolean or null.
    case scalar
    /// Keys and values.
    case mapping
    /// Items.
    case sequence
    /// `*name`: stands for the node that the anchor marks.
    case alias
}

/// How a node is written.
public enum NodeStyle: UInt8, Sendable {
    /// A scalar without quotes.
    case plain
    /// A scalar in apostrophes.
    case singleQuoted
    /// A scalar in quotation marks.
    case doubleQuoted
    /// A `|` block scalar.
    case literal
    /// A `>` block scalar.
    case folded
    /// A collection by indentation.
    case block
    /// A collection in braces or brackets.
    case flow
}

/// One key and its value in a mapping.
public struct MappingEntry: Hashable, Sendable {
    /// The key's node.
    public let key: NodeID
    /// The value's node.
    public let value: NodeID
}

/// A node as the arena stores it: 44 bytes, whatever it holds.
struct NodeRecord {
    var kind: NodeKind
    var style: NodeStyle
    /// Whether the value's bytes stand in the arena's `decoded` and not in the source.
    var isDecoded = false
    /// The span in the source; properties (anchor, tag) included.
    ///
    /// A block collection ends with its last leaf, not with libyaml's end mark, which lies past
    /// trailing comments.
    var start: UInt32
    var end: UInt32
    /// Scalars: where the value's bytes start; aliases: the index of the node they stand for.
    var valueStart: UInt32 = 0
    var valueCount: UInt32 = 0
    var firstChild: Int32 = -1
    var nextSibling: Int32 = -1
    var parent: Int32 = -1
    var childCount: UInt32 = 0
    /// An index into the arena's `properties`; -1 for none.
    var properties: Int32 = -1
}

/// What few nodes have: an anchor, a tag.
struct NodeProperties {
    var anchor: String?
    var tag: String?
    /// The first alias that refers to the anchor.
    var firstAlias: NodeID?
}

/// All nodes of one source, in source order.
struct NodeArena {
    var records: [NodeRecord] = []
    var properties: [NodeProperties] = []
    /// The values that do not stand in the source as they are: escapes, folds, block scalars.
    var decoded: [UInt8] = []
    /// The first list by indentation that is a mapping's value: how the file writes such lists.
    var firstBlockSequence: NodeID?
    /// The first mapping by indentation that is a mapping's value: how far the file indents.
    var firstBlockMapping: NodeID?

    subscript(id: NodeID) -> NodeRecord { records[Int(id.index)] }
}
