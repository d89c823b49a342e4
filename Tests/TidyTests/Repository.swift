// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// One breach of a house rule, described by the whole message: where, what, what to do.
struct Offence: Equatable, Sendable, CustomStringConvertible {
    let path: String
    let line: Int
    let message: String

    var description: String { "\(path):\(line): \(message)" }
}

/// Records one issue for each offence, so that a run shows all of them.
func expectNone(_ offences: [Offence], sourceLocation: SourceLocation = #_sourceLocation) {
    for offence in offences {
        Issue.record(Comment(rawValue: offence.description), sourceLocation: sourceLocation)
    }
}

/// A Swift file of ours and its text.
struct SourceFile: Sendable {
    /// The part of the repository that a file belongs to; some rules hold in some parts only.
    enum Area: Sendable {
        /// `Sources/`, what ships.
        case sources
        /// `Tests/`.
        case tests
        /// `Fuzz/Sources/`.
        case fuzz
        /// A `Package.swift`, which no target owns.
        case manifest
    }

    /// Relative to the root, with slashes.
    let path: String
    let area: Area
    let text: SwiftText

    /// Nothing when the file is in no area of ours.
    init?(path: String, bytes: [UInt8]) {
        guard path.hasSuffix(".swift") else { return nil }
        if path == "Package.swift" || path.hasSuffix("/Package.swift") {
            area = .manifest
        } else if path.hasPrefix("Sources/") {
            area = .sources
        } else if path.hasPrefix("Tests/") {
            area = .tests
        } else if path.hasPrefix("Fuzz/Sources/") {
            area = .fuzz
        } else {
            return nil
        }
        self.path = path
        text = SwiftText(bytes)
    }

    /// A snippet for the rules' own tests.
    init(_ source: String, at path: String = "Sources/Snippet/Snippet.swift") throws {
        let file = SourceFile(path: path, bytes: Array(source.utf8))
        self = try #require(file, "\(path) is in no area")
    }

    /// The offence of the code at an offset of this file.
    func offence(at offset: Int, _ message: String) -> Offence {
        Offence(path: path, line: text.line(at: offset), message: message)
    }
}

/// The files of the repository that this test target belongs to.
///
/// It is read once and shared. It skips what `.gitignore` names and `.git`, and does not follow
/// links.
struct Repository: Sendable {
    static let current = Result { try Repository(root: Repository.rootOfThisFile()) }

    let root: String
    /// Every file, relative to the root, sorted.
    let paths: [String]
    /// Every Swift file that is ours, in the same order.
    let swiftFiles: [SourceFile]

    init(root: String) throws {
        let paths = try Repository.walk(root)
        self.root = root
        self.paths = paths
        swiftFiles = try paths.compactMap { path in
            guard path.hasSuffix(".swift"), !Repository.isHidden(path) else { return nil }
            return SourceFile(path: path, bytes: Array(try Repository.read(path, root: root)))
        }
    }

    func swiftFiles(in areas: Set<SourceFile.Area>) -> [SourceFile] {
        swiftFiles.filter { areas.contains($0.area) }
    }

    /// The bytes of a file, by its path from the root.
    func contents(of path: String) throws -> Data {
        try Repository.read(path, root: root)
    }

    private static func read(_ path: String, root: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: root + "/" + path))
    }

    /// Links are resolved, so that a package elsewhere may borrow this folder through a link.
    private static func rootOfThisFile(_ file: String = #filePath) -> String {
        URL(fileURLWithPath: file).resolvingSymlinksInPath()
            .deletingLastPathComponent()  // TidyTests
            .deletingLastPathComponent()  // Tests
            .deletingLastPathComponent()
            .path
    }

    private static func walk(_ root: String) throws -> [String] {
        let enumerator = try #require(
            FileManager.default.enumerator(atPath: root),
            "cannot list \(root)"
        )
        var paths: [String] = []
        while let path = enumerator.nextObject() as? String {
            let type = enumerator.fileAttributes?[.type] as? FileAttributeType
            if isIgnored(path) {
                enumerator.skipDescendants()
            } else if type == .typeRegular {
                paths.append(path)
            }
        }
        return paths.sorted()
    }

    /// What is never committed, as `.gitignore` has it.
    static func isIgnored(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        return name == ".git" || name.hasPrefix(".build") || name == "__pycache__"
            || name == "Package.resolved" || path == "out"
            || name.hasSuffix(".o") || name.hasSuffix(".profraw")
    }

    /// Whether any folder of a path, or its file, starts with a dot.
    static func isHidden(_ path: String) -> Bool {
        path.split(separator: "/").contains { $0.hasPrefix(".") }
    }
}

/// Without these a rule could pass because it looked at nothing.
@Suite("Repository")
struct RepositoryTests {
    @Test func findsItself() throws {
        let repository = try Repository.current.get()
        let found = repository.swiftFiles.map(\.path)
        #expect(found.contains("Tests/TidyTests/Repository.swift"))
        #expect(found.contains("Package.swift"))
        #expect(repository.paths.contains(".swift-format"))
        #expect(!repository.paths.contains { $0.hasPrefix(".git/") || $0.contains(".build") })
    }

    @Test(arguments: [
        (".git", true), (".github", false), (".gitignore", false), (".build", true),
        (".build-asan", true), ("Fuzz/.build", true), ("out", true), ("Fixtures/out", false),
        ("Sources/meshctl/Output.swift", false), ("Package.resolved", true), ("a/b.o", true),
    ])
    func skipsWhatIsNeverCommitted(path: String, isIgnored: Bool) {
        #expect(Repository.isIgnored(path) == isIgnored)
    }

    @Test func putsFilesIntoAreas() throws {
        #expect(try SourceFile("", at: "Sources/A/B.swift").area == .sources)
        #expect(try SourceFile("", at: "Tests/A/B.swift").area == .tests)
        #expect(try SourceFile("", at: "Fuzz/Sources/A/B.swift").area == .fuzz)
        #expect(try SourceFile("", at: "Fuzz/Package.swift").area == .manifest)
        #expect(SourceFile(path: "docs/B.swift", bytes: []) == nil)
    }

    @Test func writesAnOffenceAsFileLineAndMessage() throws {
        let file = try SourceFile("a\nb\n", at: "Sources/A/B.swift")
        #expect(file.offence(at: 2, "no b").description == "Sources/A/B.swift:2: no b")
    }
}
