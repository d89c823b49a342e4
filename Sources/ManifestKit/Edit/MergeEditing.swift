// SPDX-License-Identifier: Apache-2.0

/// Turns `key: *common` into a mapping that merges it, and back, by insertions alone.
struct MergeEditing {
    let manifest: Manifest
    private var source: SourceText { manifest.source }
    private static let mergeKey = "<<:"

    init(_ manifest: Manifest) {
        self.manifest = manifest
    }

    /// Between the key's colon and the alias goes a line break and `<<:`; the entries follow.
    func merging(_ entries: [NewEntry], over alias: NodeID) throws(ManifestError) -> [Splice] {
        let (mapping, entry) = try place(of: alias)
        let style = StyleInference(manifest).blockStyle(of: mapping)
        let start = manifest.entryStart(of: entry.key) ?? manifest.span(of: entry.key).lowerBound
        let indent = start - source.lineStart(of: start) + style.step
        let colon = try colonEnd(after: entry.key)
        // On a line of its own, nothing would tell what to take back.
        guard source.lineEnd(of: colon) > manifest.span(of: alias).lowerBound else {
            throw unsupported("this alias cannot be extended", at: alias)
        }
        let lineBreak = String(decoding: source.lineBreak(near: colon), as: UTF8.self)
        let merge = lineBreak + String(repeating: " ", count: indent) + Self.mergeKey
        let lines = BlockWriter(style: style).lines(of: entries, indent: indent)
        return [
            Splice(colon..<colon, merge), try BlockEditing(manifest).appending(lines, after: alias),
        ]
    }

    /// The reverse of the first of those splices.
    func unmerging(_ mapping: NodeID) throws(ManifestError) -> Splice {
        let (_, entry) = try place(of: mapping)
        guard
            let merge = manifest.entries(of: mapping).first(where: { manifest.isMergeKey($0.key) })
        else { throw unsupported("this mapping merges nothing", at: mapping) }
        return Splice(try colonEnd(after: entry.key)..<colonEnd(after: merge.key))
    }

    private func place(of value: NodeID) throws(ManifestError) -> (NodeID, MappingEntry) {
        guard let mapping = manifest.parent(of: value), manifest.style(of: mapping) == .block,
            let entry = manifest.entries(of: mapping).first(where: { $0.value == value })
        else { throw unsupported("this alias cannot be extended", at: value) }
        return (mapping, entry)
    }

    private func colonEnd(after key: NodeID) throws(ManifestError) -> Int {
        let colon = source.skippingBlanks(from: manifest.span(of: key).upperBound)
        guard colon < source.bytes.count, source.bytes[colon] == .colon else {
            throw unsupported("this key has no colon on its line", at: key)
        }
        return colon + 1
    }

    private func unsupported(_ message: String, at node: NodeID) -> ManifestError {
        manifest.error(
            .unsupported,
            message,
            hint: "write the value out here, without the alias",
            at: node
        )
    }
}
