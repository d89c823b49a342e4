// SPDX-License-Identifier: Apache-2.0

/// Collects edits of one manifest and carries them out as splices.
///
/// Overview: each call names nodes of the manifest as it was parsed; nothing changes until `apply`,
/// which turns all edits into splices, parses the result once more and compares it with the tree
/// that was meant.
///
/// Invariant: a byte outside the splices is never touched, and a result that does not read back as
/// intended is never given out.
///
/// What it does not do: it knows no Kubernetes, and it does not ask whether a node is shared
/// through an anchor; `Manifest.editableEntry` tells that.
public struct ManifestEdit {
    /// The manifest as it was parsed.
    public let manifest: Manifest
    /// New entries by mapping; they come right before the entry that is named.
    private(set) var insertions: [NodeID: Insertion] = [:]
    /// The key nodes of the entries that go.
    private(set) var removedKeys: Set<NodeID> = []
    /// New items by list.
    private(set) var itemInsertions: [NodeID: ItemInsertion] = [:]
    /// The items that go.
    private(set) var removedItems: Set<NodeID> = []
    /// New values for null or emptied ones.
    private(set) var replacements: [NodeID: Replacement] = [:]

    struct Insertion {
        var entries: [NewEntry]
        /// How many of the mapping's own entries stay in front of the new ones.
        let position: Int
    }

    struct ItemInsertion {
        /// Before the list's own items.
        var front: [NewNode] = []
        /// After them.
        var back: [NewNode] = []
    }

    enum Replacement {
        case node(NewNode)
        /// The value's text, as the source had it: empty, `null`, `{}`.
        case text(String)
        /// An alias becomes a mapping that merges what the alias stands for and has more.
        case merged([NewEntry])
        /// The reverse.
        case unmerged
    }

    /// Starts without any edit.
    public init(_ manifest: Manifest) {
        self.manifest = manifest
    }

    /// Whether `apply` would change nothing.
    public var isEmpty: Bool {
        insertions.isEmpty && removedKeys.isEmpty && replacements.isEmpty && itemInsertions.isEmpty
            && removedItems.isEmpty
    }

    /// Inserts entries into a mapping, as its first, or after those of the named keys that it has.
    ///
    /// First, because there neither trailing comments nor block scalars nor a missing final line
    /// break can get in the way. Several calls for one mapping append to each other.
    public mutating func insert(
        _ entries: [NewEntry],
        into mapping: NodeID,
        after keys: Set<String> = []
    ) {
        guard !entries.isEmpty else { return }
        if insertions[mapping] != nil {
            insertions[mapping]?.entries += entries
            return
        }
        let own = manifest.entries(of: mapping)
        let last = own.lastIndex { keys.contains(manifest.text(of: $0.key)) }
        insertions[mapping] = Insertion(entries: entries, position: last.map { $0 + 1 } ?? 0)
    }

    /// Inserts items into a list, before its own and after them.
    public mutating func insert(front: [NewNode], back: [NewNode], into sequence: NodeID) {
        guard !front.isEmpty || !back.isEmpty else { return }
        itemInsertions[sequence, default: ItemInsertion()].front += front
        itemInsertions[sequence, default: ItemInsertion()].back += back
    }

    /// Removes an item of a list with its lines; some other item must stay.
    public mutating func remove(item: NodeID) {
        removedItems.insert(item)
    }

    /// Gives an entry that is null a collection for a value.
    public mutating func fill(_ entry: MappingEntry, with node: NewNode) {
        replacements[entry.value] = .node(node)
    }

    /// Gives an entry whose value is one scalar another scalar.
    public mutating func replace(_ entry: MappingEntry, with text: String) {
        replacements[entry.value] = .node(.string(text))
    }

    /// Gives an entry the value that `text` spells: nothing, `null` or `{}`.
    public mutating func empty(_ entry: MappingEntry, to text: String) {
        replacements[entry.value] = .text(text)
    }

    /// Gives an entry whose value is an alias of a mapping more entries: `*common` becomes a
    /// mapping with `<<: *common` and `entries`.
    ///
    /// What the alias stands for stays as it is, for everybody else who uses it.
    public mutating func merge(_ entries: [NewEntry], over entry: MappingEntry) {
        replacements[entry.value] = .merged(entries)
    }

    /// Takes `merge` back: a mapping that is left with `<<: *common` alone becomes `*common`.
    public mutating func unmerge(_ entry: MappingEntry) {
        replacements[entry.value] = .unmerged
    }

    /// Removes an entry with its lines.
    public mutating func remove(_ entry: MappingEntry) {
        removedKeys.insert(entry.key)
    }

    /// Carries the edits out.
    ///
    /// - Returns: the manifest as it reads now and the splices that made it; the same manifest and
    ///   no splices when there was nothing to do.
    /// - Throws: `unsupported` for a place that cannot be edited without touching other bytes,
    ///   `verification` when the result did not read back as meant (never seen; a safety net).
    public func apply() throws(ManifestError) -> (manifest: Manifest, splices: [Splice]) {
        guard !isEmpty else { return (manifest, []) }
        for key in removedKeys {
            let entries = manifest.parent(of: key).map { manifest.entries(of: $0) } ?? []
            if let entry = entries.first(where: { $0.key == key }) {
                try manifest.checkMayGo(entry.value)
            }
        }
        for item in removedItems { try manifest.checkMayGo(item) }
        var splices = try placedSplices().sorted().map(\.splice)
        shareLastBreak(&splices)
        for (left, right) in zip(splices, splices.dropFirst())
        where left.range.upperBound > right.range.lowerBound {
            throw unsupported("two edits meet in one place", at: left.range.lowerBound)
        }
        let bytes = Splice.apply(splices, to: manifest.source.bytes)
        return (try verified(bytes), splices)
    }

