// SPDX-License-Identifier: Apache-2.0

/// Finds where lines go in and come out of block mappings.
struct BlockEditing {
    let manifest: Manifest
    private var source: SourceText { manifest.source }

    init(_ manifest: Manifest) {
        self.manifest = manifest
    }

    // MARK: Insertion

    func insertion(
        of insertion: ManifestEdit.Insertion,
        into mapping: NodeID
    ) throws(ManifestError) -> Splice {
        let entries = manifest.entries(of: mapping)
        guard let first = entries.first else {
            throw unsupported("this mapping has no lines to join", at: mapping)
        }
        let indent = column(of: first.key)
        let writer = BlockWriter(style: StyleInference(manifest).blockStyle(of: mapping))
        let lines = writer.lines(of: insertion.entries, indent: indent)
        // The first key may share its line with `- `: the second is then the first that can be
        // preceded.
        let position =
            insertion.position == 0 && !startsItsLine(first.key) ? 1 : insertion.position
        guard position < entries.count else {
            return try appending(lines, after: entries[entries.count - 1].value)
        }
        let next = entries[position].key
        guard startsItsLine(next), let start = manifest.entryStart(of: next) else {
            throw unsupported("this key does not start its line", at: next)
        }
        let offset = position == 0 ? startAboveComments(start) : startAboveOwnComments(next)
        return inserting(lines, at: offset)
    }

    /// Lines under a key whose value is nothing at all.
    func filling(of value: NodeID, with node: NewNode) throws(ManifestError) -> Splice {
        guard let mapping = manifest.parent(of: value),
            let entry = manifest.entries(of: mapping).first(where: { $0.value == value }),
            manifest.tag(of: value) == nil,
            manifest.anchor(of: value) != nil || manifest.hasColon(before: value)
        else { throw unsupported("this value cannot be filled", at: value) }
        let style = StyleInference(manifest).blockStyle(of: mapping)
        let column = column(of: entry.key)
        let lines: [String]
        switch node {
        case .mapping(let entries):
            lines = BlockWriter(style: style).lines(of: entries, indent: column + style.step)
        case .sequence(let items):
            let indent = style.hasFlushSequences ? column : column + style.step
            lines = BlockWriter(style: style).lines(of: items, indent: indent)
        case .string, .integer, .boolean:
            throw unsupported("this value cannot be filled", at: value)
        }
        return try appending(lines, after: value)
    }

    /// Whole lines in front of the line that starts at an offset.
    func inserting(_ lines: [String], at offset: Int) -> Splice {
        let lineBreak = String(decoding: source.lineBreak(near: offset), as: UTF8.self)
        return Splice(offset..<offset, lines.map { $0 + lineBreak }.joined())
    }

    /// Whole lines after the last line of a node.
    func appending(_ lines: [String], after node: NodeID) throws(ManifestError) -> Splice {
        let end = textEnd(of: node)
        if end == source.bytes.count, needsBreak(lastLeaf(of: node)) {
            throw manifest.error(
                .unsupported,
                "this text goes on to the end of the file, which has no line break",
                hint: "end the file with a line break",
                at: lastLeaf(of: node)
            )
        }
        // A kept block scalar ends at the start of a line already.
        if end > 0, source.breakCount(before: end) > 0 { return inserting(lines, at: end) }
        let offset = source.nextLineStart(after: end)
        if source.breakCount(before: offset) > 0 { return inserting(lines, at: offset) }
        // The last line of the file has no break, and ours shall be the last then.
        let lineBreak = String(decoding: source.lineBreak(near: end), as: UTF8.self)
        return Splice(offset..<offset, lines.map { lineBreak + $0 }.joined())
    }

    /// The start of the comments and blank lines right above a collection's first key or dash.
    ///
    /// What the author wrote about it stays next to it.
    func startAboveComments(_ offset: Int) -> Int {
        var start = source.lineStart(of: offset)
        while start > source.byteOrderMarkCount {
            let above = source.lineStart(of: start - source.breakCount(before: start))
            let text = source.skippingBlanks(from: above)
            let isBlank = source.breakCount(at: text) > 0
            guard isBlank || source.bytes[text] == .numberSign else { break }
            start = above
        }
        return start
    }

    /// The same above a later key, but only for comments in that key's column: what is further in
    /// may belong to a block scalar.
    private func startAboveOwnComments(_ key: NodeID) -> Int {
        let column = column(of: key)
        var start = source.lineStart(
            of: manifest.entryStart(of: key) ?? manifest.span(of: key).lowerBound
        )
        while start > source.byteOrderMarkCount {
            let above = source.lineStart(of: start - source.breakCount(before: start))
            let text = above + column
            guard text < start, source.bytes[text] == .numberSign,
                source.bytes[above..<text].allSatisfy({ $0 == .space })
            else { break }
            start = above
        }
        return start
    }

    // MARK: Removal

