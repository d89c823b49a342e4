// SPDX-License-Identifier: Apache-2.0

/// One step of a parse, with byte offsets into the source.
struct YAMLEvent {
    enum Kind {
        case documentStart(isExplicit: Bool)
        case documentEnd
        case scalar(style: NodeStyle, value: Value)
        case collectionStart(NodeKind, NodeStyle)
        case collectionEnd
        case alias(name: String)
    }

    /// Where a scalar's value stands: most stand in the source as they are.
    enum Value {
        case source(Range<Int>)
        case decoded([UInt8])
    }

    let kind: Kind
    let start: Int
    let end: Int
    var anchor: String?
    var tag: String?
}
