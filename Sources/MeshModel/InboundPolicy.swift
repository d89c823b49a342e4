// SPDX-License-Identifier: Apache-2.0

/// Who may connect to a meshed port that no policy resource covers.
public enum InboundPolicy: String, CaseIterable, Sendable, CustomStringConvertible {
    /// Everyone.
    case allUnauthenticated = "all-unauthenticated"
    /// Clients with a mesh identity, from any network.
    case allAuthenticated = "all-authenticated"
    /// Everyone from the cluster's networks.
    case clusterUnauthenticated = "cluster-unauthenticated"
    /// Clients with a mesh identity from the cluster's networks.
    case clusterAuthenticated = "cluster-authenticated"
    /// Nobody.
    case deny
    /// Everyone, with a log line and a metric for what a policy would have refused.
    case audit

    /// Reads one of the six words, in lower case.
    public init(parsing text: String) throws(ValueError) {
        self = try Choice.pick(text, of: Self.self)
    }

    /// The word itself.
    public var description: String { rawValue }
}
