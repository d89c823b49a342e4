// SPDX-License-Identifier: Apache-2.0

internal import MeshModel

/// What inject wrote beyond `linkerd.io/inject`, as it is kept in the manifest itself: the value of
/// `linkerd.io/injected-annotations`.
///
/// A comma-separated list. A key is an annotation of inject's; `sidecar` says that the mesh's
/// containers, volumes and labels are inject's too; `FIELD=TEXT` says that a field of metadata or
/// spec was there without entries, and how it was spelled; `kept=KEY` is a label that was there. So
/// uninject removes just that.
struct InjectMark: Equatable {
    /// The keys of annotations that are inject's, in the order written.
    var keys: [String] = []
    /// Whether the pod's mesh containers are inject's.
    var hasSidecar = false
    /// How fields without entries of their own were spelled: empty, `null`, `~`, `{}`, `[]` or, for
    /// an alias, `*name`.
    var emptied: [String: String] = [:]
    /// The mesh's labels that the user had set already.
    var keptLabels: [String] = []

    private static let sidecarWord = "sidecar"
    private static let keptWord = "kept"

    /// The fields that inject may find empty, in the order written.
    static let fields = ["metadata", "annotations", "labels", "initContainers", "volumes"]

    /// Annotations of inject's that no user sets.
    static let written: Set<String> = [
        AnnotationKey.createdBy, AnnotationKey.proxyVersion, AnnotationKey.trustRootDigest,
        AnnotationKey.defaultContainer,
    ]

    init() {}

    /// Reads a mark; what inject never writes is dropped, so that a tampered mark cannot make
    /// uninject remove a stranger's annotation.
    init(parsing text: String) {
        for part in text.split(separator: ",", omittingEmptySubsequences: true) {
            let item = String(part)
            if let equals = item.firstIndex(of: "=") {
                let value = String(item[item.index(after: equals)...])
                take(field: String(item[..<equals]), value)
            } else if item == Self.sidecarWord {
                hasSidecar = true
            } else if AnnotationCatalog.spec(forKey: item) != nil || Self.written.contains(item) {
                keys.append(item)
            }
        }
        // Without a sidecar `linkerd.io/inject` needs no mark, so none is believed.
        if !hasSidecar { keys.removeAll { $0 == AnnotationKey.inject } }
    }

    private mutating func take(field: String, _ value: String) {
        if field == Self.keptWord {
            keptLabels.append(value)
        } else if Self.fields.contains(field),
            value.hasPrefix("*") || ["", "~", "null", "Null", "NULL", "{}", "[]"].contains(value)
        {
            emptied[field] = value
        }
    }

    /// What an earlier run found of metadata without entries: it counts on where
    /// `linkerd.io/inject`, which an author may have written, keeps metadata from going.
    var ofMetadata: InjectMark {
        var mark = InjectMark()
        mark.emptied = emptied.filter { ["metadata", "annotations", "labels"].contains($0.key) }
        return mark
    }

    /// The annotation's value; nil when there is nothing to remember.
    var text: String? {
        var items = keys
        if hasSidecar { items.append(Self.sidecarWord) }
        items += Self.fields.compactMap { field in emptied[field].map { "\(field)=\($0)" } }
        items += keptLabels.map { "\(Self.keptWord)=\($0)" }
        return items.isEmpty ? nil : items.joined(separator: ",")
    }
}
