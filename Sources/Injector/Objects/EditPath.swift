// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit

extension Manifest {
    /// The mapping at a path inside an object, if every step to it may be edited.
    ///
    /// - Throws: `duplicateKey` and `sharedNode`, as `editableEntry` does, for the object, what
    ///   holds it, and each step.
    func editableMapping(
        at path: [String],
        of object: ManifestObject
    ) throws(ManifestError) -> NodeID? {
        for holder in object.holders {
            try checkNotShared(holder, "the list")
            try checkKeys(of: holder)
        }
        try checkNotShared(object.node, "the object")
        var mapping = object.node
        for key in path {
            guard let entry = try editableEntry(key, in: mapping), kind(of: entry.value) == .mapping
            else { return nil }
            mapping = entry.value
        }
        try checkKeys(of: mapping)
        return mapping
    }
}
