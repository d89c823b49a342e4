// SPDX-License-Identifier: Apache-2.0

/// One environment variable of the proxy: Linkerd's name and meaning, and what we do with it.
///
/// ``table`` is the only list of them; reading, checking, defaults and the documents come from it.
public struct ProxyVariable: Equatable, Sendable {
    /// What becomes of a value.
    public enum State: Equatable, Sendable {
        /// It has its effect.
        case used
        /// It is checked, and a warning says that it has no effect yet.
        case notImplemented
        /// It has no effect, as in Linkerd or because nothing is left to set, and nobody is warned.
        case ignored(because: String)
    }

    /// The whole name.
    public let name: String
    /// What a value looks like.
    public let type: ProxyVariableType
    /// The value where none is given, as it would be written; nil for none.
    public let defaultText: String?
    /// What it sets, in a few words.
    public let summary: String
    /// What becomes of a value.
    public let state: State
    /// Whether a proxy with a control plane cannot start without it.
    ///
    /// The name of a service (`_SVC_NAME`) is not needed when its address is a loopback one.
    public let isRequired: Bool

    /// What every name begins with.
    public static let prefix = "LINKERD2_PROXY_"

    /// Makes a row from a name without its prefix.
    init(
        _ shortName: String,
        _ type: ProxyVariableType,
        _ defaultText: String? = nil,
        _ summary: String,
        _ state: State = .notImplemented,
        isRequired: Bool = false
    ) {
        name = Self.prefix + shortName
        self.type = type
        self.defaultText = defaultText
        self.summary = summary
        self.state = state
        self.isRequired = isRequired
    }

    /// Every variable, in the order of Linkerd's documents.
    public static let table: [ProxyVariable] =
        listeners + process + timeouts + queues + http2 + discovery + inboundPolicy + identity
        + telemetry

    /// The variable of this whole name, or nil.
    public static func named(_ name: String) -> ProxyVariable? {
        table.first { $0.name == name }
    }
}
