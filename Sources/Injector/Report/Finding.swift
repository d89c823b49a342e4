// SPDX-License-Identifier: Apache-2.0

public import ManifestKit

/// Something that a person should know about an object that was not refused.
public struct Finding: Equatable, Sendable {
    /// Where in the manifest.
    public let position: Position?
    /// What, and what to do about it; one line.
    public let message: String

    init(_ message: String, at position: Position?) {
        self.message = message
        self.position = position
    }
}
