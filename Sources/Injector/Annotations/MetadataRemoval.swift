// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshModel

/// Takes inject's annotations and labels out of an object's or a template's metadata.
struct MetadataRemoval {
    /// Which of inject's marks go.
    enum Scope {
        /// All of them.
        case everything
        /// Those of the mark; `linkerd.io/inject`, which a user may have set, stays.
        case marked
    }

    let owner: AnnotationOwner
    var scope = Scope.everything
    private var manifest: Manifest { owner.manifest }

    /// Whether there is anything to remove.
    var hasMarks: Bool {
        guard let annotations = owner.annotations else { return false }
        return ownKeys.contains { manifest.ownEntry($0, in: annotations) != nil }
    }

    /// The keys of the annotations that inject wrote here; never a `disabled`, which it does not
    /// write.
    private var ownKeys: Set<String> {
        let keys = Set(owner.mark.keys).union([AnnotationKey.injectedAnnotations])
        switch owner.value(AnnotationKey.inject) {
        case InjectMode.enabled.rawValue?, InjectMode.ingress.rawValue?:
            return scope == .everything ? keys.union([AnnotationKey.inject]) : keys
        default: return keys.subtracting([AnnotationKey.inject])
        }
    }

    /// Removes what inject wrote, and what is left without entries by that, unless it was so
    /// before.
    ///
    /// - Returns: whether there was anything.
    func removeAll(in edit: inout ManifestEdit) throws(ManifestError) -> Bool {
        guard hasMarks,
            let metadata = try manifest.editableEntry("metadata", in: owner.node)
        else { return false }
        let mark = owner.mark
        var gone: [MappingEntry] = []
        let annotationKeys = ownKeys
        for (field, isOurs) in [
            ("annotations", { annotationKeys.contains($0) }),
            ("labels", { mark.hasSidecar && SidecarLabels.isOurs($0, mark) }),
        ] as [(String, (String) -> Bool)] {
            guard let entry = manifest.ownEntry(field, in: metadata.value) else { continue }
            let all = manifest.entries(of: entry.value)
            let ours = all.filter { isOurs(manifest.text(of: $0.key)) }
            if ours.isEmpty { continue }
            guard let own = try manifest.editableEntry(field, in: metadata.value) else { continue }
            try manifest.checkKeys(of: own.value)
            let spelling = mark.emptied[field]
            let left = all.count - ours.count
            if left > 0 || spelling == "{}" {
                for entry in ours { edit.remove(entry) }
                if left == 1, spelling?.hasPrefix("*") == true { edit.unmerge(own) }
            } else if let spelling {
                edit.empty(own, to: spelling)
            } else {
                gone.append(own)
            }
        }
        removeFields(gone, of: metadata, mark, &edit)
        return true
    }

    private func removeFields(
        _ gone: [MappingEntry],
        of metadata: MappingEntry,
        _ mark: InjectMark,
        _ edit: inout ManifestEdit
    ) {
        guard gone.count == manifest.count(of: metadata.value), mark.emptied["metadata"] != "{}"
        else {
            for entry in gone { edit.remove(entry) }
            return
        }
        if let spelling = mark.emptied["metadata"] {
            edit.empty(metadata, to: spelling)
        } else {
            edit.remove(metadata)
        }
    }
}
