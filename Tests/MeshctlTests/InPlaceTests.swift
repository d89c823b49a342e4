// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("In place")
struct InPlaceTests {
    static let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec: {}\n"
    static let injected = pod.replacing(
        "  name",
        with: "  annotations:\n    linkerd.io/inject: enabled\n  name"
    )

    @Test func filesAreReplacedAndComeBack() async throws {
        let workspace = try Workspace()
        try workspace.write("a.yaml", Self.pod)
        try workspace.write("in/b.yml", Self.pod)
        let result = try await workspace.meshctl("inject", "--in-place", "a.yaml", "in")
        #expect(result.exitCode == 0)
        #expect(result.output.isEmpty)
        #expect(result.report.contains("a.yaml: pod \"web\" injected\n"))
        #expect(try workspace.read("a.yaml") == Self.injected)
        #expect(try workspace.read("in/b.yml") == Self.injected)
        let back = try await workspace.meshctl("uninject", "--in-place", "in", "a.yaml")
        #expect(back.exitCode == 0)
        #expect(try workspace.read("a.yaml") == Self.pod)
        #expect(try workspace.read("in/b.yml") == Self.pod)
        #expect(try workspace.names() == ["a.yaml", "in", "in/b.yml"])
    }

    @Test func keepsTheMode() async throws {
        let workspace = try Workspace()
        for mode in [0o600, 0o755, 0o444] {
            try workspace.write("\(mode).yaml", Self.pod)
            try workspace.setMode(mode, of: "\(mode).yaml")
        }
        #expect(try await workspace.meshctl("inject", "--in-place", ".").exitCode == 0)
        for mode in [0o600, 0o755, 0o444] {
            #expect(try workspace.mode(of: "\(mode).yaml") == mode)
            #expect(try workspace.read("\(mode).yaml") == Self.injected)
        }
    }

    @Test func keepsALink() async throws {
        let workspace = try Workspace()
        try workspace.write("real/pod.yaml", Self.pod)
        try workspace.link("pod.yaml", to: "real/pod.yaml")
        #expect(try await workspace.meshctl("inject", "--in-place", "pod.yaml").exitCode == 0)
        #expect(try workspace.destination(of: "pod.yaml") == "real/pod.yaml")
        #expect(try workspace.read("real/pod.yaml") == Self.injected)
        #expect(try workspace.names() == ["pod.yaml", "real", "real/pod.yaml"])
    }

    @Test func leavesAFileAloneThatDoesNotChange() async throws {
        let workspace = try Workspace()
        try workspace.write("done.yaml", Self.injected)
        try workspace.write("other.yaml", "a: b")
        try workspace.write("pod.yaml", Self.pod)
        let before = try ["done.yaml", "other.yaml", "pod.yaml"].map(workspace.inode)
        #expect(try await workspace.meshctl("inject", "--in-place", ".").exitCode == 0)
        let after = try ["done.yaml", "other.yaml", "pod.yaml"].map(workspace.inode)
        #expect(before[0] == after[0])
        #expect(before[1] == after[1])
        #expect(before[2] != after[2])
    }

    @Test(arguments: ["a: [\n", "apiVersion: v1\nkind: Pod\nmetadata: text\n"])
    func writesNothingWhenAnotherFileIsBad(bad: String) async throws {
        let workspace = try Workspace()
        try workspace.write("a.yaml", Self.pod)
        try workspace.write("b.yaml", bad)
        try workspace.write("c.yaml", Self.pod)
        let result = try await workspace.meshctl("inject", "--in-place", ".")
        #expect(result.exitCode == 1)
        #expect(result.report.hasPrefix("meshctl inject: 1 error, nothing was written\n./b.yaml:"))
        #expect(try workspace.read("a.yaml") == Self.pod)
        #expect(try workspace.read("c.yaml") == Self.pod)
        #expect(try workspace.names() == ["a.yaml", "b.yaml", "c.yaml"])
    }

    @Test func writesNothingUnderStrictWhenAWorkloadIsMissed() async throws {
        let workspace = try Workspace()
        try workspace.write("a.yaml", Self.pod)
        try workspace.write("b.yaml", Self.pod.replacing("{}", with: "{hostNetwork: true}"))
        let strict = try await workspace.meshctl("inject", "--in-place", "--strict", ".")
        #expect(strict.exitCode == 1)
        #expect(try workspace.read("a.yaml") == Self.pod)
        #expect(try await workspace.meshctl("inject", "--in-place", ".").exitCode == 0)
        #expect(try workspace.read("a.yaml") == Self.injected)
    }

    @Test func takesAFileThatIsNamedTwice() async throws {
        let workspace = try Workspace()
        try workspace.write("a.yaml", Self.pod)
        let result = try await workspace.meshctl("inject", "--in-place", "a.yaml", ".")
        #expect(result.exitCode == 0)
        #expect(try workspace.read("a.yaml") == Self.injected)
        #expect(try workspace.names() == ["a.yaml"])
    }

    /// A pipe can be read but has no place to be written back to, not even for root.
    @Test func cleansUpWhereAFileCannotBeWritten() async throws {
        let workspace = try Workspace()
        try workspace.write("a.yaml", Self.pod)
        let line =
            "exec 3<<<\"$(cat a.yaml)\"; \"$MESHCTL\" inject --in-place a.yaml /proc/self/fd/3"
        let result = try await workspace.shell(line)
        #expect(result.exitCode == 1, "\(result)")
        #expect(result.report.contains("/proc/self/fd/3: cannot be written: "))
        #expect(try workspace.read("a.yaml") == Self.pod)
        #expect(try workspace.names() == ["a.yaml"])
    }
}

extension Workspace {
    func link(_ name: String, to destination: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: path(name),
            withDestinationPath: destination
        )
    }

    func destination(of name: String) throws -> String {
        try FileManager.default.destinationOfSymbolicLink(atPath: path(name))
    }

    func setMode(_ mode: Int, of name: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path(name))
    }

    func mode(of name: String) throws -> Int? {
        try attribute(.posixPermissions, of: name)?.intValue
    }

    func inode(of name: String) throws -> Int? {
        try attribute(.systemFileNumber, of: name)?.intValue
    }

    private func attribute(_ key: FileAttributeKey, of name: String) throws -> NSNumber? {
        try FileManager.default.attributesOfItem(atPath: path(name))[key] as? NSNumber
    }
}