    func removals(
        of keys: Set<NodeID>,
        in mapping: NodeID
    ) throws(ManifestError) -> [Splice] {
        let entries = manifest.entries(of: mapping)
        guard entries.contains(where: { !keys.contains($0.key) }) else {
            throw unsupported("this mapping would be left without lines", at: mapping)
        }
        var splices: [Splice] = []
        for (index, entry) in entries.enumerated() where keys.contains(entry.key) {
            if startsItsLine(entry.key) {
                splices.append(Splice(lines(of: entry)))
            } else if index == 0, entries.count > 1 {
                splices.append(Splice(try startOfLine(entry, before: entries[1].key)))
            } else {
                throw unsupported("this key does not start its line", at: entry.key)
            }
        }
        return splices
    }

    /// The whole lines of an entry, trailing comment included.
    private func lines(of entry: MappingEntry) -> Range<Int> {
        let start = manifest.entryStart(of: entry.key) ?? manifest.span(of: entry.key).lowerBound
        return wholeLines(from: start, through: entry.value)
    }

    /// The whole lines from an offset's to a node's last.
    func wholeLines(from offset: Int, through node: NodeID) -> Range<Int> {
        let start = source.lineStart(of: offset)
        let textEnd = textEnd(of: node)
        let isAtLineStart = source.breakCount(before: textEnd) > 0 && textEnd > start
        return start..<(isAtLineStart ? textEnd : source.nextLineStart(after: textEnd))
    }

    /// From the first key on the line of a `- ` to the second key, which takes its place.
    private func startOfLine(
        _ entry: MappingEntry,
        before next: NodeID
    ) throws(ManifestError) -> Range<Int> {
        guard let start = manifest.entryStart(of: entry.key),
            let end = manifest.entryStart(of: next)
        else { throw unsupported("this key does not start its line", at: entry.key) }
        let rest = source.bytes[textEnd(of: entry.value)..<end]
        guard rest.allSatisfy({ $0 <= .space }) else {
            throw unsupported("a comment stands between this key and the next", at: entry.key)
        }
        return start..<end
    }

    // MARK: Replacement

    func replacement(of value: NodeID, withText text: String) throws(ManifestError) -> Splice {
        let span = manifest.contentSpan(of: value)
        if manifest.style(of: value) == .flow || span.isEmpty {
            // Where nothing was, filling has put a space before the braces.
            let hasGap = text.isEmpty && source.bytes[span.lowerBound - 1] == .space
            return Splice(span.lowerBound - (hasGap ? 1 : 0)..<span.upperBound, text)
        }
        // The lines under the key go; the key's own line stays as it is.
        guard text.isEmpty, source.isBlank(source.lineStart(of: span.lowerBound)..<span.lowerBound)
        else { throw unsupported("this value cannot be emptied", at: value) }
        return Splice(wholeLines(from: span.lowerBound, through: value))
    }

    // MARK: Places

    /// The end of what a node's value needs, on its last line: trailing blank lines of a block
    /// scalar belong to the file, unless the scalar keeps them.
    private func textEnd(of node: NodeID) -> Int {
        let leaf = lastLeaf(of: node)
        let span = manifest.span(of: leaf)
        let style = manifest.style(of: leaf)
        guard style == .literal || style == .folded, !keepsBlankLines(leaf) else {
            return span.upperBound
        }
        var end = span.upperBound
        while end > span.lowerBound, source.bytes[end - 1] <= .space { end -= 1 }
        // The spaces that the last line ends with are content.
        return max(source.lineEnd(of: end), end)
    }

    /// Whether the line break at the end of a block scalar is part of its value.
    func needsBreak(_ scalar: NodeID) -> Bool {
        chomping(of: scalar).map { $0 != UInt8(ascii: "-") } ?? false
    }

    private func lastLeaf(of node: NodeID) -> NodeID {
        var leaf = node
        while manifest.style(of: leaf) == .block, let last = manifest.children(of: leaf).last {
            leaf = last
        }
        return leaf
    }

    /// Whether a block scalar's header says `+`.
    private func keepsBlankLines(_ scalar: NodeID) -> Bool {
        chomping(of: scalar) == UInt8(ascii: "+")
    }

    /// What a block scalar's header says of its end: `+`, `-` or a space for neither (YAML 1.2.2
    /// section 8.1.1.2); nil for other nodes.
    private func chomping(of scalar: NodeID) -> UInt8? {
        let style = manifest.style(of: scalar)
        guard style == .literal || style == .folded else { return nil }
        // Past the `|` or `>` may be a digit, and before or after it the mark.
        let header = source.bytes[(manifest.contentStart(of: scalar) + 1)...].prefix(2)
        return header.first { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") } ?? .space
    }

    private func startsItsLine(_ key: NodeID) -> Bool {
        guard let start = manifest.entryStart(of: key) else { return false }
        return source.bytes[source.lineStart(of: start)..<start].allSatisfy { $0 == .space }
    }

    private func column(of key: NodeID) -> Int {
        let start = manifest.entryStart(of: key) ?? manifest.span(of: key).lowerBound
        return start - source.lineStart(of: start)
    }

    private func unsupported(_ message: String, at node: NodeID) -> ManifestError {
        manifest.error(
            .unsupported,
            message,
            hint: "write this part in plain block style",
            at: node
        )
    }
}
