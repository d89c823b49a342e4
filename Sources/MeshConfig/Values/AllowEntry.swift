// SPDX-License-Identifier: Apache-2.0

public import MeshModel

/// One destination that `outgoing.allow` opens.
public enum AllowEntry: Hashable, Sendable, CustomStringConvertible {
    /// Every Kubernetes Service.
    case kubernetes
    /// One Kubernetes Service.
    case service(namespace: String, name: String)
    /// A range of IP addresses.
    case network(CIDR)

    /// Reads `kubernetes`, `k8s:NAMESPACE/SERVICE` or `ip:CIDR`.
    public init(parsing text: String) throws(ValueError) {
        if text == "kubernetes" {
            self = .kubernetes
        } else if text.utf8.starts(with: "k8s:".utf8) {
            self = try Self.service(text)
        } else if text.utf8.starts(with: "ip:".utf8) {
            self = .network(try CIDR(parsing: String(text.dropFirst(3))))
        } else {
            let near = Self.nearMiss(text).map { "; did you mean \"\($0)\"?" }
            throw ValueError(
                "\(ValueError.quote(text)) is no destination"
                    + (near ?? "; write \"kubernetes\", \"k8s:NAMESPACE/SERVICE\" or \"ip:CIDR\"")
            )
        }
    }

    /// The text that `init(parsing:)` reads.
    public var description: String {
        switch self {
        case .kubernetes: "kubernetes"
        case .service(let namespace, let name): "k8s:\(namespace)/\(name)"
        case .network(let range): "ip:\(range)"
        }
    }

    private static func service(_ text: String) throws(ValueError) -> Self {
        let parts = text.dropFirst(4).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw ValueError(
                "\(ValueError.quote(text)) does not name a Service; "
                    + "write \"k8s:NAMESPACE/SERVICE\", such as \"k8s:default/users-api\""
            )
        }
        try KubernetesName.validateLabel(String(parts[0]))
        try KubernetesName.validateLabel(String(parts[1]))
        return .service(namespace: String(parts[0]), name: String(parts[1]))
    }

    /// The commonest slips: the prefix left out, or `kubernetes` misspelt.
    private static func nearMiss(_ text: String) -> String? {
        for prefix in ["k8s:", "ip:"] {
            if let entry = try? Self(parsing: prefix + text) { return entry.description }
        }
        if let address = try? IPAddress(parsing: text) {
            return "ip:\(address)/\(address.bitWidth)"
        }
        if ["k8s", "*", "all"].contains(text) { return "kubernetes" }
        return Suggestion.nearest(to: text, in: ["kubernetes"])
    }
}
