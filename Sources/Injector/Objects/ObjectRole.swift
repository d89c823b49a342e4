// SPDX-License-Identifier: Apache-2.0

/// What an object is to the mesh, by its apiVersion *and* its kind.
///
/// A kind word alone says little: Knative has a `Service`, Volcano a `Job`, Kruise a `StatefulSet`.
public enum ObjectRole: Equatable, Sendable {
    /// Holds a pod template; the path leads to it and is empty for a Pod, which is its own.
    case workload(templatePath: [String])
    /// Its annotations hold for the pods in it.
    case namespace
    /// Its opaque ports are told to clients.
    case service
    /// Holds more objects in `items`.
    case list
    /// Passed through.
    case other

    init(apiVersion: String, kind: String) {
        let parts = apiVersion.split(separator: "/", omittingEmptySubsequences: false)
        let group = parts.count > 1 ? String(parts[0]) : ""
        guard parts.count <= 2, let version = parts.last, Self.isVersion(version),
            let role = Self.roles[group]?[kind]
        else {
            self = .other
            return
        }
        self = role
    }

    /// The kind as it is spelled, for one that differs from a known one in letter case only.
    static func kindWithOtherCase(_ kind: String) -> String? {
        let lower = kind.lowercased()
        let known = roles.values.flatMap(\.keys).first { $0.lowercased() == lower }
        return known == kind ? nil : known
    }

    private static let inSpec = ObjectRole.workload(templatePath: ["spec", "template"])
    private static let inJob = ObjectRole.workload(
        templatePath: ["spec", "jobTemplate", "spec", "template"]
    )

    /// By API group; every version of a group counts, served by a current cluster or not.
    private static let roles: [String: [String: ObjectRole]] = [
        "": [
            "Pod": .workload(templatePath: []), "ReplicationController": inSpec,
            "Namespace": .namespace, "Service": .service, "List": .list,
        ],
        "apps": [
            "Deployment": inSpec, "ReplicaSet": inSpec, "DaemonSet": inSpec, "StatefulSet": inSpec,
        ],
        // Gone since Kubernetes 1.16, alive in many repositories.
        "extensions": ["Deployment": inSpec, "ReplicaSet": inSpec, "DaemonSet": inSpec],
        "batch": ["Job": inSpec, "CronJob": inJob],
    ]

    /// `v1`, `v1beta2`, `v2alpha1`.
    private static func isVersion(_ text: Substring) -> Bool {
        let rest = text.dropFirst()
        return text.first == "v" && rest.first.map { "0123456789".contains($0) } == true
            && rest.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }
    }
}
