// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The built command and the real kernel, in network namespaces of their own.
@Suite(
    "Redirect in the kernel",
    .enabled("wants root that may make network namespaces, python3, setcap and setpriv") {
        await PodNetwork.isPossible()
    },
    .serialized,
    .timeLimit(.minutes(2))
)
struct KernelTests {
    typealias Addresses = PodNetwork.Addresses

    static let versions = [Addresses.ipv4, .ipv6]
    /// Anybody but root and the proxy.
    private let user = 1000
    /// A port of the pod, over each IP version.
    private let pods = KernelTests.versions.map { ($0.pod, 8080) }
    /// A port of the peer, likewise.
    private let peers = KernelTests.versions.map { ($0.peer, 80) }

    // MARK: What is redirected

    @Test(arguments: KernelTests.versions)
    func withoutATableConnectionsAreDirect(_ ip: Addresses) async throws {
        try await PodNetwork.with { network in
            let inbound = try await network.connect(from: .peer, to: [(ip.pod, 8080)])
            #expect(inbound == ["app:8080"])
            let outbound = try await network.connect(from: .pod, to: [(ip.peer, 80)])
            #expect(outbound == ["peer:80"])
        }
    }

    @Test(arguments: KernelTests.versions)
    func inboundGoesToTheProxy(_ ip: Addresses) async throws {
        try await PodNetwork.with { network in
            try await network.redirect()
            let answers = try await network.connect(
                from: .peer,
                to: [(ip.pod, 8080), (ip.pod, 9090), (ip.pod, 7), (ip.pod, 4191)]
            )
            #expect(
                answers == [
                    "proxy-in:4143 meant=\(ip.pod),8080", "proxy-in:4143 meant=\(ip.pod),9090",
                    // Nothing listens there, and it is for the proxy to find out.
                    "proxy-in:4143 meant=\(ip.pod),7",
                    // The proxy's own, where probes and Prometheus ask.
                    "app:4191",
                ]
            )
        }
    }

    @Test(arguments: KernelTests.versions)
    func outboundGoesToTheProxy(_ ip: Addresses) async throws {
        try await PodNetwork.with { network in
            try await network.redirect("--outbound-ports-to-ignore", "3306,4000-5000")
            let targets = [(ip.peer, 80), (ip.peer, 7), (ip.peer, 3306)]
            let expected = [
                "proxy-out:4140 meant=\(ip.peer),80", "proxy-out:4140 meant=\(ip.peer),7",
                "peer:3306",
            ]
            #expect(try await network.connect(from: .pod, as: user, to: targets) == expected)
            #expect(try await network.connect(from: .pod, as: 0, to: targets) == expected)
        }
    }

    /// As a node's plugin does it, from outside.
    @Test func entersANamespaceByItsFile() async throws {
        try await PodNetwork.with { network in
            let result = try await Program.run([
                try Program.meshctlInit(), "--netns", network.namespaceFile(.pod),
            ])
            #expect(result.exitCode == 0, "\(result.log)")
            let ip = Addresses.ipv4
            let answers = try await network.connect(from: .pod, as: user, to: [(ip.peer, 80)])
            #expect(answers == ["proxy-out:4140 meant=\(ip.peer),80"])
            let peer = try await network.connect(from: .peer, as: user, to: [(ip.peer, 80)])
            #expect(peer == ["peer:80"])
        }
    }

    // MARK: What is not

    @Test(arguments: KernelTests.versions)
    func theProxysOwnTrafficIsNot(_ ip: Addresses) async throws {
        try await PodNetwork.with { network in
            try await network.redirect("--proxy-uid", "2102", "--proxy-gid", "2103")
            let target = [(ip.peer, 80)]
            let own = try await network.connect(from: .pod, as: 2102, to: target)
            #expect(own == ["peer:80"])
            let group = try await network.connect(from: .pod, as: user, group: 2103, to: target)
            #expect(group == ["peer:80"])
            let other = try await network.connect(from: .pod, as: 2103, group: 2102, to: target)
            #expect(other == ["proxy-out:4140 meant=\(ip.peer),80"])
        }
    }

    @Test(arguments: KernelTests.versions)
    func thePodToItselfIsNot(_ ip: Addresses) async throws {
        try await PodNetwork.with { network in
            try await network.redirect()
            let targets = [(ip.loopback, 8080), (ip.pod, 8080)]
            let answers = try await network.connect(from: .pod, as: user, to: targets)
            #expect(answers == ["app:8080", "app:8080"])
        }
    }

    @Test(arguments: KernelTests.versions)
    func ignoredSubnetsReachThePodDirectly(_ ip: Addresses) async throws {
        try await PodNetwork.with { network in
            try await network.redirect("--subnets-to-ignore", ip.farSubnet)
            let target = [(ip.pod, 8080)]
            let far = try await network.connect(from: .peer, source: ip.farPeer, to: target)
            #expect(far == ["app:8080"])
            let near = try await network.connect(from: .peer, source: ip.peer, to: target)
            #expect(near == ["proxy-in:4143 meant=\(ip.pod),8080"])
            // They are sources of inbound traffic, and nothing else.
            let out = try await network.connect(from: .pod, as: user, to: [(ip.farPeer, 80)])
            #expect(out == ["proxy-out:4140 meant=\(ip.farPeer),80"])
        }
    }

    @Test(arguments: KernelTests.versions)
    func onlyListedPortsAreWhereThereIsAList(_ ip: Addresses) async throws {
        try await PodNetwork.with { network in
            try await network.redirect(
                "-r",
                "8080,9000-9100",
                "--inbound-ports-to-ignore",
                "9090"
            )
            let answers = try await network.connect(
                from: .peer,
                to: [(ip.pod, 8080), (ip.pod, 9001), (ip.pod, 80), (ip.pod, 9090)]
            )
            #expect(
                answers == [
                    "proxy-in:4143 meant=\(ip.pod),8080", "proxy-in:4143 meant=\(ip.pod),9001",
                    "app:80", "app:9090",
                ]
            )
        }
    }

    @Test func ipv6IsLeftAloneWhenAsked() async throws {
        try await PodNetwork.with { network in
            let program = try Program.meshctlInit()
            let result = try await network.run(.pod, [program, "--ipv6=false"])
            #expect(result.exitCode == 0)
            #expect(result.log.contains("warning: the pod has IPv6 addresses"))
            let inbound = try await network.connect(from: .peer, to: pods)
            #expect(inbound == ["proxy-in:4143 meant=10.77.0.1,8080", "app:8080"])
            let outbound = try await network.connect(from: .pod, as: user, to: peers)
            #expect(outbound == ["proxy-out:4140 meant=10.77.0.2,80", "peer:80"])
        }
    }

    // MARK: Again, and back

    @Test func runningAgainReplacesTheTable() async throws {
        try await PodNetwork.with { network in
            let targets = [(Addresses.ipv4.pod, 8080), (Addresses.ipv6.pod, 9090)]
            try await network.redirect("--inbound-ports-to-ignore", "8080")
            let first = try await network.connect(from: .peer, to: targets)
            #expect(first == ["app:8080", "proxy-in:4143 meant=fd77::1,9090"])
            for _ in 0..<2 {
                try await network.redirect("--inbound-ports-to-ignore", "9090")
                let then = try await network.connect(from: .peer, to: targets)
                #expect(then == ["proxy-in:4143 meant=10.77.0.1,8080", "app:9090"])
            }
        }
    }

    @Test func undoMakesConnectionsDirectAgain() async throws {
        try await PodNetwork.with { network in
            // Also where there is nothing to undo.
            for flags in [["--undo"], [], ["--undo"], ["--undo"]] {
                let result = try await network.run(.pod, [try Program.meshctlInit()] + flags)
                #expect(result.exitCode == 0, "\(result.log)")
            }
            #expect(try await network.connect(from: .peer, to: pods) == ["app:8080", "app:8080"])
            #expect(try await network.connect(from: .pod, to: peers) == ["peer:80", "peer:80"])
        }
    }

    @Test func dryRunChangesNothing() async throws {
        try await PodNetwork.with { network in
            let program = try Program.meshctlInit()
            let result = try await network.run(.pod, [program, "--dry-run"])
            #expect(result.exitCode == 0)
            #expect(result.output.hasPrefix("table inet meshctl\n"))
            #expect(try await network.connect(from: .peer, to: pods) == ["app:8080", "app:8080"])
        }
    }

    /// Every script that the goldens hold, and sets of the greatest size.
    @Test func theKernelTakesEveryScript() async throws {
        let folder = FixtureFolder("redirect")
        let ports = (0..<1024).map { "\($0 * 2 + 1)" }.joined(separator: ",")
        let subnets = (0..<512).map { "10.\($0 / 256).\($0 % 256).0/24,fd00:\($0)::/32" }
        try await PodNetwork.with { network in
            for name in folder.cases {
                let arguments = try folder.arguments(of: name)
                let result = try await network.run(.pod, [try Program.meshctlInit()] + arguments)
                #expect(result.exitCode == 0, "\(name): \(result.log)")
            }
            try await network.redirect(
                "-r",
                ports,
                "--outbound-ports-to-ignore",
                ports,
                "--inbound-ports-to-ignore",
                ports,
                "--subnets-to-ignore",
                subnets.joined(separator: ",")
            )
        }
    }
}
