// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The cases of `Fixtures/inject` and `Fixtures/uninject`, byte for byte.
@Suite("Golden cases")
struct GoldenTests {
    static let inject = GoldenCase.all(in: "Fixtures/inject")
    static let uninject = GoldenCase.all(in: "Fixtures/uninject")

    /// Without it the others could pass because they looked at nothing.
    @Test func areFound() {
        #expect(GoldenTests.inject.count >= 45)
        #expect(GoldenTests.uninject.count >= 8)
    }

    @Test func areNotBeingRewritten() {
        #expect(!GoldenCase.isUpdating, "goldens were rewritten; read the diff and run again")
    }

    @Test(arguments: GoldenTests.inject)
    func injectWritesWhatIsExpected(golden: GoldenCase) async throws {
        try await compare(golden, command: "inject")
    }

    @Test(arguments: GoldenTests.uninject)
    func uninjectWritesWhatIsExpected(golden: GoldenCase) async throws {
        try await compare(golden, command: "uninject")
    }

    @Test(arguments: GoldenTests.inject.filter { !$0.isRefused })
    func injectingAgainChangesNothing(golden: GoldenCase) async throws {
        let once = try await result(of: golden, "inject", golden.inputName)
        let twice = try await Workspace.with(golden.inputName, once) { workspace in
            try await workspace.meshctl(["inject"] + golden.flags() + [golden.inputName])
        }
        #expect(twice.exitCode == 0)
        #expect(twice.output == once)
    }

    @Test(arguments: GoldenTests.inject.filter { !$0.isRefused })
    func uninjectGivesTheInputBack(golden: GoldenCase) async throws {
        let injected = try await result(of: golden, "inject", golden.inputName)
        let back = try await Workspace.with(golden.inputName, injected) { workspace in
            try await workspace.meshctl("uninject", golden.inputName)
        }
        #expect(back.exitCode == 0)
        let isSame = try back.output == golden.bytes(golden.inputName)
        #expect(try isSame != golden.isExempt(from: .inverse), "came back: \(back.text)")
    }

    @Test(arguments: GoldenTests.inject.filter { !$0.isRefused })
    func injectOnlyInserts(golden: GoldenCase) async throws {
        let injected = try await result(of: golden, "inject", golden.inputName)
        let holds = try Insertions.lead(from: golden.bytes(golden.inputName), to: injected)
        #expect(try holds != golden.isExempt(from: .insertions))
    }

    @Test(arguments: GoldenTests.uninject.filter { !$0.isRefused })
    func uninjectOnlyRemovesAndOnce(golden: GoldenCase) async throws {
        let once = try await result(of: golden, "uninject", golden.inputName)
        let holds = try Insertions.lead(from: once, to: golden.bytes(golden.inputName))
        #expect(try holds != golden.isExempt(from: .insertions))
        let twice = try await Workspace.with(golden.inputName, once) { workspace in
            try await workspace.meshctl("uninject", golden.inputName)
        }
        #expect(twice.output == once)
    }

    // MARK: Running

    private func run(_ golden: GoldenCase, _ command: String) async throws -> CommandResult {
        try await Workspace.with(golden.inputName, golden.bytes(golden.inputName)) { workspace in
            try await workspace.meshctl([command] + golden.flags() + [golden.inputName])
        }
    }

    private func result(
        of golden: GoldenCase,
        _ command: String,
        _ name: String
    ) async throws -> [UInt8] {
        let result = try await run(golden, command)
        try #require(result.exitCode == 0, "\(result.report)")
        return result.output
    }

    private func compare(_ golden: GoldenCase, command: String) async throws {
        let result = try await run(golden, command)
        let expected = "expected." + golden.format
        let report = Array(result.report.utf8)
        if result.exitCode == 1 {
            #expect(result.output.isEmpty)
            try golden.expect(report, in: "error.txt")
            try golden.expectNone(of: [expected, "report.txt"])
        } else {
            #expect(result.exitCode == 0, "\(result.report)")
            try golden.expect(result.output, in: expected)
            try golden.expect(report, in: "report.txt")
            try golden.expectNone(of: ["error.txt"])
        }
    }
}

extension Workspace {
    /// Runs something in a folder that holds one file.
    static func with(
        _ name: String,
        _ bytes: [UInt8],
        _ body: (Workspace) async throws -> CommandResult
    ) async throws -> CommandResult {
        let workspace = try Workspace()
        try workspace.write(name, bytes)
        return try await body(workspace)
    }
}

/// A property that cannot fail says nothing, so the check itself is checked.
@Suite("Insertions")
struct InsertionsTests {
    @Test(arguments: [
        ("a\nb\n", "a\nnew\nb\n", true),
        ("a: {b: c}\n", "a: {new: 1, b: c}\n", true),
        ("a\nb", "a\nb\n", true),
        ("a\nb\n", "b\na\n", false),
        ("a: 'x'\n", "a: \"x\"\n", false),
        ("a\n\nb\n", "a\nb\n", false),
        ("a\r\n", "a\n", false),
        ("", "a\n", true),
    ])
    func areToldFromChanges(before: String, after: String, isInsertion: Bool) {
        #expect(Insertions.lead(from: Array(before.utf8), to: Array(after.utf8)) == isInsertion)
    }
}
