// SPDX-License-Identifier: Apache-2.0

/// Turns parse events into the arena of one source, and enforces the limits on the way.
struct TreeBuilder {
    private let source: SourceText
    private let limits: Limits
    private(set) var arena = NodeArena()
    private(set) var documents: [Document] = []

    /// The open collections, outermost first.
    private var open: [OpenCollection] = []
    private var anchors: [String: NodeID] = [:]
    private var documentStart = 0
    private var documentIsExplicit = false
    private var root: NodeID?
    private var hasAliases = false

    private struct OpenCollection {
        let id: NodeID
        var lastChild: Int32 = -1
    }

    init(source: SourceText, limits: Limits) {
        self.source = source
        self.limits = limits
        // A node takes eight bytes of manifest or more, as real ones go.
        arena.records.reserveCapacity(source.bytes.count / 8)
    }

    mutating func handle(_ event: YAMLEvent) throws(ManifestError) {
        switch event.kind {
        case .documentStart(let isExplicit):
            anchors.removeAll(keepingCapacity: true)
            root = nil
            hasAliases = false
            documentStart = event.start
            documentIsExplicit = isExplicit
        case .documentEnd:
            if hasAliases, let root { try checkExpansion(of: root) }
            documents.append(
                Document(root: root, start: documentStart, isExplicit: documentIsExplicit)
            )
        case .scalar(let style, let value):
            var record = record(.scalar, style, event)
            switch value {
            case .source(let range):
                record.valueStart = UInt32(range.lowerBound)
                record.valueCount = UInt32(range.count)
            case .decoded(let bytes):
                record.isDecoded = true
                record.valueStart = UInt32(arena.decoded.count)
                record.valueCount = UInt32(bytes.count)
                arena.decoded += bytes
            }
            try append(record, event)
        case .alias(let name):
            try appendAlias(to: name, event)
        case .collectionStart(let kind, let style):
            let id = try append(record(kind, style, event), event)
            guard open.count < limits.depthMax else {
                throw error(
                    .tooDeep,
                    "nested deeper than the limit of \(limits.depthMax)",
                    hint: "no Kubernetes object needs this; is the file damaged?",
                    at: event.start
                )
            }
            open.append(OpenCollection(id: id))
        case .collectionEnd:
            closeCollection(event)
        }
    }

    // MARK: Nodes

    private func record(_ kind: NodeKind, _ style: NodeStyle, _ event: YAMLEvent) -> NodeRecord {
        NodeRecord(kind: kind, style: style, start: UInt32(event.start), end: UInt32(event.end))
    }

    @discardableResult
    private mutating func append(
        _ record: NodeRecord,
        _ event: YAMLEvent
    ) throws(ManifestError) -> NodeID {
        let id = NodeID(arena.records.count)
        var record = record
        if event.anchor != nil || event.tag != nil {
            record.properties = Int32(arena.properties.count)
            arena.properties.append(NodeProperties(anchor: event.anchor, tag: event.tag))
            if let anchor = event.anchor { anchors[anchor] = id }
        }
        if let parent = open.last {
            let parentIndex = Int(parent.id.index)
            try checkKey(record, in: arena.records[parentIndex])
            if record.start == record.end { moveToKey(&record, parent) }
            record.parent = parent.id.index
            if parent.lastChild < 0 {
                arena.records[parentIndex].firstChild = id.index
            } else {
                arena.records[Int(parent.lastChild)].nextSibling = id.index
            }
            arena.records[parentIndex].childCount += 1
            noteStyle(record, id, in: arena.records[parentIndex])
            open[open.count - 1].lastChild = id.index
        } else {
            root = id
        }
        arena.records.append(record)
        return id
    }

    /// A collection as a key is legal YAML, impossible in Kubernetes, and what `{{ name }}` reads
    /// as.
    private func checkKey(_ key: NodeRecord, in parent: NodeRecord) throws(ManifestError) {
        let isKey = parent.kind == .mapping && parent.childCount.isMultiple(of: 2)
        guard isKey, key.kind == .mapping || key.kind == .sequence else { return }
        let start = Int(parent.start)
        if key.style == .flow, source.bytes[start...].starts(with: [.openBrace, .openBrace]) {
            throw SyntaxDiagnosis(
                source: source,
                problem: "a mapping as a key",
                context: nil,
                offset: start,
                contextOffset: start
            ).error
        }
        throw error(
            .syntax,
            "a key must be a word, not a \(key.kind)",
            hint: "Kubernetes objects have no such keys",
            at: Int(key.start)
        )
    }

