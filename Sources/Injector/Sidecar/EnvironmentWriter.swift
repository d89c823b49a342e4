// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit

/// Collects a container's environment in order.
struct EnvironmentWriter {
    private(set) var variables: [NewNode] = []
    private static let prefix = "LINKERD2_PROXY_"

    /// A variable of the proxy's, without its prefix; left out when the value is nil.
    mutating func set(_ name: String, _ value: String?) {
        if let value { setPlain(Self.prefix + name, value) }
    }

    /// A variable of the proxy's from a field of the pod.
    mutating func set(_ name: String, field path: String) {
        setPlain(Self.prefix + name, field: path)
    }

    /// A variable by its whole name.
    mutating func setPlain(_ name: String, _ value: String) {
        variables.append(
            .mapping([NewEntry("name", .string(name)), NewEntry("value", .string(value))])
        )
    }

    /// A variable by its whole name, from a field of the pod.
    mutating func setPlain(_ name: String, field path: String) {
        let reference = NewNode.mapping([NewEntry("fieldPath", .string(path))])
        variables.append(
            .mapping([
                NewEntry("name", .string(name)),
                NewEntry("valueFrom", .mapping([NewEntry("fieldRef", reference)])),
            ])
        )
    }

    /// More variables as they are; of two with one name the later counts.
    mutating func append(_ more: [NewNode]) {
        let names = Set(more.compactMap(Self.name))
        variables.removeAll { node in Self.name(of: node).map { names.contains($0) } ?? false }
        variables += more
    }

    private static func name(of node: NewNode) -> String? {
        guard case .mapping(let entries) = node, case .string(let name)? = entries.first?.value
        else { return nil }
        return name
    }
}
