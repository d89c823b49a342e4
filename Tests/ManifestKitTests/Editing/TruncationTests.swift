// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ManifestKit

/// A file that ends too early, wherever that is, gives a value or a located error.
@Suite("Truncated manifests")
struct TruncationTests {
    private static let edits = FixtureFolder("edit")
    private static let files = [
        "anchors.yaml", "bom-crlf.yaml", "directive-tag.yaml", "emoji.yaml", "explicit-keys.yaml",
        "flow-lines-comma.yaml", "json-escapes.json", "json-tabs-crlf.json",
        "literal-indicator.yaml",
        "merge-keys.yaml", "mixed-line-ends-all.yaml", "nel-ls-ps.yaml", "quotes.yaml",
    ]

    @Test(arguments: files)
    func giveAValueOrAnError(file: String) throws {
        let bytes = try Self.edits.bytes(of: file)
        var valueCount = 0
        for count in 0...bytes.count {
            let prefix = Array(bytes[..<count])
            do throws(ManifestError) {
                let manifest = try Manifest(name: file, bytes: prefix)
                valueCount += 1
                guard let outcome = try InjectLikeEdit(manifest)?.add() else { continue }
                expectOnlySplices(
                    outcome.splices,
                    turn: prefix,
                    into: outcome.manifest.source.bytes
                )
            } catch {
                #expect(error.code != .verification, "\(count) bytes: \(error)")
                #expect(error.file == file)
            }
        }
        #expect(valueCount > 1)
    }

    @Test(arguments: files)
    func surviveTheLossOfTheirHead(file: String) throws {
        let bytes = try Self.edits.bytes(of: file)
        for start in stride(from: 1, to: bytes.count, by: 3) {
            do throws(ManifestError) {
                _ = try InjectLikeEdit(Manifest(name: file, bytes: Array(bytes[start...])))?.add()
            } catch {
                #expect(error.code != .verification, "from \(start): \(error)")
            }
        }
    }
}
