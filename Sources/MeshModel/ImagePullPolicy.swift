// SPDX-License-Identifier: Apache-2.0

/// When the kubelet fetches an image (Kubernetes `PullPolicy`).
public enum ImagePullPolicy: String, CaseIterable, Sendable, CustomStringConvertible {
    /// At every container start.
    case always = "Always"
    /// When the node does not hold it.
    case ifNotPresent = "IfNotPresent"
    /// Never; the image must be on the node.
    case never = "Never"

    /// Reads one of the three words, in exactly this case.
    public init(parsing text: String) throws(ValueError) {
        self = try Choice.pick(text, of: Self.self)
    }

    /// The word itself.
    public var description: String { rawValue }
}
