// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit

/// One walk of uninject over a manifest.
struct UninjectPass {
    let manifest: Manifest
    private(set) var edit: ManifestEdit
    private(set) var entries: [ReportEntry] = []
    private(set) var errors: [ManifestError] = []

    init(manifest: Manifest) {
        self.manifest = manifest
        edit = ManifestEdit(manifest)
    }

    mutating func visit(_ object: ManifestObject) {
        var entry = ReportEntry(object, in: manifest, .skipped(.notInjected))
        do throws(ManifestError) {
            if try remove(from: object) {
                entry.result = .uninjected
                entry.isChanged = true
            }
            entries.append(entry)
        } catch {
            errors.append(error)
        }
    }

    private mutating func remove(from object: ManifestObject) throws(ManifestError) -> Bool {
        let path: [String]
        switch object.role {
        case .workload(let templatePath): path = templatePath
        case .namespace, .service: path = []
        case .list, .other: return false
        }
        guard let node = manifest.value(at: path, in: object.node),
            AnnotationOwner(manifest: manifest, node: node).hasMarks,
            let editable = try manifest.editableMapping(at: path, of: object)
        else { return false }
        return try AnnotationOwner(manifest: manifest, node: editable).removeAll(in: &edit)
    }
}
