// SPDX-License-Identifier: Apache-2.0

internal import MeshModel

/// `meshctl-init`: redirects the traffic of the pod whose network namespace it runs in.
///
/// It changes at most two things: the table, in one transaction, and the time of half-closed
/// connections when that is asked for. Whatever fails ends the run before the table is touched, or
/// leaves the table as it was.
public enum InitCommand {
    /// The exit codes, which scripts may rely on.
    enum ExitCode {
        /// What was asked for is done.
        static let done: Int32 = 0
        /// It could not be done; the log says why.
        static let failed: Int32 = 1
        /// The arguments ask for nothing we can do (EX_USAGE in sysexits.h).
        static let usage: Int32 = 64
    }

    /// Runs the command with its arguments, without its own name, and returns the exit code.
    public static func run(arguments: [String]) -> Int32 {
        run(arguments: arguments, kernel: LinuxKernel())
    }

    /// Runs the command with a kernel of the caller's choice.
    static func run(arguments: [String], kernel: some KernelCalls) -> Int32 {
        do throws(UsageError) {
            return InitRun(try InitFlagParser.parse(arguments), kernel).run()
        } catch {
            try? kernel.write("meshctl-init: error: \(error)\n", to: 2)
            return ExitCode.usage
        }
    }
}

/// One run whose arguments are right.
struct InitRun<Kernel: KernelCalls> {
    private let invocation: InitInvocation
    private let kernel: Kernel
    private let log: InitLog

    /// Makes a run of what the arguments ask for.
    init(_ invocation: InitInvocation, _ kernel: Kernel) {
        self.invocation = invocation
        self.kernel = kernel
        log = InitLog(format: invocation.logFormat, level: invocation.logLevel)
    }

    /// Does it, and returns the exit code.
    func run() -> Int32 {
        switch invocation.action {
        case .help: return printed(InitHelp.text)
        case .version: return printed("meshctl-init \(MeshVersion.current)\n")
        case .redirect, .undo: break
        }
        if !invocation.flagsWithoutEffect.isEmpty {
            let flags = invocation.flagsWithoutEffect.joined(separator: ",")
            say(.info, "these flags have no effect with nftables", [.init("flags", flags)])
        }
        if invocation.isDryRun { return printed(script) }
        do throws(KernelError) {
            if let path = invocation.networkNamespace { try enterNetwork(path) }
            if invocation.action == .undo {
                try undo()
            } else {
                try redirect()
            }
            return InitCommand.ExitCode.done
        } catch {
            say(.error, error.description)
            return InitCommand.ExitCode.failed
        }
    }

    private var script: String {
        invocation.action == .undo
            ? RedirectRules.removal : RedirectRules(invocation.options).text
    }

    private func enterNetwork(_ path: String) throws(KernelError) {
        do throws(KernelError) {
            try kernel.enterNetwork(path)
        } catch {
            throw KernelError(
                code: error.code,
                description: "nothing was changed: cannot enter the network namespace \(path): "
                    + "\(error.description); this takes CAP_SYS_ADMIN and the namespace's file"
            )
        }
    }

    private func undo() throws(KernelError) {
        try apply()
        say(.info, "removed the redirect", [.init("table", RedirectRules.table)])
    }

    private func redirect() throws(KernelError) {
        let options = invocation.options
        let ipv6 = ipv6Presence()
        // Before the rules: without them it changes nothing for anybody.
        if let seconds = invocation.closeWaitSeconds { try setCloseWait(seconds) }
        try apply()
        let redirected = [InitLog.Field("table", RedirectRules.table)]
        say(.info, "redirected inbound TCP", redirected + inboundFields)
        say(.info, "redirected outbound TCP", redirected + outboundFields)
        if options.leavesIPv6Alone, ipv6 == .present {
            say(.warning, "the pod has IPv6 addresses, whose traffic bypasses the proxy")
        }
    }

