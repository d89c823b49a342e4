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
        let indent = try checkedColumn(of: first.key)
        // The first key may share its line with `- `: the second is then the first that can be
        // preceded.
        let position =
            insertion.position == 0 && !startsItsLine(first.key) ? 1 : insertion.position
        guard position < entries.count else {
            let last = entries[entries.count - 1].value
            return try appending(after: last, like: mapping, indent: indent) {
                $0.lines(of: insertion.entries, indent: indent)
            }
        }
        let next = entries[position].key
        guard startsItsLine(next) else {
            throw unsupported("this key does not start its line", at: next)
        }
        let start = manifest.entryStart(of: next)
        let offset = position == 0 ? startAboveComments(start) : startAboveOwnComments(next)
        return inserting(at: offset, like: mapping, indent: indent) {
            $0.lines(of: insertion.entries, indent: indent)
        }
    }

    /// Lines under a key whose value is nothing at all; a scalar on the line of the key.
    func filling(of value: NodeID, with node: NewNode) throws(ManifestError) -> Splice {
        guard let mapping = manifest.parent(of: value),
            let entry = manifest.entries(of: mapping).first(where: { $0.value == value }),
            // A key after `? ` may go without.
            source.bytes[manifest.span(of: value).lowerBound - 1] == .colon
        else { throw unsupported("this value cannot be filled", at: value) }
        let column = try checkedColumn(of: entry.key)
        switch node {
        case .mapping(let entries):
            return try appending(after: value, like: mapping, indent: column) {
                $0.lines(of: entries, indent: column + $0.style.step)
            }
        case .sequence(let items):
            return try appending(after: value, like: mapping, indent: column) {
                $0.lines(
                    of: items,
                    indent: column + ($0.style.hasFlushSequences ? 0 : $0.style.step)
                )
            }
        case .string, .integer, .boolean:
            let text = FlowWriter(quoting: .whereNeeded).text(of: node, isFlow: false)
            return Splice(manifest.span(of: value), " " + text)
        }
    }

    /// Whole lines in front of the line that starts at an offset.
    ///
    /// They look like those around a mapping, and none is indented less than `indent`.
    func inserting(
        at offset: Int,
        like mapping: NodeID,
        indent: Int,
        _ lines: (BlockWriter) -> [String]
    ) -> Splice {
        let lineBreak = String(decoding: source.lineBreak(near: offset), as: UTF8.self)
        let lines = lines(writer(like: mapping, at: offset, indent: indent))
        return Splice(offset..<offset, lines.map { $0 + lineBreak }.joined())
    }

    /// Whole lines after the last line of a node.
    func appending(
        after node: NodeID,
        like mapping: NodeID,
        indent: Int,
        _ lines: (BlockWriter) -> [String]
    ) throws(ManifestError) -> Splice {
        let offset = nextLine(after: node)
        if source.breakCount(before: offset) > 0 {
            return inserting(at: offset, like: mapping, indent: indent, lines)
        }
        // The last line of the file has no break, and ours shall be the last then.
        let leaf = lastLeaf(of: node)
        guard BlockScalar(manifest, leaf)?.isCutShort != true else {
            throw unsupported(
                "a line break at the end of the file would become part of this",
                at: leaf
            )
        }
        let lineBreak = String(decoding: source.lineBreak(near: offset), as: UTF8.self)
        let lines = lines(writer(like: mapping, at: offset, indent: indent))
        return Splice(offset..<offset, lines.map { lineBreak + $0 }.joined())
    }

    private func writer(like mapping: NodeID, at offset: Int, indent: Int) -> BlockWriter {
        BlockWriter(
            style: StyleInference(manifest).blockStyle(of: mapping),
            mayEndWithLiteral: mayFollowLiteral(offset, indent: indent)
        )
    }

    /// Whether what stands at an offset stays what it is behind a literal.
    ///
    /// A blank line, a comment that is further in and the end of a line without a break do not.
    private func mayFollowLiteral(_ offset: Int, indent: Int) -> Bool {
        guard offset == source.byteOrderMarkCount || source.breakCount(before: offset) > 0
        else { return false }
        let text = source.skippingBlanks(from: offset)
        if text == source.bytes.count { return text == offset }
        if source.breakCount(at: text) > 0 { return false }
        return source.bytes[text] != .numberSign || text - offset <= indent
    }

    /// The start of the line after a node's last; the end of a file that ends before it.
    private func nextLine(after node: NodeID) -> Int {
        let end = textEnd(of: node)
        // A kept block scalar ends at the start of a line already.
        if end > 0, source.breakCount(before: end) > 0 { return end }
        return source.nextLineStart(after: end)
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
        var start = source.lineStart(of: manifest.entryStart(of: key))
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
                let above = entries[..<index].last { !keys.contains($0.key) }
                let indent = column(of: entry.key)
                let lines = try lines(of: entry, below: above?.value, indent: indent)
                splices.append(Splice(lines))
            } else if index == 0, entries.count > 1 {
                splices.append(Splice(try startOfLine(entry, before: entries[1].key)))
            } else {
                throw unsupported("this key does not start its line", at: entry.key)
            }
        }
        return splices
    }

    /// The whole lines of an entry, trailing comment included.
    private func lines(
        of entry: MappingEntry,
        below above: NodeID?,
        indent: Int
    ) throws(ManifestError) -> Range<Int> {
        let start = manifest.entryStart(of: entry.key)
        return try removableLines(from: start, through: entry.value, below: above, indent: indent)
    }

    /// Whole lines that can go without a change to the node above them.
    func removableLines(
        from offset: Int,
        through node: NodeID,
        below above: NodeID?,
        indent: Int
    ) throws(ManifestError) -> Range<Int> {
        let lines = wholeLines(from: offset, through: node)
        guard let above else { return lines }
        let leaf = lastLeaf(of: above)
        guard let scalar = BlockScalar(manifest, leaf) else { return lines }
        if scalar.wouldJoin(linesAt: lines.upperBound, indent: indent) {
            throw unsupported("what follows would become part of this", at: leaf)
        }
        // The line break before the lines may be the scalar's own.
        return scalar.ownsLineBreak ? source.lineStart(of: offset)..<lines.upperBound : lines
    }

    /// The whole lines from an offset's to a node's last.
    ///
    /// At the end of a file without a final line break, the break before them goes instead of the
    /// one after.
    func wholeLines(from offset: Int, through node: NodeID) -> Range<Int> {
        let start = source.lineStart(of: offset)
        let textEnd = textEnd(of: node)
        let isAtLineStart = source.breakCount(before: textEnd) > 0 && textEnd > start
        let end = isAtLineStart ? textEnd : source.nextLineStart(after: textEnd)
        if end == source.bytes.count, source.breakCount(before: end) == 0 {
            return (start - source.breakCount(before: start))..<end
        }
        return start..<end
    }

    /// From the first key on the line of a `- ` to the second key, which takes its place.
    private func startOfLine(
        _ entry: MappingEntry,
        before next: NodeID
    ) throws(ManifestError) -> Range<Int> {
        let start = manifest.entryStart(of: entry.key)
        let end = manifest.entryStart(of: next)
        let rest = source.bytes[textEnd(of: entry.value)..<end]
        guard rest.allSatisfy({ $0 <= .space }) else {
            throw unsupported("a comment stands between this key and the next", at: entry.key)
        }
        return start..<end
    }

    // MARK: Replacement

    func replacement(of value: NodeID, withText text: String) throws(ManifestError) -> Splice {
        let span = manifest.span(of: value)
        if manifest.style(of: value) == .flow || span.isEmpty {
            return Splice(span, text)
        }
        guard let mapping = manifest.parent(of: value),
            let entry = manifest.entries(of: mapping).first(where: { $0.value == value })
        else { throw unsupported("this value cannot be emptied", at: value) }
        // The lines under the key go; the key's own line stays as it is.
        let keyLineEnd = source.lineEnd(of: manifest.span(of: entry.key).upperBound)
        guard text.isEmpty, keyLineEnd <= span.lowerBound else {
            throw unsupported("this value cannot be emptied", at: value)
        }
        return Splice(wholeLines(from: span.lowerBound, through: value))
    }

    // MARK: Places

    /// The span of a scalar without its last line break, which a block scalar's has.
    func spanWithinLines(of scalar: NodeID) -> Range<Int> {
        let span = manifest.span(of: scalar)
        guard let end = BlockScalar(manifest, scalar)?.textEnd else { return span }
        return span.lowerBound..<(end - source.breakCount(before: end))
    }

    /// The end of what a node's value needs, on its last line.
    private func textEnd(of node: NodeID) -> Int {
        let leaf = lastLeaf(of: node)
        return BlockScalar(manifest, leaf)?.textEnd ?? manifest.span(of: leaf).upperBound
    }

    private func lastLeaf(of node: NodeID) -> NodeID {
        var leaf = node
        while manifest.style(of: leaf) == .block, let last = manifest.children(of: leaf).last {
            leaf = last
        }
        return leaf
    }

    private func startsItsLine(_ key: NodeID) -> Bool {
        let start = manifest.entryStart(of: key)
        return source.bytes[source.lineStart(of: start)..<start].allSatisfy { $0 == .space }
    }

    /// Columns count code points, of which libyaml skips some without a trace: a byte order mark
    /// inside a file is one column that nobody sees.
    private func checkedColumn(of key: NodeID) throws(ManifestError) -> Int {
        let start = manifest.entryStart(of: key)
        guard source.bytes[source.lineStart(of: start)..<start].allSatisfy({ $0 < 0x80 }) else {
            throw unsupported("a character that is no space stands before this key", at: key)
        }
        return column(of: key)
    }

    private func column(of key: NodeID) -> Int {
        let start = manifest.entryStart(of: key)
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
