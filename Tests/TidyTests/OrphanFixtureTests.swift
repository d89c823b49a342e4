// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Every fixture is read by a test.
///
/// A folder whose files are all cases of one test is in the table; any other fixture is named by
/// its file name.
enum OrphanFixtures {
    /// Folders that a test, script or fuzz target lists, and so reads whole.
    static let enumerated = [
        "Fixtures/corpus", "Fixtures/edit", "Fixtures/fuzz", "Fixtures/http1", "Fixtures/inject",
        "Fixtures/redirect", "Fixtures/refuse", "Fixtures/refused", "Fixtures/uninject",
    ]

    /// A file that may name fixtures.
    struct Reader {
        let path: String
        /// All of it, or of a Swift file its string literals: a comment reads nothing.
        let names: Data
        /// Whether it speaks of fixtures at all, in code or text.
        let readsFixtures: Bool

        init(path: String, contents: Data) {
            self.path = path
            readsFixtures = contents.range(of: Data("ixture".utf8)) != nil
            if path.hasSuffix(".swift") {
                let text = SwiftText(Array(contents))
                names = Data(text.literals.map(text.string).joined(separator: "\n").utf8)
            } else {
                names = contents
            }
        }

        /// Whether a text occurs that is not part of a longer file name.
        func names(_ needle: String) -> Bool {
            var start = names.startIndex
            while let found = names.range(of: Data(needle.utf8), in: start..<names.endIndex) {
                let before = found.lowerBound > names.startIndex ? names[found.lowerBound - 1] : 0
                let after = found.upperBound < names.endIndex ? names[found.upperBound] : 0
                if !isNameByte(before), !isNameByte(after) { return true }
                start = found.upperBound
            }
            return false
        }

        /// By its path, or by its bare name as a literal in a file that speaks of fixtures.
        func names(folder: String) -> Bool {
            let name = folder.split(separator: "/").last ?? ""
            return names(folder)
                || (readsFixtures && (names("\"\(name)\"") || names("\"\(name)/")))
        }

        private func isNameByte(_ byte: UInt8) -> Bool {
            isWordByte(byte) || byte == UInt8(ascii: "-")
        }
    }

    /// The files that may name a fixture, without these rules, which name every folder.
    static func mayRead(_ path: String) -> Bool {
        guard !path.hasPrefix("Tests/TidyTests/") else { return false }
        return path == "Makefile" || path == "README.md"
            || ["Tests/", "Scripts/", "Fuzz/"].contains(where: path.hasPrefix)
    }

    static func offences(
        among paths: [String],
        readers: [Reader],
        enumerated: [String] = OrphanFixtures.enumerated
    ) -> [Offence] {
        let fixtures = paths.filter { $0.hasPrefix("Fixtures/") }
        // Of a whole folder, the Makefile and the README say nothing about a test.
        let listers = readers.filter { !["Makefile", "README.md"].contains($0.path) }
        let unread = enumerated.compactMap { folder -> Offence? in
            guard let first = fixtures.first(where: { $0.hasPrefix(folder + "/") }),
                !listers.contains(where: { $0.names(folder: folder) })
            else { return nil }
            let message = "no test lists '\(folder)'; add one, or remove the folder and its row"
            return Offence(path: first, line: 1, message: message)
        }
        let orphans = fixtures.compactMap { path -> Offence? in
            let name = String(path.split(separator: "/").last ?? "")
            guard !enumerated.contains(where: { path.hasPrefix($0 + "/") }),
                !readers.contains(where: { $0.names(name) })
            else { return nil }
            let message =
                "no test names '\(name)'; delete it, use it, or add its folder to the "
                + "table of OrphanFixtureTests.swift when a test lists the folder"
            return Offence(path: path, line: 1, message: message)
        }
        return unread + orphans
    }
}

@Suite("Orphan fixtures")
struct OrphanFixtureTests {
    @Test func doNotExist() throws {
        let repository = try Repository.current.get()
        guard repository.paths.contains(where: { $0.hasPrefix("Fixtures/") }) else { return }
        let readers = try repository.paths.filter(OrphanFixtures.mayRead).map {
            OrphanFixtures.Reader(path: $0, contents: try repository.contents(of: $0))
        }
        expectNone(OrphanFixtures.offences(among: repository.paths, readers: readers))
    }

    private func offences(_ fixtures: [String], _ path: String, _ source: String) -> [Offence] {
        let reader = OrphanFixtures.Reader(path: path, contents: Data(source.utf8))
        return OrphanFixtures.offences(
            among: fixtures + [path],
            readers: OrphanFixtures.mayRead(path) ? [reader] : []
        )
    }

    @Test(arguments: [
        ("Tests/A/B.swift", "Fixtures(\"inject\")", true),
        ("Tests/A/B.swift", "root + \"/Fixtures/inject\"", true),
        ("Fuzz/run", "cp Fixtures/inject/* seeds", true),
        ("Tests/A/B.swift", "// Fixtures/inject", false),
        ("Tests/A/B.swift", "run(\"inject\")", false),
        ("Tests/A/B.swift", "Fixtures(\"inject-more\")", false),
        ("Tests/TidyTests/B.swift", "Fixtures(\"inject\")", false),
        ("Makefile", "ls Fixtures/inject", false),
        ("Sources/A/B.swift", "\"Fixtures/inject\"", false),
    ])
    func wantAListingTestForEachFolder(path: String, source: String, isFine: Bool) {
        #expect(offences(["Fixtures/inject/a.yaml"], path, source).isEmpty == isFine)
    }

    @Test(arguments: [
        ("Tests/A/B.swift", "open(\"help/a.txt\")", true),
        ("Makefile", "cat Fixtures/help/a.txt", true),
        ("README.md", "see `a.txt`", true),
        ("Tests/A/B.swift", "open(\"help/aa.txt\")", false),
        ("Tests/A/B.swift", "// a.txt", false),
        ("docs/B.md", "a.txt", false),
    ])
    func areNamedOneByOneElsewhere(path: String, source: String, isFine: Bool) {
        #expect(offences(["Fixtures/help/a.txt"], path, source).isEmpty == isFine)
    }

    @Test func mayBeMissing() {
        #expect(offences([], "Tests/A/B.swift", "") == [])
    }
}
