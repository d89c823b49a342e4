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
        let start = manifest.span(of: next).lowerBound
        let offset = position == 0 ? startAboveComments(start) : startAboveOwnComments(next)
        return inserting(at: offset, like: mapping, indent: indent) {
            $0.lines(of: insertion.entries, indent: indent)
        }
    }

    /// Lines under a key whose value is nothing at all.
    func filling(of value: NodeID, with node: NewNode) throws(ManifestError) -> Splice {
        guard let mapping = manifest.parent(of: value),
            let entry = manifest.entries(of: mapping).first(where: { $0.value == value }),
            // A key after `? ` may go without.
            source.bytes[manifest.span(of: value).lowerBound - 1] == .colon
        else { throw unsupported("this value cannot be filled", at: value) }
        let column = column(of: entry.key)
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
            throw unsupported("this value cannot be filled", at: value)
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
        guard !isCutShort(leaf) else {
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
    /// A blank line, a comment that is further in and the end of a last line without a break do
    /// not.
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

    /// Whether a block scalar would end with a line break, had the file not ended.
    private func isCutShort(_ leaf: NodeID) -> Bool {
        let style = manifest.style(of: leaf)
        guard style == .literal || style == .folded, let last = manifest.valueBytes(of: leaf).last
        else { return false }
        return last != .lineFeed && !header(of: leaf).contains(UInt8(ascii: "-"))
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
        var start = source.lineStart(of: manifest.span(of: key).lowerBound)
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
                let lines = lines(of: entry)
                if let above = entries[..<index].last(where: { !keys.contains($0.key) }) {
                    try checkStaysApart(lines.upperBound, from: above.value, column(of: above.key))
                }
                splices.append(Splice(lines))
            } else if index == 0, entries.count > 1 {
                splices.append(Splice(try startOfLine(entry, before: entries[1].key)))
            } else {
                throw unsupported("this key does not start its line", at: entry.key)
            }
        }
        return splices
    }

    /// Refuses to bring a block scalar together with blank lines or a comment that would join it.
    func checkStaysApart(
        _ offset: Int,
        from node: NodeID,
        _ indent: Int
    ) throws(ManifestError) {
        let leaf = lastLeaf(of: node)
        guard manifest.style(of: leaf) == .literal || manifest.style(of: leaf) == .folded
        else { return }
        let margin = contentColumn(of: leaf) ?? indent + 1
        var line = offset
        while line < source.bytes.count {
            let text = source.skippingBlanks(from: line)
            let isBlank = text == source.bytes.count || source.breakCount(at: text) > 0
            let isJoined =
                isBlank
                ? text - line > margin
                    || (keepsBlankLines(leaf) && source.breakCount(at: text) > 0)
                : source.bytes[text] == .numberSign && text - line >= margin
            if isJoined { throw unsupported("what follows would become part of this", at: leaf) }
            guard isBlank else { return }
            line = source.nextLineStart(after: text)
        }
    }

    /// The column that a block scalar's lines start in; nil when its header says so or it has none.
    private func contentColumn(of scalar: NodeID) -> Int? {
        let digits = UInt8(ascii: "1")...UInt8(ascii: "9")
        guard !header(of: scalar).contains(where: { digits.contains($0) }) else { return nil }
        let span = manifest.span(of: scalar)
        var line = source.nextLineStart(after: span.lowerBound)
        while line < span.upperBound {
            let text = source.skippingBlanks(from: line)
            if text < span.upperBound, source.breakCount(at: text) == 0 { return text - line }
            line = source.nextLineStart(after: line)
        }
        return nil
    }

    /// The whole lines of an entry, trailing comment included.
    private func lines(of entry: MappingEntry) -> Range<Int> {
        wholeLines(from: manifest.span(of: entry.key).lowerBound, through: entry.value)
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
        let start = entryStart(of: entry.key)
        let end = entryStart(of: next)
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
        let removed = lines(of: MappingEntry(key: value, value: value))
        return Splice(removed)
    }

    // MARK: Places

    /// The span of a scalar without its last line break, which a block scalar's has.
    func spanWithinLines(of scalar: NodeID) -> Range<Int> {
        let span = manifest.span(of: scalar)
        let end = textEnd(of: scalar)
        guard manifest.style(of: scalar) == .literal || manifest.style(of: scalar) == .folded
        else { return span }
        return span.lowerBound..<(end - source.breakCount(before: end))
    }

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

    private func lastLeaf(of node: NodeID) -> NodeID {
        var leaf = node
        while manifest.style(of: leaf) == .block, let last = manifest.children(of: leaf).last {
            leaf = last
        }
        return leaf
    }

    /// Whether a block scalar's header says `+` (YAML 1.2.2 section 8.1.1.2).
    private func keepsBlankLines(_ scalar: NodeID) -> Bool {
        header(of: scalar).contains(UInt8(ascii: "+"))
    }

    /// The indicators of a block scalar: `|` or `>`, and what touches it.
    private func header(of scalar: NodeID) -> ArraySlice<UInt8> {
        let text = source.bytes[manifest.span(of: scalar)]
        let mark = UInt8(ascii: manifest.style(of: scalar) == .literal ? "|" : ">")
        // A tag such as `!<x>` may hold the mark as well.
        let start = text.indices.first { index in
            text[index] == mark && (index == text.startIndex || text[index - 1] <= .space)
        }
        return text[(start ?? text.endIndex)...].prefix { $0 > .space }
    }

    private func startsItsLine(_ key: NodeID) -> Bool {
        let start = entryStart(of: key)
        return source.bytes[source.lineStart(of: start)..<start].allSatisfy { $0 == .space }
    }

    private func column(of key: NodeID) -> Int {
        let start = entryStart(of: key)
        return start - source.lineStart(of: start)
    }

    /// Where the entry of a key starts: at the key, or at the `? ` before it.
    private func entryStart(of key: NodeID) -> Int {
        let start = manifest.span(of: key).lowerBound
        let lineStart = source.lineStart(of: start)
        var index = start
        while index > lineStart, source.isBlank((index - 1)..<index) { index -= 1 }
        guard lineStart < index, source.bytes[index - 1] == UInt8(ascii: "?")
        else { return start }
        return index - 1
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
