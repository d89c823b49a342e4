// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshModel

/// A value in the tree, and how to speak of it.
struct Place {
    /// The value, as it is written: an alias is not followed yet.
    let node: NodeID
    /// The key before it; nil for the root and for items of lists.
    let key: NodeID?
    /// The path for a person: `services["users-api"].endpoints[0]`; empty for the root.
    let shown: String
    /// The path in `ConfigKeys`: `services.NAME.endpoints[]`; empty for the root.
    let path: String

    /// The whole tree.
    static func root(_ node: NodeID) -> Place {
        Place(node: node, key: nil, shown: "", path: "")
    }

    /// The value of a key that the table knows.
    func child(_ name: String, _ entry: MappingEntry) -> Place {
        let dot = path.isEmpty ? "" : "."
        return Place(
            node: entry.value,
            key: entry.key,
            shown: shown + dot + name,
            path: path + dot + name
        )
    }

    /// The value of a name that the user chose.
    func named(_ name: String, _ entry: MappingEntry) -> Place {
        Place(
            node: entry.value,
            key: entry.key,
            shown: shown + Self.subscripted(name),
            path: path + ".NAME"
        )
    }

    /// A name in brackets: whole where it may be one, so that no two of them look the same.
    static func subscripted(_ name: String) -> String {
        let isName = (try? KubernetesName.validateSubdomain(name)) != nil
        return "[\(isName ? "\"\(name)\"" : ValueError.quote(name))]"
    }

    /// An item of a list.
    func item(_ index: Int, _ node: NodeID) -> Place {
        Place(node: node, key: nil, shown: "\(shown)[\(index)]", path: path + "[]")
    }
}
