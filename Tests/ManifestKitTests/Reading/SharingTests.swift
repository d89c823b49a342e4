// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ManifestKit

@Suite("Sharing")
struct SharingTests {
    private func outcome(
        _ text: String,
        _ key: String = "a"
    ) throws -> Result<
        MappingEntry?, ManifestError
    > {
        let manifest = try manifest(text)
        let root = try manifest.root
        return Result { () throws(ManifestError) in try manifest.editableEntry(key, in: root) }
    }

    @Test(arguments: [
        "a: 1\n", "a: &x 1\n", "a: 1\nb: &x 2\nc: *x\n", "a: {b: &x 1, c: *x}\n",
        "a: 1\n<<: {b: 2}\n",
    ])
    func isNoConcernOfAPlainEntry(text: String) throws {
        #expect(try outcome(text).get() != nil)
    }

    @Test func mayBeAskedOfAnAbsentKey() throws {
        #expect(try outcome("b: 1\n<<: {c: 2}\n").get() == nil)
    }

    @Test(arguments: [
        ("a: &x 1\nb: *x\n", "1:4", "'a' is used again by an alias in line 2"),
        ("b: &x 1\na: *x\n", "2:4", "'a' is an alias of line 1"),
        ("b: &x {a: 1}\n<<: *x\n", "2:5", "'a' comes from a merge key"),
        ("<<: {a: 1}\n", "1:5", "'a' comes from a merge key"),
    ])
    func isRefusedAtThePlace(text: String, place: String, message: String) throws {
        let manifest = try manifest(text)
        let root = try manifest.root
        let error = try #require(throws: ManifestError.self) {
            try manifest.editableEntry("a", in: root)
        }
        #expect(error.code == .sharedNode)
        #expect(error.position?.description == place)
        #expect(error.message == message + ", so an edit would reach more than this object")
    }

    @Test(arguments: ["a", "b", "z"])
    func isAskedOnlyWhereNoKeyIsTwice(key: String) throws {
        let manifest = try manifest("a: 1\nb: 2\nb: 3\n")
        let root = try manifest.root
        let error = try #require(throws: ManifestError.self) {
            try manifest.editableEntry(key, in: root)
        }
        #expect(error.code == .duplicateKey)
        #expect(
            error.description == """
                a.yaml:3:1: the key 'b' is here twice, first in line 2
                    remove one: the API server and other tools disagree on which one counts
                """
        )
    }
}
