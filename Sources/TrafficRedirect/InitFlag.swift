// SPDX-License-Identifier: Apache-2.0

internal import MeshModel

/// A flag of `meshctl-init`: how it is written, what it says and what it does.
struct InitFlag: Sendable {
    /// The name without dashes.
    let name: String
    /// The letter after a single dash, if there is one.
    let short: Character?
    /// What the help calls the value; nil for a boolean.
    let value: String?
    /// One line for a person.
    let summary: String
    /// Reads the value; a boolean without one gets `true`.
    let apply: @Sendable (inout InitInvocation, String) throws(ValueError) -> Void

    /// Whether the next argument is the value where none is attached.
    var takesValue: Bool { value != nil }

    private init(
        _ name: String,
        short: Character? = nil,
        value: String? = nil,
        help summary: String,
        _ apply: @escaping @Sendable (inout InitInvocation, String) throws(ValueError) -> Void
    ) {
        self.name = name
        self.short = short
        self.value = value
        self.summary = summary
        self.apply = apply
    }

    /// Every flag, in the order of the help.
    static let table = ports + scope + actions + logging + withoutEffect

    // MARK: Ports and owners

    private static let ports = [
        InitFlag(
            "incoming-proxy-port",
            short: "p",
            value: "PORT",
            help: "where the proxy takes inbound connections (\(MeshDefaults.inboundPort))"
        ) { run, text throws(ValueError) in
            run.options.incomingPort = try PortNumber(parsing: text).value
        },
        InitFlag(
            "outgoing-proxy-port",
            short: "o",
            value: "PORT",
            help: "where the proxy takes outbound connections (\(MeshDefaults.outboundPort))"
        ) { run, text throws(ValueError) in
            run.options.outgoingPort = try PortNumber(parsing: text).value
        },
        InitFlag(
            "proxy-uid",
            short: "u",
            value: "UID",
            help: "let this user's connections through: the proxy's (\(MeshDefaults.proxyUserID))"
        ) { run, text throws(ValueError) in
            run.options.proxyUserID = try UserID(parsing: text).value
        },
        InitFlag(
            "proxy-gid",
            short: "g",
            value: "GID",
            help: "let this group's connections through; -1 for none"
        ) { run, text throws(ValueError) in
            run.options.proxyGroupID = try GroupID(parsing: text).value
        },
    ]

    // MARK: What is redirected

    private static let scope = [
        InitFlag(
            "ports-to-redirect",
            short: "r",
            value: "PORTS",
            help: "redirect inbound connections to these ports alone"
        ) { run, text throws(ValueError) in
            run.options.portsToRedirect = try grown(run.options.portsToRedirect, by: text)
        },
        InitFlag(
            "inbound-ports-to-ignore",
            value: "PORTS",
            help: "reach these ports of the pod directly (\(RedirectOptions.proxyPorts))"
        ) { run, text throws(ValueError) in
            let old = run.options.inboundPortsToIgnore ?? RedirectOptions.noPorts
            run.options.inboundPortsToIgnore = try grown(old, by: text)
        },
        InitFlag(
            "outbound-ports-to-ignore",
            value: "PORTS",
            help: "let the pod reach these ports directly"
        ) { run, text throws(ValueError) in
            run.options.outboundPortsToIgnore = try grown(
                run.options.outboundPortsToIgnore,
                by: text
            )
        },
        InitFlag(
            "subnets-to-ignore",
            value: "CIDRS",
            help: "do not redirect inbound connections from these networks"
        ) { run, text throws(ValueError) in
            run.options.subnetsToIgnore = try grown(run.options.subnetsToIgnore, by: text)
        },
        InitFlag(
            "ipv6",
            help: "redirect IPv6 too; =false leaves it alone (true)"
        ) { run, text throws(ValueError) in
            run.options.leavesIPv6Alone = try !GoBool(parsing: text).value
        },
    ]

    // MARK: What a run does

