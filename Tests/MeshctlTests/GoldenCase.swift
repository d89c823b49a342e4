// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// One folder under `Fixtures/inject` or `Fixtures/uninject`: an input and what must come of it.
///
/// `input.yaml` or `input.json`, and optionally `flags` (one argument a line), `exempt` (a line
/// `property: reason` for each property that does not hold) and `values.yaml`. The flags may name
/// `values.yaml` and `ca.crt`, the trust anchors of `Fixtures`. A case that works has
/// `expected.yaml` or `expected.json` and `report.txt`; one that is refused has `error.txt` alone.
struct GoldenCase: Sendable, CustomTestStringConvertible {
    /// What holds of every case but the exempt ones.
    enum Property: String {
        /// What the opposite command makes of the result is the input again.
        case inverse
        /// Every line of the smaller text is in the larger one, in order, whole or with more in it.
        case insertions
    }

    let folder: String
    var testDescription: String { folder }

    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent()  // MeshctlTests
        .deletingLastPathComponent()  // Tests
        .deletingLastPathComponent()
        .path

    static let isUpdating = ProcessInfo.processInfo.environment["UPDATE_FIXTURES"] == "1"

    static func all(in folder: String) -> [GoldenCase] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: root + "/" + folder)
        return (names ?? []).sorted().map { GoldenCase(folder: folder + "/" + $0) }
    }

    // MARK: The parts of a case

    /// `yaml` or `json`.
    var format: String { has("input.json") ? "json" : "yaml" }
    var inputName: String { "input." + format }
    var expectedName: String { "expected." + format }
    var isRefused: Bool { has("error.txt") }

    func input() throws -> [UInt8] { try bytes(inputName) }
    func expected() throws -> [UInt8] { try bytes(expectedName) }

    func flags() throws -> [String] {
        try has("flags") ? text("flags").split(separator: "\n").map(String.init) : []
    }

    /// The files, by name, that the flags may name.
    func besides() throws -> [String: [UInt8]] {
        let anchors = URL(fileURLWithPath: GoldenCase.root + "/Fixtures/trust-anchors.crt")
        var files = ["ca.crt": Array(try Data(contentsOf: anchors))]
        if has("values.yaml") { files["values.yaml"] = try bytes("values.yaml") }
        return files
    }

    func isExempt(from property: Property) throws -> Bool {
        guard has("exempt") else { return false }
        return try text("exempt").split(separator: "\n").contains {
            $0.hasPrefix(property.rawValue + ": ")
        }
    }

    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    private func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path(name))))
    }

    private func text(_ name: String) throws -> String {
        String(decoding: try bytes(name), as: UTF8.self)
    }

    private func path(_ name: String) -> String { GoldenCase.root + "/\(folder)/\(name)" }

    // MARK: Comparing

    /// Compares bytes with a golden file, or records them where there is none.
    func expect(_ bytes: [UInt8], in name: String) throws {
        if !GoldenCase.isUpdating, has(name) {
            let golden = try self.bytes(name)
            #expect(
                bytes == golden,
                "\(folder)/\(name) has\n\(show(golden))\nbut this came:\n\(show(bytes))"
            )
            return
        }
        if !has(name) { Issue.record("\(folder)/\(name) was missing and has been recorded") }
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
    }

    /// Wants a file to be absent, and removes it when goldens are being rewritten.
    func expectNone(of names: [String]) throws {
        for name in names where has(name) {
            if GoldenCase.isUpdating {
                try FileManager.default.removeItem(atPath: path(name))
            } else {
                Issue.record("\(folder)/\(name) is not what happens any more")
            }
        }
    }

    private func show(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self).replacing("\r", with: "\\r")
    }
}

/// Whether one text is another with bytes put in, line by line.
enum Insertions {
    /// Every line of `before` is in `after`, in order, as it was or with more in it.
    static func lead(from before: [UInt8], to after: [UInt8]) -> Bool {
        let later = lines(of: after)
        var next = later.startIndex
        for line in lines(of: before) {
            guard let found = later[next...].firstIndex(where: { isPart(line, of: $0) }) else {
                return false
            }
            next = found + 1
        }
        return true
    }

    private static func lines(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    }

    /// The line's bytes stand in the other one, in order.
    private static func isPart(_ line: ArraySlice<UInt8>, of other: ArraySlice<UInt8>) -> Bool {
        if line.isEmpty { return other.isEmpty }
        var rest = line
        for byte in other where byte == rest.first { rest = rest.dropFirst() }
        return rest.isEmpty
    }
}
