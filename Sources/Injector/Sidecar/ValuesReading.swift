// SPDX-License-Identifier: Apache-2.0

public import ManifestKit
internal import MeshModel

/// Reads a file of Linkerd's Helm values as far as a sidecar depends on it.
///
/// Keys for the control plane are passed over; a key that nobody knows is an error.
public struct ValuesReading {
    private let manifest: Manifest
    private var values: MeshValues
    private var errors: [ManifestError] = []

    /// Lays a file's values over `base`.
    ///
    /// - Returns: the values, and what is wrong with the file.
    public static func read(
        _ manifest: Manifest,
        over base: MeshValues
    ) -> (values: MeshValues, errors: [ManifestError]) {
        var reading = ValuesReading(manifest: manifest, values: base)
        for document in manifest.documents {
            if let root = document.root { reading.visit(root, path: []) }
        }
        return (reading.values, reading.errors)
    }

    private init(manifest: Manifest, values: MeshValues) {
        self.manifest = manifest
        self.values = values
    }

    /// Recursion follows `groups`, which is two deep.
    private mutating func visit(_ node: NodeID, path: [String]) {
        guard manifest.kind(of: manifest.resolve(node)) == .mapping else {
            if manifest.typedValue(of: node) != .null {
                let name = path.isEmpty ? "the values" : path.joined(separator: ".")
                errors.append(
                    manifest.error(
                        .badValue,
                        "\(name) must hold keys",
                        at: node
                    )
                )
            }
            return
        }
        for entry in manifest.mergedEntries(of: node) {
            let key = manifest.text(of: manifest.resolve(entry.key))
            let full = (path + [key]).joined(separator: ".")
            if ValuesKeys.groups.contains(full) {
                visit(entry.value, path: path + [key])
            } else if ValuesKeys.isOfControlPlane(full) {
                continue
            } else {
                do throws(ManifestError) {
                    try take(full, entry)
                } catch {
                    errors.append(error)
                }
            }
        }
    }

    private mutating func take(_ key: String, _ entry: MappingEntry) throws(ManifestError) {
        guard let text = scalar(entry.value) else {
            throw manifest.error(.badValue, "\(key) must be one value", at: entry.value)
        }
        if let field = ValuesKeys.fields[key] {
            values[keyPath: field] = text
        } else if let field = ValuesKeys.booleans[key] {
            values[keyPath: field] = try boolean(text, key, entry.value)
        } else if let setting = ValuesKeys.settings[key] {
            try takeSetting(setting, text, key, entry.value)
        } else {
            let near = Suggestion.nearest(to: key, in: ValuesKeys.all)
            throw manifest.error(
                .unknownKey,
                "\(ValueError.quote(key)) is no value of the mesh",
                hint: near.map { "did you mean \($0)?" } ?? "remove it",
                at: entry.key
            )
        }
    }

    private mutating func takeSetting(
        _ annotation: String,
        _ text: String,
        _ key: String,
        _ node: NodeID
    ) throws(ManifestError) {
        guard let spec = AnnotationCatalog.spec(forKey: annotation), !text.isEmpty else { return }
        var value = text
        if spec.type == .word(["enabled", "disabled"]), let flag = try? GoBool(parsing: text) {
            value = flag.value ? "enabled" : "disabled"
        } else if key == "proxyInit.closeWaitTimeoutSecs" {
            value = text + "s"
        }
        do throws(ValueError) {
            _ = try spec.canonical(value)
        } catch {
            throw manifest.error(.badValue, "\(key): \(error.message)", at: node)
        }
        values.settings[annotation] = value
    }

    private func boolean(
        _ text: String,
        _ key: String,
        _ node: NodeID
    ) throws(ManifestError) -> Bool {
        do throws(ValueError) {
            return try GoBool(parsing: text).value
        } catch {
            throw manifest.error(.badValue, "\(key): \(error.message)", at: node)
        }
    }

    /// A scalar as text; a list, such as of environment variables, as its JSON.
    private func scalar(_ node: NodeID) -> String? {
        switch manifest.typedValue(of: node) {
        case .string(let text): text
        case .boolean(let flag): "\(flag)"
        case .integer(let digits): digits
        case .float(let number): number
        case .null: ""
        case .notFinite: nil
        case .collection:
            manifest.kind(of: manifest.resolve(node)) == .sequence
                ? try? manifest.json(of: node) : nil
        }
    }
}
