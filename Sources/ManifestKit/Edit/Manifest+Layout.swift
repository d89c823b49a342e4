// SPDX-License-Identifier: Apache-2.0

/// Where the parts of nodes stand that are neither spans nor values.
extension Manifest {
    /// Where an entry of a block mapping starts: at its key, or at the `?` of an explicit one; nil
    /// when that cannot be told.
    func entryStart(of key: NodeID) -> Int? {
        let span = span(of: key)
        let after = source.skippingBlanks(from: span.upperBound)
        if after < source.bytes.count, source.bytes[after] == .colon { return span.lowerBound }
        var index = span.lowerBound
        while index > 0, source.bytes[index - 1] <= .space { index -= 1 }
        guard index > 0, source.bytes[index - 1] == .questionMark else { return nil }
        return index - 1
    }

    /// Where a node's own text starts: past its anchor and its tag.
    func contentStart(of node: NodeID) -> Int {
        let span = span(of: node)
        guard anchor(of: node) != nil || tag(of: node) != nil else { return span.lowerBound }
        var index = span.lowerBound
        while index < span.upperBound {
            let byte = source.bytes[index]
            if byte == .numberSign {
                index = source.lineEnd(of: index)
            } else if byte == .ampersand || byte == .exclamationMark {
                while index < span.upperBound, source.bytes[index] > .space { index += 1 }
            } else if byte <= .space {
                index += 1
            } else {
                break
            }
        }
        return index
    }

    /// The span of a node without its anchor and its tag.
    func contentSpan(of node: NodeID) -> Range<Int> {
        contentStart(of: node)..<span(of: node).upperBound
    }

    /// Whether a colon stands before a value that is nothing: `? key` and `{key}` have none.
    func hasColon(before value: NodeID) -> Bool {
        var index = span(of: value).lowerBound
        while index > 0, source.bytes[index - 1] <= .space { index -= 1 }
        return index > 0 && source.bytes[index - 1] == .colon
    }
}
