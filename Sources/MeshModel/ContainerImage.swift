// SPDX-License-Identifier: Apache-2.0

/// A container image reference: `[host[:port]/]path[:tag][@digest]`.
///
/// The grammar is that of the distribution project (`reference.ParseNormalizedNamed`), which the
/// kubelet uses, without its rewriting of short names to `docker.io/library`.
public struct ContainerImage: Hashable, Sendable, CustomStringConvertible {
    /// The registry's host and optional port; nil when the reference names none.
    public let registry: String?
    /// The repository within the registry.
    public let path: String
    /// The tag, without its colon.
    public let tag: String?
    /// The digest, algorithm included: `sha256:…`.
    public let digest: String?

    /// Registry and path, without tag and digest.
    public var name: String { registry.map { "\($0)/\(path)" } ?? path }

    /// The reference as it was written.
    public var description: String {
        name + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "")
    }

    /// LIMIT: bytes of a name (255), a tag (128) and a digest (sha512 has 135), with room to spare.
    private static let textBytesMax = 600

    /// LIMIT: bytes of registry and path, from the distribution grammar.
    private static let nameBytesMax = 255

    /// Reads a reference.
    public init(parsing text: String) throws(ValueError) {
        var name = text[...].utf8
        guard name.count <= Self.textBytesMax, !ImageGrammar.isImageID(name) else {
            throw Self.malformed(text)
        }
        digest = try Self.takeDigest(&name, of: text)
        tag = try Self.takeTag(&name, of: text)
        let slash = name.firstIndex(of: UInt8(ascii: "/"))
        var path = name
        if let slash, ImageGrammar.isRegistry(name[..<slash]) {
            registry = String(Substring(name[..<slash]))
            path = name[slash...].dropFirst()
        } else {
            registry = nil
        }
        let parts = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard name.count <= Self.nameBytesMax, parts.allSatisfy(ImageGrammar.isPathComponent) else {
            throw Self.malformed(text)
        }
        self.path = String(Substring(path))
    }

    private static func takeDigest(
        _ name: inout Substring.UTF8View,
        of text: String
    ) throws(ValueError) -> String? {
        guard let at = name.firstIndex(of: UInt8(ascii: "@")) else { return nil }
        let digest = name[at...].dropFirst()
        name = name[..<at]
        try ImageGrammar.checkDigest(digest, of: text)
        return String(Substring(digest))
    }

    /// A colon before the last slash belongs to the registry's port.
    private static func takeTag(
        _ name: inout Substring.UTF8View,
        of text: String
    ) throws(ValueError) -> String? {
        guard
            let colon = name.lastIndex(of: UInt8(ascii: ":")),
            !name[colon...].contains(UInt8(ascii: "/"))
        else { return nil }
        let tag = name[colon...].dropFirst()
        name = name[..<colon]
        try ImageGrammar.checkTag(tag, of: text)
        return String(Substring(tag))
    }

    private static func malformed(_ text: String) -> ValueError {
        let isUpper = text.utf8.prefix(textBytesMax).contains(where: \.isASCIIUpper)
        return ValueError(
            "\(ValueError.quote(text)) is not a container image"
                + (isUpper ? " (its path must be lower case)" : "")
                + "; write one such as \"\(MeshDefaults.proxyImage)\""
        )
    }
}

/// What follows an image name: a tag, with an optional digest after it.
///
/// Linkerd joins name and version with a colon, so a version may pin a digest: `v1.2.3@sha256:…`.
public struct ImageVersion: Hashable, Sendable, CustomStringConvertible {
    /// The tag.
    public let tag: String
    /// The digest, algorithm included, or nil.
    public let digest: String?

    /// Reads `tag` or `tag@digest`.
    public init(parsing text: String) throws(ValueError) {
        var rest = text[...].utf8
        if let at = rest.firstIndex(of: UInt8(ascii: "@")) {
            let digest = rest[at...].dropFirst()
            try ImageGrammar.checkDigest(digest, of: text)
            self.digest = String(Substring(digest))
            rest = rest[..<at]
        } else {
            digest = nil
        }
        try ImageGrammar.checkTag(rest, of: text)
        tag = String(Substring(rest))
    }

    /// The version as it was written.
    public var description: String { tag + (digest.map { "@\($0)" } ?? "") }
}
