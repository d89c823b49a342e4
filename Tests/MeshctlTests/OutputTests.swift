// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite("Output")
struct OutputTests {
    static let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec: {}\n"

    private func workspace() throws -> Workspace {
        let workspace = try Workspace()
        try workspace.write("pod.yaml", Self.pod)
        return workspace
    }

    // MARK: Pipes

    /// More than a pipe holds, so that the writer is still at it when the reader goes.
    private func crowd() throws -> Workspace {
        let workspace = try Workspace()
        let documents = (0..<1500).map {
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \($0)}\n"
        }
        try workspace.write("all.yaml", documents.joined(separator: "---\n"))
        #expect(try workspace.read("all.yaml").utf8.count > 1 << 16)
        return workspace
    }

    @Test(arguments: ["inject", "uninject", "inject -o json", "inject --verbose"])
    func aReaderThatLeavesIsNoFailure(command: String) async throws {
        let workspace = try crowd()
        let line = "{ \"$MESHCTL\" \(command) all.yaml 2>report; echo $? >code; } | head -n 1"
        let result = try await workspace.shell(line)
        #expect(result.text.split(separator: "\n").count == 1)
        #expect(try workspace.read("code") == "0\n")
        #expect(try workspace.read("report") == "")
    }

    @Test func aClosedReportIsNoFailure() async throws {
        let result = try await workspace().shell("\"$MESHCTL\" inject pod.yaml 2>&-")
        #expect(result.exitCode == 0)
        #expect(result.text.contains("linkerd.io/inject: enabled\n"))
    }

    @Test func aFullDiskIsAFailure() async throws {
        let result = try await workspace().shell("\"$MESHCTL\" inject pod.yaml >/dev/full")
        #expect(result.exitCode == 1)
        #expect(result.report == "meshctl: cannot write to stdout: No space left on device\n")
    }

    // MARK: Colours

    @Test(arguments: ["inject pod.yaml", "inject --diff --verbose pod.yaml", "inject missing.yaml"])
    func thereAreNoEscapesOutsideATerminal(arguments: String) async throws {
        let words = arguments.split(separator: " ").map(String.init)
        let result = try await workspace().meshctl(words, environment: ["TERM": "xterm"])
        #expect(!result.output.contains(0x1B))
        #expect(!result.report.contains("\u{1B}"))
    }

    /// script(1) gives the command a terminal of its own and copies what it says.
    private func terminal(_ command: String, _ environment: String) async throws -> String {
        let line = "script -qec 'env -u NO_COLOR \(environment) \"$MESHCTL\" \(command)' /dev/null"
        return try await workspace().shell(line).text.replacing("\r\n", with: "\n")
    }

    @Test func aTerminalGetsColours() async throws {
        let report = try await terminal("inject pod.yaml", "TERM=xterm")
        #expect(report.contains("\u{1B}[32mpod \"web\" injected\u{1B}[0m\n"))
        let diff = try await terminal("inject --diff pod.yaml", "TERM=xterm")
        #expect(diff.contains("\u{1B}[32m+  annotations:\u{1B}[0m\n"))
        #expect(diff.contains("\u{1B}[36m@@ -1,5 +1,7 @@\u{1B}[0m\n"))
        let error = try await terminal("inject missing.yaml", "TERM=xterm")
        #expect(error.contains("\u{1B}[31mmeshctl inject: 1 error, nothing was written\u{1B}[0m\n"))
    }

    @Test(arguments: ["TERM=xterm NO_COLOR=1", "TERM=dumb"])
    func aTerminalThatWantsNoneGetsNone(environment: String) async throws {
        for command in ["inject pod.yaml", "inject --diff pod.yaml", "inject missing.yaml"] {
            let text = try await terminal(command, environment)
            #expect(text.contains("inject"))
            #expect(!text.contains("\u{1B}"))
        }
    }

    @Test func anEmptyNoColorDoesNotCount() async throws {
        #expect(
            try await terminal("inject pod.yaml", "TERM=xterm NO_COLOR=").contains("\u{1B}[32m")
        )
    }

    // MARK: Diff

    @Test func aDiffTellsWhatWouldChangeAndNothingElse() async throws {
        let workspace = try workspace()
        try workspace.write("other.yaml", "a: b\n")
        let result = try await workspace.meshctl("inject", "--diff", "other.yaml", "pod.yaml")
        #expect(
            result.text == """
                --- pod.yaml
                +++ pod.yaml
                @@ -1,5 +1,7 @@
                 apiVersion: v1
                 kind: Pod
                 metadata:
                +  annotations:
                +    linkerd.io/inject: enabled
                   name: web
                 spec: {}

                """
        )
        #expect(try workspace.read("pod.yaml") == Self.pod)
        let none = try await workspace.meshctl("uninject", "--diff", "pod.yaml")
        #expect(none.exitCode == 0)
        #expect(none.output.isEmpty)
    }
}
