// SPDX-License-Identifier: Apache-2.0

internal import MeshModel

/// Why an object was left as it is.
public enum SkipReason: Hashable, Sendable {
    /// The pod shares its node's network.
    case hostNetwork
    /// The author said so, by annotation.
    case disabled
    /// A mesh's sidecar is in the pod already.
    case sidecar(container: String)
    /// The pod is part of the mesh itself.
    case controlPlane
    /// The workload has no pod template.
    case noTemplate
    /// There is no container for the sidecar to stand beside.
    case noContainers
    /// The namespace is one whose pods the webhook never sees.
    case excludedNamespace(why: String)
    /// A Service, and no flag that concerns one.
    case nothingToAnnotate
    /// A kind that inject does not edit; a template in it is worth a word.
    case unsupportedKind(hasTemplate: Bool)
    /// A kind that is known in other letters.
    case misspelledKind(meant: String)
    /// A list whose items stand elsewhere.
    case sharedList
    /// Neither a kind nor an apiVersion.
    case noKind
    /// Uninject found nothing of inject's.
    case notInjected

    /// The word for scripts.
    public var code: String {
        switch self {
        case .hostNetwork: "hostNetwork"
        case .disabled: "disabled"
        case .sidecar: "sidecar"
        case .controlPlane: "controlPlane"
        case .noTemplate: "noTemplate"
        case .noContainers: "noContainers"
        case .excludedNamespace: "excludedNamespace"
        case .nothingToAnnotate: "nothingToAnnotate"
        case .unsupportedKind: "unsupportedKind"
        case .misspelledKind: "misspelledKind"
        case .sharedList: "sharedList"
        case .noKind: "noKind"
        case .notInjected: "notInjected"
        }
    }

    /// One line for a person; nil where there is nothing to explain.
    public var message: String? {
        switch self {
        case .hostNetwork:
            "hostNetwork is true: the pod shares its node's network, "
                + "where nothing can be redirected"
        case .disabled: "\(AnnotationKey.inject) is disabled"
        case .sidecar(let container):
            "a mesh's sidecar is in it already: container \(ValueError.quote(container))"
        case .controlPlane: "it is part of the mesh itself"
        case .noTemplate: "it has no pod template"
        case .noContainers: "its pod has no containers"
        case .excludedNamespace(let why): why
        case .nothingToAnnotate, .notInjected, .unsupportedKind(hasTemplate: false): nil
        case .unsupportedKind(hasTemplate: true):
            "inject does not know this kind; to mesh its pods, set \(AnnotationKey.inject): "
                + "enabled in its pod template"
        case .misspelledKind(let meant): "kinds are case-sensitive: did you mean \(meant)?"
        case .sharedList: "its items stand behind an alias; write them out here"
        case .noKind: "it has no kind"
        }
    }

    /// Whether a workload stays out of the mesh that the user may have wanted in (`--strict`).
    public var isMissed: Bool {
        switch self {
        case .hostNetwork, .disabled, .sidecar, .noTemplate, .noContainers, .excludedNamespace,
            .misspelledKind, .sharedList:
            true
        case .unsupportedKind(let hasTemplate): hasTemplate
        case .controlPlane, .nothingToAnnotate, .noKind, .notInjected: false
        }
    }
}
