// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@testable import TrafficRedirect

@Suite("Flags of meshctl-init")
struct InitFlagParserTests {
    private func parse(_ line: String) throws -> InitInvocation {
        try InitFlagParser.parse(line.split(separator: " ").map(String.init))
    }

    /// Compares one property of what two command lines ask for.
    @Test(arguments: [
        ("", "-p 4143 -o 4140 -u 2102 --ipv6=true"),
        ("--incoming-proxy-port 1", "--incoming-proxy-port=1"),
        ("-p 1", "--incoming-proxy-port=1"), ("-p1", "-p 1"), ("-p=1", "-p 1"),
        ("-wp 1", "-w -p 1"), ("-wp1", "-w -p 1"), ("-w=true", "-w"), ("-w=false", ""),
        ("-p 1 -p 2", "-p 2"), ("--", ""), ("-p 1 --", "-p 1"),
        ("-g -1", ""), ("-g 5 --proxy-gid=-1", ""),
        ("--ipv6", ""), ("--ipv6=false --ipv6", ""), ("--ipv6=0", "--ipv6=false"),
        ("--simulate", "--dry-run"), ("--simulate=false", ""), ("--undo=false", ""),
        ("--timeout-close-wait-secs 0", ""), ("--log-format=plain --log-level=info", ""),
        ("--log-level warning", "--log-level warn"), ("--log-level trace", "--log-level debug"),
        ("-r 80 -r 90-99", "-r 80,90-99"),
        (
            "--inbound-ports-to-ignore 1 --inbound-ports-to-ignore 2",
            "--inbound-ports-to-ignore 1,2"
        ),
        ("--subnets-to-ignore 10.0.0.1/8", "--subnets-to-ignore=10.0.0.0/8"),
        (
            "--subnets-to-ignore 10.0.0.0/8 --subnets-to-ignore fd00::/8",
            "--subnets-to-ignore 10.0.0.0/8,fd00::/8"
        ),
        ("--iptables-mode nft --iptables-mode=legacy", "--iptables-mode plain"),
        ("--help", "-h --bad"), ("-p 1 --version", "-p 1 --version --bad"),
    ])
    func meanTheSame(one: String, other: String) throws {
        #expect(try parse(one) == parse(other))
    }

    @Test func setEverything() throws {
        let invocation = try parse(
            """
            -p 1 -o 2 -u 3 -g 4 -r 5,6-7 --inbound-ports-to-ignore 8 --outbound-ports-to-ignore 9 \
            --subnets-to-ignore 10.0.0.0/8 --ipv6=false --timeout-close-wait-secs 11 --dry-run \
            --undo --log-format json --log-level error
            """
        )
        var expected = InitInvocation()
        expected.action = .undo
        expected.isDryRun = true
        expected.closeWaitSeconds = 11
        expected.logFormat = .json
        expected.logLevel = .error
        expected.options = RedirectOptions(
            incomingPort: 1,
            outgoingPort: 2,
            proxyUserID: 3,
            proxyGroupID: 4,
            portsToRedirect: try PortList(parsing: "5,6-7"),
            inboundPortsToIgnore: try PortList(parsing: "8"),
            outboundPortsToIgnore: try PortList(parsing: "9"),
            subnetsToIgnore: try CIDRList(parsing: "10.0.0.0/8").items,
            leavesIPv6Alone: true
        )
        #expect(invocation == expected)
    }

    /// The proxy's own ports are a default, not an addition.
    @Test(arguments: [("", "4190,4191"), ("80", "80"), ("4190,4191", "4190,4191")])
    func listTheProxysOwnPortsUnlessOthersAreListed(list: String, expected: String) throws {
        let flags = list.isEmpty ? "" : "--inbound-ports-to-ignore \(list)"
        #expect(try parse(flags).options.directInboundPorts.description == expected)
        let empty = try parse("--inbound-ports-to-ignore=")
        #expect(empty.options.directInboundPorts.isEmpty)
    }

