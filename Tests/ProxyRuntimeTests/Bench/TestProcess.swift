// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation

/// A process of a test; it does not outlive this object.
final class TestProcess: Sendable {
    private let child: ChildProcess
    var pid: Int32 { child.pid }

    /// Starts it.
    ///
    /// Streams are files in the folder, named after the process, so that no full pipe can hold
    /// anyone up; a stderr of one's own takes the place of that file.
    init(
        _ executable: String,
        _ arguments: [String],
        in folder: TestFolder,
        name: String,
        input: FileHandle? = nil,
        report: FileHandle? = nil,
        environment: [String: String] = [:]
    ) throws {
        child = try ChildProcess(
            ChildProcess.Command(
                executable,
                arguments,
                environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
                    .merging(environment) { $1 },
                folder: folder.path,
                input: input.map { .descriptor($0.fileDescriptor) } ?? .null,
                output: .file(folder.path(name + ".out")),
                report: report.map { .descriptor($0.fileDescriptor) }
                    ?? .file(folder.path(name + ".err"))
            )
        )
    }

    deinit { child.signal(SIGKILL) }

    var isRunning: Bool { child.exitCodeIfEnded == nil }

    func signal(_ number: Int32) { child.signal(number) }

    /// Its exit code, once it has ended.
    func exitCode(within seconds: Double = Wait.secondsMax) throws -> Int32 {
        try Wait.until("the end of a process", within: seconds) { !isRunning }
        return child.exitCodeIfEnded ?? -1
    }

    /// Runs a command to its end; a failure says what it wrote.
    @discardableResult
    static func run(
        _ executable: String,
        _ arguments: [String],
        in folder: TestFolder
    ) throws -> String {
        let name = "run-" + UUID().uuidString
        let process = try TestProcess(executable, arguments, in: folder, name: name)
        guard try process.exitCode() == 0 else {
            throw BenchError("\(arguments): " + (try folder.text(name + ".err")))
        }
        return try folder.text(name + ".out")
    }

    // MARK: What the kernel knows of it

    /// Memory in use, in bytes.
    func residentBytes() throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        for line in text.split(separator: "\n") where line.hasPrefix("VmRSS:") {
            guard let kib = line.split(separator: " ").dropLast().last.flatMap({ Int($0) }) else {
                break
            }
            return kib * 1024
        }
        throw BenchError("/proc/\(pid)/status without VmRSS")
    }

    /// Time on a processor so far, in seconds.
    func processorSeconds() throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        // proc(5): after the name in brackets, utime and stime are the 12th and the 13th.
        let words = text.split(separator: ")").last?.split(separator: " ") ?? []
        guard words.count > 12, let user = Double(words[11]), let system = Double(words[12]) else {
            throw BenchError("/proc/\(pid)/stat without times")
        }
        return (user + system) / 100
    }

    /// Open descriptors.
    func descriptorCount() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count
    }
}
