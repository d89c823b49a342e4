// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshModel

/// Whatever has `metadata.annotations` that inject reads and writes: an object or a pod template.
///
/// Reading goes through aliases and merge keys; writing refuses them. Nothing is written where the
/// wanted values are in force already, so a second run changes nothing.
struct AnnotationOwner {
    let manifest: Manifest
    /// The mapping with `metadata`.
    let node: NodeID

    // MARK: Reading

    /// The annotations in force, or nil when there are none.
    private var annotations: NodeID? {
        manifest.value(at: ["metadata", "annotations"], in: node)
    }

    /// The value of an annotation; empty for null and for what is no string.
    func value(_ key: String) -> String? {
        guard let annotations, let found = manifest.lookup(key, in: annotations) else { return nil }
        guard case .string(let text) = manifest.typedValue(of: found.value) else { return "" }
        return text
    }

    /// Where an annotation is written.
    func position(of key: String) -> Position? {
        guard let annotations, let found = manifest.lookup(key, in: annotations) else { return nil }
        return manifest.position(of: found.entry?.key ?? found.value)
    }

    /// Every annotation in force, merged ones included.
    func entries() -> [MappingEntry] {
        annotations.map { manifest.mergedEntries(of: $0) } ?? []
    }

    /// What inject remembers of its last run here.
    var mark: InjectMark {
        InjectMark(parsing: value(AnnotationKey.injectedAnnotations) ?? "")
    }

    // MARK: Setting

    /// Makes annotations what inject wants them to be: sets `wanted`, removes what an earlier run
    /// set and this one does not.
    ///
    /// A user's own value of a wanted key stays.
    ///
    /// - Returns: the annotations that were set anew or to another value.
    func set(
        _ wanted: [Annotation],
        in edit: inout ManifestEdit
    ) throws(ManifestError) -> [Annotation] {
        let old = mark
        let ours = wanted.filter { annotation in
            annotation.key == AnnotationKey.inject || old.keys.contains(annotation.key)
                || value(annotation.key) == nil
        }
        let stale = old.keys.filter { key in
            value(key) != nil && !wanted.contains { $0.key == key }
        }
        var mark = InjectMark(
            keys: ours.map(\.key).filter { $0 != AnnotationKey.inject },
            emptyMetadata: old.emptyMetadata
        )
        if ours.isEmpty {
            // Nothing of ours stays, such as on a Service that is no longer opaque.
            if !stale.isEmpty { _ = try removeAll(in: &edit) }
            return []
        }
        let metadata = try manifest.editableEntry("metadata", in: node)
        if annotations == nil, let metadata {
            mark.emptyMetadata = spelling(ofEmpty: metadata.value)
        }
        var changes = ours.filter { value($0.key) != $0.value }
        if let text = mark.text, value(AnnotationKey.injectedAnnotations) != text {
            changes.append(Annotation(AnnotationKey.injectedAnnotations, text))
        }
        let goesMark = mark.text == nil && value(AnnotationKey.injectedAnnotations) != nil
        let gone = stale + (goesMark ? [AnnotationKey.injectedAnnotations] : [])
        guard !changes.isEmpty || !gone.isEmpty else { return [] }
        try write(changes, removing: gone, under: metadata, in: &edit)
        return changes.filter { $0.key != AnnotationKey.injectedAnnotations }
    }

    private func write(
        _ changes: [Annotation],
        removing gone: [String],
        under metadata: MappingEntry?,
        in edit: inout ManifestEdit
    ) throws(ManifestError) {
        let entries = changes.map { NewEntry($0.key, .string($0.value)) }
        let new = NewEntry("annotations", .mapping(entries))
        guard let metadata else {
            edit.insert([NewEntry("metadata", .mapping([new]))], into: node, after: Self.typeKeys)
            return
        }
        guard manifest.typedValue(of: metadata.value) != .null else {
            edit.fill(metadata, with: .mapping([new]))
            return
        }
        try requireMapping(metadata.value, "metadata")
        guard let own = try manifest.editableEntry("annotations", in: metadata.value) else {
            edit.insert([new], into: metadata.value)
            return
        }
        guard manifest.typedValue(of: own.value) != .null else {
            edit.fill(own, with: .mapping(entries))
            return
        }
        try requireMapping(own.value, "annotations")
        try manifest.checkKeys(of: own.value)
        try change(own.value, to: changes, removing: gone, in: &edit)
    }

