// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import TrafficRedirect

@Suite("meshctl-init")
struct InitCommandTests {
    private let denied = KernelError(code: 13, description: "Permission denied")
    private let addresses = """
        fd000000000000000000000000000002 04 40 00 82     eth0
        00000000000000000000000000000001 01 80 10 80       lo

        """

    @Test func saysWhatItDid() {
        let kernel = FakeKernel()
        #expect(kernel.run("-g", "5", "-r", "80", "--subnets-to-ignore", "10.0.0.0/8") == 0)
        #expect(kernel.changes.count == 1)
        #expect(kernel.output == "")
        #expect(
            kernel.log == """
                meshctl-init: redirected inbound TCP table="inet meshctl" to=4143 ports=80 \
                except_ports=4190,4191 except_subnets=10.0.0.0/8 ipv6=true
                meshctl-init: redirected outbound TCP table="inet meshctl" to=4140 \
                except_uid=2102 except_gid=5 ipv6=true

                """
        )
    }

    @Test func saysItAsJSON() {
        let kernel = FakeKernel()
        #expect(kernel.run("--undo", "--log-format", "json", "--iptables-mode", "nft") == 0)
        #expect(kernel.changes == [RedirectRules.removal])
        let start = #"{"level":"info","msg":""#
        #expect(
            kernel.log == start
                + #"these flags have no effect with nftables","flags":"--iptables-mode"}"# + "\n"
                + start + #"removed the redirect","table":"inet meshctl"}"# + "\n"
        )
    }

    @Test func saysNothingBelowItsLevel() {
        let kernel = FakeKernel()
        #expect(kernel.run("--log-level", "error", "-w") == 0)
        #expect(kernel.log == "")
        kernel.scriptFailure = denied
        #expect(kernel.run("--log-level", "error") == 1)
        #expect(kernel.log.hasPrefix("meshctl-init: error: nothing was changed"))
    }

    /// IPv6 that cannot be redirected is refused together with IPv4: it is one table.
    @Test(arguments: [[], ["--ipv6=false"], ["--undo"]])
    func failsWhenTheKernelRefuses(arguments: [String]) {
        let kernel = FakeKernel()
        kernel.files[IPv6Presence.path] = addresses
        kernel.scriptFailure = KernelError(code: nil, description: "Error: no")
        #expect(kernel.run(arguments) == 1)
        #expect(kernel.changes == [])
        #expect(
            kernel.log == """
                meshctl-init: error: nothing was changed: the kernel refused table inet meshctl: \
                Error: no; it takes NET_ADMIN, and Linux 5.2 or later with nf_tables and its NAT

                """
        )
    }

    @Test func asksForTheCapabilityThatIsMissing() {
        let kernel = FakeKernel()
        kernel.files[NetAdminCapability.path] = "CapEff:\t0000000000002000\n"
        #expect(kernel.run() == 1)
        #expect(kernel.changes == [])
        #expect(kernel.log.contains("lacks CAP_NET_ADMIN"))
    }

    @Test(
        arguments: [
            ("CapEff:\t0000000000001000\n", true), ("CapEff:\t000001ffffffffff", true),
            ("A:\t1\nCapEff:\t0000000000000000\n", false), ("CapEff:\tx\n", nil), ("", nil),
            ("CapPrm:\t0000000000001000\n", nil),
        ] as [(String, Bool?)]
    )
    func readsTheCapability(status: String, isEffective: Bool?) {
        #expect(NetAdminCapability.isEffective(in: status) == isEffective)
    }

    @Test func setsTheSysctlFirst() throws {
        let kernel = FakeKernel()
        #expect(kernel.run("--timeout-close-wait-secs", "60") == 0)
        let path = "/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_close_wait"
        #expect(kernel.changes.first == path + "=60\n")
        #expect(kernel.changes.count == 2)
        #expect(kernel.log.contains("set net.netfilter.nf_conntrack_tcp_timeout_close_wait"))
    }

    @Test func redirectsNothingWhenTheSysctlCannotBeSet() {
        let kernel = FakeKernel()
        kernel.fileFailure = denied
        #expect(kernel.run("--timeout-close-wait-secs", "60") == 1)
        #expect(kernel.changes == [])
        #expect(kernel.log.contains("to 60: Permission denied; in a container that is not"))
        kernel.fileFailure = kernel.missing
        #expect(kernel.run("--timeout-close-wait-secs", "60") == 1)
        #expect(kernel.log.contains("load nf_conntrack on the node"))
    }

    @Test func warnsOfIPv6ThatBypassesTheProxy() {
        let kernel = FakeKernel()
        #expect(kernel.run("--ipv6=false") == 0)
        #expect(!kernel.log.contains("warning"))
        kernel.files[IPv6Presence.path] = addresses
        #expect(kernel.run("--ipv6=false") == 0)
        #expect(kernel.log.contains("warning: the pod has IPv6 addresses"))
    }

    /// Who may not look assumes the worse.
    @Test func takesUnreadableForPresent() {
        let kernel = FakeKernel()
        kernel.missing = denied
        #expect(kernel.run("--ipv6=false") == 0)
        #expect(kernel.log.contains("warning: the pod has IPv6 addresses"))
    }

    @Test(arguments: [
        ("", IPv6Presence.none), ("00000000000000000000000000000001 01 80 10 80 lo\n", .none),
        ("fe80000000000000fc0000fffe000001 04 40 20 80 eth0\n", .present), ("odd\n", .none),
    ])
    func readsTheAddresses(list: String, presence: IPv6Presence) {
        #expect(IPv6Presence(parsing: list) == presence)
        #expect(IPv6Presence(parsing: list + addresses) == .present)
    }

    @Test func endsWith64AndChangesNothing() {
        let kernel = FakeKernel()
        #expect(kernel.run("--proxyuid", "1") == 64)
        #expect(kernel.run("--netns", "x") == 64)
        #expect(kernel.changes == [])
        #expect(kernel.log.contains("error: unknown flag \"--proxyuid\"; did you mean"))
    }

    @Test func entersTheNamespaceFirstOrChangesNothing() {
        let kernel = FakeKernel()
        #expect(kernel.run("--netns", "/proc/7/ns/net", "--undo") == 0)
        #expect(kernel.changes == ["in /proc/7/ns/net", RedirectRules.removal])
        let other = FakeKernel()
        other.networkFailure = denied
        #expect(other.run("--netns=/proc/7/ns/net") == 1)
        #expect(other.changes == [])
        #expect(
            other.log.hasPrefix(
                "meshctl-init: error: nothing was changed: cannot enter the network namespace "
                    + "/proc/7/ns/net: Permission denied; this takes CAP_SYS_ADMIN"
            )
        )
    }

    @Test func printsHelpAndVersionToStdout() {
        let kernel = FakeKernel()
        #expect(kernel.run("--help") == 0)
        #expect(kernel.output == InitHelp.text)
        #expect(kernel.run("--version") == 0)
        #expect(kernel.output.hasSuffix("\nmeshctl-init 0.1.0\n"))
        #expect(kernel.changes == [])
    }

    @Test func failsWhenNobodyCanReadTheScript() {
        let kernel = FakeKernel()
        kernel.outputFailure = KernelError(code: 28, description: "No space left on device")
        #expect(kernel.run("--dry-run") == 1)
        #expect(kernel.log.contains("cannot write to stdout: No space left on device"))
        kernel.outputFailure = KernelError(code: 32, description: "Broken pipe")
        #expect(kernel.run("--dry-run") == 0)
    }

    @Test func escapesWhatJSONWants() {
        let log = InitLog(format: .json, level: .debug)
        #expect(
            log.line(.debug, "a\"b\\c\nd\u{1}é") == #"{"level":"debug","msg":"a\"b\\c\nd\u0001é"}"#
                + "\n"
        )
    }
}
