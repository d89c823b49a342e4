// SPDX-License-Identifier: Apache-2.0

/// One document of a source.
public struct Document: Sendable {
    /// The outermost node; nil when the document is empty (nothing but comments).
    public let root: NodeID?
    /// The byte offset where it starts: its `---`, else its first token.
    public let start: Int
    /// Whether it starts with `---`.
    public let isExplicit: Bool
}

/// A parsed source: nodes with exact byte spans over bytes that nobody has touched.
///
/// Reading follows aliases and merge keys as Kubernetes' YAML library does; writing is
/// `ManifestEdit`, which makes splices. Nodes are named by `NodeID` and belong to this value only.
public struct Manifest: Sendable {
    /// The bytes.
    public let source: SourceText
    /// The documents in order, empty ones included.
    public let documents: [Document]
    /// Whether the source is JSON and was read as such.
    public let isJSON: Bool
    let arena: NodeArena

    /// Reads a source of YAML or JSON documents.
    ///
    /// A source that starts with a brace or a bracket is tried as a stream of JSON values first (as
    /// kubectl does): JSON has escapes and line-broken keys that libyaml refuses.
    /// - Throws: `encoding`, `tooLarge`, `syntax`, `template`, `tooDeep`, `aliasExpansion`.
    public init(
        name: String,
        bytes: [UInt8],
        limits: Limits = .standard
    ) throws(ManifestError) {
        try self.init(source: SourceText(name: name, bytes: bytes, limits: limits), limits: limits)
    }

    /// Reads a source whose encoding has been checked.
    public init(source: SourceText, limits: Limits = .standard) throws(ManifestError) {
        var jsonError: ManifestError?
        if JSONReader.looksLikeJSON(source) {
            do throws(ManifestError) {
                var reader = JSONReader(source: source, limits: limits)
                self.init(source, try reader.readAll(), isJSON: true)
                return
            } catch {
                guard error.code == .syntax else { throw error }
                jsonError = error
            }
        }
        do throws(ManifestError) {
            var builder = TreeBuilder(source: source, limits: limits)
            try YAMLEventReader.read(source) { (event) throws(ManifestError) in
                try builder.handle(event)
            }
            self.init(source, builder, isJSON: false)
        } catch {
            throw source.name.hasSuffix(".json") ? jsonError ?? error : error
        }
    }

    /// Reads one JSON value and nothing else, such as the text of an annotation.
    public init(
        jsonNamed name: String,
        _ text: String,
        limits: Limits = .standard
    ) throws(ManifestError) {
        let source = try SourceText(name: name, bytes: Array(text.utf8), limits: limits)
        var reader = JSONReader(source: source, limits: limits)
        self.init(source, try reader.readAll(), isJSON: true)
        guard documents.count == 1 else {
            throw ManifestError(
                .syntax,
                documents.isEmpty ? "not JSON: empty" : "not JSON: more than one value",
                file: name,
                position: nil
            )
        }
    }

    private init(_ source: SourceText, _ builder: TreeBuilder, isJSON: Bool) {
        self.source = source
        self.documents = builder.documents
        self.arena = builder.arena
        self.isJSON = isJSON
    }

    /// A located error about a node of this manifest.
    public func error(
        _ code: ManifestError.Code,
        _ message: String,
        hint: String? = nil,
        at node: NodeID
    ) -> ManifestError {
        ManifestError(code, message, hint: hint, file: source.name, position: position(of: node))
    }

    /// Where a node starts.
    public func position(of node: NodeID) -> Position {
        source.position(at: Int(arena[node].start))
    }
}
