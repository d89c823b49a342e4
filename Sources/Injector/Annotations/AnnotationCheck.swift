// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshModel

/// Checks the annotations of ours that a user wrote: keys are known, values fit their types.
struct AnnotationCheck {
    let owner: AnnotationOwner
    private var manifest: Manifest { owner.manifest }

    /// What is wrong, in source order.
    func errors() -> [ManifestError] { errors { _ in true } }

    /// What is wrong with one annotation.
    func errors(of key: String) -> [ManifestError] { errors { $0 == key } }

    private func errors(where isMeant: (String) -> Bool) -> [ManifestError] {
        owner.entries().compactMap { entry in
            guard isMeant(manifest.text(of: manifest.resolve(entry.key))) else { return nil }
            do throws(ManifestError) {
                try check(entry)
                return nil
            } catch {
                return error
            }
        }
    }

    /// Keys that are on their way out, and keys near to one of ours.
    func warnings() -> [Finding] {
        owner.entries().compactMap { entry in
            let key = manifest.text(of: manifest.resolve(entry.key))
            return warning(of: key).map { Finding($0, at: manifest.position(of: entry.key)) }
        }
    }

    private func warning(of key: String) -> String? {
        if let spec = AnnotationCatalog.spec(forKey: key) {
            return spec.replacement.map { "\(key) is going away; use \($0)" }
        }
        // Others may write below linkerd.io/; only what looks like a slip is worth a word.
        let words = [AnnotationKey.inject, AnnotationKey.proxyRetryBudget]
        guard key.hasPrefix("linkerd.io/"), let near = Suggestion.nearest(to: key, in: words)
        else { return nil }
        return "\(ValueError.quote(key)) means nothing to the mesh; did you mean \(near)?"
    }

    private func check(_ entry: MappingEntry) throws(ManifestError) {
        let key = manifest.text(of: manifest.resolve(entry.key))
        guard let spec = AnnotationCatalog.spec(forKey: key) else {
            if AnnotationCatalog.isConfigurationKey(key) { throw unknown(key, at: entry.key) }
            return
        }
        let text = try string(of: entry.value, key)
        do throws(ValueError) {
            _ = try spec.canonical(text)
            switch spec.type {
            case .retryBudget: _ = try RetryBudgetReading.read(text)
            case .environmentList: _ = try EnvironmentReading.read(text)
            default: break
            }
        } catch {
            throw manifest.error(
                .badValue,
                "\(key): \(error.message)",
                at: entry.value
            )
        }
    }

    /// The value as the API server will take it: a string, or null for the empty string.
    private func string(of value: NodeID, _ key: String) throws(ManifestError) -> String {
        switch manifest.typedValue(of: value) {
        case .string(let text): return text
        case .null: return ""
        case let other:
            let text = other == .collection ? "..." : manifest.text(of: manifest.resolve(value))
            throw manifest.error(
                .badValue,
                "\(key): the value is \(manifest.typeName(of: value)), "
                    + "but an annotation must be a string",
                hint: "put it in quotes: \(key): \"\(text)\"",
                at: value
            )
        }
    }

    private func unknown(_ key: String, at node: NodeID) -> ManifestError {
        let advice = AnnotationCatalog.suggestion(forUnknownKey: key).map { "did you mean \($0)?" }
        return manifest.error(
            .unknownKey,
            "\(ValueError.quote(key)) is no setting of the mesh",
            hint: advice ?? "remove it, or use --lenient to be warned only",
            at: node
        )
    }
}
