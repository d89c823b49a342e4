// SPDX-License-Identifier: Apache-2.0

import Testing

/// Calls that we do not make, and what we do instead.
///
/// Force unwraps are swift-format's to find.
struct BannedAPI: Sendable {
    /// Swift code, which matches where the same tokens stand next to each other.
    let pattern: String
    let areas: Set<SourceFile.Area>
    let instead: String
    /// Tokens that make it something else when they stand right before it.
    let exceptAfter: Set<String>
    private let tokens: [SwiftText.Token]

    init(
        _ pattern: String,
        in areas: Set<SourceFile.Area> = [.sources, .tests, .fuzz],
        exceptAfter: Set<String> = [],
        instead: String
    ) {
        self.pattern = pattern
        self.areas = areas
        self.exceptAfter = exceptAfter
        self.instead = instead
        tokens = SwiftText(pattern).tokens
    }

    static let table: [BannedAPI] = [
        BannedAPI("try!", instead: "throw, or 'try #require' in a test"),
        BannedAPI(
            "fatalError(",
            instead: "throw for bad input; 'preconditionFailure' with a reason for a caller's bug"
        ),
        BannedAPI(
            "print(",
            in: [.sources],
            exceptAfter: [".", "func"],
            instead: "write through the command's output type: payload to stdout, report to stderr"
        ),
        BannedAPI(
            "Swift.print(",
            in: [.sources],
            instead: "write through the command's output type"
        ),
        BannedAPI(
            "debugPrint(",
            in: [.sources],
            instead: "write through the command's output type"
        ),
        BannedAPI("Task.detached", instead: "a child task of the scope that waits for it"),
        BannedAPI(
            "@preconcurrency import",
            instead: "a wrapper that is Sendable for a reason it can state"
        ),
        BannedAPI("import Foundation", in: [.sources], instead: foundation),
        BannedAPI("Foundation.", in: [.sources], instead: foundation),
        BannedAPI("Date(", in: [.sources], exceptAfter: ["."], instead: clock),
        BannedAPI("Date.now", in: [.sources], exceptAfter: ["."], instead: clock),
        BannedAPI("FoundationEssentials.Date", in: [.sources], instead: clock),
        BannedAPI("UserDefaults", instead: "a flag or a file that the user names"),
        BannedAPI("NSRegularExpression", instead: "a Swift regex, or a loop over the bytes"),
        BannedAPI("DispatchQueue", instead: "structured concurrency, or Mutex for shared state"),
        BannedAPI("sleep(", in: [.tests], exceptAfter: ["func"], instead: event),
        BannedAPI("usleep(", in: [.tests], instead: event),
        BannedAPI("nanosleep(", in: [.tests], instead: event),
    ]

    private static let foundation =
        "the standard library; in meshctl, where it must be, FoundationEssentials"
    private static let clock = "the time as an argument, so that a test can choose it"
    private static let event = "wait for the event itself, or pass a clock that the test moves"

    /// The patterns by their first token, so that a file is read once for all of them.
    private static func byFirstToken(_ table: [BannedAPI]) -> [String: [BannedAPI]] {
        Dictionary(grouping: table) { $0.tokens[0].text }
    }

    static func offences(in files: [SourceFile], table: [BannedAPI] = table) -> [Offence] {
        let candidates = byFirstToken(table)
        return files.flatMap { file in
            let tokens = file.text.tokens
            return tokens.indices.flatMap { index -> [Offence] in
                guard let rules = candidates[tokens[index].text] else { return [] }
                return rules.compactMap { rule in
                    guard rule.areas.contains(file.area), rule.matches(tokens, at: index) else {
                        return nil
                    }
                    return file.offence(
                        at: tokens[index].offset,
                        "'\(rule.pattern)' is not used here; instead: \(rule.instead)"
                    )
                }
            }
        }
    }

    /// Tokens that touch in the pattern must touch in the file, but a line may break before a dot.
    private func matches(_ source: [SwiftText.Token], at index: Int) -> Bool {
        guard index + tokens.count <= source.count else { return false }
        if index > 0, exceptAfter.contains(source[index - 1].text) { return false }
        for step in tokens.indices {
            let found = source[index + step]
            guard found.text == tokens[step].text else { return false }
            guard step > 0, found.text != "." else { continue }
            let mustTouch = tokens[step].offset == tokens[step - 1].end
            if mustTouch, found.offset != source[index + step - 1].end { return false }
        }
        return true
    }
}

/// Marks of unfinished work in comments.
enum UnfinishedMarks {
    private static let marks = ["FIXME", "TODO", "XXX"]

