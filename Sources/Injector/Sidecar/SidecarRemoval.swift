// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit

/// Takes the mesh's containers and volumes out of a pod that carries inject's mark for them.
struct SidecarRemoval {
    let manifest: Manifest
    /// The pod template.
    let template: NodeID
    let mark: InjectMark

    private static let names: [(field: String, names: Set<String>)] = [
        ("initContainers", SidecarName.initContainers), ("containers", SidecarName.containers),
        ("volumes", SidecarVolumes.names),
    ]

    /// Removes them, and lists that are without items by that, unless they were so before.
    func removeAll(in edit: inout ManifestEdit) throws(ManifestError) {
        guard mark.hasSidecar, let spec = try manifest.editableEntry("spec", in: template) else {
            return
        }
        for (field, names) in Self.names {
            // What comes from an alias or a merge key was never ours.
            guard let own = manifest.ownEntry(field, in: spec.value),
                manifest.kind(of: own.value) == .sequence
            else { continue }
            let items = manifest.items(of: own.value)
            let ours = items.filter { names.contains(manifest.string(at: ["name"], in: $0) ?? "") }
            if ours.isEmpty { continue }
            _ = try manifest.editableEntry(field, in: spec.value)
            let spelling = mark.emptied[field]
            if ours.count < items.count || spelling == "[]" {
                for item in ours { edit.remove(item: item) }
            } else if let spelling {
                edit.empty(own, to: spelling)
            } else {
                edit.remove(own)
            }
        }
    }
}
