// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit

extension PodChange {
    /// The change as a JSON patch (RFC 6902) of the pod: a list of `add` operations.
    func jsonPatch(of template: PodTemplate) -> NewNode {
        var operations: [NewNode] = []
        let manifest = template.manifest
        func isThere(_ path: [String]) -> Bool {
            guard let value = manifest.value(at: path, in: template.node) else { return false }
            return manifest.typedValue(of: value) != .null
        }
        func add(_ path: [String], _ value: NewNode) {
            operations.append(
                .mapping([
                    NewEntry("op", .string("add")),
                    NewEntry("path", .string(Self.pointer(path))),
                    NewEntry("value", value),
                ])
            )
        }
        if !isThere(["metadata"]) { add(["metadata"], .mapping([])) }
        for (field, values) in [("annotations", annotations), ("labels", labels)] {
            let path = ["metadata", field]
            if isThere(path) {
                for value in values { add(path + [value.key], .string(value.value)) }
            } else if !values.isEmpty {
                add(path, .mapping(values.map { NewEntry($0.key, .string($0.value)) }))
            }
        }
        for (field, items) in lists {
            let path = ["spec", field]
            guard isThere(path) else {
                add(path, .sequence(items.front + items.back))
                continue
            }
            for item in items.front.reversed() { add(path + ["0"], item) }
            for item in items.back { add(path + ["-"], item) }
        }
        return .sequence(operations)
    }

    /// RFC 6901: `~` and `/` inside a step are escaped.
    private static func pointer(_ path: [String]) -> String {
        path.map { step in
            var text = "/"
            for character in step {
                switch character {
                case "~": text += "~0"
                case "/": text += "~1"
                default: text.append(character)
                }
            }
            return text
        }.joined()
    }
}
