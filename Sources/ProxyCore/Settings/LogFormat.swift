// SPDX-License-Identifier: Apache-2.0

/// The form of the proxy's log lines.
public enum LogFormat: String, CaseIterable, Sendable {
    /// Text for people.
    case plain
    /// One JSON object a line.
    case json

    static let words = allCases.map(\.rawValue)
}
