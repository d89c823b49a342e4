// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshModel

/// Reads the JSON of an annotation's value field by field; errors name the field by its path.
struct JSONFields {
    let manifest: Manifest
    let root: NodeID

    init(parsing text: String) throws(ValueError) {
        let read: Manifest
        do throws(ManifestError) {
            read = try Manifest(jsonNamed: "value", text)
        } catch {
            let place = error.position.map { " (line \($0.line), column \($0.column))" } ?? ""
            throw ValueError("not JSON: \(error.message)\(place)")
        }
        guard let root = read.documents.first?.root else { throw ValueError("not JSON: empty") }
        manifest = read
        self.root = root
    }

    /// The entries of an object whose keys must all be known.
    func object(
        _ node: NodeID,
        _ path: String,
        keys: [String]
    ) throws(ValueError) -> [String: NodeID] {
        guard manifest.kind(of: node) == .mapping else {
            throw ValueError("\(path) must be an object, not \(typeName(node))")
        }
        if let (_, second) = manifest.duplicateKey(in: node) {
            throw ValueError("\(path) has \(ValueError.quote(manifest.text(of: second))) twice")
        }
        var fields: [String: NodeID] = [:]
        for entry in manifest.entries(of: node) {
            let key = manifest.text(of: entry.key)
            guard keys.contains(key) else {
                let near = Suggestion.nearest(to: key, in: keys).map { "; did you mean \"\($0)\"?" }
                throw ValueError(
                    "\(path) has no field \(ValueError.quote(key))"
                        + (near ?? " (it may have \(keys.joined(separator: ", ")))")
                )
            }
            fields[key] = entry.value
        }
        return fields
    }

    /// The items of an array.
    func array(_ node: NodeID, _ path: String) throws(ValueError) -> [NodeID] {
        guard manifest.kind(of: node) == .sequence else {
            throw ValueError("\(path) must be a list, not \(typeName(node))")
        }
        return manifest.items(of: node)
    }

    /// A string.
    func string(_ node: NodeID, _ path: String) throws(ValueError) -> String {
        guard case .string(let text) = manifest.typedValue(of: node) else {
            throw ValueError("\(path) must be a string, not \(typeName(node))")
        }
        return text
    }

    /// A whole number.
    func integer(_ node: NodeID, _ path: String) throws(ValueError) -> Int {
        guard case .integer(let digits) = manifest.typedValue(of: node), let number = Int(digits)
        else {
            throw ValueError("\(path) must be a whole number, not \(typeName(node))")
        }
        return number
    }

    /// A field that must be there.
    func required(
        _ key: String,
        of fields: [String: NodeID],
        _ path: String
    ) throws(ValueError) -> NodeID {
        guard let node = fields[key] else { throw ValueError("\(path) lacks \"\(key)\"") }
        return node
    }

    private func typeName(_ node: NodeID) -> String {
        switch manifest.kind(of: node) {
        case .mapping: "an object"
        case .sequence: "a list"
        case .scalar, .alias: manifest.typedValue(of: node).typeName
        }
    }
}