    private static let actions = [
        InitFlag(
            "timeout-close-wait-secs",
            value: "SECONDS",
            help: "sysctl for half-closed connections; wants privileged"
        ) { run, text throws(ValueError) in
            let seconds = try number(text, upTo: closeWaitSecondsMax)
            run.closeWaitSeconds = seconds == 0 ? nil : seconds
        },
        InitFlag("undo", help: "take the rules away again") { run, text throws(ValueError) in
            run.action = try GoBool(parsing: text).value ? .undo : .redirect
        },
        InitFlag("dry-run", help: "print the script for nftables and change nothing", setDryRun),
        InitFlag("simulate", help: "the same, as Linkerd calls it", setDryRun),
        InitFlag(
            "netns",
            value: "PATH",
            help: "the network namespace, such as /proc/PID/ns/net (its own)"
        ) { run, text throws(ValueError) in
            guard text.utf8.first == UInt8(ascii: "/") else {
                throw ValueError(
                    "\(ValueError.quote(text)) is no absolute path; write one such as "
                        + "\"/run/netns/NAME\" or \"/proc/PID/ns/net\""
                )
            }
            run.networkNamespace = text
        },
        InitFlag("help", short: "h", help: "show this") { run, text throws(ValueError) in
            if try GoBool(parsing: text).value { run.action = .help }
        },
        InitFlag("version", help: "show the version") { run, text throws(ValueError) in
            if try GoBool(parsing: text).value { run.action = .version }
        },
    ]

    private static let logging = [
        InitFlag(
            "log-format",
            value: "FORMAT",
            help: "plain or json (plain)"
        ) { run, text throws(ValueError) in
            run.logFormat = try choice(text, of: InitLog.Format.words)
        },
        InitFlag(
            "log-level",
            value: "LEVEL",
            help: "error, warn, info or debug (info)"
        ) { run, text throws(ValueError) in
            run.logLevel = try choice(text, of: InitLog.Level.words)
        },
    ]

    // MARK: Flags of Linkerd's that mean nothing here

    private static let withoutEffect = [
        InitFlag(
            "use-wait-flag",
            short: "w",
            help: "no effect: there is no lock to wait for"
        ) { run, text throws(ValueError) in
            if try GoBool(parsing: text).value { run.noteNoEffect(of: "--use-wait-flag") }
        },
        InitFlag(
            "firewall-bin-path",
            value: "PATH",
            help: "no effect: no other program is started"
        ) { run, _ throws(ValueError) in
            run.noteNoEffect(of: "--firewall-bin-path")
        },
        InitFlag(
            "firewall-save-bin-path",
            value: "PATH",
            help: "no effect, likewise"
        ) { run, _ throws(ValueError) in
            run.noteNoEffect(of: "--firewall-save-bin-path")
        },
        InitFlag(
            "iptables-mode",
            value: "MODE",
            help: "no effect: legacy, nft and plain all mean nftables"
        ) { run, text throws(ValueError) in
            _ = try choice(text, of: [("legacy", 0), ("nft", 0), ("plain", 0)])
            run.noteNoEffect(of: "--iptables-mode")
        },
    ]

    // MARK: Reading values

    /// LIMIT: the kernel keeps this time in its ticks, 1,000 a second at most, as a 32-bit number.
    static let closeWaitSecondsMax: UInt32 = 2_147_483
    /// LIMIT: the entries of a list.
    ///
    /// A pod has a few dozen ports at most; a test gives a set of this size to the kernel.
    static let listItemsMax = 1024

    private static func setDryRun(
        _ run: inout InitInvocation,
        _ text: String
    ) throws(ValueError) {
        run.isDryRun = try GoBool(parsing: text).value
    }

    private static func grown(_ list: PortList, by text: String) throws(ValueError) -> PortList {
        let added = try PortList(parsing: text)
        try checkCount(list.items.count + added.items.count)
        return PortList(list.items + added.items)
    }

    private static func grown(_ list: [CIDR], by text: String) throws(ValueError) -> [CIDR] {
        let added = try CIDRList(parsing: text).items
        try checkCount(list.count + added.count)
        return list + added
    }

    private static func checkCount(_ count: Int) throws(ValueError) {
        guard count <= listItemsMax else {
            throw ValueError(
                "\(count) entries, and at most \(listItemsMax) are read; join neighbours to ranges"
            )
        }
    }

    private static func number(_ text: String, upTo limit: UInt32) throws(ValueError) -> UInt32 {
        let isDecimal = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")) ~= $0 }
        guard isDecimal, let value = UInt32(text), value <= limit else {
            throw ValueError(
                "\(ValueError.quote(text)) is not a number of seconds from 0 to \(limit)"
            )
        }
        return value
    }

    private static func choice<Value>(
        _ text: String,
        of words: [(String, Value)]
    ) throws(ValueError) -> Value {
        if let found = words.first(where: { $0.0 == text }) { return found.1 }
        let names = words.map(\.0)
        let near = Suggestion.nearest(to: text, in: names).map { "; did you mean \"\($0)\"?" }
        throw ValueError(
            "\(ValueError.quote(text)) is not one of \(names.joined(separator: ", "))"
                + (near ?? "")
        )
    }
}
