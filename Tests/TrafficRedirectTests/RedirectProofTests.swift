// SPDX-License-Identifier: Apache-2.0

import Testing

/// `meshctl-proxy await-redirect` and the real kernel: what `meshctl-init` has set, and what not.
///
/// Nothing forwards for the pod, so that what it sends to the default addresses is lost silently.
@Suite(
    "await-redirect in the kernel",
    .enabled("wants root that may make network namespaces, python3, setcap and setpriv") {
        await PodNetwork.isPossible()
    },
    .serialized,
    .timeLimit(.minutes(2))
)
struct RedirectProofTests {
    /// As inject writes it where the mesh redirects IPv6 too, but for the time.
    private let dual = [
        "--log-format", "plain", "--log-level", "debug", "--connect-addr", "[fd00::1]:20001",
        "--listen-addr", "[::]:4150", "--timeout", "1s",
    ]
    /// As inject writes it where it does not.
    private let single = [
        "--log-format", "plain", "--log-level", "debug", "--connect-addr", "1.1.1.1:20001",
        "--listen-addr", "0.0.0.0:4150", "--timeout", "1s",
    ]

    /// A pod whose other addresses are behind the peer.
    private func withPod(_ body: (PodNetwork) async throws -> Void) async throws {
        try await PodNetwork.with { network in
            try await command(
                network,
                "ip route add default via 10.77.0.2 && ip -6 route add default via fd77::2"
            )
            try await body(network)
        }
    }

    private func command(_ network: PodNetwork, _ line: String) async throws {
        let result = try await network.run(.pod, ["bash", "-euc", line])
        try #require(result.exitCode == 0, "\(result.log)")
    }

    /// Runs it, and wants an exit code and a part of the log.
    private func expectProof(
        _ network: PodNetwork,
        _ arguments: [String],
        _ exitCode: Int32,
        _ parts: String...,
        location: SourceLocation = #_sourceLocation
    ) async throws {
        let program = try Program.built("meshctl-proxy")
        let result = try await network.run(.pod, [program, "await-redirect"] + arguments)
        #expect(result.exitCode == exitCode, "\(result.log)", sourceLocation: location)
        for part in parts {
            let isThere = result.log.contains(part)
            #expect(isThere, "\(part) in:\n\(result.log)", sourceLocation: location)
        }
    }

    @Test func aRedirectedPodPasses() async throws {
        try await withPod { network in
            try await network.redirect("--outgoing-proxy-port", "4150")
            try await expectProof(
                network,
                dual,
                0,
                "redirected connected_to=\"[fd00::1]:20001\"",
                "redirected connected_to=\"1.1.1.1:20001\""
            )
            try await expectProof(
                network,
                single,
                0,
                "redirected connected_to=\"1.1.1.1:20001\"",
                "the pod has IPv6 addresses, whose traffic bypasses the proxy"
            )
        }
    }

    @Test func aPodWithoutARedirectDoesNot() async throws {
        try await withPod { network in
            let advice = "The CNI plugin has not set the redirect for this pod"
            try await expectProof(
                network,
                single,
                95,
                "IPv4 traffic is not redirected to port 4150: nobody answered at 1.1.1.1:20001",
                "within 1s. " + advice
            )
            try await expectProof(network, dual, 95, "IPv6 traffic is not redirected", advice)
            let own = ["--listen-addr", "0.0.0.0:4150", "--timeout", "5s", "--connect-addr"]
            try await expectProof(
                network,
                own + ["10.77.0.2:80"],
                95,
                "somebody else than this container answered at 10.77.0.2:80"
            )
            try await expectProof(
                network,
                own + ["10.77.0.2:7"],
                95,
                "10.77.0.2:7 could not be connected to (connection refused)"
            )
        }
    }

    /// The pod meets itself without any redirect where it connects to its own address.
    @Test func meetingItselfAtItsOwnAddressProvesNothing() async throws {
        try await withPod { network in
            let own = ["--listen-addr", "0.0.0.0:4150", "--connect-addr", "10.77.0.1:4150"]
            try await expectProof(network, own, 95, "somebody else than this container")
            // Connection tracking now names a destination for it.
            try await network.redirect("--outgoing-proxy-port", "4150")
            try await expectProof(network, own, 95, "somebody else than this container")
        }
    }

    @Test func aRedirectToAnotherPortDoesNotPass() async throws {
        try await withPod { network in
            try await network.redirect()
            try await expectProof(network, single, 95, "somebody else than this container answered")
        }
    }

    @Test func halfARedirectFailsClosed() async throws {
        try await withPod { network in
            try await network.redirect("--outgoing-proxy-port", "4150", "--ipv6=false")
            try await expectProof(network, dual, 95, "outbound IPv6 traffic is not redirected")
        }
    }

    @Test func aPodWhoseIPv6IsOffIsProvenByIPv4() async throws {
        try await withPod { network in
            try await command(network, "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6")
            try await expectProof(network, dual, 95, "outbound IPv4 traffic is not redirected")
            try await network.redirect("--outgoing-proxy-port", "4150")
            try await expectProof(
                network,
                dual,
                0,
                "the pod has no IPv6 address that leads out of it: nothing to prove",
                "redirected connected_to=\"1.1.1.1:20001\""
            )
        }
    }

    @Test func aPodWithIPv6AloneIsProvenByIPv6() async throws {
        try await withPod { network in
            try await command(network, "ip -4 address flush dev eth0")
            try await expectProof(network, single, 1, "the pod has IPv6 addresses only")
            try await expectProof(network, dual, 95, "outbound IPv6 traffic is not redirected")
            try await network.redirect("--outgoing-proxy-port", "4150")
            try await expectProof(
                network,
                dual,
                0,
                "the pod has no IPv4 address that leads out of it: nothing to prove",
                "redirected connected_to=\"[fd00::1]:20001\""
            )
        }
    }

    @Test func aPodWithoutARouteFails() async throws {
        try await PodNetwork.with { network in
            try await network.redirect("--outgoing-proxy-port", "4150")
            let flags = ["--listen-addr", "0.0.0.0:4150", "--timeout", "300ms"]
            try await expectProof(
                network,
                flags,
                95,
                "1.1.1.1:20001 could not be tried (network unreachable): give --connect-addr"
            )
        }
    }

    /// As process 1 of a container it would not be ended by a signal that it does not take.
    @Test func aSignalEndsIt() async throws {
        try await withPod { network in
            let program = try Program.built("meshctl-proxy")
            let words = ["timeout", "--preserve-status", "0.3", program, "await-redirect"]
            let result = try await network.run(.pod, words + single.dropLast() + ["60s"])
            #expect(result.exitCode == 1)
            #expect(result.log.contains("ended by a signal"), "\(result.log)")
        }
    }

    @Test func aPortThatIsTakenIsNoProof() async throws {
        try await withPod { network in
            let taken = ["--listen-addr", "0.0.0.0:8080"]
            try await expectProof(network, taken, 1, "cannot listen at 0.0.0.0:8080: address")
        }
    }
}
