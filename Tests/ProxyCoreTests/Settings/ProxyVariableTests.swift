// SPDX-License-Identifier: Apache-2.0

import MeshModel
import ProxyCore
import Testing

@Suite("Proxy variables")
struct ProxyVariableTests {
    @Test func areLinkerds() {
        let names = ProxyVariable.table.map(\.name)
        #expect(Set(names) == Set(VariableNames.all.map { ProxyVariable.prefix + $0 }))
        #expect(names.count == VariableNames.all.count)
        #expect(Set(names).count == names.count)
    }

    @Test func haveGoodDefaultsAndSummaries() throws {
        for row in ProxyVariable.table {
            if let text = row.defaultText { try row.type.check(text) }
            #expect(!row.summary.isEmpty)
            #expect(ProxyVariable.named(row.name) == row)
        }
        #expect(ProxyVariable.named("LOG") == nil)
    }

    @Test func requireWhatLinkerdRequires() {
        let required = ProxyVariable.table.filter(\.isRequired).map(\.name)
        #expect(Set(required) == Set(VariableNames.required.map { ProxyVariable.prefix + $0 }))
    }

    /// A bad value of each type, and everything that is said about it.
    @Test(
        arguments: [
            (
                "INBOUND_LISTEN_ADDR", ":4143",
                "\":4143\" is not an IP address with a port; write one such as \"0.0.0.0:4143\""
            ),
            (
                "ADMIN_LISTEN_ADDR", "localhost:4191",
                "\"localhost:4191\" is not an IP address with a port; "
                    + "write one such as \"127.0.0.1:4191\""
            ),
            (
                "OUTBOUND_LISTEN_ADDRS", "127.0.0.1:1,127.0.0.2:1,[::1]:1",
                "\"127.0.0.1:1,127.0.0.2:1,[::1]:1\" has 3 addresses; write one or two, such as "
                    + "\"127.0.0.1:4140,[::1]:4140\""
            ),
            (
                "OUTBOUND_LISTEN_ADDRS", "[::1]:1,[::0001]:1",
                "\"[::1]:1,[::0001]:1\" names [::1]:1 twice; write it once"
            ),
            (
                "POLICY_SVC_ADDR", "linkerd-policy",
                "\"linkerd-policy\" is not a host with a port; "
                    + "write one such as \"linkerd-dst-headless.linkerd.svc.cluster.local.:8086\""
            ),
            (
                "INBOUND_CONNECT_TIMEOUT", "100",
                "\"100\" has no unit; write \"100s\" for seconds, or ms, m, h, d"
            ),
            (
                "OUTBOUND_CONNECT_TIMEOUT", "1.5s",
                "\"1.5s\" is not a duration; write a whole number and ms, s, m, h or d, "
                    + "such as \"1500ms\""
            ),
            (
                "INBOUND_TCP_LISTEN_BACKLOG", "0",
                "\"0\" is not a whole number from 1 to 65535; write \"1\", for instance"
            ),
            (
                "CORES", "-1",
                "\"-1\" is not a whole number from 1 to 65535; write \"1\", for instance"
            ),
            (
                "INBOUND_CONNECT_EXP_BACKOFF_JITTER", "inf",
                "\"inf\" is not a number from 0 to 100; write \"0.1\", for instance"
            ),
            (
                "CORES_MAX_RATIO", "1.5",
                "\"1.5\" is not a share of the cores; write a number between 0 and 1, "
                    + "such as \"0.5\" for half of them"
            ),
            (
                "SHUTDOWN_ENDPOINT_ENABLED", "yes",
                "\"yes\" is neither \"true\" nor \"false\"; write \"true\""
            ),
            (
                "INGRESS_MODE", "no",
                "\"no\" is neither \"true\" nor \"false\"; write \"false\" or leave it out"
            ),
            ("LOG_FORMAT", "jsn", "\"jsn\" is not plain or json; write \"json\""),
            ("ACCESS_LOG", "nginx", "\"nginx\" is not apache or json; write \"apache\""),
            (
                "INBOUND_PORTS", "80,http",
                "\"http\" is a port name, but only numbers are allowed here; "
                    + "write a port or range such as \"8080\" or \"8000-8010\""
            ),
            (
                "POLICY_CLUSTER_NETWORKS", "10.0.0.0",
                "\"10.0.0.0\" has no prefix length; write \"10.0.0.0/32\" for this one address"
            ),
            (
                "INBOUND_IPS", "10.0.0.1,web",
                "\"web\" is not an IP address; write one such as \"10.0.0.1\" or \"fd00::1\""
            ),
            (
                "INBOUND_IPS", "10.0.0.1,,10.0.0.2",
                "\"10.0.0.1,,10.0.0.2\" has an empty item between commas; "
                    + "write a list such as \"10.0.0.1,fd00::1\""
            ),
            (
                "DESTINATION_PROFILE_SUFFIXES", "svc.cluster.local.,*",
                "\"*\" is not the end of a DNS name; "
                    + "write \"svc.cluster.local.\", for instance, or \".\" for every name"
            ),
            (
                "INBOUND_DEFAULT_POLICY", "all-authentcated",
                "\"all-authentcated\" is not one of all-unauthenticated, all-authenticated, "
                    + "cluster-unauthenticated, cluster-authenticated, deny or audit; "
                    + "did you mean \"all-authenticated\"?"
            ),
            (
                "LOG", "inof",
                "\"inof\" in the log filter is not a level; write \"info\", or \"inof=info\" "
                    + "if it names a module"
            ),
            (
                "IDENTITY_LOCAL_NAME", "web@default",
                "\"web@default\" is not a mesh identity; write a DNS name such as "
                    + "\"web.default.serviceaccount.identity.linkerd.cluster.local\""
            ),
            (
                "IDENTITY_TRUST_ANCHORS", "secret",
                "6 bytes that are not whole PEM certificates; give text from "
                    + "\"-----BEGIN CERTIFICATE-----\" to \"-----END CERTIFICATE-----\""
            ),
            (
                "IDENTITY_DISABLED", "true",
                "must not be set: identity can no longer be disabled; remove it"
            ),
        ] as [(String, String, String)]
    )
    func saysWhatIsWrongWithAValue(shortName: String, value: String, message: String) {
        let name = ProxyVariable.prefix + shortName
        let environment = ProxyEnvironment([(name, value)], isStandalone: true)
        #expect(environment.errors.map(\.message) == [message])
        #expect(environment.errors.map(\.description) == ["\(name): \(message)"])
        #expect(environment.warnings == [])
    }