    @Test func noteWhatHasNoEffectOnce() throws {
        let invocation = try parse(
            "-w --use-wait-flag --firewall-bin-path a --firewall-save-bin-path=b "
                + "--iptables-mode nft"
        )
        #expect(
            invocation.flagsWithoutEffect == [
                "--use-wait-flag", "--firewall-bin-path", "--firewall-save-bin-path",
                "--iptables-mode",
            ]
        )
    }

    @Test(arguments: [
        ("--proxy-uids 1", "unknown flag \"--proxy-uids\"; did you mean --proxy-uid?"),
        ("--incoming-port=1", "unknown flag \"--incoming-port\"; --help lists all flags"),
        ("--simulat", "unknown flag \"--simulat\"; did you mean --simulate?"),
        ("-x", "unknown flag \"-x\"; --help lists all flags"),
        ("-wx", "unknown flag \"-x\"; --help lists all flags"),
        ("-", "unexpected argument \"-\"; only flags are taken"),
        ("-- a", "unexpected argument \"a\"; only flags are taken"),
        (
            "--ipv6 false",
            "unexpected argument \"false\"; only flags are taken; a boolean's value goes after =, "
                + "as in --ipv6=false"
        ),
        ("-p", "-p needs a value; write -p PORT"),
        ("--log-level", "--log-level needs a value; write --log-level LEVEL"),
        (
            "-p 0",
            "-p: \"0\" is not a port; write a number from 1 to 65535, such as \"4143\""
        ),
        ("--ipv6=maybe", "--ipv6: \"maybe\" is not a boolean; write \"true\" or \"false\""),
        (
            "-u 0",
            "-u: the proxy cannot run as user 0 (root); write a number from 1 to 2147483647, such "
                + "as \"2102\""
        ),
        (
            "-r http",
            "-r: \"http\" is a port name, but only numbers are allowed here; write a port or range "
                + "such as \"8080\" or \"8000-8010\""
        ),
        (
            "--subnets-to-ignore 10.0.0.1",
            "--subnets-to-ignore: \"10.0.0.1\" has no prefix length; write \"10.0.0.1/32\" for "
                + "this one address"
        ),
        ("--log-format text", "--log-format: \"text\" is not one of plain, json"),
        (
            "--iptables-mode nftt",
            "--iptables-mode: \"nftt\" is not one of legacy, nft, plain; did you mean \"nft\"?"
        ),
        (
            "--timeout-close-wait-secs 2147484",
            "--timeout-close-wait-secs: \"2147484\" is not a number of seconds from 0 to 2147483"
        ),
        (
            "--timeout-close-wait-secs -1",
            "--timeout-close-wait-secs: \"-1\" is not a number of seconds from 0 to 2147483"
        ),
        (
            "-p 4140",
            "--incoming-proxy-port and --outgoing-proxy-port are both 4140; the proxy listens on "
                + "two ports"
        ),
        (
            "--netns pod-1",
            "--netns: \"pod-1\" is no absolute path; write one such as \"/run/netns/NAME\" or "
                + "\"/proc/PID/ns/net\""
        ),
    ])
    func refuse(line: String, message: String) {
        #expect(throws: UsageError(description: message)) { try parse(line) }
    }

    @Test func boundWhatTheyRead() throws {
        let ports = (1...1024).map { "\($0 * 2)" }.joined(separator: ",")
        let options = try InitFlagParser.parse(["-r", ports]).options
        #expect(options.portsToRedirect.items.count == 1024)
        let tooMany = UsageError(
            description: "-r: 1025 entries, and at most 1024 are read; join neighbours to ranges"
        )
        #expect(throws: tooMany) { try InitFlagParser.parse(["-r", ports, "-r", "1"]) }
        #expect(throws: UsageError.self) {
            try InitFlagParser.parse([String](repeating: "-w", count: 257))
        }
        let long = "--firewall-bin-path=" + String(repeating: "a", count: 64 << 10)
        #expect(throws: UsageError.self) { try InitFlagParser.parse([long]) }
        #expect(throws: Never.self) { try InitFlagParser.parse([String(long.dropLast(20))]) }
    }

    /// Names are looked up by their first match, so none may stand twice.
    @Test func areAllDifferent() {
        #expect(Set(InitFlag.table.map(\.name)).count == InitFlag.table.count)
        let letters = InitFlag.table.compactMap(\.short)
        #expect(Set(letters).count == letters.count)
    }

    @Test func areAllInTheHelp() {
        let help = InitHelp.text
        for flag in InitFlag.table {
            #expect(help.contains("--\(flag.name)"))
        }
        #expect(help.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }
}
