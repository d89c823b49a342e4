// SPDX-License-Identifier: Apache-2.0

internal import MeshConfig
internal import ProxyCore

/// Reads an identity's files, and tells when they have changed.
struct IdentityLoader {
    let files: IdentityFiles

    /// LIMIT: bytes of a file; a bundle of trust anchors in rotation has a few KiB.
    private static let fileBytesMax = 1 << 20

    /// What the file system says of the three files.
    var stamp: [FileStamp?] {
        [files.certificate, files.key, files.trustRoots].map { Files.stamp(of: $0) }
    }

    /// Reads and checks all three.
    func load() throws(TLSError) -> TLSContext {
        try TLSContext(
            IdentityMaterial(
                name: files.name,
                certificate: read(files.certificate),
                key: read(files.key),
                trustRoots: read(files.trustRoots)
            )
        )
    }

    private func read(_ path: String) throws(TLSError) -> [UInt8] {
        do throws(Errno) {
            return try Files.read(path, limit: Self.fileBytesMax)
        } catch {
            throw TLSError(kind: .identityFiles, reason: "\(path) cannot be read: \(error)")
        }
    }
}
