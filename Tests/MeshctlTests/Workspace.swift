// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Testing

/// What one run of a command left behind.
struct CommandResult: Sendable {
    let exitCode: Int32
    let output: [UInt8]
    let report: String

    /// Standard output as text.
    var text: String { String(decoding: output, as: UTF8.self) }
}

/// A folder of one test, in which commands run; it is gone when the test is over.
final class Workspace: Sendable {
    private let root: String
    /// The folder that commands run in; nothing but the test's own files is there.
    let folder: String

    init() throws {
        root = FileManager.default.temporaryDirectory.path + "/meshctl-" + UUID().uuidString
        folder = root + "/files"
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    // MARK: Files

    func path(_ name: String) -> String { folder + "/" + name }

    func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        let parent = URL(fileURLWithPath: path(name)).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
    }

    func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path(name))), as: UTF8.self)
    }

    /// Every file and folder, relative, sorted.
    func names() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
    }

    // MARK: Commands

    /// The executable that was built beside the tests.
    static func meshctl() throws -> String {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = URL(fileURLWithPath: tests).deletingLastPathComponent().path + "/meshctl"
        try #require(FileManager.default.isExecutableFile(atPath: path), "\(path) is not built")
        return path
    }

    func meshctl(
        _ arguments: String...,
        input: String = "",
        environment: [String: String] = [:]
    ) async throws -> CommandResult {
        try await meshctl(arguments, input: input, environment: environment)
    }

    func meshctl(
        _ arguments: [String],
        input: String = "",
        environment: [String: String] = [:]
    ) async throws -> CommandResult {
        let executable = try Workspace.meshctl()
        return try await run(executable, arguments, input: input, environment: environment)
    }

    /// Runs a line of a shell, in which `$MESHCTL` is the executable.
    func shell(_ line: String) async throws -> CommandResult {
        let environment = ["MESHCTL": try Workspace.meshctl()]
        return try await run("/bin/bash", ["-c", line], input: "", environment: environment)
    }

    /// Standard streams are files, so that no full pipe can hold anyone up.
    private func run(
        _ executable: String,
        _ arguments: [String],
        input: String,
        environment: [String: String]
    ) async throws -> CommandResult {
        let base = root + "/" + UUID().uuidString
        try Data(input.utf8).write(to: URL(fileURLWithPath: base + ".in"))
        let process = try ChildProcess(
            ChildProcess.Command(
                executable,
                arguments,
                environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
                    .merging(environment) { _, new in new },
                folder: folder,
                input: .file(base + ".in"),
                output: .file(base + ".out"),
                report: .file(base + ".err")
            )
        )
        let exitCode = await process.exitCode()
        let report = try Data(contentsOf: URL(fileURLWithPath: base + ".err"))
        return CommandResult(
            exitCode: exitCode,
            output: Array(try Data(contentsOf: URL(fileURLWithPath: base + ".out"))),
            report: String(decoding: report, as: UTF8.self)
        )
    }
}
