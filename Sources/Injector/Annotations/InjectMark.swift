// SPDX-License-Identifier: Apache-2.0

internal import MeshModel

/// What inject wrote beyond `linkerd.io/inject`, as it is kept in the manifest itself: the value of
/// `linkerd.io/injected-annotations`.
///
/// A comma-separated list of annotation keys; an item `metadata=TEXT` says that `metadata` was
/// there without entries, and how it was spelled. So uninject removes just that.
struct InjectMark: Equatable {
    /// The keys that are inject's, in the order written.
    var keys: [String]
    /// What `metadata` was before: empty, `null`, `~` or `{}`; nil when it had entries or was not
    /// there.
    var emptyMetadata: String?

    private static let metadataPrefix = "metadata="

    init(keys: [String] = [], emptyMetadata: String? = nil) {
        self.keys = keys
        self.emptyMetadata = emptyMetadata
    }

    /// Reads a mark; what inject never writes is dropped, so that a tampered mark cannot make
    /// uninject remove a stranger's annotation.
    init(parsing text: String) {
        self.init()
        for part in text.split(separator: ",", omittingEmptySubsequences: true) {
            let item = String(part)
            if item.hasPrefix(Self.metadataPrefix) {
                let spelling = String(item.dropFirst(Self.metadataPrefix.count))
                if ["", "~", "null", "Null", "NULL", "{}"].contains(spelling) {
                    emptyMetadata = spelling
                }
            } else if AnnotationCatalog.spec(forKey: item) != nil, item != AnnotationKey.inject {
                keys.append(item)
            }
        }
    }

    /// The annotation's value; nil when there is nothing to remember.
    var text: String? {
        let items = keys + (emptyMetadata.map { [Self.metadataPrefix + $0] } ?? [])
        return items.isEmpty ? nil : items.joined(separator: ",")
    }
}
