// SPDX-License-Identifier: Apache-2.0

public import MeshModel

/// Between whom bytes pass, and how: what most series are told apart by.
///
/// Nothing of it is a client's to choose: addresses come from the redirect or from discovery, and
/// identities from certificates.
public struct TrafficLabels: Hashable, Sendable {
    /// Which way bytes pass, relative to the pod.
    public enum Direction: String, Sendable {
        case inbound
        case outbound
    }

    /// What TLS there is.
    public enum TLS: Hashable, Sendable {
        /// Mutual TLS of the mesh; who the peer is, where it said so.
        case mutual(peer: String?)
        /// Bytes that are TLS already, which pass as they are.
        case passedOn
        /// None, and why.
        case none(reason: String)
    }

    /// Which way bytes pass.
    public var direction: Direction
    /// The application's address, inbound, or the endpoint's, outbound.
    public var target: SocketAddress
    /// What TLS there is between the proxies.
    public var tls: TLS

    /// Makes labels.
    public init(direction: Direction, target: SocketAddress, tls: TLS) {
        self.direction = direction
        self.target = target
        self.tls = tls
    }

    /// As they stand between braces.
    public var text: String {
        var text = "direction=\"\(direction.rawValue)\",target_addr=\"\(target)\""
        text += ",target_ip=\"\(target.ip)\",target_port=\"\(target.port)\""
        switch tls {
        case .mutual(let peer):
            let name = direction == .inbound ? "client_id" : "server_id"
            text += ",tls=\"true\",\(name)=\"\(Self.escaped(peer ?? ""))\""
        case .passedOn: text += ",tls=\"opaque\""
        case .none(let reason):
            text += ",tls=\"no_identity\",no_tls_reason=\"\(reason)\""
        }
        return text
    }

    /// The server that a default policy makes of an inbound port.
    public static func server(_ policy: InboundPolicy, port: UInt16) -> String {
        "srv_group=\"\",srv_kind=\"default\",srv_name=\"\(policy.rawValue)\",srv_port=\"\(port)\""
    }

    /// A route of a server without routes: all of it, or the kubelet's probes alone.
    public enum DefaultRoute: String, Sendable {
        case all = "default"
        case probe

        var text: String {
            "route_group=\"\",route_kind=\"default\",route_name=\"\(rawValue)\""
        }
    }

    /// The labels of a default route.
    public static func route(_ route: DefaultRoute) -> String { route.text }

    /// The authorization that a default policy is.
    public static func authorization(_ name: String) -> String {
        "authz_group=\"\",authz_kind=\"default\",authz_name=\"\(name)\""
    }

    /// A label's value: backslash, quote and line feed are escaped.
    public static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