    /// Remembers the first of each kind, for those who write into the file.
    private mutating func noteStyle(_ record: NodeRecord, _ id: NodeID, in parent: NodeRecord) {
        guard record.style == .block, parent.kind == .mapping, parent.style == .block else {
            return
        }
        if record.kind == .sequence, arena.firstBlockSequence == nil {
            arena.firstBlockSequence = id
        } else if record.kind == .mapping, arena.firstBlockMapping == nil {
            arena.firstBlockMapping = id
        }
    }

    /// A key without a colon has a value of no bytes, which libyaml puts where the next token is.
    ///
    /// It belongs behind the key: comments and line breaks stand between.
    private func moveToKey(_ record: inout NodeRecord, _ parent: OpenCollection) {
        let mapping = arena.records[Int(parent.id.index)]
        guard mapping.kind == .mapping, !mapping.childCount.isMultiple(of: 2) else { return }
        let keyEnd = arena.records[Int(parent.lastChild)].end
        guard keyEnd < record.start else { return }
        let gap = Int(keyEnd)..<Int(record.start)
        guard source.firstMark(.colon, in: gap, asWord: false) == nil else { return }
        record.start = keyEnd
        record.end = keyEnd
    }

    private mutating func appendAlias(to name: String, _ event: YAMLEvent) throws(ManifestError) {
        guard let target = anchors[name] else {
            throw error(
                .syntax,
                "*\(name) refers to no anchor of this document",
                hint: "anchors do not reach across `---`; define &\(name) before it is used",
                at: event.start
            )
        }
        guard !open.contains(where: { $0.id == target }) else {
            throw error(
                .aliasExpansion,
                "*\(name) stands inside the node that it refers to",
                hint: "Kubernetes would expand it for ever; write the value out",
                at: event.start
            )
        }
        hasAliases = true
        var record = record(.alias, .plain, event)
        record.valueStart = UInt32(target.index)
        let id = try append(record, event)
        let properties = Int(arena[target].properties)
        if arena.properties[properties].firstAlias == nil {
            arena.properties[properties].firstAlias = id
        }
    }

    private mutating func closeCollection(_ event: YAMLEvent) {
        guard let closed = open.popLast() else { return }
        let index = Int(closed.id.index)
        if arena.records[index].style == .flow {
            arena.records[index].end = UInt32(event.end)
        } else if closed.lastChild >= 0 {
            arena.records[index].end = arena.records[Int(closed.lastChild)].end
        } else {
            arena.records[index].end = arena.records[index].start
        }
    }

    // MARK: Limits

    /// Counts the nodes that a consumer makes of the document when it expands the aliases.
    ///
    /// One pass from the last node to the first: children and anchors' nodes come after, and an
    /// alias after what it stands for, so aliases are added in a second look at their parents.
    private func checkExpansion(of root: NodeID) throws(ManifestError) {
        let first = Int(root.index)
        let count = arena.records.count - first
        var sizes = [Int](repeating: 1, count: count)
        // An alias's target is complete before the alias starts: sizes are settled in end order.
        var stack: [Int] = []
        func settle(_ index: Int) {
            let parent = Int(arena.records[index].parent)
            if parent >= first {
                sizes[parent - first] = min(
                    sizes[parent - first] + sizes[index - first],
                    Int.max / 4
                )
            }
        }
        for index in first..<arena.records.count {
            let record = arena.records[index]
            while let top = stack.last, top != Int(record.parent) {
                settle(top)
                stack.removeLast()
            }
            switch record.kind {
            case .alias:
                sizes[index - first] = sizes[Int(record.valueStart) - first]
                settle(index)
            case .scalar: settle(index)
            case .mapping, .sequence: stack.append(index)
            }
        }
        while let top = stack.popLast() { settle(top) }
        guard sizes[0] > limits.expandedNodesMax else { return }
        throw error(
            .aliasExpansion,
            "the aliases of this document expand to more than \(limits.expandedNodesMax) nodes",
            hint: "no consumer would take it; write the values out",
            at: Int(arena[root].start)
        )
    }

    private func error(
        _ code: ManifestError.Code,
        _ message: String,
        hint: String,
        at offset: Int
    ) -> ManifestError {
        ManifestError(
            code,
            message,
            hint: hint,
            file: source.name,
            position: source.position(at: offset)
        )
    }
}
