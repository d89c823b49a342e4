// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshModel

/// Finds what else in a pod takes its traffic.
struct SidecarCheck {
    let template: PodTemplate

    private static let containerNames: Set<String> = [
        "linkerd-proxy", "linkerd-init", "istio-proxy", "istio-init", "kuma-sidecar",
    ]

    private static let imagePrefixes = [
        "cr.l5d.io/linkerd/proxy:", "cr.l5d.io/linkerd/proxy-init:", "gcr.io/linkerd-io/proxy:",
        "gcr.io/istio-release/proxyv2:", "gcr.io/istio-release/proxy_init:",
        "docker.io/istio/proxyv2:", MeshDefaults.proxyImage + ":",
    ]

    /// The container of a mesh that the pod has already; two meshes cannot share a pod.
    func meshContainer() -> Container? {
        for field in ["initContainers", "containers"] {
            let found = template.containers(in: field).first { container in
                Self.containerNames.contains(container.name)
                    || Self.imagePrefixes.contains { container.image.hasPrefix($0) }
            }
            if let found { return found }
        }
        return nil
    }

    /// A container that runs Envoy of its own, which a mesh can live with.
    func ownProxy() -> Container? {
        template.containers(in: "containers").first { container in
            let path = container.image.prefix { $0 != "@" }
            return path.contains("/envoy:") || path.contains("/envoy-distroless:")
        }
    }

    /// The annotation or label by which another injector will put its sidecar in.
    func otherInjector() -> String? {
        let requests = [
            ("annotations", "dapr.io/enabled"), ("annotations", "sidecar.istio.io/inject"),
            ("labels", "sidecar.istio.io/inject"), ("annotations", "kuma.io/sidecar-injection"),
            ("labels", "kuma.io/sidecar-injection"),
            ("annotations", "consul.hashicorp.com/connect-inject"),
        ]
        return requests.first { field, key in
            let value = template.manifest.string(at: ["metadata", field, key], in: template.node)
            return value == "true" || value == "enabled"
        }?.1
    }
}
