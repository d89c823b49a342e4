// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshModel

extension PodChange {
    /// Carries the change out on a manifest, and leaves a mark by which it can be taken back.
    ///
    /// - Throws: `duplicateKey` and `sharedNode` on the way, `badValue` for lists that are none.
    func apply(
        to template: NodeID,
        remembering memory: InjectMark,
        in edit: inout ManifestEdit,
        of manifest: Manifest
    ) throws(ManifestError) -> [Annotation] {
        var mark = memory
        mark.hasSidecar = true
        mark.keptLabels = keptLabels
        guard let spec = try manifest.editableEntry("spec", in: template) else { return [] }
        var new: [NewEntry] = []
        for (field, items) in lists {
            guard let own = try manifest.editableEntry(field, in: spec.value) else {
                new.append(NewEntry(field, .sequence(items.front + items.back)))
                continue
            }
            mark.emptied[field] = manifest.spelling(ofEmpty: own.value)
            if manifest.typedValue(of: own.value) == .null {
                try manifest.checkFillable(own, field, empty: "[]")
                edit.fill(own, with: .sequence(items.front + items.back))
            } else {
                guard manifest.kind(of: own.value) == .sequence else {
                    throw manifest.error(
                        .badValue,
                        "\(field) must be a list, not \(manifest.typeName(of: own.value))",
                        hint: "start each item on a line of its own with '- '",
                        at: own.value
                    )
                }
                edit.insert(front: items.front, back: items.back, into: own.value)
            }
        }
        edit.insert(new, into: spec.value)
        let owner = AnnotationOwner(manifest: manifest, node: template)
        return try owner.set(annotations, labels: labels, remembering: mark, in: &edit)
    }
}
