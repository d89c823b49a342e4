// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit

/// A pod template, or a Pod, as inject reads it: through aliases and merge keys.
struct PodTemplate {
    let manifest: Manifest
    /// The mapping with `metadata` and `spec`.
    let node: NodeID

    /// Nothing when the object has no mapping where its template should be.
    init?(of object: ManifestObject, in manifest: Manifest) {
        guard case .workload(let path) = object.role,
            let node = manifest.value(at: path, in: object.node),
            manifest.kind(of: node) == .mapping
        else { return nil }
        self.manifest = manifest
        self.node = node
    }

    /// Whether the pod shares its node's network.
    var hostNetwork: Bool {
        guard let value = manifest.value(at: ["spec", "hostNetwork"], in: node) else {
            return false
        }
        return manifest.typedValue(of: value) == .boolean(true)
    }

    /// The value of a label.
    func label(_ key: String) -> String? {
        manifest.string(at: ["metadata", "labels", key], in: node)
    }

    /// The pod's containers, in `containers` or `initContainers`.
    func containers(in field: String) -> [Container] {
        guard let list = manifest.value(at: ["spec", field], in: node),
            manifest.kind(of: list) == .sequence
        else { return [] }
        return manifest.items(of: list).map { Container(manifest: manifest, node: $0) }
    }
}

/// One container of a pod.
struct Container {
    let manifest: Manifest
    let node: NodeID

    var name: String { manifest.string(at: ["name"], in: node) ?? "" }
    var image: String { manifest.string(at: ["image"], in: node) ?? "" }

    /// The ports that the container declares.
    var ports: [ContainerPort] {
        guard let list = manifest.value(at: ["ports"], in: node),
            manifest.kind(of: list) == .sequence
        else { return [] }
        return manifest.items(of: list).compactMap { ContainerPort($0, in: manifest) }
    }
}

/// One declared port of a container.
struct ContainerPort {
    let node: NodeID
    let number: UInt16
    let name: String
    /// `TCP` when the manifest says nothing.
    let transport: String

    /// Nothing when `containerPort` is no port number.
    init?(_ node: NodeID, in manifest: Manifest) {
        guard let value = manifest.value(at: ["containerPort"], in: node),
            case .integer(let digits) = manifest.typedValue(of: value),
            let number = UInt16(digits)
        else { return nil }
        self.node = node
        self.number = number
        name = manifest.string(at: ["name"], in: node) ?? ""
        transport = manifest.string(at: ["protocol"], in: node) ?? "TCP"
    }
}
