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
    var annotations: NodeID? {
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
    /// A user's own value of a wanted key stays. `memory` is what else there is to remember, and
    /// `labels` are set beside.
    ///
    /// - Returns: the annotations that were set anew or to another value.
    @discardableResult
    func set(
        _ wanted: [Annotation],
        labels: [Annotation] = [],
        remembering memory: InjectMark = InjectMark(),
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
        if ours.isEmpty {
            // Nothing of ours stays, such as on a Service that is no longer opaque.
            if !stale.isEmpty { _ = try MetadataRemoval(owner: self).removeAll(in: &edit) }
            return []
        }
        let metadata = try manifest.editableEntry("metadata", in: node)
        var mark = memory
        mark.keys = ours.map(\.key).filter { $0 != AnnotationKey.inject || memory.hasSidecar }
        mark.emptied.merge(emptyFields(of: metadata)) { first, _ in first }
        mark.emptied.merge(old.emptied) { first, _ in first }
        var changes = ours.filter { value($0.key) != $0.value }
        if let text = mark.text, value(AnnotationKey.injectedAnnotations) != text {
            changes.append(Annotation(AnnotationKey.injectedAnnotations, text))
        }
        let goesMark = mark.text == nil && value(AnnotationKey.injectedAnnotations) != nil
        let gone = stale + (goesMark ? [AnnotationKey.injectedAnnotations] : [])
        guard !changes.isEmpty || !gone.isEmpty || !labels.isEmpty else { return [] }
        try write(changes, removing: gone, labels: labels, under: metadata, mark, in: &edit)
        return changes.filter { $0.key != AnnotationKey.injectedAnnotations }
    }

    private func write(
        _ changes: [Annotation],
        removing gone: [String],
        labels: [Annotation],
        under metadata: MappingEntry?,
        _ mark: InjectMark,
        in edit: inout ManifestEdit
    ) throws(ManifestError) {
        var new: [NewEntry] = []
        for (field, values) in [("annotations", changes), ("labels", labels)] {
            let stale = field == "annotations" ? gone : []
            if values.isEmpty, stale.isEmpty { continue }
            let entries = values.map { NewEntry($0.key, .string($0.value)) }
            let own = try metadata.map { (entry) throws(ManifestError) in
                try self.entry(of: field, in: entry.value)
            }
            guard let own, let own else {
                if !entries.isEmpty { new.append(NewEntry(field, .mapping(entries))) }
                continue
            }
            if manifest.typedValue(of: own.value) == .null {
                if entries.isEmpty { continue }
                try manifest.checkFillable(own, field, empty: "{}")
                edit.fill(own, with: .mapping(entries))
            } else if manifest.kind(of: own.value) == .alias {
                if !entries.isEmpty { edit.merge(entries, over: own) }
            } else {
                let isMerge = mark.emptied[field]?.hasPrefix("*") == true
                try change(own.value, to: values, removing: stale, isMerge: isMerge, in: &edit)
            }
        }
        guard !new.isEmpty else { return }
        guard let metadata else {
            edit.insert([NewEntry("metadata", .mapping(new))], into: node, after: Self.typeKeys)
            return
        }
        if manifest.typedValue(of: metadata.value) == .null {
            try manifest.checkFillable(metadata, "metadata", empty: "{}")
            edit.fill(metadata, with: .mapping(new))
        } else {
            edit.insert(new, into: metadata.value)
        }
    }

    private static let typeKeys: Set<String> = ["apiVersion", "kind"]

    /// A field of metadata that may be edited; nil when it is not there.
    ///
    /// An alias of a mapping is one that may be: what it stands for is merged, not changed.
    private func entry(
        of field: String,
        in metadata: NodeID
    ) throws(ManifestError) -> MappingEntry? {
        guard manifest.typedValue(of: metadata) != .null else { return nil }
        try requireMapping(metadata, "metadata")
        if manifest.style(of: metadata) == .block,
            let alias = manifest.ownEntry(field, in: metadata),
            manifest.kind(of: alias.value) == .alias,
            manifest.kind(of: manifest.resolve(alias.value)) == .mapping
        {
            try manifest.checkKeys(of: metadata)
            return alias
        }
        guard let own = try manifest.editableEntry(field, in: metadata) else { return nil }
        guard manifest.typedValue(of: own.value) != .null else { return own }
        try requireMapping(own.value, field)
        try manifest.checkKeys(of: own.value)
        return own
    }

    private func change(
        _ mapping: NodeID,
        to changes: [Annotation],
        removing gone: [String],
        isMerge: Bool,
        in edit: inout ManifestEdit
    ) throws(ManifestError) {
        var added: [NewEntry] = []
        for annotation in changes {
            let entry = manifest.ownEntry(annotation.key, in: mapping)
            if let entry, isOneLine(entry.value) {
                try manifest.checkNotShared(entry.value, "'\(annotation.key)'")
                edit.replace(entry, with: annotation.value)
                continue
            }
            if let entry { edit.remove(entry) }
            added.append(NewEntry(annotation.key, .string(annotation.value)))
        }
        for key in gone {
            if let entry = manifest.ownEntry(key, in: mapping) { edit.remove(entry) }
        }
        // Where an alias became a merge, what goes in stays below that.
        edit.insert(added, into: mapping, after: isMerge ? ["<<"] : [])
    }

    /// A block scalar's lines cannot be swapped for a word in place.
    private func isOneLine(_ value: NodeID) -> Bool {
        let style = manifest.style(of: value)
        return manifest.kind(of: value) == .scalar && style != .literal && style != .folded
            && !manifest.span(of: value).isEmpty
    }

    // MARK: Forms

    /// The spelling of `metadata` and its fields where they have no entries.
    private func emptyFields(of metadata: MappingEntry?) -> [String: String] {
        guard let metadata else { return [:] }
        var fields: [String: String] = [:]
        fields["metadata"] = manifest.spelling(ofEmpty: metadata.value)
        for field in ["annotations", "labels"] {
            guard let own = manifest.ownEntry(field, in: metadata.value) else { continue }
            fields[field] = manifest.spelling(ofEmpty: own.value)
        }
        return fields
    }

    private func requireMapping(_ node: NodeID, _ name: String) throws(ManifestError) {
        guard manifest.kind(of: node) != .mapping else { return }
        throw manifest.error(
            .badValue,
            "\(name) must hold keys and values, not \(manifest.typeName(of: node))",
            hint: "write '\(name):' with its keys indented below",
            at: node
        )
    }
}