    private static let typeKeys: Set<String> = ["apiVersion", "kind"]

    private func change(
        _ annotations: NodeID,
        to changes: [Annotation],
        removing gone: [String],
        in edit: inout ManifestEdit
    ) throws(ManifestError) {
        var added: [NewEntry] = []
        for annotation in changes {
            let entry = manifest.ownEntry(annotation.key, in: annotations)
            if let entry, isOneLine(entry.value) {
                try manifest.checkNotShared(entry.value, "'\(annotation.key)'")
                edit.replace(entry, with: annotation.value)
                continue
            }
            if let entry { edit.remove(entry) }
            added.append(NewEntry(annotation.key, .string(annotation.value)))
        }
        for key in gone {
            if let entry = manifest.ownEntry(key, in: annotations) { edit.remove(entry) }
        }
        edit.insert(added, into: annotations)
    }

    /// A block scalar's lines cannot be swapped for a word in place.
    private func isOneLine(_ value: NodeID) -> Bool {
        let style = manifest.style(of: value)
        return manifest.kind(of: value) == .scalar && style != .literal && style != .folded
            && !manifest.span(of: value).isEmpty
    }

    // MARK: Removing

    /// Whether there is anything that `removeAll` would remove.
    var hasMarks: Bool {
        guard let annotations else { return false }
        return ownKeys.contains { manifest.ownEntry($0, in: annotations) != nil }
    }

    /// The keys of the annotations that inject wrote here.
    private var ownKeys: Set<String> {
        let keys = Set(mark.keys).union([AnnotationKey.injectedAnnotations])
        switch value(AnnotationKey.inject) {
        case InjectMode.enabled.rawValue?, InjectMode.ingress.rawValue?:
            return keys.union([AnnotationKey.inject])
        default: return keys
        }
    }

    /// Removes what inject wrote here: all of the mark, and `linkerd.io/inject` unless it says
    /// `disabled`, which inject never writes.
    ///
    /// - Returns: whether there was anything.
    func removeAll(in edit: inout ManifestEdit) throws(ManifestError) -> Bool {
        guard hasMarks else { return false }
        guard let metadata = try manifest.editableEntry("metadata", in: node),
            let own = try manifest.editableEntry("annotations", in: metadata.value)
        else { return false }
        try manifest.checkKeys(of: own.value)
        let entries = manifest.entries(of: own.value)
        let keys = ownKeys
        let ours = entries.filter { keys.contains(manifest.text(of: $0.key)) }
        guard ours.count == entries.count else {
            for entry in ours { edit.remove(entry) }
            return true
        }
        try removeEmptied(own, in: metadata, mark, &edit)
        return true
    }

    /// All annotations were ours: their mapping goes too, and `metadata` becomes what it was.
    private func removeEmptied(
        _ annotations: MappingEntry,
        in metadata: MappingEntry,
        _ mark: InjectMark,
        _ edit: inout ManifestEdit
    ) throws(ManifestError) {
        let isMetadataEmptied = manifest.count(of: metadata.value) == 1
        switch mark.emptyMetadata {
        case _ where !isMetadataEmptied: edit.remove(annotations)
        case "{}": edit.remove(annotations)
        case let spelling?: edit.empty(metadata, to: spelling)
        case nil: edit.remove(metadata)
        }
    }

    // MARK: Forms

    /// How a `metadata` without entries is written; nil when it has some.
    private func spelling(ofEmpty value: NodeID) -> String? {
        if manifest.typedValue(of: value) == .null { return manifest.text(of: value) }
        return manifest.kind(of: value) == .mapping && manifest.count(of: value) == 0 ? "{}" : nil
    }

    private func requireMapping(_ node: NodeID, _ name: String) throws(ManifestError) {
        guard manifest.kind(of: node) != .mapping else { return }
        throw manifest.error(
            .badValue,
            "\(name) must hold keys and values, not \(manifest.typedValue(of: node).typeName)",
            hint: "write '\(name):' with its keys indented below",
            at: node
        )
    }
}

/// One annotation to be written.
struct Annotation: Equatable {
    let key: String
    let value: String

    init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }
}
