// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import MeshModel

/// The command `meshctl`.
struct Meshctl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "meshctl",
        abstract: "A service mesh for Kubernetes.",
        discussion: """
            EXAMPLES
              Mark the workloads of a file for the mesh and apply it:
                meshctl inject webapp.yaml | kubectl apply -f -
              See what would change, without applying it:
                meshctl inject --diff webapp.yaml
              Take a running application into the mesh:
                kubectl get deploy -o yaml | meshctl inject - | kubectl apply -f -
            """,
        version: MeshVersion.current,
        subcommands: [
            InjectCommand.self, UninjectCommand.self, ProxyCommand.self, ProxyInitCommand.self,
            DiagnosticsCommand.self, CompletionCommand.self,
        ]
    )

    /// Parses and runs; does not return.
    static func run(arguments: [String]) -> Never {
        Posix.ignoreBrokenPipe()
        do {
            let arguments = GoFlags.rewrite(arguments)
            try CommandWord.check(arguments, subcommands: configuration.subcommands)
            var command = try parseAsRoot(arguments)
            try command.run()
        } catch let error as OutputClosed {
            // A reader that has seen enough, such as `head`, is no failure.
            Posix.exit(error.exitCode)
        } catch {
            exit(withError: error)
        }
        Posix.exit(0)
    }
}
