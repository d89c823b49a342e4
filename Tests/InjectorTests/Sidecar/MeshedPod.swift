// SPDX-License-Identifier: Apache-2.0

import Injector
import ManifestKit
import MeshModel
import Testing

/// A pod as `--manual` makes it, to be asked about its parts.
struct MeshedPod {
    let outcome: InjectorOutcome
    private var manifest: Manifest { outcome.result }

    static let anchors = """
        -----BEGIN CERTIFICATE-----
        MIIBnzCCAUWgAwIBAgIUe9X+1KEiyaJwiLdohpqJA7rEYLsw
        -----END CERTIFICATE-----

        """

    /// The options of a mesh with nothing special.
    static func options(
        _ values: MeshValues = MeshValues(),
        flags: [(key: String, value: String)] = []
    ) throws -> InjectOptions {
        var values = values
        values.trustAnchors = anchors
        values.trustAnchorsDigest = "5a1d"
        var options = InjectOptions()
        options.sidecar = SidecarOptions(values: values, createdBy: "meshctl/test")
        for flag in flags { try options.set(flag.key, to: flag.value) }
        return options
    }

    /// A bare pod with one container and some annotations, `key: "value"` in order.
    static func source(annotations: [(key: String, value: String)] = []) -> String {
        let lines = annotations.map { "    \($0.key): '\($0.value)'\n" }.joined()
        return """
            apiVersion: v1
            kind: Pod
            metadata:
              name: web

            """ + (lines.isEmpty ? "" : "  annotations:\n" + lines) + """
                spec:
                  containers:
                  - name: app
                    image: app:1
                    ports:
                    - containerPort: 8080
                      name: http
                    - containerPort: 80
                    - containerPort: 53
                      protocol: UDP
                    livenessProbe:
                      httpGet:
                        path: /
                        port: 9

                """
    }

    init(_ source: String, _ options: InjectOptions) throws {
        let manifest = try Manifest(name: "pod.yaml", bytes: Array(source.utf8))
        outcome = Injector.inject(manifest, options: options)
    }

    private var root: NodeID? { manifest.documents.first?.root }

    func value(_ path: [String]) -> NodeID? { root.flatMap { manifest.value(at: path, in: $0) } }

    func names(of field: String) -> [String] {
        guard let list = value(["spec", field]) else { return [] }
        return manifest.items(of: list).map { manifest.string(at: ["name"], in: $0) ?? "" }
    }

    /// One item of one of the spec's lists, as JSON.
    func json(_ field: String, _ name: String, _ path: [String] = []) -> String? {
        guard let node = item(field, name).flatMap({ manifest.value(at: path, in: $0) }) else {
            return nil
        }
        return try? manifest.json(of: node)
    }

    private func item(_ field: String, _ name: String) -> NodeID? {
        guard let list = value(["spec", field]) else { return nil }
        return manifest.items(of: list).first {
            manifest.string(at: ["name"], in: $0) == name
        }
    }

    /// The names of the proxy's variables in order.
    var environmentNames: [String] {
        guard let list = proxyEnvironment else { return [] }
        return manifest.items(of: list).map { manifest.string(at: ["name"], in: $0) ?? "" }
    }

    /// A variable of the proxy; nil when it is not set.
    func environment(_ name: String) -> String? {
        guard let list = proxyEnvironment else { return nil }
        let variable = manifest.items(of: list).last {
            manifest.string(at: ["name"], in: $0) == "LINKERD2_PROXY_" + name
                || manifest.string(at: ["name"], in: $0) == name
        }
        return variable.flatMap { manifest.string(at: ["value"], in: $0) }
    }

    private var proxyEnvironment: NodeID? {
        let proxy = item("initContainers", "linkerd-proxy") ?? item("containers", "linkerd-proxy")
        return proxy.flatMap { manifest.value(at: ["env"], in: $0) }
    }

    /// What follows a flag of the init container; empty for a flag alone, nil when it is not there.
    func argument(_ flag: String) -> String? {
        guard
            let list = item("initContainers", "linkerd-init").flatMap({
                manifest.value(at: ["args"], in: $0)
            })
        else { return nil }
        let words = manifest.items(of: list).map { manifest.text(of: $0) }
        guard let index = words.firstIndex(of: flag) else { return nil }
        return index + 1 < words.count ? words[index + 1] : ""
    }

    func annotation(_ key: String) -> String? {
        root.flatMap { manifest.string(at: ["metadata", "annotations", key], in: $0) }
    }

    func label(_ key: String) -> String? {
        root.flatMap { manifest.string(at: ["metadata", "labels", key], in: $0) }
    }
}
