// SPDX-License-Identifier: Apache-2.0

/// Finds where items go into and come out of lists, in block and in flow style.
struct SequenceEditing {
    let manifest: Manifest
    private var source: SourceText { manifest.source }
    private var blocks: BlockEditing { BlockEditing(manifest) }

    init(_ manifest: Manifest) {
        self.manifest = manifest
    }

    // MARK: Insertion

    /// At most two splices: in front of the first item and after the last.
    func insertions(
        _ insertion: ManifestEdit.ItemInsertion,
        into sequence: NodeID
    ) throws(ManifestError) -> [Splice] {
        if manifest.style(of: sequence) == .flow {
            return flowInsertions(insertion, into: sequence)
        }
        let items = manifest.items(of: sequence)
        guard let last = items.last, let parent = manifest.parent(of: sequence) else {
            throw unsupported("this list has no lines to join", at: sequence)
        }
        let dash = try dashOffset(of: 0, in: sequence)
        let writer = BlockWriter(style: StyleInference(manifest).blockStyle(of: parent))
        let indent = dash - source.lineStart(of: dash)
        var splices: [Splice] = []
        if !insertion.front.isEmpty {
            let lines = writer.lines(of: insertion.front, indent: indent)
            splices.append(blocks.inserting(lines, at: blocks.startAboveComments(dash)))
        }
        if !insertion.back.isEmpty {
            splices.append(
                try blocks.appending(writer.lines(of: insertion.back, indent: indent), after: last)
            )
        }
        return splices
    }

    private func flowInsertions(
        _ insertion: ManifestEdit.ItemInsertion,
        into sequence: NodeID
    ) -> [Splice] {
        let style = StyleInference(manifest).flowStyle(of: sequence)
        let items = manifest.items(of: sequence)
        guard let first = items.first, let last = items.last else {
            let texts = (insertion.front + insertion.back).map { style.writer.text(of: $0) }
            let bracket = manifest.flowStart(of: sequence) + 1
            return [
                Splice(bracket..<bracket, texts.joined(separator: "," + style.writer.separator))
            ]
        }
        var splices: [Splice] = []
        if !insertion.front.isEmpty {
            let start = manifest.span(of: first).lowerBound
            let texts = insertion.front.map { style.text(of: $0) + "," + style.entrySeparator }
            splices.append(Splice(start..<start, texts.joined()))
        }
        if !insertion.back.isEmpty {
            let end = manifest.span(of: last).upperBound
            let texts = insertion.back.map { "," + style.entrySeparator + style.text(of: $0) }
            splices.append(Splice(end..<end, texts.joined()))
        }
        return splices
    }

    // MARK: Removal

    /// The items that go; in block style others must stay.
    func removals(
        of gone: Set<NodeID>,
        in sequence: NodeID
    ) throws(ManifestError) -> [Splice] {
        let items = manifest.items(of: sequence)
        if manifest.style(of: sequence) == .flow { return flowRemovals(of: gone, items) }
        guard items.contains(where: { !gone.contains($0) }) else {
            throw unsupported("this list would be left without items", at: sequence)
        }
        var splices: [Splice] = []
        for (index, item) in items.enumerated() where gone.contains(item) {
            let dash = try dashOffset(of: index, in: sequence)
            splices.append(Splice(blocks.wholeLines(from: dash, through: item)))
        }
        return splices
    }

    /// Each run of items that go, up to the next that stays; after the last that stays, from its
    /// end.
    private func flowRemovals(of gone: Set<NodeID>, _ items: [NodeID]) -> [Splice] {
        var splices: [Splice] = []
        var index = 0
        while index < items.count {
            guard gone.contains(items[index]) else {
                index += 1
                continue
            }
            let first = index
            while index < items.count, gone.contains(items[index]) { index += 1 }
            let start = manifest.span(of: items[first]).lowerBound
            if index < items.count {
                splices.append(Splice(start..<manifest.span(of: items[index]).lowerBound))
            } else {
                let end = manifest.span(of: items[index - 1]).upperBound
                let from = first > 0 ? manifest.span(of: items[first - 1]).upperBound : start
                splices.append(Splice(from..<end))
            }
        }
        return splices
    }

    // MARK: Places

    /// The dash of an item: between the item before and its own text, the first thing on its line.
    private func dashOffset(of index: Int, in sequence: NodeID) throws(ManifestError) -> Int {
        let items = manifest.items(of: sequence)
        let start = manifest.span(of: items[index]).lowerBound
        let floor =
            index > 0
            ? manifest.span(of: items[index - 1]).upperBound
            : manifest.span(of: sequence).lowerBound
        var lineStart = source.lineStart(of: start)
        while true {
            let text = source.skippingBlanks(from: lineStart)
            let isDash =
                text < start && source.bytes[text] == UInt8(ascii: "-") && text >= floor
                && source.bytes[text + 1] <= .space
            if isDash { return text }
            guard lineStart > max(floor, source.byteOrderMarkCount) else { break }
            lineStart = source.lineStart(of: lineStart - source.breakCount(before: lineStart))
        }
        throw unsupported("this item does not start its line", at: items[index])
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
