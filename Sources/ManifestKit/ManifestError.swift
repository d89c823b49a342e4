// SPDX-License-Identifier: Apache-2.0

/// Why a manifest was refused: what is wrong, where, and what to do about it.
public struct ManifestError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kind of refusal, stable for scripts.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String {
            case unreadable, partlyWritten, encoding, tooLarge, syntax, template, tooDeep,
                aliasExpansion
            case duplicateKey, sharedNode, badValue, unknownKey, unsupported, verification, skipped
        }
        private let value: Value
        private init(_ value: Value) { self.value = value }

        /// Cannot be read from, or written back to, where it is.
        public static let unreadable = Code(.unreadable)
        /// Could not be written back, after other files were.
        public static let partlyWritten = Code(.partlyWritten)
        /// Not UTF-8, or holds a NUL.
        public static let encoding = Code(.encoding)
        /// Past `Limits.sourceBytesMax`.
        public static let tooLarge = Code(.tooLarge)
        /// Neither YAML nor JSON.
        public static let syntax = Code(.syntax)
        /// An unrendered template: `{{ }}` or a placeholder.
        public static let template = Code(.template)
        /// Past `Limits.depthMax`.
        public static let tooDeep = Code(.tooDeep)
        /// Aliases that would expand past `Limits.expandedNodesMax`.
        public static let aliasExpansion = Code(.aliasExpansion)
        /// A mapping on the way to an edit has the same key twice.
        public static let duplicateKey = Code(.duplicateKey)
        /// The place to edit is shared through an anchor, an alias or a merge key.
        public static let sharedNode = Code(.sharedNode)
        /// A value that does not fit its type.
        public static let badValue = Code(.badValue)
        /// A key that is not known, though its prefix is ours.
        public static let unknownKey = Code(.unknownKey)
        /// Legal YAML that cannot be edited without touching other bytes.
        public static let unsupported = Code(.unsupported)
        /// The edited text did not read back as the intended tree.
        public static let verification = Code(.verification)
        /// An object was left out where leaving out is forbidden.
        public static let skipped = Code(.skipped)

        /// The word that reports print.
        public var description: String { value.rawValue }
    }

    /// The kind of refusal.
    public let code: Code
    /// What is wrong, one line.
    public let message: String
    /// What to do, one line, when there is something to do.
    public let hint: String?
    /// The name of the source as the user gave it.
    public let file: String
    /// Where in it; nil when the whole source is meant.
    public let position: Position?

    /// Makes an error about a place in a file.
    public init(
        _ code: Code,
        _ message: String,
        hint: String? = nil,
        file: String,
        position: Position?
    ) {
        self.code = code
        self.message = message
        self.hint = hint
        self.file = file
        self.position = position
    }

    /// `file:line:col: message`, then the hint on a line of its own.
    public var description: String {
        let place = position.map { "\(file):\($0)" } ?? file
        let advice = hint.map { "\n    \($0)" } ?? ""
        return "\(place): \(message)\(advice)"
    }
}
