// SPDX-License-Identifier: Apache-2.0

/// What a value of the standalone file must be.
public enum ConfigType: Hashable, Sendable {
    /// Keys of this table.
    case keys
    /// Names of the user's choice, each with keys of this table.
    case named
    /// A list of keys of this table.
    case list
    /// An address to listen on; the default's host may be left out.
    case listener
    /// An address to connect to.
    case peer
    /// An address, or a name, to connect to.
    case endpoint
    /// Name servers.
    case servers
    /// A length of time.
    case duration
    /// What `outgoing.allow` lists.
    case destinations
    /// A default policy for inbound connections.
    case policy
    /// Ranges of IP addresses.
    case networks
    /// Ports and ranges of them.
    case ports
    /// A mesh identity.
    case identity
    /// The path of a file.
    case path
    /// One port.
    case port
    /// The path of a request.
    case requestPath
}

/// What is known of one key of the standalone file.
public struct ConfigKey: Hashable, Sendable {
    /// Where it stands: `services.NAME.endpoints[].address`.
    public let path: String
    /// Another spelling of the last word of the path.
    public let alternative: String?
    /// What its value must be.
    public let type: ConfigType
    /// The value in force without it; nil when there is none.
    public let defaultValue: String?
    /// Whether what holds it cannot do without it.
    public let isRequired: Bool
    /// What it does, one line for help and documents.
    public let summary: String

    init(
        _ path: String,
        _ type: ConfigType,
        alternative: String? = nil,
        default defaultValue: String? = nil,
        isRequired: Bool = false,
        _ summary: String
    ) {
        self.path = path
        self.alternative = alternative
        self.type = type
        self.defaultValue = defaultValue
        self.isRequired = isRequired
        self.summary = summary
    }

    /// The last word of the path: what a user writes before the colon.
    public var name: String { String(path.split(separator: ".").last ?? "") }

    /// The path of what holds it; empty at the top.
    public var holder: String { path.split(separator: ".").dropLast().joined(separator: ".") }
}
