// SPDX-License-Identifier: Apache-2.0

public import MeshModel

/// What the value of a variable looks like.
public enum ProxyVariableType: Equatable, Sendable {
    /// An IP address and a port to listen on.
    case listenAddress
    /// One or two of them, of which none is there twice.
    case listenAddresses
    /// The host and port of a service.
    case serviceAddress
    /// A whole number and a unit.
    case duration
    /// A whole number within bounds.
    case number(ClosedRange<UInt64>)
    /// A number that may have a fraction, from 0 to 100.
    case decimal
    /// A share: more than 0, at most 1.
    case ratio
    /// `true` or `false`.
    case flag
    /// One of a few words.
    case word([String])
    /// Ports and ranges of ports.
    case ports
    /// Ranges of IP addresses.
    case networks
    /// IP addresses.
    case addresses
    /// Ends of DNS names.
    case suffixes
    /// A default policy.
    case policy
    /// A log filter.
    case logFilter
    /// A mesh identity that is a DNS name.
    case identityName
    /// The path of a file or folder.
    case path
    /// Any text.
    case text
    /// PEM certificates, never shown.
    case certificates
    /// A variable that must not be set.
    case never(because: String)

    /// Checks a value; the error quotes it, unless it may be secret, and says what is right.
    public func check(_ text: String) throws(ValueError) {
        switch self {
        case .listenAddress: _ = try ListenAddress(parsing: text)
        case .listenAddresses: _ = try ListenAddress.list(parsing: text)
        case .serviceAddress: _ = try ServiceAddress(parsing: text)
        case .duration: _ = try ProxyDuration(parsing: text)
        case .number(let bounds): _ = try Scalars.number(text, in: bounds)
        case .decimal: _ = try Scalars.decimal(text)
        case .ratio: _ = try Scalars.ratio(text)
        case .flag: _ = try Scalars.flag(text)
        case .word(let words): try Scalars.check(text, in: words)
        case .ports: _ = try PortList(parsing: text)
        case .networks: _ = try CIDRList(parsing: text)
        case .addresses: _ = try Scalars.addresses(text)
        case .suffixes: try Scalars.checkSuffixes(text)
        case .policy: _ = try InboundPolicy(parsing: text)
        case .logFilter: _ = try LogFilter(parsing: text)
        case .identityName: _ = try Scalars.identityName(text)
        case .path, .text: break
        case .certificates: _ = try TrustAnchors(pem: text)
        case .never(let reason): throw ValueError("must not be set: \(reason); remove it")
        }
    }
}
