// SPDX-License-Identifier: Apache-2.0

/// How the neighbours of a flow mapping's entries are written.
struct FlowStyle {
    let writer: FlowWriter
    /// Between a comma and the next entry.
    let entrySeparator: String
    /// Set when each entry has a line of its own: its margin, and one level of it.
    let lines: (margin: String, writer: FlowLinesWriter)?

    func text(of entry: NewEntry) -> String {
        guard let lines else { return writer.text(of: entry) }
        return lines.writer.text(of: entry, indent: lines.margin)
    }

    func text(of item: NewNode) -> String {
        guard let lines else { return writer.text(of: item) }
        return lines.writer.text(of: item, indent: lines.margin)
    }
}

/// Reads a file's own habits, so that inserted lines look like their neighbours.
struct StyleInference {
    let manifest: Manifest
    private var source: SourceText { manifest.source }

    init(_ manifest: Manifest) {
        self.manifest = manifest
    }

    // MARK: Block

    /// Indentation from the nearest evidence: the mapping's own children, its parents, then the
    /// file; 2 when there is none.
    func blockStyle(of mapping: NodeID) -> BlockStyle {
        let step = childStep(of: mapping) ?? parentStep(of: mapping) ?? fileStep() ?? 2
        return BlockStyle(step: step, hasFlushSequences: hasFlushSequences() ?? true)
    }

    /// How far the first block mapping under one of a mapping's keys is indented.
    private func childStep(of mapping: NodeID) -> Int? {
        for entry in manifest.entries(of: mapping) {
            guard manifest.kind(of: entry.value) == .mapping,
                manifest.style(of: entry.value) == .block,
                let child = manifest.firstKey(of: entry.value)
            else { continue }
            let step = column(of: child) - column(of: entry.key)
            if step > 0 { return step }
        }
        return nil
    }

    private func parentStep(of mapping: NodeID) -> Int? {
        var node = mapping
        while let parent = manifest.parent(of: node) {
            if manifest.kind(of: parent) == .mapping, manifest.style(of: parent) == .block,
                manifest.kind(of: node) == .mapping, manifest.style(of: node) == .block,
                let inner = manifest.firstKey(of: node), let outer = manifest.firstKey(of: parent)
            {
                let step = column(of: inner) - column(of: outer)
                if step > 0 { return step }
            }
            node = parent
        }
        return nil
    }

    /// How far the file's first mapping in a mapping is indented.
    private func fileStep() -> Int? {
        guard let inner = manifest.arena.firstBlockMapping,
            let outer = manifest.parent(of: inner),
            let innerKey = manifest.firstKey(of: inner), let outerKey = manifest.firstKey(of: outer)
        else { return nil }
        let step = column(of: innerKey) - column(of: outerKey)
        return step > 0 ? step : nil
    }

    /// Whether the file's first list in a mapping starts in the column of its key.
    private func hasFlushSequences() -> Bool? {
        guard let sequence = manifest.arena.firstBlockSequence,
            let key = manifest.parent(of: sequence).flatMap({ manifest.firstKey(of: $0) })
        else { return nil }
        return column(of: sequence) <= column(of: key)
    }

    // MARK: Flow

    /// How the entries of a flow mapping, or the items of a flow sequence, are written.
    func flowStyle(of collection: NodeID) -> FlowStyle {
        let writer = FlowWriter(
            quoting: quotesKeys(near: collection) ? .always : .whereNeeded,
            separator: isCompact(near: collection) ? "" : " ",
            padding: hasPadding(collection) ? " " : ""
        )
        let margin = manifest.children(of: collection).first.flatMap { self.margin(of: $0) }
        let lineBreak = lineBreak(near: collection)
        guard let margin, !hasOneLineCollections(collection) else {
            let separator = margin.map { lineBreak + $0 } ?? writer.separator
            return FlowStyle(writer: writer, entrySeparator: separator, lines: nil)
        }
        let outer = leadingBlanks(of: manifest.span(of: collection).lowerBound)
        let step =
            margin.hasPrefix(outer) && margin.count > outer.count
            ? String(margin.dropFirst(outer.count)) : "  "
        return FlowStyle(
            writer: writer,
            entrySeparator: lineBreak + margin,
            lines: (margin, FlowLinesWriter(writer: writer, lineBreak: lineBreak, step: step))
        )
    }

    /// The white space before a key that starts its line; nil when it does not.
    private func margin(of key: NodeID) -> String? {
        let start = manifest.span(of: key).lowerBound
        let lineStart = source.lineStart(of: start)
        guard lineStart > source.byteOrderMarkCount, source.isBlank(lineStart..<start) else {
            return nil
        }
        return String(decoding: source.bytes[lineStart..<start], as: UTF8.self)
    }

    private func leadingBlanks(of offset: Int) -> String {
        let start = source.lineStart(of: offset)
        let end = source.skippingBlanks(from: start)
        return String(decoding: source.bytes[start..<min(end, max(offset, start))], as: UTF8.self)
    }

    /// The line break of the line on which a multi-line mapping opens.
    private func lineBreak(near mapping: NodeID) -> String {
        let next = source.nextLineStart(after: manifest.span(of: mapping).lowerBound)
        return String(decoding: source.lineBreak(near: next), as: UTF8.self)
    }

    /// Whether the nearest key, of the mapping or around it, is in quotation marks as in JSON.
    private func quotesKeys(near mapping: NodeID) -> Bool {
        guard let key = nearestKey(to: mapping) else { return manifest.isJSON }
        return manifest.style(of: key) == .doubleQuoted
    }

    /// Whether that key's colon is followed by its value at once, as in `{"a":1}`.
    private func isCompact(near mapping: NodeID) -> Bool {
        guard let key = nearestKey(to: mapping), manifest.style(of: key) == .doubleQuoted
        else { return false }
        let colon = source.skippingBlanks(from: manifest.span(of: key).upperBound)
        guard colon + 1 < source.bytes.count, source.bytes[colon] == .colon else { return false }
        return source.bytes[colon + 1] > .space
    }

    private func nearestKey(to mapping: NodeID) -> NodeID? {
        var node: NodeID? = mapping
        while let current = node {
            if let key = manifest.firstKey(of: current) { return key }
            node = manifest.parent(of: current)
        }
        return nil
    }

    private func hasPadding(_ mapping: NodeID) -> Bool {
        guard let key = manifest.firstKey(of: mapping) else { return false }
        let start = manifest.span(of: key).lowerBound
        return start > 1 && source.bytes[start - 1] == .space
            && source.bytes[start - 2] == .openBrace
    }

    /// Whether the collections inside a collection stand on one line each.
    private func hasOneLineCollections(_ collection: NodeID) -> Bool {
        for child in manifest.children(of: collection) {
            let kind = manifest.kind(of: child)
            guard kind == .mapping || kind == .sequence, manifest.count(of: child) > 0
            else { continue }
            let span = manifest.span(of: child)
            return source.lineEnd(of: span.lowerBound) >= span.upperBound
        }
        return false
    }

    private func column(of node: NodeID) -> Int {
        let start = manifest.span(of: node).lowerBound
        return start - source.lineStart(of: start)
    }
}
