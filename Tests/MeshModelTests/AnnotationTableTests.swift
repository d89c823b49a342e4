// SPDX-License-Identifier: Apache-2.0

import Foundation
import MeshModel
import Testing

/// The table of settings in docs/inject.md, made from the catalog.
enum AnnotationTable {
    static let begin = "<!-- settings: made from AnnotationCatalog by AnnotationTableTests -->\n"
    static let end = "<!-- end of settings -->\n"

    static func text() -> String {
        let rows = AnnotationCatalog.all.map { spec in
            let usual = spec.defaultValue.map { $0.isEmpty ? "unset" : "`\($0)`" } ?? ""
            let summary = spec.replacement.map { "\(spec.summary); use `\($0)`" } ?? spec.summary
            return "| `\(spec.key)` | \(words(for: spec.type)) | \(usual) "
                + "| \(spec.isInherited ? "yes" : "no") | \(summary) |\n"
        }
        let head = "| annotation | value | default | inherited | what it does |\n"
        return head + "|---|---|---|---|---|\n"
            + rows.joined()
    }

    private static func words(for type: AnnotationType) -> String {
        switch type {
        case .word(let words): words.map { "`\($0)`" }.joined(separator: ", ")
        case .boolean: "`true`, `false`"
        case .duration: "a duration, `1m30s`"
        case .quantity: "a quantity, `100m`, `20Mi`"
        case .port: "a port"
        case .portList(let allowsNames):
            allowsNames ? "ports, ranges, port names" : "ports and ranges, `22,8000-8010`"
        case .cidrList: "CIDR ranges"
        case .userID: "a user number, not 0"
        case .groupID: "a group number, or -1"
        case .coreRatio: "a number between 0 and 1"
        case .wholeNumber: "a whole number"
        case .logFilter: "a log filter, `warn,linkerd=debug`"
        case .image: "an image"
        case .imageVersion: "a tag"
        case .environmentList: "a JSON list of EnvVar"
        case .retryBudget: "JSON, see the retry budget"
        }
    }
}

@Suite("Annotation table")
struct AnnotationTableTests {
    /// `UPDATE_FIXTURES=1` writes the table anew, and fails the run.
    @Test func isTheOneOfTheDocument() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/inject.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let begin = try #require(text.range(of: AnnotationTable.begin))
        let end = try #require(text.range(of: AnnotationTable.end))
        let found = String(text[begin.upperBound..<end.lowerBound])
        let expected = AnnotationTable.text()
        if found != expected, ProcessInfo.processInfo.environment["UPDATE_FIXTURES"] == "1" {
            let new = text[..<begin.upperBound] + expected + text[end.lowerBound...]
            try Data(new.utf8).write(to: file)
        }
        #expect(found == expected, "UPDATE_FIXTURES=1 make test writes it anew")
    }
}
