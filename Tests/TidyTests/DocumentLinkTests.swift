// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Relative links of our documents lead somewhere.
enum DocumentLinks {
    struct Link: Equatable {
        let target: String
        let line: Int
    }

    /// The targets of `[text](target)` and `[text]: target`, outside code.
    static func links(in markdown: String) -> [Link] {
        var links: [Link] = []
        var isFenced = false
        for (index, line) in markdown.components(separatedBy: "\n").enumerated() {
            let start = line.drop { $0 == " " }
            if start.hasPrefix("```") || start.hasPrefix("~~~") {
                isFenced.toggle()
            } else if !isFenced {
                links += targets(in: line).map { Link(target: $0, line: index + 1) }
            }
        }
        return links
    }

    private static func targets(in line: String) -> [String] {
        // Every second piece between backticks is code.
        let prose = line.components(separatedBy: "`").enumerated()
            .filter { $0.offset.isMultiple(of: 2) }
            .map(\.element)
            .joined()
        var targets = prose.components(separatedBy: "](").dropFirst().map { rest in
            String(rest.prefix { $0 != ")" && $0 != " " })
        }
        if prose.hasPrefix("["), !prose.hasPrefix("[^"), let colon = prose.range(of: "]: ") {
            targets.append(String(prose[colon.upperBound...].prefix { $0 != " " }))
        }
        return targets.map { $0.trimmingCharacters(in: CharacterSet(charactersIn: "<>")) }
    }

    /// The path that a link of a document means, from the root; nothing when it leaves the tree.
    static func resolve(_ target: String, from document: String) -> String? {
        var parts = document.split(separator: "/").dropLast().map(String.init)
        if target.hasPrefix("/") {
            parts = []
        }
        for part in target.split(separator: "/") {
            switch part {
            case ".":
                break
            case "..":
                guard parts.popLast() != nil else { return nil }
            default:
                parts.append(String(part))
            }
        }
        return parts.joined(separator: "/")
    }

    static func offences(
        in markdown: String,
        at document: String,
        existing: Set<String>
    ) -> [Offence] {
        links(in: markdown).compactMap { link in
            let target = link.target.prefix { $0 != "#" && $0 != "?" }
            // An anchor of this document, or `https:`, `mailto:`...
            guard !target.isEmpty, !target.contains(":") else { return nil }
            let decoded = String(target).removingPercentEncoding ?? String(target)
            if let path = resolve(decoded, from: document), existing.contains(path) {
                return nil
            }
            let message = "link to '\(link.target)', which does not exist; correct or remove it"
            return Offence(path: document, line: link.line, message: message)
        }
    }

    /// The files and every folder that holds one; the root is the empty path.
    static func existing(in paths: [String]) -> Set<String> {
        var existing: Set<String> = [""]
        for path in paths {
            var parts = path.split(separator: "/").map(String.init)
            while !parts.isEmpty, existing.insert(parts.joined(separator: "/")).inserted {
                parts.removeLast()
            }
        }
        return existing
    }
}

@Suite("Document links")
struct DocumentLinkTests {
    @Test func leadSomewhere() throws {
        let repository = try Repository.current.get()
        let existing = DocumentLinks.existing(in: repository.paths)
        for document in repository.paths where document.hasSuffix(".md") {
            let markdown = String(decoding: try repository.contents(of: document), as: UTF8.self)
            expectNone(DocumentLinks.offences(in: markdown, at: document, existing: existing))
        }
    }

    private let existing = DocumentLinks.existing(in: ["README.md", "docs/a b.md", "docs/x/y.md"])

    @Test(arguments: [
        "[a](../README.md)", "[a](a%20b.md)", "[a](x/y.md#part)", "[a](x)", "[a](x/)", "[a](..)",
        "[a](#part)", "[a](https://example.com/z)", "[a](mailto:a@example.com)", "`[a](z.md)`",
        "```\n[a](z.md)\n```", "![a](./x/y.md \"title\")", "[a]: x/y.md", "[^1]: z.md",
        "[a](/README.md)",
    ])
    func allowsWhatExists(markdown: String) {
        let offences = DocumentLinks.offences(in: markdown, at: "docs/d.md", existing: existing)
        #expect(offences == [])
    }

    @Test(arguments: [
        "[a](z.md)", "[a](README.md)", "[a](../../README.md)", "![a](z.png)", "[a]: z.md",
        "[`a`](z.md)", "[a](<z.md>)", "[a](x/y.md) [b](z.md#part)", "[![a](x/y.md)](z.md)",
        "`code` [a](z.md)",
    ])
    func seesWhatIsMissing(markdown: String) {
        let offences = DocumentLinks.offences(
            in: "text\n" + markdown,
            at: "docs/d.md",
            existing: existing
        )
        #expect(offences.map(\.line) == [2])
    }
}
