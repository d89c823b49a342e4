// SPDX-License-Identifier: Apache-2.0

import MeshModel
import ProxyCore
import Testing

@Suite("What proves a redirect")
struct RedirectPlanTests {
    private typealias Versions = RedirectPlan.Versions

    private static let both = Versions(hasIPv4: true, hasIPv6: true)
    private static let onlyIPv4 = Versions(hasIPv4: true, hasIPv6: false)
    private static let onlyIPv6 = Versions(hasIPv4: false, hasIPv6: true)
    private static let neither = Versions(hasIPv4: false, hasIPv6: false)

    private func plan(
        _ listener: String,
        _ addresses: [String],
        _ versions: Versions
    ) throws -> RedirectPlan {
        try RedirectPlan(
            listener: SocketAddress(parsing: listener),
            connectAddresses: addresses.map { try SocketAddress(parsing: $0) },
            versions: versions
        )
    }

    private func targets(_ plan: RedirectPlan) -> [String] { plan.targets.map(\.description) }

    /// The command lines that inject writes.
    @Test func provesWhatThePodHas() throws {
        let dual = ("[::]:4140", ["[fd00::1]:20001"])
        let all = try plan(dual.0, dual.1, Self.both)
        #expect(targets(all) == ["[fd00::1]:20001", "1.1.1.1:20001"])
        #expect(all.omissions.isEmpty && all.warnings.isEmpty)
        let four = try plan(dual.0, dual.1, Self.onlyIPv4)
        #expect(targets(four) == ["1.1.1.1:20001"])
        #expect(four.omissions.count == 1 && four.omissions[0].contains("no IPv6 address"))
        #expect(targets(try plan(dual.0, dual.1, Self.onlyIPv6)) == ["[fd00::1]:20001"])
        let old = try plan("0.0.0.0:4140", ["1.1.1.1:20001"], Self.onlyIPv4)
        #expect(targets(old) == ["1.1.1.1:20001"])
        #expect(old.warnings.isEmpty)
    }

    @Test func warnsOfWhatTheMeshLeavesAlone() throws {
        let plan = try plan("0.0.0.0:4140", ["1.1.1.1:20001"], Self.both)
        #expect(targets(plan) == ["1.1.1.1:20001"])
        #expect(plan.warnings == ["the pod has IPv6 addresses, whose traffic bypasses the proxy"])
    }

    @Test func failsWhereNothingCanBeProven() {
        for (listener, versions, message) in [
            ("0.0.0.0:4140", Self.onlyIPv6, "the pod has IPv6 addresses only, and the mesh"),
            ("0.0.0.0:4140", Self.neither, "the pod has no address that leads out of it"),
            ("[::]:4140", Self.neither, "the pod has no address that leads out of it"),
        ] {
            let error = #expect(throws: ValueError.self) { try plan(listener, [], versions) }
            #expect(error?.message.hasPrefix(message) == true, "\(listener) \(versions)")
        }
    }

    @Test func givenAddressesComeFirstAndDefaultsFillUp() throws {
        let four = try plan("[::]:1", ["10.0.0.1:2", "10.0.0.2:3"], Self.both)
        #expect(targets(four) == ["10.0.0.1:2", "10.0.0.2:3", "[fd00::1]:20001"])
        let none = try plan("0.0.0.0:1", [], Self.both)
        #expect(targets(none) == ["1.1.1.1:20001"])
    }

    @Test func refusesAListenerThatCannotHear() {
        let error = #expect(throws: ValueError.self) {
            try plan("0.0.0.0:4140", ["[fd00::1]:20001"], Self.both)
        }
        #expect(error?.message.contains("listen at [::]:4140") == true)
    }

    // MARK: The kernel's tables

    private static let head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n"

    @Test(arguments: [
        (head, false), ("", false),
        (head + "eth0\t00000000\t0100F40A\t0003\t0\t0\t0\t00000000\n", true),
        (head + "lo\t0000007F\t00000000\t0001\t0\t0\t0\t000000FF\n", false),
        // An unreachable route leads nowhere.
        (head + "*\t00000000\t00000000\t0201\t0\t0\t0\t00000000\n", false),
    ])
    func readsRoutes(table: String, hasIPv4: Bool) {
        let versions = Versions(ipv4Routes: table, ipv6Addresses: "")
        #expect(versions == Versions(hasIPv4: hasIPv4, hasIPv6: false))
    }

    @Test(arguments: [
        ("", false), ("00000000000000000000000000000001 01 80 10 80       lo\n", false),
        ("fe800000000000000042acfffe110002 02 40 20 80     eth0\n", false),
        ("fd77000000000000000000000000000a 02 40 00 80     eth0\n", true),
        ("fec0000000000000000000000000000a 02 40 40 80     eth0\n", true),
    ])
    func readsAddresses(list: String, hasIPv6: Bool) {
        let versions = Versions(ipv4Routes: "", ipv6Addresses: list)
        #expect(versions == Versions(hasIPv4: false, hasIPv6: hasIPv6))
    }

    @Test func whatCannotBeReadCountsAsThere() {
        #expect(Versions(ipv4Routes: nil, ipv6Addresses: nil) == Self.both)
    }

    // MARK: The proof

    @Test func onlyTheWholeTokenProves() {
        let token = Array("0123456789abcdef".utf8)
        var whole = RedirectProof(token: token)
        #expect(whole.received(token) == .proven)
        var inParts = RedirectProof(token: token)
        #expect(inParts.received(token[..<7]) == .needsMore)
        #expect(inParts.received(token[7...]) == .proven)
        for strange in ["0123456789abcdeX", "0123456789abcdef0", "HTTP/1.1 400", "1"] {
            var proof = RedirectProof(token: token)
            #expect(proof.received(Array(strange.utf8)) == .failed(.stranger), "\(strange)")
        }
        #expect(RedirectProof(token: token).ended() == .failed(.stranger))
        #expect(RedirectProof(token: []).ended() == .failed(.stranger))
        var half = RedirectProof(token: token)
        _ = half.received(token[..<15])
        #expect(half.ended() == .failed(.stranger))
    }

    @Test func onlyWhatARouteMayStillMendIsTriedAgain() {
        #expect(!RedirectProof.Failure.noRoute("network unreachable").isFinal)
        #expect(!RedirectProof.Failure.silence.isFinal)
        #expect(RedirectProof.Failure.stranger.isFinal)
        #expect(RedirectProof.Failure.refused("connection refused").isFinal)
    }
}