    static func offences(in file: SourceFile) -> [Offence] {
        let bytes = file.text.bytes
        return file.text.comments.flatMap { comment in
            words(of: bytes, in: comment).compactMap { word -> Offence? in
                let name = file.text.string(word)
                let rest = bytes[word.upperBound..<comment.upperBound]
                guard marks.contains(name), name != "TODO" || !namesAnIssue(rest) else {
                    return nil
                }
                let message = "'\(name)' in a comment; finish it, or write TODO(#n) for issue n"
                return file.offence(at: word.lowerBound, message)
            }
        }
    }

    /// Words that may be marks by their first letter; comparing all of them would be slow.
    private static func words(of bytes: [UInt8], in comment: Range<Int>) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var index = comment.lowerBound
        while index < comment.upperBound {
            let start = index
            while index < comment.upperBound, isWordByte(bytes[index]) {
                index += 1
            }
            if "FTX".utf8.contains(bytes[start]), index > start {
                found.append(start..<index)
            }
            if index == start {
                index += 1
            }
        }
        return found
    }

    /// Whether the text goes on with `(#12)`.
    private static func namesAnIssue(_ rest: ArraySlice<UInt8>) -> Bool {
        guard rest.starts(with: "(#".utf8) else { return false }
        let digits = rest.dropFirst(2).prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        return !digits.isEmpty && rest.dropFirst(2 + digits.count).first == UInt8(ascii: ")")
    }
}

@Suite("Banned API")
struct BannedAPITests {
    @Test func isNotUsed() throws {
        let repository = try Repository.current.get()
        expectNone(BannedAPI.offences(in: repository.swiftFiles))
        expectNone(repository.swiftFiles.flatMap { UnfinishedMarks.offences(in: $0) })
    }

    /// Each row of the table finds its own pattern in each of its areas, and nowhere else.
    @Test(arguments: BannedAPI.table.map(\.pattern))
    func isFoundWhereItIsBanned(pattern: String) throws {
        let rows = BannedAPI.table.filter { $0.pattern == pattern }
        let row = try #require(rows.first)
        #expect(rows.count == 1)
        let paths: [SourceFile.Area: String] = [
            .sources: "Sources/A/B.swift", .tests: "Tests/A/B.swift",
            .fuzz: "Fuzz/Sources/A/B.swift", .manifest: "Package.swift",
        ]
        for (area, path) in paths {
            let file = try SourceFile("let a = 1\n;\(pattern)", at: path)
            let offences = BannedAPI.offences(in: [file], table: [row])
            #expect(offences.map(\.line) == (row.areas.contains(area) ? [2] : []))
            #expect(offences.allSatisfy { $0.message.contains(row.instead) })
        }
    }

    @Test(arguments: [
        "Swift.print(a)", "print(a)", "Task\n    .detached { }", "@preconcurrency\nimport A",
        "internal import Foundation", "import struct Foundation.URL", "let d: Foundation.Date",
        "\"\\(try! f())\"",
    ])
    func isFoundInOtherSpellings(source: String) throws {
        #expect(BannedAPI.offences(in: [try SourceFile(source)]).count == 1)
    }

    @Test(arguments: [
        "try !f()", "try? f()", "output.print(a)", "func print(_ a: String)", "fingerprint(a)",
        "// try! fatalError() print(a)", "\"print(a)\"", "#\"fatalError()\"#", "BuildDate(a)",
        "import FoundationEssentials", "printer(a)", "Task { }", "import A",
    ])
    func leavesOtherCodeAlone(source: String) throws {
        #expect(BannedAPI.offences(in: [try SourceFile(source)]) == [])
    }

    @Test(arguments: [
        "sleep(1)", "Task.sleep(for: .seconds(1))", "Thread.sleep(until: a)",
    ])
    func noTestSleeps(source: String) throws {
        let offences = BannedAPI.offences(in: [try SourceFile(source, at: "Tests/A/B.swift")])
        #expect(offences.count == 1)
        let clock = try SourceFile("func sleep(until: Int)", at: "Tests/A/B.swift")
        #expect(BannedAPI.offences(in: [clock]) == [])
    }

    @Test(arguments: [
        ("// TODO: later", false), ("// TODO(#12): later", true), ("// TODO(#): later", false),
        ("// TODO(#1x): later", false), ("/* FIXME */", false), ("/// XXX", false),
        ("// TODO", false), ("let TODO = \"FIXME\"", true), ("// XXXL TODOS", true),
    ])
    func unfinishedWorkHasAnIssue(source: String, isFine: Bool) throws {
        #expect(UnfinishedMarks.offences(in: try SourceFile(source)).isEmpty == isFine)
    }
}
