// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// No file names a folder that exists on one author's machine only.
enum LocalPaths {
    /// In pieces, so that this file does not name them either.
    static let folders = ["/" + "work" + "/"]

    static func offences(in contents: Data, at path: String) -> [Offence] {
        folders.flatMap { folder in
            var offences: [Offence] = []
            var start = contents.startIndex
            let needle = Data(folder.utf8)
            while let found = contents.range(of: needle, in: start..<contents.endIndex) {
                start = found.upperBound
                guard isAbsolute(found.lowerBound, in: contents) else { continue }
                let line = contents[..<found.lowerBound].count { $0 == UInt8(ascii: "\n") } + 1
                let message = "names '\(folder)', a folder of one machine; use a relative path"
                offences.append(Offence(path: path, line: line, message: message))
            }
            return offences
        }
    }

    /// Not the middle of a longer path, as in `a/b` or `$(HOME)/b`.
    private static func isAbsolute(_ index: Data.Index, in contents: Data) -> Bool {
        guard index > contents.startIndex else { return true }
        let before = contents[index - 1]
        return !isWordByte(before) && !".-~)}".utf8.contains(before)
    }
}

@Suite("Local paths")
struct LocalPathTests {
    @Test func areNotNamed() throws {
        let repository = try Repository.current.get()
        for path in repository.paths {
            expectNone(LocalPaths.offences(in: try repository.contents(of: path), at: path))
        }
    }

    @Test func areSeen() {
        let folder = LocalPaths.folders[0]
        for text in ["a\n\(folder)b", "a\n see \(folder)", "a\nfile://\(folder)b"] {
            let offences = LocalPaths.offences(in: Data(text.utf8), at: "a.md")
            #expect(offences.map(\.line) == [2])
        }
        for text in ["a\(folder)b", "~\(folder)", "$(HOME)\(folder)", "../..\(folder)", ""] {
            #expect(LocalPaths.offences(in: Data(text.utf8), at: "a.md") == [])
        }
    }
}
