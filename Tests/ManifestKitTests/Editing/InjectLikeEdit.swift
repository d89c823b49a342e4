// SPDX-License-Identifier: Apache-2.0

import ManifestKit

/// What inject does to the first object of a manifest, without any of its rules: one annotation of
/// the pod is set, whatever stands in the way.
///
/// The fuzz target builds this file as well, so it uses nothing but what is public.
struct InjectLikeEdit {
    /// The annotation's key.
    static let key = "linkerd.io/inject"
    /// The annotation's value.
    static let value = "enabled"

    /// How to get the original bytes back.
    enum Undo {
        /// The last key of a path was not there.
        case remove([String])
        /// The last key of a path had a value that says nothing: it is spelled like this.
        case empty([String], text: String)
        /// There was another value, or no space for one.
        case impossible
    }

    /// An edited manifest.
    struct Outcome {
        let manifest: Manifest
        let splices: [Splice]
        let undo: Undo
    }

    private let manifest: Manifest
    private let pod: NodeID

    /// Finds the pod; nil when the first mapping of the manifest has none.
    init?(_ manifest: Manifest) throws(ManifestError) {
        let roots = manifest.documents.compactMap(\.root)
        guard let root = roots.first(where: { manifest.kind(of: $0) == .mapping }) else {
            return nil
        }
        self.manifest = manifest
        if manifest.string(at: ["kind"], in: root) == "Pod" {
            pod = root
            return
        }
        guard let spec = try manifest.editableEntry("spec", in: root),
            manifest.kind(of: spec.value) == .mapping,
            let template = try manifest.editableEntry("template", in: spec.value),
            manifest.kind(of: template.value) == .mapping
        else { return nil }
        pod = template.value
    }

    /// Sets the annotation; nil when it is set already.
    func add() throws(ManifestError) -> Outcome? {
        var edit = ManifestEdit(manifest)
        guard let undo = try add(to: &edit) else { return nil }
        let (result, splices) = try edit.apply()
        return Outcome(manifest: result, splices: splices, undo: undo)
    }

    private func add(to edit: inout ManifestEdit) throws(ManifestError) -> Undo? {
        let new = NewEntry(Self.key, .string(Self.value))
        var mapping = pod
        var content = NewNode.mapping([NewEntry("annotations", .mapping([new]))])
        var path: [String] = []
        for field in ["metadata", "annotations"] {
            path.append(field)
            guard let entry = try manifest.editableEntry(field, in: mapping) else {
                edit.insert(
                    [NewEntry(field, content)],
                    into: mapping,
                    after: ["apiVersion", "kind"]
                )
                return .remove(path)
            }
            if manifest.typedValue(of: entry.value) == .null {
                edit.fill(entry, with: content)
                let text = manifest.source.bytes[manifest.span(of: entry.value)]
                if text.isEmpty, manifest.style(of: mapping) == .flow,
                    manifest.source.bytes[text.startIndex - 1] == UInt8(ascii: ":")
                {
                    // The space behind the colon is there to stay.
                    return .impossible
                }
                return .empty(path, text: String(decoding: text, as: UTF8.self))
            }
            guard manifest.kind(of: entry.value) == .mapping else {
                throw manifest.error(.badValue, "\(field) is no mapping", at: entry.value)
            }
            mapping = entry.value
            content = .mapping([new])
        }
        guard let entry = try manifest.editableEntry(Self.key, in: mapping) else {
            edit.insert([new], into: mapping)
            return .remove(path + [Self.key])
        }
        if manifest.typedValue(of: entry.value) == .string(Self.value) { return nil }
        guard manifest.kind(of: entry.value) == .scalar else {
            throw manifest.error(.badValue, "\(Self.key) is no string", at: entry.value)
        }
        edit.replace(entry, with: Self.value)
        return .impossible
    }

    /// Takes an `add` back; nil when that is impossible.
    func remove(_ undo: Undo) throws(ManifestError) -> (manifest: Manifest, splices: [Splice])? {
        var edit = ManifestEdit(manifest)
        switch undo {
        case .impossible: return nil
        case .remove(let path):
            guard let entry = try entry(at: path) else { return nil }
            edit.remove(entry)
        case .empty(let path, let text):
            guard let entry = try entry(at: path) else { return nil }
            edit.empty(entry, to: text)
        }
        return try edit.apply()
    }

    private func entry(at path: [String]) throws(ManifestError) -> MappingEntry? {
        var mapping = pod
        var found: MappingEntry?
        for key in path {
            found = try manifest.editableEntry(key, in: mapping)
            guard let value = found?.value else { return nil }
            mapping = value
        }
        return found
    }
}
