// SPDX-License-Identifier: Apache-2.0

import MeshModel
import ProxyCore
import Testing

@Suite("Labels of metrics")
struct MetricLabelTests {
    private let target = SocketAddress(ip: .v4(0x0A01_0203), port: 8080)

    private let start =
        "target_addr=\"10.1.2.3:8080\",target_ip=\"10.1.2.3\",target_port=\"8080\""

    @Test func haveLinkerdsFormsOfTLS() {
        let cases: [(TrafficLabels.Direction, TrafficLabels.TLS, String)] = [
            (.inbound, .mutual(peer: "a.b"), "tls=\"true\",client_id=\"a.b\""),
            (.inbound, .mutual(peer: nil), "tls=\"true\",client_id=\"\""),
            (.outbound, .mutual(peer: "a.b"), "tls=\"true\",server_id=\"a.b\""),
            (.inbound, .passedOn, "tls=\"opaque\""),
            (
                .inbound, .none(reason: "loopback"),
                "tls=\"no_identity\",no_tls_reason=\"loopback\""
            ),
        ]
        for (direction, tls, end) in cases {
            let labels = TrafficLabels(direction: direction, target: target, tls: tls)
            #expect(labels.text == "direction=\"\(direction)\",\(start),\(end)")
        }
    }

    /// An identity is its issuer's to choose: it must not end its label.
    @Test func escapesWhatAnIdentityMayHold() {
        let labels = TrafficLabels(
            direction: .inbound,
            target: target,
            tls: .mutual(peer: "a\"b\\c\nd")
        )
        #expect(labels.text.hasSuffix("client_id=\"a\\\"b\\\\c\\nd\""))
        #expect(TrafficLabels.escaped("a\r\nb") == "a\r\\nb")
    }

    @Test func nameDefaultServersAndAuthorizations() {
        #expect(
            TrafficLabels.server(.allAuthenticated, port: 80)
                == "srv_group=\"\",srv_kind=\"default\",srv_name=\"all-authenticated\""
                + ",srv_port=\"80\""
        )
        #expect(
            TrafficLabels.authorization("all-authenticated")
                == "authz_group=\"\",authz_kind=\"default\",authz_name=\"all-authenticated\""
        )
    }

    @Test(arguments: [
        ("api.web.svc.cluster.local", "core", "Service", "web", "api", "http"),
        ("db.example", "core", "Service", "", "db.example", "http"),
        (nil, "", "default", "", "endpoint", "endpoint"),
    ])
    func nameTheParentOfARoute(
        service: String?,
        group: String,
        kind: String,
        namespace: String,
        name: String,
        route: String
    ) {
        let labels = RouteLabels(outboundTo: service, port: 80)
        for (role, text) in [("parent", labels.route), ("backend", labels.backend)] {
            let owner =
                "\(role)_group=\"\(group)\",\(role)_kind=\"\(kind)\""
                + ",\(role)_namespace=\"\(namespace)\",\(role)_name=\"\(name)\""
                + ",\(role)_port=\"80\",\(role)_section_name=\"\""
            #expect(text.hasPrefix(owner))
        }
        #expect(labels.route.hasSuffix(",route_name=\"\(route)\""))
    }
}
