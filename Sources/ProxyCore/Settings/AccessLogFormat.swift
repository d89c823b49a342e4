// SPDX-License-Identifier: Apache-2.0

internal import MeshModel

/// The form of the access log's lines.
public enum AccessLogFormat: String, CaseIterable, Sendable {
    /// The Common Log Format, with an identity in the place of the user.
    case apache
    /// One JSON object a line.
    case json

    static let words = allCases.map(\.rawValue)

    static func parse(_ text: String) throws(ValueError) -> AccessLogFormat {
        try Scalars.check(text, in: words)
        return AccessLogFormat(rawValue: text) ?? .json
    }
}