extension Manifest {
    /// Refuses a null in braces that no byte stands for, `{metadata:,}`, and one with an anchor or
    /// a tag.
    ///
    /// What fills the one needs a space that uninject could not tell from the author's own; what
    /// fills the other would leave the anchor without the null that it was for. `empty` is what the
    /// author may write instead.
    func checkFillable(
        _ entry: MappingEntry,
        _ name: String,
        empty: String
    ) throws(ManifestError) {
        let hasProperties = anchor(of: entry.value) != nil || tag(of: entry.value) != nil
        let isFlow = parent(of: entry.value).map { style(of: $0) } == .flow
        guard hasProperties || (isFlow && span(of: entry.value).isEmpty) else { return }
        throw error(
            .unsupported,
            hasProperties
                ? "\(name) has an anchor or a tag, but no value"
                : "\(name) has no value, not even a word for none",
            hint: "write '\(name): \(empty)', or leave it out",
            at: entry.key
        )
    }

    /// How a value without entries of its own is written, such as `null`, `{}` or `*common`; nil
    /// when it has some.
    func spelling(ofEmpty value: NodeID) -> String? {
        if kind(of: value) == .alias { return anchor(of: resolve(value)).map { "*" + $0 } }
        if typedValue(of: value) == .null { return text(of: value) }
        switch kind(of: value) {
        case .mapping: return count(of: value) == 0 ? "{}" : nil
        case .sequence: return count(of: value) == 0 ? "[]" : nil
        case .scalar, .alias: return nil
        }
    }
}

/// One annotation or label to be written.
struct Annotation: Equatable {
    let key: String
    let value: String

    init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }
}
