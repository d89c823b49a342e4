// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Testing

/// A file of `Fixtures/refused` that `meshctl inject` must refuse.
///
/// `CASE.expected` is what it says on stderr; a case whose name starts with `manual-` runs with
/// `--manual`.
struct Refusal: Sendable, CustomTestStringConvertible {
    let name: String
    var testDescription: String { name }

    static let isUpdating = ProcessInfo.processInfo.environment["UPDATE_FIXTURES"] == "1"

    private static let fixtures = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent()  // MeshctlTests
        .deletingLastPathComponent()  // Tests
        .deletingLastPathComponent()
        .appendingPathComponent("Fixtures")

    private static let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    private static let folder = fixtures.appendingPathComponent("refused").path
    private static let goldenSuffix = ".expected"

    /// All cases; none when the folder is missing, which a test notices.
    static let all = files.filter { !$0.hasSuffix(goldenSuffix) }.sorted().map(Refusal.init)

    /// What is expected of cases that are gone.
    static let strays = files.filter { name in
        name.hasSuffix(goldenSuffix)
            && !all.contains { URL(fileURLWithPath: $0.golden).lastPathComponent == name }
    }

    var source: String { Refusal.folder + "/" + name }
    var golden: String {
        Refusal.folder + "/" + (name as NSString).deletingPathExtension + Refusal.goldenSuffix
    }

    var arguments: [String] {
        guard name.hasPrefix("manual-") else { return ["inject", name] }
        let anchors = Refusal.fixtures.appendingPathComponent("trust-anchors.crt").path
        return ["inject", "--manual", "--identity-trust-anchors-file", anchors, name]
    }
}

/// One run of the command that was built beside the tests, in a folder of its own.
struct RefusalRun {
    let exitCode: Int32
    let output: Data
    let report: Data

    /// `prepare` puts files into the folder.
    init(_ arguments: [String], _ prepare: (URL) throws -> Void) async throws {
        let manager = FileManager.default
        let folder = manager.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try manager.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? manager.removeItem(at: folder) }
        try prepare(folder)
        // Files, so that no full pipe can hold anyone up.
        let streams = [
            folder.appendingPathComponent(".out"), folder.appendingPathComponent(".err"),
        ]
        let process = try ChildProcess(
            ChildProcess.Command(
                try Workspace.meshctl(),
                arguments,
                environment: ["LC_ALL": "C.UTF-8"],
                folder: folder.path,
                output: .file(streams[0].path),
                report: .file(streams[1].path)
            )
        )
        exitCode = await process.exitCode()
        output = try Data(contentsOf: streams[0])
        report = try Data(contentsOf: streams[1])
    }
}

/// What cannot be edited safely is refused whole, with words that help.
@Suite("Refusals")
struct RefusalTests {
    /// Without it the others could pass because they looked at nothing.
    @Test func areFound() {
        #expect(Refusal.all.count >= 50)
        #expect(Refusal.strays == [])
        #expect(Set(Refusal.all.map(\.golden)).count == Refusal.all.count)
    }

    @Test(arguments: Refusal.all)
    func sayWhatIsWrongAndWriteNothing(refusal: Refusal) async throws {
        let run = try await RefusalRun(refusal.arguments) { folder in
            let copy = folder.appendingPathComponent(refusal.name)
            try FileManager.default.copyItem(at: URL(fileURLWithPath: refusal.source), to: copy)
        }
        #expect(run.exitCode == 1)
        #expect(run.output.isEmpty)
        let golden = URL(fileURLWithPath: refusal.golden)
        let expected = try? Data(contentsOf: golden)
        guard expected != run.report else { return }
        if expected == nil || Refusal.isUpdating { try run.report.write(to: golden) }
        let advice =
            expected == nil || Refusal.isUpdating
            ? "it was recorded: read it and run again"
            : "if the new text is right, run with UPDATE_FIXTURES=1"
        let shown = String(decoding: run.report, as: UTF8.self)
        Issue.record("\(golden.lastPathComponent) is not what came: \(advice)\n\(shown)")
    }

    @Test func areNotBeingRewritten() {
        #expect(!Refusal.isUpdating, "goldens were rewritten: read the diff and run again")
    }

    /// Every message has a place, `file:line:column`, but where no line is meant.
    @Test(arguments: Refusal.all)
    func nameThePlace(refusal: Refusal) throws {
        let report = try String(contentsOfFile: refusal.golden, encoding: .utf8)
        let messages = report.split(separator: "\n").dropFirst().filter { !$0.hasPrefix("    ") }
        #expect(!messages.isEmpty)
        for message in messages where !refusal.name.hasPrefix("utf-16") {
            #expect(message.hasPrefix(refusal.name + ":"))
            let place = message.dropFirst(refusal.name.utf8.count + 1).split(separator: ":")
            #expect(place.prefix(2).compactMap { Int($0) }.count == 2, "\(message)")
        }
    }

    @Test func includeWhatIsTooLarge() async throws {
        let bytes = (32 << 20) + 1
        let run = try await RefusalRun(["inject", "orders.yaml"]) { folder in
            let file = folder.appendingPathComponent("orders.yaml")
            try Data("kind: Deployment\n".utf8).write(to: file)
            let handle = try FileHandle(forWritingTo: file)
            try handle.truncate(atOffset: UInt64(bytes))
            try handle.close()
        }
        #expect(run.exitCode == 1)
        #expect(run.output.isEmpty)
        #expect(
            String(decoding: run.report, as: UTF8.self) == """
                meshctl inject: 1 error, nothing was written
                orders.yaml: more than the limit of \(bytes - 1) bytes
                    split the file into several and name them all

                """
        )
    }
}
