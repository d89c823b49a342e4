// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite("Usage")
struct UsageTests {
    static let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec: {}\n"

    private func run(_ arguments: String) async throws -> CommandResult {
        let workspace = try Workspace()
        try workspace.write("pod.yaml", Self.pod)
        let words = arguments.split(separator: " ").map(String.init)
        return try await workspace.meshctl(words, input: Self.pod)
    }

    @Test func versionIsOneLineOnStandardOutput() async throws {
        let result = try await run("--version")
        #expect(result.exitCode == 0)
        #expect(result.text.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
        #expect(result.report == "")
    }

    @Test(arguments: [
        ("--help", "SUBCOMMANDS:"), ("help", "SUBCOMMANDS:"), ("-h", "SUBCOMMANDS:"),
        ("", "SUBCOMMANDS:"), ("help inject", "--opaque-ports <ports>"),
        ("inject --help", "meshctl inject webapp.yaml | kubectl apply -f -"),
        ("inject -h", "--native-sidecar/--no-native-sidecar"),
        ("uninject --help", "meshctl uninject --in-place deploy/"),
        ("completion --help", "source <(meshctl completion bash)"),
    ])
    func helpGoesToStandardOutput(arguments: String, part: String) async throws {
        let result = try await run(arguments)
        #expect(result.exitCode == 0)
        #expect(result.text.contains(part))
        #expect(result.report == "")
    }

    @Test(arguments: [
        ("inject --proxy-log-levl debug pod.yaml", "Did you mean '--proxy-log-level'?"),
        ("inject --opaque-port=3306 pod.yaml", "Did you mean '--opaque-ports'?"),
        ("inject --in-plcae pod.yaml", "Did you mean '--in-place'?"),
        ("uninject --verbos pod.yaml", "Did you mean '--verbose'?"),
        ("--verison", "Did you mean '--version'?"), ("--hepl", "Did you mean '--help'?"),
        ("injct pod.yaml", "Did you mean 'inject'?"), ("Uninject", "Did you mean 'uninject'?"),
        ("help injct", "Did you mean 'inject'?"),
        ("frobnicate", "are inject, uninject, proxy, proxy-init, diagnostics, completion, help."),
        ("completion bsh", "'bash', 'zsh' or 'fish'"),
        ("inject -o xml pod.yaml", "'yaml' and 'json'"),
        ("inject --report xml pod.yaml", "'text' and 'json'"),
    ])
    func wrongWordsSuggestTheRightOnes(arguments: String, advice: String) async throws {
        let result = try await run(arguments)
        #expect(result.exitCode == 64)
        #expect(result.output.isEmpty)
        #expect(result.report.contains(advice), "\(result.report)")
    }

    @Test(arguments: [
        ("inject", "Missing a path: name a file or a directory, or - for stdin."),
        ("uninject", "Missing a path: name a file or a directory, or - for stdin."),
        ("inject - -", "Stdin can be read only once: name - once."),
        ("inject --in-place -", "--in-place cannot write stdin back: name the file."),
        ("inject --in-place pod.yaml -", "--in-place cannot write stdin back: name the file."),
        ("inject --diff --in-place pod.yaml", "--diff shows what would change"),
        ("inject --diff -o json pod.yaml", "--diff shows what would change"),
        ("uninject --in-place -o json pod.yaml", "--in-place keeps each file's form"),
        ("inject --disable-identity pod.yaml", "every proxy has an identity"),
        ("inject --proxy-uid root pod.yaml", "--proxy-uid: \"root\" is not a user number"),
        ("inject --opaque-ports 9-1 pod.yaml", "--opaque-ports: "),
        (
            "inject --close-wait-timeout 30 pod.yaml",
            "--close-wait-timeout: the duration \"30\" has no unit"
        ),
        ("inject --registry a_b! pod.yaml", "--registry: "),
        ("inject --strict=maybe pod.yaml", "'--strict' does not take any value"),
        ("uninject --strict pod.yaml", "Unknown option '--strict'"),
    ])
    func wrongUseIsExplained(arguments: String, message: String) async throws {
        let result = try await run(arguments)
        #expect(result.exitCode == 64)
        #expect(result.output.isEmpty)
        #expect(result.report.contains(message), "\(result.report)")
    }

    @Test(arguments: [
        ("inject pod.yaml", Int32(0)), ("inject -", 0), ("uninject pod.yaml", 0),
        ("inject pod.yaml -", 0), ("inject --strict pod.yaml", 0),
        ("inject --proxy-gid -1 pod.yaml", 0), ("inject --proxy-gid=-1 pod.yaml", 0),
        ("inject missing.yaml", 1), ("uninject missing.yaml", 1), ("inject -- pod.yaml", 0),
        ("inject --nonsense pod.yaml", 64),
    ])
    func exitCodesTellWhatHappened(arguments: String, code: Int32) async throws {
        #expect(try await run(arguments).exitCode == code)
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func completionsKnowEveryCommand(shell: String) async throws {
        let workspace = try Workspace()
        let script = try await workspace.meshctl("completion", shell)
        #expect(script.exitCode == 0)
        #expect(script.report == "")
        for word in ["inject", "uninject", "completion", "opaque-ports", "in-place"] {
            #expect(script.text.contains(word), "\(word)")
        }
        #expect(script.text.hasSuffix("\n"))
        guard shell == "bash" else { return }
        try workspace.write("script", script.output)
        let check = try await workspace.shell("bash -n script")
        #expect(check.exitCode == 0, "\(check.report)")
    }

    @Test func bashCompletesFlags() async throws {
        let workspace = try Workspace()
        let line = """
            source <("$MESHCTL" completion bash)
            COMP_WORDS=(meshctl inject --opa); COMP_CWORD=2; COMP_LINE='meshctl inject --opa'
            COMP_POINT=${#COMP_LINE}; PATH=${MESHCTL%/*}:$PATH
            "$(complete -p meshctl | sed 's/.*-F \\([^ ]*\\).*/\\1/')" meshctl --opa inject
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let result = try await workspace.shell(line)
        #expect(result.text.contains("--opaque-ports"), "\(result)")
    }
}
