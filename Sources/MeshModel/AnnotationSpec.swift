// SPDX-License-Identifier: Apache-2.0

/// What is known of one annotation: its type, its default and where it counts.
public struct AnnotationSpec: Hashable, Sendable {
    /// The full key.
    public let key: String
    /// What its value must be.
    public let type: AnnotationType
    /// The value in force without it; nil when there is none, empty when that means unset.
    public let defaultValue: String?
    /// Whether a pod inherits it from its namespace.
    public let isInherited: Bool
    /// The key to use instead, for one that is going away.
    public let replacement: String?
    /// What it does, one line for help and documents.
    public let summary: String

    init(
        _ key: String,
        _ type: AnnotationType,
        default defaultValue: String? = nil,
        isInherited: Bool = true,
        replacement: String? = nil,
        _ summary: String
    ) {
        self.key = key
        self.type = type
        self.defaultValue = defaultValue
        self.isInherited = isInherited
        self.replacement = replacement
        self.summary = summary
    }

    /// The canonical text of a value; empty where empty means unset.
    public func canonical(_ text: String) throws(ValueError) -> String {
        if text.isEmpty, defaultValue == "" { return "" }
        return try type.canonical(text)
    }

    /// Whether a valid value says what would hold anyway.
    public func isDefault(_ text: String) -> Bool {
        guard let defaultValue, let value = try? canonical(text) else { return false }
        return value == (try? canonical(defaultValue))
    }
}
