// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ManifestKit

/// `Fixtures/edit`: `NAME.yaml` with the annotation set is `NAME.expected.yaml`, byte for byte.
@Suite("Edit goldens")
struct EditGoldenTests {
    private static let folder = FixtureFolder("edit")

    @Test func areThere() {
        #expect(Self.folder.cases.count > 100)
        let strays = Self.folder.files.filter { file in
            file.contains(".expected") && !Self.folder.cases.contains { golden(of: $0) == file }
        }
        #expect(strays == [])
    }

    @Test(arguments: folder.cases)
    func changeNothingButTheAnnotation(file: String) throws {
        let bytes = try Self.folder.bytes(of: file)
        let manifest = try Manifest(name: file, bytes: bytes)
        #expect(manifest.source.bytes == bytes)
        let outcome = try InjectLikeEdit(manifest)?.add()
        let result = outcome?.manifest.source.bytes ?? bytes
        try Self.folder.expect(result, equal: golden(of: file))
        guard let outcome else { return }
        expectOnlySplices(outcome.splices, turn: bytes, into: result)

        // What was edited says so when it is read anew, and a second edit changes nothing.
        let again = try Manifest(name: file, bytes: result)
        let edit = try #require(try InjectLikeEdit(again))
        let second = try edit.add()
        #expect(second == nil)
        guard let (undone, splices) = try edit.remove(outcome.undo) else { return }
        expectOnlySplices(splices, turn: result, into: undone.source.bytes)
        #expect(undone.text.utf8.elementsEqual(bytes), "removing does not give the original back")
    }

    private func golden(of file: String) -> String {
        let parts = file.split(separator: ".")
        return parts.dropLast().joined(separator: ".") + ".expected." + (parts.last ?? "")
    }
}
