// SPDX-License-Identifier: Apache-2.0

internal import MeshModel

/// What is needed to write the whole sidecar into a pod.
public struct SidecarOptions: Equatable, Sendable {
    /// The mesh that the pods join.
    public var values: MeshValues
    /// The program that writes it: the value of `linkerd.io/created-by`.
    public var createdBy: String
    /// The namespaces whose pods Kubernetes holds to a standard, and its name.
    public var enforcedPodSecurity: [String: String] = [:]
    /// Settings that the pod's namespace gives to its pods, by annotation key (the webhook's).
    public var inherited: [String: String] = [:]

    /// Makes options; the anchors in `values` are required.
    public init(values: MeshValues, createdBy: String) {
        self.values = values
        self.createdBy = createdBy
    }
}
