// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ManifestKit

/// `Fixtures/fuzz`: inputs that broke a fuzz target once, or that were hard.
@Suite("Fuzz replay")
struct FuzzReplayTests {
    private static let folder = FixtureFolder("fuzz")

    @Test func isNotEmpty() {
        #expect(!Self.folder.files.isEmpty)
    }

    @Test(arguments: folder.files)
    func findsNothingAnyMore(file: String) throws {
        let failure = ManifestCheck.failure(of: try Self.folder.bytes(of: file))
        #expect(failure == nil)
    }

    /// The other fixtures are the fuzzer's seeds.
    @Test(arguments: ["edit", "refuse"])
    func findsNothingInItsSeeds(name: String) throws {
        let folder = FixtureFolder(name)
        for file in folder.files {
            let failure = ManifestCheck.failure(of: try folder.bytes(of: file))
            #expect(failure == nil, "\(file)")
        }
    }
}
