// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshModel

/// Everything that makes a pod a meshed one, as values: the one place that decides it.
///
/// The command carries it out as splices of a manifest (`PodChange+Edit`), the admission webhook as
/// a JSON patch of a pod (`PodChange+JSONPatch`).
struct PodChange {
    /// New items for one list of the pod's spec.
    struct Items {
        /// Before the user's own.
        var front: [NewNode] = []
        /// After them.
        var back: [NewNode] = []

        var isEmpty: Bool { front.isEmpty && back.isEmpty }
    }

    /// Annotations for the pod, without those that the user has set.
    let annotations: [Annotation]
    /// Labels for the pod, without those that are there already.
    let labels: [Annotation]
    /// The mesh's labels that were there already.
    let keptLabels: [String]
    /// By field of the spec: `initContainers`, `containers`, `volumes`.
    let lists: [(field: String, items: Items)]
}

/// Whom a pod belongs to.
struct PodOwner {
    /// The kind of the workload; `Pod` for a bare one.
    let kind: String
    let name: String
    /// The pod's namespace; empty when the manifest leaves it to kubectl.
    let namespace: String
}

extension PodChange {
    /// Decides about one pod.
    ///
    /// `flags` are the user's, as annotations.
    init(template: PodTemplate, owner: PodOwner, settings: SidecarSettings) {
        let options = settings.options
        let own = settings.annotations
        let mode = settings.isIngress ? [Annotation(AnnotationKey.inject, "ingress")] : []
        let wanted =
            mode + settings.flags + [
                Annotation(AnnotationKey.createdBy, options.createdBy),
                Annotation(AnnotationKey.proxyVersion, settings.proxyVersion),
                Annotation(AnnotationKey.trustRootDigest, options.values.trustAnchorsDigest),
                Annotation(
                    AnnotationKey.defaultContainer,
                    template.containers(in: "containers").first?.name ?? ""
                ),
            ]
        annotations = wanted.filter { !$0.value.isEmpty && own.value($0.key) == nil }
        let all = SidecarLabels.labels(
            meshNamespace: options.values.namespace,
            podNamespace: owner.namespace,
            ownerKind: owner.kind,
            ownerName: owner.name
        )
        labels = all.filter { template.label($0.key) == nil }
        keptLabels = all.map(\.key).filter { template.label($0) != nil }
        lists = Self.lists(template, settings)
    }

    private static func lists(
        _ template: PodTemplate,
        _ settings: SidecarSettings
    ) -> [(field: String, items: Items)] {
        let ports = PodPorts(template: template)
        let proxy = ProxyContainer(settings: settings, ports: ports).node()
        let tools = InitContainers(settings: settings)
        let first = tools.first()
        var initContainers = Items()
        var containers = Items()
        if settings.isNative {
            initContainers.front = [first, proxy]
        } else {
            // The user's own init containers need the network as it was.
            initContainers.back = [first]
            if settings.awaitsProxy {
                containers.front = [proxy]
            } else {
                containers.back = [proxy]
            }
        }
        if settings.hasDebugContainer { containers.back.append(tools.debug()) }
        let volumes = Items(back: SidecarVolumes.volumes())
        return [
            ("initContainers", initContainers), ("containers", containers), ("volumes", volumes),
        ].filter { !$0.1.isEmpty }
    }
}
