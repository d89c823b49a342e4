// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ManifestKit

/// `Fixtures/refuse`: `NAME.yaml` ends in the error of `NAME.expected`, word for word.
@Suite("Refusals")
struct RefusalTests {
    private static let folder = FixtureFolder("refuse")

    @Test func areThere() {
        #expect(Self.folder.cases.count > 50)
        let strays = Self.folder.files.filter { file in
            file.hasSuffix(".expected") && !Self.folder.cases.contains { golden(of: $0) == file }
        }
        #expect(strays == [])
    }

    @Test(arguments: folder.cases)
    func sayWhatIsWrongWhereAndWhatToDo(file: String) throws {
        let bytes = try Self.folder.bytes(of: file)
        let error = try #require(throws: ManifestError.self) {
            _ = try InjectLikeEdit(Manifest(name: file, bytes: bytes))?.add()
        }
        try Self.folder.expect(Array("\(error)\n".utf8), equal: golden(of: file))
        // The net below must stay unneeded: what it would catch is refused for its own reason.
        #expect(error.code != .verification)
    }

    /// Too large to be kept: a source past its limit is not even looked at.
    @Test func meetASourceThatIsTooLarge() throws {
        var limits = Limits()
        limits.sourceBytesMax = 100
        let text = "kind: Pod\n#" + String(repeating: "x", count: 100) + "\u{0}"
        let error = try refusal(of: text, limits: limits)
        #expect(
            error.description == """
                a.yaml: more than the limit of 100 bytes
                    split the file into several and name them all
                """
        )
        #expect(Limits.standard.sourceBytesMax == 32 << 20)
    }

    private func golden(of file: String) -> String {
        file.split(separator: ".").dropLast().joined(separator: ".") + ".expected"
    }
}
