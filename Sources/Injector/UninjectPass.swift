// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit

/// One walk of uninject over a manifest.
struct UninjectPass {
    let manifest: Manifest
    let scope: MetadataRemoval.Scope
    private(set) var edit: ManifestEdit
    private(set) var entries: [ReportEntry] = []
    private(set) var errors: [ManifestError] = []
    /// For each object the mark that was taken out of it; an empty one for the others.
    private(set) var marks: [InjectMark] = []

    init(manifest: Manifest, scope: MetadataRemoval.Scope) {
        self.manifest = manifest
        self.scope = scope
        edit = ManifestEdit(manifest)
    }

    /// Removes what inject wrote into an object, if its mark is meant.
    mutating func visit(
        _ object: ManifestObject,
        where isMeant: (ManifestObject, InjectMark) -> Bool
    ) {
        var entry = ReportEntry(object, in: manifest, .skipped(.notInjected))
        do throws(ManifestError) {
            let mark = try remove(from: object, where: isMeant)
            if mark != nil { entry.result = .uninjected }
            marks.append(mark ?? InjectMark())
            entries.append(entry)
        } catch {
            errors.append(error)
        }
    }

    private mutating func remove(
        from object: ManifestObject,
        where isMeant: (ManifestObject, InjectMark) -> Bool
    ) throws(ManifestError) -> InjectMark? {
        let path: [String]
        switch object.role {
        case .workload(let templatePath): path = templatePath
        case .namespace, .service: path = []
        case .list, .other: return nil
        }
        guard let node = manifest.value(at: path, in: object.node) else { return nil }
        let mark = AnnotationOwner(manifest: manifest, node: node).mark
        guard isMeant(object, mark), removal(node).hasMarks,
            let editable = try manifest.editableMapping(at: path, of: object)
        else { return nil }
        try SidecarRemoval(manifest: manifest, template: editable, mark: mark).removeAll(in: &edit)
        return try removal(editable).removeAll(in: &edit) ? mark : nil
    }

    private func removal(_ node: NodeID) -> MetadataRemoval {
        MetadataRemoval(owner: AnnotationOwner(manifest: manifest, node: node), scope: scope)
    }
}
