// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization

/// A program that a test has started.
///
/// Foundation's `Process` will not do: it copies whole `dirent` structures out of readdir(3)'s
/// buffer and now and then reads past its end, which ends the tests with SIGSEGV; and its children
/// hold the sockets by which it learns of other children's ends. docs/decisions/0007 has the trace.
public final class ChildProcess: Sendable {
    /// Where a standard stream leads.
    public enum Stream: Sendable {
        case null
        /// A file: read as stdin, made and emptied as stdout or stderr.
        case file(String)
        /// An open descriptor of the caller's, who keeps it open until the start.
        case descriptor(Int32)
    }

    /// What to run.
    public struct Command: Sendable {
        /// A path; PATH is not searched.
        public var executable: String
        /// Without the name of the program itself.
        public var arguments: [String]
        /// All of it; nothing of the tests' own.
        public var environment: [String: String]
        /// The working directory.
        public var folder: String
        /// Its stdin.
        public var input: Stream
        /// Its stdout.
        public var output: Stream
        /// Its stderr.
        public var report: Stream

        /// The streams lead to /dev/null unless they are given.
        public init(
            _ executable: String,
            _ arguments: [String],
            environment: [String: String],
            folder: String = "/",
            input: Stream = .null,
            output: Stream = .null,
            report: Stream = .null
        ) {
            self.executable = executable
            self.arguments = arguments
            self.environment = environment
            self.folder = folder
            self.input = input
            self.output = output
            self.report = report
        }
    }

    /// It could not be started.
    public struct StartError: Error, CustomStringConvertible {
        /// What was to be run.
        public let executable: String
        /// As errno(3) has it.
        public let code: Int32
        /// One line.
        public var description: String { "\(executable) does not start: errno \(code)" }
    }

    private enum State: Sendable {
        case runs(waiting: [CheckedContinuation<Int32, Never>])
        case ended(Int32)
    }

    /// Its process number, taken until its end is known.
    public let pid: Int32
    private let state = Mutex(State.runs(waiting: []))

    /// Starts it, with the three streams as its only descriptors and in a process group of its own.
    public init(_ command: Command) throws(StartError) {
        pid = try Spawn.start(command)
        Spawn.waitApart(for: self)
    }

    /// Its exit code, or nil while it runs; 128 and the signal when one ended it, as in a shell.
    public var exitCodeIfEnded: Int32? {
        state.withLock { if case .ended(let code) = $0 { code } else { nil } }
    }

    /// Its exit code once it has ended, without blocking a thread of the tests.
    public func exitCode() async -> Int32 {
        await withCheckedContinuation { continuation in
            let code: Int32? = state.withLock { state in
                switch state {
                case .ended(let code): return code
                case .runs(let waiting):
                    state = .runs(waiting: waiting + [continuation])
                    return nil
                }
            }
            if let code { continuation.resume(returning: code) }
        }
    }

    /// Sends a signal, but not to another program that has its number by now.
    public func signal(_ number: Int32) {
        state.withLock { state in
            if case .runs = state { _ = kill(pid, number) }
        }
    }

    /// Waits for the end.
    ///
    /// The number stays taken until the state says so, under the same lock.
    func reap() {
        Spawn.waitUntilEnded(pid)
        let (code, waiting) = state.withLock { state in
            let code = Spawn.collect(pid)
            defer { state = .ended(code) }
            guard case .runs(let waiting) = state else {
                return (code, [CheckedContinuation<Int32, Never>]())
            }
            return (code, waiting)
        }
        for continuation in waiting { continuation.resume(returning: code) }
    }
}
