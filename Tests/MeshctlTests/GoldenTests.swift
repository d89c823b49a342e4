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
        #expect(GoldenTests.inject.count >= 95)
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

    // The properties are of the golden files, which the tests above compare with what happens.

    @Test(arguments: GoldenTests.inject.filter { !$0.isRefused })
    func injectingAgainChangesNothing(golden: GoldenCase) async throws {
        let twice = try await run(golden, "inject", on: golden.expected())
        #expect(twice.exitCode == 0)
        #expect(try twice.output == golden.expected())
    }

    @Test(arguments: GoldenTests.inject.filter { !$0.isRefused })
    func uninjectGivesTheInputBack(golden: GoldenCase) async throws {
        let back = try await run(golden, "uninject", on: golden.expected(), flags: [])
        #expect(back.exitCode == 0)
        let isSame = try back.output == golden.input()
        #expect(try isSame != golden.isExempt(from: .inverse), "came back: \(back.text)")
    }

    @Test(arguments: GoldenTests.inject.filter { !$0.isRefused })
    func injectOnlyInserts(golden: GoldenCase) throws {
        let holds = try Insertions.lead(from: golden.input(), to: golden.expected())
        #expect(try holds != golden.isExempt(from: .insertions))
    }

    @Test(arguments: GoldenTests.uninject.filter { !$0.isRefused })
    func uninjectOnlyRemovesAndOnce(golden: GoldenCase) async throws {
        let holds = try Insertions.lead(from: golden.expected(), to: golden.input())
        #expect(try holds != golden.isExempt(from: .insertions))
        let twice = try await run(golden, "uninject", on: golden.expected())
        #expect(try twice.output == golden.expected())
    }

    // MARK: Running

    private func run(
        _ golden: GoldenCase,
        _ command: String,
        on bytes: [UInt8],
        flags: [String]? = nil
    ) async throws -> CommandResult {
        let workspace = try Workspace()
        try workspace.write(golden.inputName, bytes)
        for (name, bytes) in try golden.besides() { try workspace.write(name, bytes) }
        let flags = try flags ?? golden.flags()
        return try await workspace.meshctl([command] + flags + [golden.inputName])
    }

    private func compare(_ golden: GoldenCase, command: String) async throws {
        let result = try await run(golden, command, on: golden.input())
        let expected = golden.expectedName
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
