// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshModel

/// What stands against a sidecar in a pod, and what its author should know.
struct SidecarAdvice {
    let object: ManifestObject
    let template: PodTemplate
    let settings: SidecarSettings
    private var manifest: Manifest { template.manifest }

    /// Settings that cannot all hold.
    func errors() -> [ManifestError] {
        var messages = SidecarResources(settings: settings).contradictions()
        let ports = [
            ("inbound", settings.inboundPort), ("outbound", settings.outboundPort),
            ("control", settings.controlPort), ("admin", settings.adminPort),
        ]
        for (index, port) in ports.enumerated() {
            if let other = ports[..<index].first(where: { $0.1 == port.1 }) {
                messages.append("the proxy's \(other.0) and \(port.0) port are both \(port.1)")
            }
        }
        var errors = messages.map {
            manifest.error(.badValue, $0, hint: "change one of the two", at: template.node)
        }
        if settings.closeWaitSeconds != nil, !settings.values.initRunsAsRoot {
            errors.append(
                manifest.error(
                    .badValue,
                    "close-wait-timeout needs an init container that is root and privileged",
                    hint: "allow it with proxyInit.runAsRoot: true in the file of --values, "
                        + "or leave the timeout out",
                    at: template.node
                )
            )
        }
        return errors + takenNames()
    }

    /// Uninject knows what is ours by its name, so nothing else may have it.
    private func takenNames() -> [ManifestError] {
        let ours = SidecarName.initContainers.union(SidecarName.containers)
        let names = [
            ("initContainers", ours), ("containers", ours), ("volumes", SidecarVolumes.names),
        ]
        return names.flatMap { field, names in
            template.containers(in: field).filter { names.contains($0.name) }.map { item in
                manifest.error(
                    .badValue,
                    "\(ValueError.quote(item.name)) in \(field) is a name of the mesh's",
                    hint: "give it another name",
                    at: item.node
                )
            }
        }
    }

    func warnings() -> [Finding] {
        podSecurity() + classicJob() + longName() + unknownPortNames() + takenPorts()
    }

    private func podSecurity() -> [Finding] {
        let namespace = object.namespace ?? "default"
        guard !settings.values.isCNIEnabled,
            let level = settings.options.enforcedPodSecurity[namespace]
        else { return [] }
        return [
            finding(
                "namespace \(ValueError.quote(namespace)) enforces pod security "
                    + "\"\(level)\", which refuses the init container's NET_ADMIN and NET_RAW: "
                    + "the pod would not start; install the mesh's CNI plugin and inject with "
                    + "--linkerd-cni-enabled"
            )
        ]
    }

    private func classicJob() -> [Finding] {
        guard !settings.isNative, object.kind == "Job" || object.kind == "CronJob" else {
            return []
        }
        return [
            finding(
                "a \(object.kind) ends only when all its containers do, and this proxy does not "
                    + "end by itself; leave out --native-sidecar=false"
            )
        ]
    }

    private func longName() -> [Finding] {
        guard object.name.utf8.count > SidecarLabels.valueBytesMax else { return [] }
        return [
            finding(
                "the name is longer than the \(SidecarLabels.valueBytesMax) bytes of a label, "
                    + "so the pods will not be labelled with it"
            )
        ]
    }

    private func unknownPortNames() -> [Finding] {
        let list = settings.ports(AnnotationKey.opaquePorts)
        return PodPorts(template: template).resolving(list).unknown.map { name in
            finding("opaque port \(ValueError.quote(name)) is no port of these containers")
        }
    }

    /// An application that listens where the proxy does.
    private func takenPorts() -> [Finding] {
        let taken = [
            settings.inboundPort, settings.outboundPort, settings.controlPort, settings.adminPort,
        ]
        return template.containers(in: "containers").flatMap(\.ports).filter {
            taken.contains(Int($0.number))
        }.map { port in
            Finding(
                "port \(port.number) is also one of the proxy's; move the proxy's with a flag",
                at: manifest.position(of: port.node)
            )
        }
    }

    private func finding(_ message: String) -> Finding {
        Finding(message, at: manifest.position(of: template.node))
    }
}
