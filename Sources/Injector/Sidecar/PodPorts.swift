// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshModel

/// The ports that a pod serves, as far as its manifest tells.
struct PodPorts {
    let template: PodTemplate
    private var manifest: Manifest { template.manifest }

    /// The TCP ports of all containers and of the kubelet's HTTP probes by number, in numeric
    /// order, each once.
    ///
    /// Linkerd sorts them as text.
    func inbound() -> PortList {
        var numbers: [UInt16] = []
        for container in containers {
            numbers += container.ports.filter { $0.transport == "TCP" }.map(\.number)
            for probe in ["livenessProbe", "readinessProbe"] {
                guard
                    let port = manifest.value(at: [probe, "httpGet", "port"], in: container.node),
                    case .integer(let digits) = manifest.typedValue(of: port),
                    let number = UInt16(digits)
                else { continue }
                numbers.append(number)
            }
        }
        return PortList(numbers.map { PortRange($0) })
    }

    /// A list with the names of container ports replaced by their numbers; names that no container
    /// has are left out and returned apart.
    func resolving(_ list: PortList) -> (list: PortList, unknown: [String]) {
        var ranges = list.ranges
        var unknown: [String] = []
        for name in list.names {
            let numbers = containers.flatMap(\.ports).filter { $0.name == name }.map(\.number)
            if numbers.isEmpty { unknown.append(name) }
            ranges += numbers.map { PortRange($0) }
        }
        return (PortList(ranges), unknown)
    }

    private var containers: [Container] {
        template.containers(in: "initContainers") + template.containers(in: "containers")
    }
}
