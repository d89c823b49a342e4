// SPDX-License-Identifier: Apache-2.0

/// One environment variable of the proxy: Linkerd's name and meaning, and what we do with it.
///
/// ``table`` is the only list of them; reading, checking, defaults and the documents come from it.
public struct ProxyVariable: Equatable, Sendable {
    /// What becomes of a value; reasons are half a sentence, without a full stop.
    public enum State: Equatable, Sendable {
        /// It has its effect.
        case used
        /// It is checked, and the start says why it has no effect.
        case notYet(because: String)
        /// It has no effect, as in Linkerd or because nothing is left to set, and nobody is warned.
        case ignored(because: String)

        /// Why a value has no effect; nil where it has one.
        public var reason: String? {
            switch self {
            case .used: nil
            case .notYet(let reason), .ignored(let reason): reason
            }
        }
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
    /// The key of the standalone file that sets the same, and holds where the variable is not set.
    public let fileKey: String?
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
        _ state: State,
        key: String? = nil,
        isRequired: Bool = false
    ) {
        name = Self.prefix + shortName
        self.type = type
        self.defaultText = defaultText
        self.summary = summary
        self.state = state
        fileKey = key
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
