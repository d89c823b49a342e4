// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
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
          --io auto|epoll    io_uring where the kernel gives it, or never (default: auto)
          --check            reads the file, says what is wrong with it, and ends
          --explain          the same, and shows all settings with where each comes from
          -o FORMAT          of --explain: table or json (default: table)

        EXAMPLES
          meshctl proxy --config proxy.yaml
          meshctl proxy --config proxy.yaml --explain

        A LINKERD2_PROXY_* variable that is set comes before the file, a flag before both.

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
        let named = variables.first { $0.name == ConfigSource.variable }?.value
        guard let path = arguments.config ?? named, !path.isEmpty else {
            write(
                "meshctl-proxy: --config FILE is missing, and so is \(ConfigSource.variable): "
                    + "there is no control plane yet that could stand in for it\n",
                to: 2
            )
            return 64
        }
        let source = ConfigSource(path: path, environment: environment, arguments: arguments)
        if case .explain(let asJSON) = arguments.purpose { return explain(source, asJSON: asJSON) }
        let stamp = source.stamp
        let (read, errors) = source.read()
        guard var setup = read else { return refuse(errors) }
        setup.stamp = stamp
        if arguments.purpose == .check { return 0 }
        return run(setup, source)
    }

    private static func refuse(_ errors: [ManifestError]) -> Int32 {
        for error in errors { write("\(error)\n", to: 2) }
        return 1
    }

    private static func explain(_ source: ConfigSource, asJSON: Bool) -> Int32 {
        let (explanation, errors) = source.explain()
        guard let explanation else { return refuse(errors) }
        let isColoured = SystemEnvironment.takesColours(1)
        write(asJSON ? explanation.json : explanation.table(isColoured: isColoured), to: 1)
        return 0
    }

    private static func run(
        _ setup: ProxySetup,
        _ source: ConfigSource
    ) -> Int32 {
        let log = ProxyLog(setup.logFilter, isJSON: setup.logFormat == .json)
        warn(of: source.environment.warnings, log)
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

    /// Says which variables have no effect, and why: a line a reason.
    private static func warn(of findings: [ProxyEnvironment.Finding], _ log: ProxyLog) {
        var said: Set<String> = []
        for reason in findings.map(\.message) where said.insert(reason).inserted {
            let names = findings.filter { $0.message == reason }.map(\.variable)
            log.log(
                .warn,
                "variables without effect",
                [("reason", reason), ("names", names.joined(separator: " "))],
                each: true
            )
        }
    }

    private static func write(_ text: String, to descriptor: Int32) {
        Files.write(Array(text.utf8), to: descriptor)
    }
}
