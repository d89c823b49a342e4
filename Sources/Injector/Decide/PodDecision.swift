// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshModel

/// Decides whether a pod template gets a proxy.
///
/// The first reason against it counts.
struct PodDecision {
    let skipReason: SkipReason?
    /// What was looked at and found good, in order.
    let passedChecks: [String]

    init(template: PodTemplate, annotations: AnnotationOwner) {
        let checks: [(name: String, reason: SkipReason?)] = [
            ("is not part of the mesh itself", Self.controlPlane(template)),
            (
                "is not turned off by \(AnnotationKey.inject)",
                annotations.value(AnnotationKey.inject) == InjectMode.disabled.rawValue
                    ? .disabled : nil
            ),
            ("has a network of its own", template.hostNetwork ? .hostNetwork : nil),
            (
                "has no mesh's sidecar yet",
                SidecarCheck(template: template).meshContainer().map {
                    .sidecar(container: $0.name)
                }
            ),
        ]
        skipReason = checks.lazy.compactMap(\.reason).first
        passedChecks = checks.prefix { $0.reason == nil }.map(\.name)
    }

    private static func controlPlane(_ template: PodTemplate) -> SkipReason? {
        template.label(AnnotationKey.controlPlaneComponentLabel) == nil ? nil : .controlPlane
    }
}

/// Decides whether a namespace is marked.
struct NamespaceDecision {
    let object: ManifestObject
    let annotations: AnnotationOwner

    /// The namespaces that the webhook's selector leaves out.
    static let excludedNames: Set<String> = ["kube-system", "cert-manager"]

    var skipReason: SkipReason? {
        let webhooks = annotations.manifest.string(
            at: ["metadata", "labels", AnnotationKey.admissionWebhooksLabel],
            in: object.node
        )
        if webhooks == "disabled" {
            return .excludedNamespace(
                why: "its label \(AnnotationKey.admissionWebhooksLabel) is disabled, "
                    + "so the webhook never sees its pods"
            )
        }
        if annotations.value(AnnotationKey.inject) == InjectMode.disabled.rawValue {
            return .disabled
        }
        guard Self.excludedNames.contains(object.name) else { return nil }
        return .excludedNamespace(why: "the webhook never sees the pods of \(object.name)")
    }
}
