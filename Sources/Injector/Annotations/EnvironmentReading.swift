// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshModel

/// Reads the JSON of `config.linkerd.io/proxy-additional-env`: a list of Kubernetes' EnvVar.
enum EnvironmentReading {
    /// LIMIT: variables; the proxy's own are some sixty.
    private static let variablesMax = 256

    /// The variables in order, each as the node that an emitter writes.
    static func read(_ text: String) throws(ValueError) -> [(name: String, node: NewNode)] {
        let json = try JSONFields(parsing: text)
        let items = try json.array(json.root, "the list")
        guard items.count <= variablesMax else {
            throw ValueError(
                "the list has \(items.count) variables; at most \(variablesMax) may be"
            )
        }
        var result: [(name: String, node: NewNode)] = []
        for (index, item) in items.enumerated() {
            let path = "[\(index)]"
            let fields = try json.object(item, path, keys: ["name", "value", "valueFrom"])
            let name = try json.string(json.required("name", of: fields, path), "\(path).name")
            try check(name: name, path)
            guard !result.contains(where: { $0.name == name }) else {
                throw ValueError(
                    "\(path).name: \(ValueError.quote(name)) is there already; remove one"
                )
            }
            guard fields["value"] == nil || fields["valueFrom"] == nil else {
                throw ValueError("\(path) has both value and valueFrom; keep one")
            }
            var entries = [NewEntry("name", .string(name))]
            if let value = fields["value"] {
                entries.append(NewEntry("value", .string(try json.string(value, "\(path).value"))))
            }
            if let source = fields["valueFrom"] {
                entries.append(NewEntry("valueFrom", try valueFrom(json, source, path)))
            }
            result.append((name, .mapping(entries)))
        }
        return result
    }

    private static let sources = [
        "configMapKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef", "secretKeyRef",
    ]

    private static func valueFrom(
        _ json: JSONFields,
        _ node: NodeID,
        _ path: String
    ) throws(ValueError) -> NewNode {
        let path = "\(path).valueFrom"
        let fields = try json.object(node, path, keys: sources)
        guard fields.count == 1 else { throw ValueError("\(path) must name one source") }
        return json.manifest.newNode(copying: node)
    }

    /// A name as Kubernetes takes it for an environment variable (`IsEnvVarName`).
    private static func check(name: String, _ path: String) throws(ValueError) {
        let isWord = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte) || "_-.".utf8.contains(byte)
        }
        let startsWithDigit = name.utf8.first.map { (0x30...0x39).contains($0) } ?? true
        guard isWord, !startsWithDigit, name != ".", !name.hasPrefix("..") else {
            throw ValueError("\(path).name: \(ValueError.quote(name)) is no name of a variable")
        }
    }
}