    @Test(
        arguments: [
            ("0", 0), ("00", 0), ("0ms", 0), ("1ms", 1_000_000), ("10s", 10_000_000_000),
            ("2m", 120_000_000_000), ("1h", 3_600_000_000_000), ("365d", 31_536_000_000_000_000),
            ("10000ms", 10_000_000_000), ("106751d", 9_223_286_400_000_000_000),
        ] as [(String, UInt64)]
    )
    func readsDurations(text: String, nanoseconds: UInt64) throws {
        #expect(try ProxyDuration(parsing: text).nanoseconds == nanoseconds)
    }

    @Test(arguments: [
        ("", "10s"), ("s", "10s"), ("-1s", "10s"), ("1 s", "10s"), ("1S", "10s"),
        ("1m30s", "90s"), ("1.5h", "5400s"), ("10us", "10s"), ("+1s", "1s"), ("1", "1s"),
        ("106752d", "365d"), ("99999999999999999999s", "365d"),
    ])
    func refusesOtherDurations(text: String, example: String) {
        do throws(ValueError) {
            let duration = try ProxyDuration(parsing: text)
            Issue.record("\(text) was read as \(duration)")
        } catch {
            #expect(error.message.contains("write "))
            #expect(error.message.contains("\"\(example)\""), "\(error)")
        }
    }

    @Test(arguments: [
        ("127.0.0.1:0", "127.0.0.1:0"), ("0.0.0.0:65535", "0.0.0.0:65535"),
        ("[::]:4143", "[::]:4143"), ("[FD00::1]:1", "[fd00::1]:1"),
    ])
    func readsListenAddresses(text: String, canonical: String) throws {
        #expect(try ListenAddress(parsing: text).description == canonical)
    }

    @Test(arguments: [
        "", ":", "1", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:+1", "[127.0.0.1]:1",
        "::1:80", "::1", "[::1]", "[::1]80", "[::1:80", "fe80::1%eth0:1", "a:1", " 127.0.0.1:1",
    ])
    func refusesOtherListenAddresses(text: String) {
        #expect(throws: ValueError.self) { try ListenAddress(parsing: text) }
    }

    @Test(arguments: [
        ("Policy.Linkerd.svc.cluster.local.:8090", "policy.linkerd.svc.cluster.local.:8090", false),
        ("localhost.:8086", "localhost.:8086", true), ("localhost:1", "localhost:1", true),
        ("127.1.2.3:1", "127.1.2.3:1", true), ("[::1]:1", "[::1]:1", true),
        ("[::ffff:127.0.0.1]:1", "[::ffff:127.0.0.1]:1", true), ("10.0.0.1:1", "10.0.0.1:1", false),
        ("localhost.evil:1", "localhost.evil:1", false),
    ])
    func readsServiceAddresses(text: String, canonical: String, isLoopback: Bool) throws {
        let address = try ServiceAddress(parsing: text)
        #expect(address.description == canonical)
        #expect(address.isLoopback == isLoopback)
    }

    @Test(arguments: [
        "", "a", "a:", "a:0", "a:65536", ":1", "a b:1", "[a]:1", "::1:1", "10.0.0.256:1", "a:1:1",
    ])
    func refusesOtherServiceAddresses(text: String) {
        #expect(throws: ValueError.self) { try ServiceAddress(parsing: text) }
    }

    /// The least, the most and the share, on machines of 1, 4 and 64 cores.
    @Test(
        arguments: [
            (1, nil, nil, [1, 1, 1]),
            (2, nil, nil, [1, 2, 2]),
            (1, 8, nil, [1, 4, 8]),
            (1, 8, 0.5, [1, 4, 8]),
            (1, nil, 0.5, [1, 2, 32]),
            (1, nil, 0.01, [1, 1, 1]),
            (3, nil, 0.5, [1, 3, 32]),
            (1, nil, 1, [1, 4, 64]),
        ] as [(Int, Int?, Double?, [Int])]
    )
    func countsWorkers(least: Int, most: Int?, ratio: Double?, counts: [Int]) {
        let limits = WorkerLimits(workersMin: least, workersMax: most, ratioMax: ratio)
        #expect([1, 4, 64].map { limits.workerCount(availableCores: $0) } == counts)
    }
}
