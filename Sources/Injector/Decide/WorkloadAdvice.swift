// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshModel

/// What the author of a workload should know before it runs in the mesh.
struct WorkloadAdvice {
    let object: ManifestObject
    let template: PodTemplate
    let options: InjectOptions
    private var manifest: Manifest { template.manifest }

    func all() -> [Finding] {
        udpPorts() + serverFirstPorts() + otherProxies() + misplaced() + unseenNamespace()
    }

    /// Annotations are for the webhook, and some namespaces it never looks at.
    private func unseenNamespace() -> [Finding] {
        guard options.sidecar == nil, let namespace = object.namespace,
            NamespaceDecision.excludedNames.contains(namespace)
        else { return [] }
        return [
            Finding(
                "the mesh's webhook never sees the pods of \(namespace); use --manual",
                at: manifest.position(of: object.node)
            )
        ]
    }

    private func udpPorts() -> [Finding] {
        ports.filter { $0.transport == "UDP" }.map { port in
            Finding(
                "port \(port.number) is UDP, which stays outside the mesh: only TCP is redirected",
                at: manifest.position(of: port.node)
            )
        }
    }

    /// A server that speaks first keeps protocol detection waiting.
    private func serverFirstPorts() -> [Finding] {
        let owner = AnnotationOwner(manifest: manifest, node: template.node)
        func list(_ key: String) -> PortList {
            let text = owner.value(key) ?? options.podAnnotations.first { $0.key == key }?.value
            guard let text, let list = try? PortList(parsing: text, allowsNames: true) else {
                return key == AnnotationKey.opaquePorts
                    ? MeshDefaults.opaquePorts : MeshDefaults.skippedPorts
            }
            return list
        }
        let opaque = list(AnnotationKey.opaquePorts)
        let handled = [opaque, list(AnnotationKey.skipInboundPorts)]
        return ports.compactMap { port in
            guard port.transport == "TCP",
                let known = MeshDefaults.serverFirstPorts.first(where: { $0.port == port.number }),
                !handled.contains(where: {
                    $0.contains(port.number) || $0.names.contains(port.name)
                })
            else { return nil }
            return Finding(
                "port \(port.number) is \(known.name)'s, whose server speaks first; "
                    + "mark it on clients and server: --opaque-ports \(opaque),\(port.number)",
                at: manifest.position(of: port.node)
            )
        }
    }

    private func otherProxies() -> [Finding] {
        let check = SidecarCheck(template: template)
        var findings: [Finding] = []
        if let envoy = check.ownProxy() {
            findings.append(
                Finding(
                    "container \(ValueError.quote(envoy.name)) is a proxy already; "
                        + "its traffic will pass through both",
                    at: manifest.position(of: envoy.node)
                )
            )
        }
        if let key = check.otherInjector() {
            findings.append(
                Finding(
                    "\(key) asks for another sidecar; both will take the pod's traffic",
                    at: manifest.position(of: template.node)
                )
            )
        }
        return findings
    }

    /// Settings where nobody reads them: labels, and the workload's own annotations.
    func misplaced() -> [Finding] {
        var findings = misplacedLabels(of: template.node)
        guard object.role != .workload(templatePath: []) else { return findings }
        findings += misplacedLabels(of: object.node)
        let own = AnnotationOwner(manifest: manifest, node: object.node)
        for entry in own.entries() {
            let key = manifest.text(of: manifest.resolve(entry.key))
            let isKnown = AnnotationCatalog.spec(forKey: key) != nil
            guard key != AnnotationKey.proxyRetryBudget,
                isKnown || AnnotationCatalog.isConfigurationKey(key)
            else { continue }
            let name = isKnown ? key : ValueError.quote(key)
            let path = object.kind == "CronJob" ? "spec.jobTemplate.spec" : "spec"
            findings.append(
                Finding(
                    "\(name) has no effect on a \(object.kind); "
                        + "move it to \(path).template.metadata.annotations",
                    at: manifest.position(of: entry.key)
                )
            )
        }
        return findings
    }

    private func misplacedLabels(of node: NodeID) -> [Finding] {
        guard let labels = manifest.value(at: ["metadata", "labels"], in: node) else { return [] }
        return manifest.mergedEntries(of: labels).compactMap { entry in
            let key = manifest.text(of: manifest.resolve(entry.key))
            guard AnnotationCatalog.spec(forKey: key) != nil else { return nil }
            return Finding(
                "\(key) is a label here, but only counts as an annotation",
                at: manifest.position(of: entry.key)
            )
        }
    }

    private var ports: [ContainerPort] { template.containers(in: "containers").flatMap(\.ports) }
}