    /// A splice and the node that it is for.
    private struct PlacedSplice: Comparable {
        let splice: Splice
        /// How many collections are around the node.
        let depth: Int
        let node: NodeID

        /// Source order.
        ///
        /// Of two at one place the insertion goes first, as the other has bytes to remove; of two
        /// insertions the inner one, whose mapping ends there.
        static func < (left: PlacedSplice, right: PlacedSplice) -> Bool {
            let (leftRange, rightRange) = (left.splice.range, right.splice.range)
            return (leftRange.lowerBound, leftRange.count, -left.depth, left.node.index)
                < (rightRange.lowerBound, rightRange.count, -right.depth, right.node.index)
        }
    }

    private func placedSplices() throws(ManifestError) -> [PlacedSplice] {
        var result: [PlacedSplice] = []
        func place(_ splices: [Splice], _ node: NodeID) {
            let depth = sequence(first: node) { manifest.parent(of: $0) }.reduce(0) { sum, _ in
                sum + 1
            }
            result += splices.map { PlacedSplice(splice: $0, depth: depth, node: node) }
        }
        for (mapping, insertion) in insertions {
            place([try splice(inserting: insertion, into: mapping)], mapping)
        }
        for mapping in Set(removedKeys.compactMap { manifest.parent(of: $0) }) {
            place(try removals(in: mapping), mapping)
        }
        let editing = SequenceEditing(manifest)
        for (sequence, insertion) in itemInsertions {
            place(try editing.insertions(insertion, into: sequence), sequence)
        }
        for sequence in Set(removedItems.compactMap { manifest.parent(of: $0) }) {
            place(try editing.removals(of: removedItems, in: sequence), sequence)
        }
        for (value, replacement) in replacements {
            place(try splices(replacing: value, with: replacement), value)
        }
        return result
    }

    /// Two removals that end a file without a final line break want the break between them both.
    ///
    /// The left one then takes the break before its own lines instead.
    private func shareLastBreak(_ splices: inout [Splice]) {
        for index in splices.indices.dropLast().reversed() {
            let left = splices[index]
            let shared = splices[index + 1].range.lowerBound
            let count = left.range.upperBound - shared
            guard count > 0, left.replacement.isEmpty, shared > left.range.lowerBound,
                manifest.source.breakCount(at: shared) == count
            else { continue }
            let start = left.range.lowerBound
            let before = start - manifest.source.breakCount(before: start)
            splices[index] = Splice(before..<shared)
        }
    }

    private func splice(
        inserting insertion: Insertion,
        into mapping: NodeID
    ) throws(ManifestError) -> Splice {
        switch manifest.style(of: mapping) {
        case .flow:
            return try FlowEditing(manifest).insertion(of: insertion, into: mapping)
        default:
            return try BlockEditing(manifest).insertion(of: insertion, into: mapping)
        }
    }

    private func removals(in mapping: NodeID) throws(ManifestError) -> [Splice] {
        switch manifest.style(of: mapping) {
        case .flow:
            return try FlowEditing(manifest).removals(of: removedKeys, in: mapping)
        default:
            return try BlockEditing(manifest).removals(of: removedKeys, in: mapping)
        }
    }

    private func splices(
        replacing value: NodeID,
        with replacement: Replacement
    ) throws(ManifestError) -> [Splice] {
        switch replacement {
        case .merged(let entries): return try MergeEditing(manifest).merging(entries, over: value)
        case .unmerged: return [try MergeEditing(manifest).unmerging(value)]
        case .text(let text):
            return [try BlockEditing(manifest).replacement(of: value, withText: text)]
        case .node(let node):
            let span = manifest.span(of: value)
            if span.isEmpty, let parent = manifest.parent(of: value),
                manifest.style(of: parent) == .block
            {
                return [try BlockEditing(manifest).filling(of: value, with: node)]
            }
            return [try FlowEditing(manifest).replacement(of: value, with: node)]
        }
    }

    private func verified(_ bytes: [UInt8]) throws(ManifestError) -> Manifest {
        let result: Manifest
        do throws(ManifestError) {
            var limits = Limits.standard
            // What we add is small against what the source may hold.
            limits.sourceBytesMax += 1 << 20
            limits.depthMax += 8
            limits.expandedNodesMax *= 2
            result = try Manifest(name: manifest.source.name, bytes: bytes, limits: limits)
        } catch {
            throw ManifestError(
                .verification,
                "the edited text would not parse: \(error.message)",
                hint: Self.verificationHint,
                file: error.file,
                position: error.position
            )
        }
        if let mismatch = TreeComparison(edit: self, result: result).firstMismatch() {
            throw manifest.error(
                .verification,
                "the edited text would not mean what it should here",
                hint: Self.verificationHint,
                at: mismatch
            )
        }
        return result
    }

    private static let verificationHint =
        "nothing was written; write this part in plain block style, "
        + "and please report the file as a bug"

    private func unsupported(_ message: String, at offset: Int) -> ManifestError {
        ManifestError(
            .unsupported,
            message,
            hint: "write this part in plain block style",
            file: manifest.source.name,
            position: manifest.source.position(at: offset)
        )
    }
}
