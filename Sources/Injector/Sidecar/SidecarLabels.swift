// SPDX-License-Identifier: Apache-2.0

internal import MeshModel

/// The labels that tell which mesh and which workload a pod belongs to.
enum SidecarLabels {
    /// The kinds that have a label of their own; a bare Pod has none.
    private static let kinds: Set<String> = [
        "deployment", "replicaset", "daemonset", "statefulset", "replicationcontroller", "job",
        "cronjob",
    ]

    /// LIMIT: bytes of a label's value (Kubernetes, `LabelValueMaxLength`); names may be longer.
    static let valueBytesMax = 63

    /// Whether inject wrote a label that stands in a pod with its sidecar.
    static func isOurs(_ key: String, _ mark: InjectMark) -> Bool {
        let isKnown =
            key == AnnotationKey.controlPlaneNamespaceLabel
            || key == AnnotationKey.workloadNamespaceLabel
            || (key.hasPrefix(AnnotationKey.workloadLabelPrefix)
                && kinds.contains(
                    String(key.dropFirst(AnnotationKey.workloadLabelPrefix.count))
                ))
        return isKnown && !mark.keptLabels.contains(key)
    }

    /// The labels for the pods of a workload.
    static func labels(
        meshNamespace: String,
        podNamespace: String,
        ownerKind: String,
        ownerName: String
    ) -> [Annotation] {
        var labels = [
            Annotation(AnnotationKey.controlPlaneNamespaceLabel, meshNamespace),
            Annotation(AnnotationKey.workloadNamespaceLabel, podNamespace),
        ]
        let kind = ownerKind.lowercased()
        if kinds.contains(kind), !ownerName.isEmpty, ownerName.utf8.count <= valueBytesMax {
            labels.append(Annotation(AnnotationKey.workloadLabelPrefix + kind, ownerName))
        }
        return labels
    }
}
