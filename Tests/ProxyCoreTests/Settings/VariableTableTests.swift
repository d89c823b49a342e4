// SPDX-License-Identifier: Apache-2.0

import Foundation
import ProxyCore
import Testing

/// The table of variables in docs/configuration.md, made from `ProxyVariable.table`.
@Suite("Variable table")
struct VariableTableTests {
    private static let begin =
        "<!-- variables: made from ProxyVariable by VariableTableTests -->\n"
    private static let end = "<!-- end of variables -->\n"

    private static func text() -> String {
        let rows = ProxyVariable.table.map { row in
            let usual = row.defaultText.map { "`\($0)`" } ?? ""
            let key = row.fileKey.map { "; in the file `\($0)`" } ?? ""
            let name = row.name.dropFirst(ProxyVariable.prefix.count)
            return "| `\(name)` | \(usual) | \(row.summary)\(key) | \(row.state.reason ?? "") |\n"
        }
        return "| variable | default | what it sets | why it has no effect |\n|---|---|---|---|\n"
            + rows.joined()
    }

    /// `UPDATE_FIXTURES=1` writes the table anew, and fails the run.
    @Test func isTheOneOfTheDocument() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/configuration.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let begin = try #require(text.range(of: Self.begin))
        let end = try #require(text.range(of: Self.end))
        let found = String(text[begin.upperBound..<end.lowerBound])
        let expected = Self.text()
        if found != expected, ProcessInfo.processInfo.environment["UPDATE_FIXTURES"] == "1" {
            let new = text[..<begin.upperBound] + expected + text[end.lowerBound...]
            try Data(new.utf8).write(to: file)
        }
        #expect(found == expected, "UPDATE_FIXTURES=1 make test writes it anew")
    }
}
