// SPDX-License-Identifier: Apache-2.0

/// What `linkerd.io/inject` asks for.
public enum InjectMode: String, CaseIterable, Sendable, CustomStringConvertible {
    /// Add the proxy.
    case enabled
    /// Leave the workload alone, whatever its namespace says.
    case disabled
    /// Add the proxy and let it route by the request's Host header, behind an ingress controller.
    case ingress

    /// Reads one of the three words, in lower case.
    public init(parsing text: String) throws(ValueError) {
        self = try Choice.pick(text, of: Self.self)
    }

    /// The word itself.
    public var description: String { rawValue }
}
