// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The table of bounds in docs/security.md, made from the `LIMIT:` comments of the proxy.
enum LimitTable {
    static let begin = "<!-- limits: made from LIMIT comments by LimitTableTests -->\n"
    static let end = "<!-- end of limits -->\n"

    /// The folders whose bounds a peer can meet; an environment's are its author's own business.
    private static let folders = ["Sources/ProxyCore/", "Sources/ProxyRuntime/"]
    private static let without = "Sources/ProxyCore/Settings/"

    /// One bound: what its comment says, and the constant below it where there is one.
    struct Limit: Equatable {
        let words: String
        let constant: String
    }

    static func limits(in text: String) -> [Limit] {
        let lines = text.components(separatedBy: "\n")
            .map { $0.trimmingCharacters(in: .whitespaces) }
        return lines.indices.compactMap { index in
            guard lines[index].hasPrefix("//"), let mark = lines[index].range(of: "LIMIT: ") else {
                return nil
            }
            var words = [String(lines[index][mark.upperBound...])]
            var next = index + 1
            while next < lines.count, lines[next].hasPrefix("//") {
                let more = lines[next].drop { $0 == "/" || $0 == " " }
                if more.isEmpty || more.contains("LIMIT: ") { break }
                words.append(String(more))
                next += 1
            }
            while next < lines.count, lines[next].hasPrefix("//") { next += 1 }
            let code = next < lines.count ? lines[next] : ""
            return Limit(words: words.joined(separator: " "), constant: constant(in: code))
        }
    }

    /// `name = value` of a declaration; nothing of any other line.
    private static func constant(in code: String) -> String {
        let words = code.split(separator: " ")
        guard let keyword = words.firstIndex(where: { $0 == "let" || $0 == "var" }),
            words[..<keyword].allSatisfy({ ["private", "public", "static"].contains($0) }),
            let equals = words.firstIndex(of: "="), equals > keyword + 1
        else { return "" }
        let name = words[keyword + 1].prefix { $0 != ":" }
        return "\(name) = " + words[(equals + 1)...].joined(separator: " ")
    }

    static func text(of repository: Repository) throws -> String {
        let files = repository.swiftFiles.filter { file in
            folders.contains { file.path.hasPrefix($0) } && !file.path.hasPrefix(without)
        }
        let rows = files.flatMap { file in
            limits(in: String(decoding: file.text.bytes, as: UTF8.self)).map { limit in
                let constant = limit.constant.isEmpty ? "" : "`\(limit.constant)`"
                return "| \(limit.words) | \(constant) "
                    + "| [\(name(file.path))](../\(file.path)) |\n"
            }
        }
        return "| what, and why | in the source | file |\n|---|---|---|\n" + rows.joined()
    }

    private static func name(_ path: String) -> String {
        path.split(separator: "/").last.map { String($0.dropLast(".swift".count)) } ?? path
    }
}

@Suite("Table of limits")
struct LimitTableTests {
    /// `UPDATE_FIXTURES=1` writes the table anew, and fails the run.
    @Test func isTheOneOfTheDocument() throws {
        let repository = try Repository.current.get()
        let file = URL(fileURLWithPath: repository.root + "/docs/security.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let begin = try #require(text.range(of: LimitTable.begin))
        let end = try #require(text.range(of: LimitTable.end))
        let found = String(text[begin.upperBound..<end.lowerBound])
        let expected = try LimitTable.text(of: repository)
        if found != expected, ProcessInfo.processInfo.environment["UPDATE_FIXTURES"] == "1" {
            let new = text[..<begin.upperBound] + expected + text[end.lowerBound...]
            try Data(new.utf8).write(to: file)
        }
        #expect(found == expected, "UPDATE_FIXTURES=1 make test writes it anew")
        #expect(expected.contains("certificateBytesMax = 64 << 10"))
    }

    @Test func takesTheCommentAndTheConstantBelow() {
        let source = """
            /// LIMIT: bytes of a thing; more
            /// is odd.
            ///
            /// And more words.
            private static let thingBytesMax: Int32 = 64 << 10
            // LIMIT: 64 names.
            for index in 0..<64 {}
            """
        #expect(
            LimitTable.limits(in: source) == [
                .init(
                    words: "bytes of a thing; more is odd.",
                    constant: "thingBytesMax = 64 << 10"
                ),
                .init(words: "64 names.", constant: ""),
            ]
        )
    }
}
