// SPDX-License-Identifier: Apache-2.0

import Testing

/// What every file starts with, holds and is called.
enum Headers {
    static let license = "// SPDX-License-Identifier: Apache-2.0"
    /// Names that say nothing about what is inside.
    static let emptyNames = ["Utils", "Helpers", "Manager", "Common"]

    static func offences(in file: SourceFile) -> [Offence] {
        var offences: [Offence] = []
        // The first line of a manifest belongs to the tools version.
        let lines = file.area == .manifest ? 2 : 1
        let heads = (0..<lines).map { line(of: file.text, at: $0) }
        if !heads.contains(license) {
            let message = "does not start with the licence; first line: \(license)"
            offences.append(Offence(path: file.path, line: 1, message: message))
        }
        if file.text.tokens.isEmpty {
            let message = "holds no code; delete it"
            offences.append(Offence(path: file.path, line: 1, message: message))
        }
        return offences
    }

    private static func line(of text: SwiftText, at index: Int) -> String? {
        guard index < text.lineStarts.count else { return nil }
        let line = text.bytes[text.lineStarts[index]...].prefix { $0 != UInt8(ascii: "\n") }
        return String(decoding: line, as: UTF8.self)
    }

    /// Fixtures and documents are named after what users have, so they are not judged.
    static func badNames(among paths: [String]) -> [Offence] {
        paths.compactMap { path in
            guard ["Sources/", "Tests/", "Fuzz/", "Scripts/"].contains(where: path.hasPrefix),
                let word = emptyNames.first(where: { path.contains($0) })
            else { return nil }
            let message = "'\(word)' says nothing; name it after the main type or job inside"
            return Offence(path: path, line: 1, message: message)
        }
    }
}

@Suite("Headers")
struct HeaderTests {
    @Test func nameTheLicence() throws {
        expectNone(try Repository.current.get().swiftFiles.flatMap { Headers.offences(in: $0) })
    }

    @Test func filesAreNamedAfterWhatIsInside() throws {
        expectNone(Headers.badNames(among: try Repository.current.get().paths))
    }

    @Test(arguments: [
        (Headers.license + "\nlet a = 1\n", "Sources/A/B.swift", 0),
        ("\n" + Headers.license + "\nlet a = 1\n", "Sources/A/B.swift", 1),
        ("// swift-tools-version: 6.2\n" + Headers.license + "\nlet a = 1", "Package.swift", 0),
        ("// a\n// b\n" + Headers.license + "\nlet a = 1", "Fuzz/Package.swift", 1),
        (Headers.license + ".1\nlet a = 1\n", "Tests/A/B.swift", 1),
        (Headers.license + "\n", "Tests/A/B.swift", 1),
        ("", "Fuzz/Sources/A/B.swift", 2),
    ])
    func seesWhatIsMissing(source: String, path: String, count: Int) throws {
        #expect(Headers.offences(in: try SourceFile(source, at: path)).count == count)
    }

    @Test(arguments: [
        ("Sources/A/StringUtils.swift", false), ("Sources/Common/A.swift", false),
        ("Tests/A/Helpers/B.swift", false), ("Fuzz/Sources/A/Manager.swift", false),
        ("Sources/A/Command.swift", true), ("Fixtures/inject/Manager.yaml", true),
    ])
    func refusesNamesThatSayNothing(path: String, isFine: Bool) {
        #expect(Headers.badNames(among: [path]).isEmpty == isFine)
    }
}
