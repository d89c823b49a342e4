// SPDX-License-Identifier: Apache-2.0

internal import MeshModel
internal import ProxyCore

/// `meshctl-proxy await-redirect`: proves that this pod's traffic is redirected to its proxy.
///
/// It is the first container of a pod whose redirect a CNI plugin sets, and lets no other start
/// where that has not happened.
enum AwaitRedirectCommand {
    static let word = "await-redirect"

    /// The exit codes, which scripts may rely on.
    enum ExitCode {
        static let proven: Int32 = 0
        /// It could not be tried.
        static let failed: Int32 = 1
        /// The pod is not redirected: what Linkerd's validator ends with, by which controllers that
        /// repair pods know them.
        static let notRedirected: Int32 = 95
    }

    private static let help = """
        USAGE: meshctl-proxy await-redirect [flags]

        Proves that the pod's outbound traffic is redirected: connects to an address that is not the
        pod's, and wants to meet itself there, at the port where the proxy is going to listen.

          --listen-addr ADDR     the port of the redirect (default: 0.0.0.0:4140); [::]:4140 where
                                 IPv6 is redirected too
          --connect-addr ADDR    an address that nobody has, but that the pod has a route to; may be
                                 repeated (default: 1.1.1.1:20001, and with [::] [fd00::1]:20001)
          --timeout DURATION     gives up after so long (default: 10s)
          --log-format F         plain or json (default: plain)
          --log-level L          error, warn, info or debug (default: info)

        With --listen-addr [::] both versions of IP are proven, as far as the pod has addresses of
        them that lead out of it.

        EXAMPLE
          meshctl-proxy await-redirect --listen-addr [::]:4140 --connect-addr [fd00::1]:20001

        Exit codes: 0 redirected, 95 not redirected, 1 it could not be tried, 64 wrong usage.

        """

    /// The checked words of the command line.
    struct Arguments {
        var listener = SocketAddress(ip: .unspecifiedV4, port: MeshDefaults.outboundPort)
        var connectAddresses: [SocketAddress] = []
        var timeout = GoDuration(nanoseconds: 10_000_000_000)
        var isJSON = false
        var logFilter = LogFilter(.info)

        private static let names = [
            "--listen-addr", "--connect-addr", "--timeout", "--log-format", "--log-level",
        ]
        /// LIMIT: one address for each version of IP, and as many again for who wants more.
        private static let connectAddressesMax = 4

        init(_ words: [String]) throws(ValueError) {
            for (name, value) in try FlagWords(names: Self.names).read(words) {
                switch name {
                case "--listen-addr": listener = try FlagValue.address(name, value)
                case "--connect-addr":
                    connectAddresses.append(try FlagValue.address(name, value))
                case "--timeout": timeout = try FlagValue.wait(name, value)
                case "--log-format": isJSON = try FlagValue.isJSON(name, value)
                default: logFilter = try FlagValue.logFilter(name, value)
                }
            }
            guard connectAddresses.count <= Self.connectAddressesMax else {
                throw ValueError(
                    "--connect-addr is given \(connectAddresses.count) times, and at most "
                        + "\(Self.connectAddressesMax) are tried"
                )
            }
        }
    }

    static func run(_ words: [String]) -> Int32 {
        if CommandOutput.asksForHelp(words) { return CommandOutput.print(help) }
        do throws(ValueError) {
            return run(try Arguments(words))
        } catch {
            return CommandOutput.refuse(word, error)
        }
    }

    private static func run(_ arguments: Arguments) -> Int32 {
        let log = ProxyLog(arguments.logFilter, isJSON: arguments.isJSON, tellsAll: true)
        defer { log.close() }
        let versions = RedirectPlan.Versions(
            ipv4Routes: table("/proc/net/route"),
            ipv6Addresses: table("/proc/net/if_inet6")
        )
        let plan: RedirectPlan
        do throws(ValueError) {
            plan = try RedirectPlan(
                listener: arguments.listener,
                connectAddresses: arguments.connectAddresses,
                versions: versions
            )
        } catch {
            log.log(.error, error.message)
            return ExitCode.failed
        }
        for warning in plan.warnings { log.log(.warn, warning) }
        for omission in plan.omissions { log.log(.info, omission) }
        return prove(plan, arguments, log)
    }

    private static func prove(
        _ plan: RedirectPlan,
        _ arguments: Arguments,
        _ log: ProxyLog
    ) -> Int32 {
        let deadline = SystemCalls.monotonicNanos() + UInt64(arguments.timeout.nanoseconds)
        do throws(RedirectProver.Obstacle) {
            let prover = try RedirectProver(listener: arguments.listener, log)
            for target in plan.targets {
                if let failure = try prover.prove(target, untilNanos: deadline) {
                    log.log(.error, text(failure, target, arguments))
                    return ExitCode.notRedirected
                }
                log.log(.info, "redirected", [("connected_to", "\(target)")])
            }
            return ExitCode.proven
        } catch {
            log.log(.error, error.message)
            return ExitCode.failed
        }
    }

    private static func text(
        _ failure: RedirectProof.Failure,
        _ target: SocketAddress,
        _ arguments: Arguments
    ) -> String {
        var found = failure.explanation(of: target, listener: arguments.listener)
        if failure == .silence { found += " within \(arguments.timeout)" }
        return "\(found). The CNI plugin has not set the redirect for this pod, and it does so "
            + "only when a pod is made: see to it that the plugin runs on this node, then delete "
            + "this pod. docs/redirect.md says more"
    }

    /// One of the kernel's tables: empty where there is none, nil where it cannot be read.
    private static func table(_ path: String) -> String? {
        do throws(Errno) {
            // LIMIT: 1 MiB; a pod has a handful of addresses and routes, of some 80 bytes each.
            return String(decoding: try Files.read(path, limit: 1 << 20), as: UTF8.self)
        } catch {
            return error.isMissingFile ? "" : nil
        }
    }
}
