// SPDX-License-Identifier: Apache-2.0

/// Finds where text goes in and comes out of flow mappings: braces, and JSON.
struct FlowEditing {
    let manifest: Manifest
    private var source: SourceText { manifest.source }

    init(_ manifest: Manifest) {
        self.manifest = manifest
    }

    func insertion(
        of insertion: ManifestEdit.Insertion,
        into mapping: NodeID
    ) throws(ManifestError) -> Splice {
        try checkHasBraces(mapping)
        let entries = manifest.entries(of: mapping)
        let style = StyleInference(manifest).flowStyle(of: mapping)
        guard !entries.isEmpty else {
            let brace = manifest.flowStart(of: mapping)
            let texts = insertion.entries.map { style.writer.text(of: $0) }
            return Splice(
                (brace + 1)..<(brace + 1),
                texts.joined(separator: "," + style.writer.separator)
            )
        }
        guard insertion.position < entries.count else {
            return appending(insertion.entries, after: entries[entries.count - 1], style)
        }
        let next = manifest.entryStart(of: entries[insertion.position].key)
        let texts = insertion.entries.map { style.text(of: $0) + "," + style.entrySeparator }
        return Splice(next..<next, texts.joined())
    }

    private func appending(
        _ new: [NewEntry],
        after entry: MappingEntry,
        _ style: FlowStyle
    ) -> Splice {
        let end = end(of: entry)
        let texts = new.map { "," + style.entrySeparator + style.text(of: $0) }
        return Splice(end..<end, texts.joined())
    }

    /// Each run of entries that go, up to the next entry that stays; after the last that stays,
    /// from its end on.
    func removals(
        of keys: Set<NodeID>,
        in mapping: NodeID
    ) throws(ManifestError) -> [Splice] {
        try checkHasBraces(mapping)
        let entries = manifest.entries(of: mapping)
        var splices: [Splice] = []
        var index = 0
        while index < entries.count {
            guard keys.contains(entries[index].key) else {
                index += 1
                continue
            }
            let first = index
            while index < entries.count, keys.contains(entries[index].key) { index += 1 }
            let start = manifest.entryStart(of: entries[first].key)
            if index < entries.count {
                splices.append(Splice(start..<manifest.entryStart(of: entries[index].key)))
            } else if first > 0 {
                splices.append(Splice(end(of: entries[first - 1])..<end(of: entries[index - 1])))
            } else {
                splices.append(Splice(start..<trailingCommaEnd(end(of: entries[index - 1]))))
            }
        }
        return splices
    }

    /// A value in the place of another: `null` becomes braces.
    func replacement(of value: NodeID, with node: NewNode) throws(ManifestError) -> Splice {
        let parent = manifest.parent(of: value)
        let entries = parent.map { manifest.entries(of: $0) } ?? []
        if manifest.span(of: value).isEmpty,
            let key = entries.first(where: { $0.value == value })?.key,
            manifest.span(of: key).upperBound == manifest.span(of: value).lowerBound
        {
            throw manifest.error(
                .unsupported,
                "this key has no colon",
                hint: "write a colon behind it",
                at: key
            )
        }
        let style = parent.map { StyleInference(manifest).flowStyle(of: $0) }
        let writer = style?.writer ?? FlowWriter(quoting: .whereNeeded)
        let span = BlockEditing(manifest).spanWithinLines(of: value)
        let touchesColon = span.isEmpty && source.bytes[span.lowerBound - 1] > .space
        let isFlow = parent.map { manifest.style(of: $0) } == .flow
        return Splice(span, (touchesColon ? " " : "") + writer.text(of: node, isFlow: isFlow))
    }

    private func checkHasBraces(_ mapping: NodeID) throws(ManifestError) {
        guard manifest.isPair(mapping) else { return }
        throw manifest.error(
            .unsupported,
            "a pair in a list has one key and no more",
            hint: "write braces around it",
            at: mapping
        )
    }

    private func end(of entry: MappingEntry) -> Int {
        max(manifest.span(of: entry.key).upperBound, manifest.span(of: entry.value).upperBound)
    }

    private func trailingCommaEnd(_ offset: Int) -> Int {
        var index = offset
        while index < source.bytes.count, source.bytes[index] <= .space { index += 1 }
        return index < source.bytes.count && source.bytes[index] == .comma ? index + 1 : offset
    }
}

extension Manifest {
    /// Where an entry starts: at its key, or at the `?` before it, even if that is lines above.
    func entryStart(of key: NodeID) -> Int {
        let start = span(of: key).lowerBound
        guard let mapping = parent(of: key) else { return start }
        var floor =
            style(of: mapping) == .flow ? flowStart(of: mapping) + 1 : span(of: mapping).lowerBound
        var before = arena[mapping].firstChild
        while before >= 0, before != key.index {
            floor = max(floor, Int(arena.records[Int(before)].end))
            before = arena.records[Int(before)].nextSibling
        }
        guard floor < start else { return start }
        return source.firstMark(UInt8(ascii: "?"), in: floor..<start, asWord: true) ?? start
    }

    /// Whether a mapping is a pair in a list, `[a: b]`: no brace is around it.
    func isPair(_ mapping: NodeID) -> Bool {
        style(of: mapping) == .flow && anchor(of: mapping) == nil && tag(of: mapping) == nil
            && source.bytes[span(of: mapping).lowerBound] != .openBrace
    }

    /// The offset of a flow collection's brace or bracket; an anchor or a tag may stand before it.
    func flowStart(of collection: NodeID) -> Int {
        let span = span(of: collection)
        let mark: UInt8 = kind(of: collection) == .sequence ? .openBracket : .openBrace
        var index = span.lowerBound
        while index < span.upperBound, source.bytes[index] != mark { index += 1 }
        return index
    }
}
