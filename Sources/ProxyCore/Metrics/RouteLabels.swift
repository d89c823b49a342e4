// SPDX-License-Identifier: Apache-2.0

public import MeshModel

/// The labels of what requests are routed by; as long as there are no routes, those of the
/// default ones.
public struct RouteLabels: Hashable, Sendable {
    /// Which families they are for.
    public let direction: TrafficLabels.Direction
    /// The parent and the route.
    public let route: String
    /// Who serves the route, outbound.
    public let backend: String

    /// A default route of an inbound port.
    public init(
        inbound policy: InboundPolicy,
        port: UInt16,
        _ name: TrafficLabels.DefaultRoute = .all
    ) {
        direction = .inbound
        route =
            "parent_group=\"\",parent_kind=\"default\",parent_name=\"\(policy.rawValue)\""
            + ",parent_port=\"\(port)\",\(name.text)"
        backend = ""
    }

    /// The default route to a service, or to an address that belongs to none.
    ///
    /// A service of Kubernetes is named `NAME.NAMESPACE.svc...`; another one has no namespace. The
    /// name comes from the configuration, never from a request. Bytes that are no requests have a
    /// route of their own, `isOpaque`.
    public init(outboundTo service: String?, port: UInt16, isOpaque: Bool = false) {
        direction = .outbound
        var (group, kind, namespace) = ("", "default", "")
        var (name, routeName) = ("endpoint", "endpoint")
        if let service {
            let parts = service.split(separator: ".", omittingEmptySubsequences: false)
            let isKubernetes = parts.count >= 3 && parts[2] == "svc"
            (group, kind, routeName) = ("core", "Service", isOpaque ? "opaq" : "http")
            namespace = isKubernetes ? String(parts[1]) : ""
            name = isKubernetes ? String(parts[0]) : service
        }
        func owner(_ role: String) -> String {
            "\(role)_group=\"\(group)\",\(role)_kind=\"\(kind)\",\(role)_namespace=\""
                + TrafficLabels.escaped(namespace) + "\",\(role)_name=\""
                + TrafficLabels.escaped(name) + "\",\(role)_port=\"\(port)\""
                + ",\(role)_section_name=\"\""
        }
        route =
            owner("parent") + ",route_group=\"\",route_kind=\"default\",route_namespace=\"\""
            + ",route_name=\"\(routeName)\""
        backend = owner("backend")
    }
}