    private var inboundFields: [InitLog.Field] {
        let options = invocation.options
        var fields = [InitLog.Field("to", options.incomingPort)]
        if !options.portsToRedirect.isEmpty {
            fields.append(.init("ports", options.portsToRedirect))
        }
        if !options.directInboundPorts.isEmpty {
            fields.append(.init("except_ports", options.directInboundPorts))
        }
        if !options.subnetsToIgnore.isEmpty {
            let subnets = options.subnetsToIgnore.map(\.description).joined(separator: ",")
            fields.append(.init("except_subnets", subnets))
        }
        return fields + [.init("ipv6", !options.leavesIPv6Alone)]
    }

    private var outboundFields: [InitLog.Field] {
        let options = invocation.options
        var fields = [InitLog.Field("to", options.outgoingPort)]
        fields.append(.init("except_uid", options.proxyUserID))
        if let group = options.proxyGroupID { fields.append(.init("except_gid", group)) }
        if !options.outboundPortsToIgnore.isEmpty {
            fields.append(.init("except_ports", options.outboundPortsToIgnore))
        }
        return fields + [.init("ipv6", !options.leavesIPv6Alone)]
    }

    /// Where the kernel does not say, IPv6 counts as present: that only ever warns of more.
    private func ipv6Presence() -> IPv6Presence {
        let presence: IPv6Presence
        do throws(KernelError) {
            presence = IPv6Presence(parsing: try kernel.read(IPv6Presence.path))
        } catch {
            presence = error.isMissingFile ? .none : .present
        }
        say(.debug, "looked for IPv6 addresses", [.init("found", presence == .present)])
        return presence
    }

    private func apply() throws(KernelError) {
        // Asked first, because libnftables tells it to stderr in words of its own.
        let status = try? kernel.read(NetAdminCapability.path)
        if status.flatMap(NetAdminCapability.isEffective) == false {
            throw KernelError(
                code: nil,
                description: "nothing was changed: this process lacks CAP_NET_ADMIN; the container "
                    + "must have NET_ADMIN, and where it is not root, so must the file (setcap "
                    + "cap_net_admin,cap_net_raw+ep)"
            )
        }
        do throws(KernelError) {
            try kernel.apply(script)
        } catch {
            throw KernelError(
                code: error.code,
                description: "nothing was changed: the kernel refused table "
                    + "\(RedirectRules.table): \(error); it takes NET_ADMIN, and Linux 5.2 or "
                    + "later with nf_tables and its NAT"
            )
        }
    }

    private func setCloseWait(_ seconds: UInt32) throws(KernelError) {
        let name = "nf_conntrack_tcp_timeout_close_wait"
        do throws(KernelError) {
            try kernel.write("\(seconds)\n", toFile: "/proc/sys/net/netfilter/\(name)")
        } catch {
            let advice =
                error.isMissingFile
                ? "this kernel has no connection tracking here; load nf_conntrack on the node"
                : "in a container that is not privileged /proc/sys is read-only: set "
                    + "proxyInit.runAsRoot=true, or leave out --timeout-close-wait-secs"
            throw KernelError(
                code: error.code,
                description: "nothing was changed: cannot set net.netfilter.\(name) to "
                    + "\(seconds): \(error); \(advice)"
            )
        }
        say(.info, "set net.netfilter.\(name)", [.init("seconds", seconds)])
    }

    private func printed(_ text: String) -> Int32 {
        do throws(KernelError) {
            try kernel.write(text, to: 1)
            return InitCommand.ExitCode.done
        } catch {
            // A reader that is gone has read enough.
            if error.isBrokenPipe { return InitCommand.ExitCode.done }
            say(.error, "cannot write to stdout: \(error)")
            return InitCommand.ExitCode.failed
        }
    }

    /// A log that nobody takes is no reason to fail.
    private func say(_ level: InitLog.Level, _ message: String, _ fields: [InitLog.Field] = []) {
        guard let line = log.line(level, message, fields) else { return }
        try? kernel.write(line, to: 2)
    }
}
