// SPDX-License-Identifier: Apache-2.0

internal import MeshModel
internal import ProxyCore

/// The command line of `meshctl-proxy`, which `meshctl proxy` runs.
public enum ProxyMain {
    private static let help = """
        USAGE: meshctl proxy --config FILE [--threads N] [--grace SECONDS] [--log-format plain|json]

        Relays the connections of this machine by mutual TLS, without Kubernetes.

          --config FILE      the services, the identity and the policy (docs/configuration.md);
                             else the file that MESHCTL_PROXY_CONFIG names. It is read again
                             when it changes
          --threads N        threads that relay bytes (default: 1)
          --grace SECONDS    how long open connections may take after SIGTERM (default: 120)
          --log-format F     plain or json (default: plain)
          --log-level L      error, warn, info or debug (default: LINKERD2_PROXY_LOG, else info)
          --check            reads the file, says what is wrong with it, and ends

        EXAMPLE
          meshctl proxy --config proxy.yaml

        The LINKERD2_PROXY_* variables of an injected pod come before the file, flags before both.

        Two more commands belong to pods that inject has written, and have a --help of their own:

          meshctl-proxy await            waits until the proxy of this pod is ready
          meshctl-proxy await-redirect   proves that this pod's traffic is redirected to its proxy

        """

    private static let commands = ["proxy", AwaitCommand.word, AwaitRedirectCommand.word]

    /// Runs the command that the first word names, which is the proxy where it is a flag; returns
    /// the exit code.
    public static func run(arguments: [String]) -> Int32 {
        guard let word = arguments.first, !word.hasPrefix("-") else { return runProxy(arguments) }
        let rest = Array(arguments.dropFirst())
        switch word {
        // `meshctl proxy ARGS` runs this file with ARGS; by hand one may write the word too.
        case "proxy": return runProxy(rest)
        case AwaitCommand.word: return AwaitCommand.run(rest)
        case AwaitRedirectCommand.word: return AwaitRedirectCommand.run(rest)
        default:
            let near = Suggestion.nearest(to: word, in: commands)
            let hint = near.map { "did you mean \($0)?" } ?? "see --help"
            write("meshctl-proxy: unknown command \(ValueError.quote(word)); \(hint)\n", to: 2)
            return CommandOutput.usageCode
        }
    }

    /// Runs the proxy: 0 ended, 1 could not start, 64 wrong usage.
    private static func runProxy(_ arguments: [String]) -> Int32 {
        if CommandOutput.asksForHelp(arguments) { return CommandOutput.print(help) }
        do throws(ValueError) {
            return run(try ProxyArguments(arguments))
        } catch {
            write("meshctl-proxy: \(error.message)\n", to: 2)
            return 64
        }
    }

    private static func run(_ arguments: ProxyArguments) -> Int32 {
        let variables = SystemEnvironment.variables()
        let environment = ProxyEnvironment(variables, isStandalone: true)
        guard environment.errors.isEmpty else {
            for error in environment.errors { write("\(error)\n", to: 2) }
            return 64
        }
        let named = variables.first { $0.name == configVariable }?.value
        guard let path = arguments.config ?? named, !path.isEmpty else {
            write(
                "meshctl-proxy: --config FILE is missing, and so is \(configVariable): "
                    + "there is no control plane yet that could stand in for it\n",
                to: 2
            )
            return 64
        }
        let isInjected = variables.contains { $0.name.hasPrefix("LINKERD2_PROXY_") }
        let source = ConfigSource(
            path: path,
            // A pod's environment speaks of all settings; one by hand may have none of them.
            environment: isInjected ? environment : nil,
            arguments: arguments
        )
        let stamp = source.stamp
        let (read, errors) = source.read()
        guard errors.isEmpty, var setup = read else {
            for error in errors { write("\(error)\n", to: 2) }
            return 1
        }
        setup.stamp = stamp
        if arguments.isCheck { return 0 }
        return run(setup, source, environment)
    }

    private static let configVariable = "MESHCTL_PROXY_CONFIG"

    private static func run(
        _ setup: ProxySetup,
        _ source: ConfigSource,
        _ environment: ProxyEnvironment
    ) -> Int32 {
        let log = ProxyLog(
            source.arguments.logFilter ?? environment.logFilter,
            isJSON: source.arguments.isJSON ?? (environment.logFormat == .json)
        )
        warn(of: environment.warnings.map(\.variable), log)
        do throws(StartError) {
            let process = ProxyProcess(setup, source, log)
            // Its signals and its upkeep refer to it weakly. Without this the optimiser may let go
            // of it once `run` has last looked at it, which is long before the end.
            try withExtendedLifetime(process) { () throws(StartError) in try process.run() }
            return 0
        } catch {
            log.log(.error, "cannot start", [("error", error.message)])
            log.close()
            return 1
        }
    }

    /// Says which variables have no effect, those of tracing apart: whoever sets them waits for
    /// spans.
    private static func warn(of names: [String], _ log: ProxyLog) {
        let isOfTraces = { (name: String) in name.hasPrefix(ProxyVariable.prefix + "TRACE_") }
        for (message, names) in [
            ("traces are not exported yet", names.filter(isOfTraces)),
            ("variables without effect yet", names.filter { !isOfTraces($0) }),
        ] where !names.isEmpty {
            log.log(.warn, message, [("names", names.joined(separator: " "))])
        }
    }

    private static func write(_ text: String, to descriptor: Int32) {
        Files.write(Array(text.utf8), to: descriptor)
    }
}

/// The checked words of a command line.
struct ProxyArguments {
    private(set) var config: String?
    private var threads: Int?
    private var graceNanos: UInt64?
    private(set) var isJSON: Bool?
    private(set) var logFilter: LogFilter?
    private(set) var isCheck = false

    private static let flags = FlagWords(
        names: ["--config", "--threads", "--grace", "--log-format", "--log-level"],
        switches: ["--check"]
    )

    init(_ words: [String]) throws(ValueError) {
        for (name, value) in try Self.flags.read(words) {
            switch name {
            case "--check": isCheck = true
            case "--config": config = value
            case "--threads": threads = try FlagValue.number(name, value, 1...64)
            case "--grace":
                graceNanos = UInt64(try FlagValue.number(name, value, 0...86_400)) * 1_000_000_000
            case "--log-format": isJSON = try FlagValue.isJSON(name, value)
            default: logFilter = try FlagValue.logFilter(name, value)
            }
        }
    }

    /// Flags come before the environment.
    func apply(to setup: inout ProxySetup) {
        if let threads { setup.threads = threads }
        if let graceNanos { setup.graceNanos = graceNanos }
    }
}
