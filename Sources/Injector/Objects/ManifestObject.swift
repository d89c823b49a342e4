// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit

/// One Kubernetes object of a manifest, at the top of a document or inside a `List`.
struct ManifestObject {
    /// The object's mapping; an alias when a list has it by reference.
    let node: NodeID
    /// The collections between the document's root and the object, which an edit passes.
    let holders: [NodeID]
    let apiVersion: String
    let kind: String
    /// `metadata.name`, else `metadata.generateName`, else empty.
    let name: String
    let namespace: String?
    let role: ObjectRole

    init(_ node: NodeID, holders: [NodeID] = [], in manifest: Manifest) {
        self.node = node
        self.holders = holders
        apiVersion = manifest.string(at: ["apiVersion"], in: node) ?? ""
        kind = manifest.string(at: ["kind"], in: node) ?? ""
        name =
            manifest.string(at: ["metadata", "name"], in: node)
            ?? manifest.string(at: ["metadata", "generateName"], in: node) ?? ""
        namespace = manifest.string(at: ["metadata", "namespace"], in: node)
        role = ObjectRole(apiVersion: apiVersion, kind: kind)
    }
}

extension Manifest {
    /// All objects in source order, lists unpacked, empty documents left out.
    func objects() -> [ManifestObject] {
        var objects: [ManifestObject] = []
        for document in documents {
            // Nothing after a last `---` is no object, and says nothing.
            guard let root = document.root, typedValue(of: root) != .null else { continue }
            collect(ManifestObject(root, in: self), into: &objects)
        }
        return objects
    }

    /// Recursion is bounded by `Limits.depthMax`: a list behind an alias is not entered.
    private func collect(_ object: ManifestObject, into objects: inout [ManifestObject]) {
        guard object.role == .list, kind(of: object.node) == .mapping,
            let items = lookup("items", in: object.node), items.alias == nil,
            kind(of: items.value) == .sequence
        else {
            objects.append(object)
            return
        }
        let holders = object.holders + [object.node, items.value]
        for item in self.items(of: items.value) {
            collect(ManifestObject(item, holders: holders, in: self), into: &objects)
        }
    }
}
