// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// `meshctl completion`.
struct CompletionCommand: ParsableCommand {
    enum Shell: String, CaseIterable, ExpressibleByArgument {
        case bash, zsh, fish
    }

    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Print a script that completes meshctl's words in your shell.",
        discussion: """
            EXAMPLES
              source <(meshctl completion bash)
              meshctl completion zsh > "${fpath[1]}/_meshctl"
              meshctl completion fish > ~/.config/fish/completions/meshctl.fish
            """
    )

    @Argument(help: "The shell.") var shell: Shell

    func run() throws {
        let shell = CompletionShell(rawValue: shell.rawValue) ?? .bash
        try Output.write(Array((Meshctl.completionScript(for: shell) + "\n").utf8))
    }
}
