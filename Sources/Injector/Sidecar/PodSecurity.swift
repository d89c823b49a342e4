// SPDX-License-Identifier: Apache-2.0

public import ManifestKit
internal import MeshModel

/// Finds the namespaces whose pods Kubernetes would refuse for their init container's rights.
public enum PodSecurity {
    /// The standards that forbid NET_ADMIN (Kubernetes, Pod Security Standards).
    private static let forbidding: Set<String> = ["baseline", "restricted"]

    /// The namespaces of some manifests that enforce such a standard, and its name.
    public static func enforced(in manifests: [Manifest]) -> [String: String] {
        var result: [String: String] = [:]
        for manifest in manifests {
            for object in manifest.objects() where object.role == .namespace {
                let path = ["metadata", "labels", AnnotationKey.podSecurityLabel]
                if let level = manifest.string(at: path, in: object.node),
                    forbidding.contains(level)
                {
                    result[object.name] = level
                }
            }
        }
        return result
    }
}
