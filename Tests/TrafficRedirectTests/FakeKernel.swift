// SPDX-License-Identifier: Apache-2.0

@testable import TrafficRedirect

/// Stands in for the kernel, and notes what it was asked to change, in order.
final class FakeKernel: KernelCalls {
    /// What a file of /proc holds, and the error that others give.
    var files = [NetAdminCapability.path: "Name:\tinit\nCapEff:\t0000000000003000\n"]
    var missing = KernelError(code: 2, description: "No such file or directory")
    /// What a change ends with; nil when it works.
    var scriptFailure: KernelError?
    var networkFailure: KernelError?
    var fileFailure: KernelError?
    var outputFailure: KernelError?

    private(set) var changes: [String] = []
    private(set) var output = ""
    private(set) var log = ""

    func enterNetwork(_ path: String) throws(KernelError) {
        guard let networkFailure else { return changes.append("in \(path)") }
        throw networkFailure
    }

    func apply(_ script: String) throws(KernelError) {
        if let scriptFailure { throw scriptFailure }
        changes.append(script)
    }

    func read(_ path: String) throws(KernelError) -> String {
        guard let text = files[path] else { throw missing }
        return text
    }

    func write(_ text: String, toFile path: String) throws(KernelError) {
        if let fileFailure { throw fileFailure }
        changes.append("\(path)=\(text)")
    }

    func write(_ text: String, to descriptor: Int32) throws(KernelError) {
        guard descriptor == 1 else {
            log += text
            return
        }
        if let outputFailure { throw outputFailure }
        output += text
    }

    /// Runs the command, and returns its exit code.
    func run(_ arguments: String...) -> Int32 { run(arguments) }

    func run(_ arguments: [String]) -> Int32 {
        InitCommand.run(arguments: arguments, kernel: self)
    }
}
