// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// A folder of `Fixtures/` whose files are the cases of one test.
struct FixtureFolder: Sendable {
    /// Relative to `Fixtures/`.
    let name: String
    private let path: String

    init(_ name: String) {
        self.name = name
        let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent()  // TrafficRedirectTests
            .deletingLastPathComponent()  // Tests
            .deletingLastPathComponent()
        path = root.appendingPathComponent("Fixtures").appendingPathComponent(name).path
    }

    /// The names of all files, sorted; none when the folder is missing, which a test must notice.
    var files: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { !$0.hasPrefix(".") }.sorted()
    }

    /// The names, without their ending, of the files that hold a case's arguments.
    var cases: [String] {
        files.filter { $0.hasSuffix(".args") }.map { String($0.dropLast(".args".count)) }
    }

    /// The arguments of a case, one a line.
    func arguments(of name: String) throws -> [String] {
        String(decoding: try bytes(of: name + ".args"), as: UTF8.self)
            .split(separator: "\n").map(String.init)
    }

    /// The bytes of a file.
    func bytes(of file: String) throws -> [UInt8] {
        Array(try Data(contentsOf: url(of: file)))
    }

    /// Compares bytes with a golden file.
    ///
    /// With `UPDATE_FIXTURES=1` it is rewritten when it differs, and without it a missing one is
    /// recorded; the test fails both times, so that nobody takes it for a pass.
    func expect(
        _ bytes: [UInt8],
        equal golden: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let url = url(of: golden)
        let exists = FileManager.default.fileExists(atPath: url.path)
        let expected = exists ? try self.bytes(of: golden) : nil
        if bytes == expected { return }
        let mayWrite = ProcessInfo.processInfo.environment["UPDATE_FIXTURES"] == "1" || !exists
        if mayWrite { try Data(bytes).write(to: url) }
        let advice =
            mayWrite
            ? "it was recorded; read it and run again"
            : "if the new one is right, run with UPDATE_FIXTURES=1"
        Issue.record(
            "Fixtures/\(name)/\(golden) is not what came out: \(advice)\n\(shown(bytes))",
            sourceLocation: sourceLocation
        )
    }

    private func shown(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private func url(of file: String) -> URL {
        URL(fileURLWithPath: path).appendingPathComponent(file)
    }
}
