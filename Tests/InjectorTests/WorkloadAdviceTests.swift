// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Injector

@Suite("Workload advice")
struct WorkloadAdviceTests {
    private func warnings(
        ports: String,
        _ settings: [String: String] = [:],
        annotations: String = "a: b"
    ) throws -> [String] {
        let text = InjectorRun.pod(
            "  annotations: {\(annotations)}\n",
            spec: "{containers: [{name: app, ports: [\(ports)]}]}"
        )
        return try InjectorRun.warnings(text, InjectorRun.options(settings))
    }

    @Test func tellsOfUDP() throws {
        #expect(
            try warnings(ports: "{containerPort: 53, protocol: UDP}, {containerPort: 53}") == [
                "port 53 is UDP, which stays outside the mesh: only TCP is redirected"
            ]
        )
    }

    static let defaults = "25,587,3306,4444,5432,6379,9300,11211"

    @Test(arguments: [
        (21, "FTP"), (22, "SSH"), (110, "POP3"), (143, "IMAP"), (1433, "SQL Server"),
        (4222, "NATS"), (5900, "VNC"), (7419, "Faktory"),
    ])
    func tellsOfServersThatSpeakFirst(port: Int, name: String) throws {
        #expect(
            try warnings(ports: "{containerPort: \(port)}") == [
                "port \(port) is \(name)'s, whose server speaks first; mark it on clients and "
                    + "server: --opaque-ports \(Self.defaults),\(port)"
            ]
        )
    }

    @Test(arguments: ["3306", "25", "80", "11211"])
    func isSilentAboutOtherPorts(port: String) throws {
        #expect(try warnings(ports: "{containerPort: \(port)}") == [])
    }

    @Test(arguments: [
        (["opaque-ports": "22"], "a: b"), (["skip-inbound-ports": "20-25"], "a: b"),
        (["opaque-ports": "ssh"], "a: b"), ([:], "config.linkerd.io/opaque-ports: ssh"),
        ([:], "config.linkerd.io/skip-inbound-ports: \"22\""),
    ])
    func isSilentAboutWhatIsMarkedAlready(settings: [String: String], annotation: String) throws {
        let ports = "{containerPort: 22, name: ssh}"
        #expect(try warnings(ports: ports, settings, annotations: annotation) == [])
    }

    @Test func addsToThePortsInForce() throws {
        let found = try warnings(
            ports: "{containerPort: 22}",
            annotations: "config.linkerd.io/opaque-ports: \"9000,db\""
        )
        try #require(found.count == 1)
        #expect(found[0].hasSuffix("--opaque-ports 9000,db,22"))
    }

    @Test func readsOnlyPortsThatArePorts() throws {
        #expect(try warnings(ports: "{containerPort: ssh}, {}, 22, {containerPort: \"22\"}") == [])
    }

    @Test func tellsOfSettingsWhereNobodyReadsThem() throws {
        let text = InjectorRun.deployment(
            "    metadata: {labels: {linkerd.io/inject: enabled}}\n",
            annotations: "linkerd.io/inject: enabled",
            "config.linkerd.io/\"\\e[31m\": x",
            "linkerd.io/proxy-retry-budget: '{\"v1\": {\"retryOn\": \"5xx\", \"numRetries\": 1}}'",
            "linkerd.io/created-by: me"
        )
        let place = "has no effect on a Deployment; move it to spec.template.metadata.annotations"
        #expect(
            try InjectorRun.warnings(text) == [
                "linkerd.io/inject is a label here, but only counts as an annotation",
                "linkerd.io/inject \(place)",
                "\"config.linkerd.io/\\\"\\\\e[31m\\\"\" \(place)",
            ]
        )
    }

    @Test func showsNoEscapeSequenceOfAKey() throws {
        let text = InjectorRun.deployment(
            "    {}\n",
            annotations: "\"config.linkerd.io/\\e[31m\": x"
        )
        let found = try InjectorRun.warnings(text)
        try #require(found.count == 1)
        #expect(found[0].hasPrefix("\"config.linkerd.io/\\u{1B}[31m\" has no effect"))
    }

    @Test func ofSkippedWorkloadsTellsOnlyWhatIsMisplaced() throws {
        let text = InjectorRun.deployment(
            "    spec: {hostNetwork: true, containers: [{ports: [{containerPort: 22}]}]}\n",
            annotations: "config.linkerd.io/proxy-uid: '3000'"
        )
        let found = try InjectorRun.warnings(text)
        try #require(found.count == 1)
        #expect(found[0].hasPrefix("config.linkerd.io/proxy-uid has no effect on a Deployment"))
    }

    @Test func tellsOfOtherProxies() throws {
        let text = InjectorRun.pod(
            "  labels: {sidecar.istio.io/inject: \"true\"}\n",
            spec: "{containers: [{name: front, image: \"envoyproxy/envoy:v1\"}]}"
        )
        #expect(
            try InjectorRun.warnings(text) == [
                "container \"front\" is a proxy already; its traffic will pass through both",
                "sidecar.istio.io/inject asks for another sidecar; "
                    + "both will take the pod's traffic",
            ]
        )
    }
}
