// SPDX-License-Identifier: Apache-2.0

internal import Crypto
internal import FoundationEssentials
internal import ManifestKit

/// The certificates that all proxies of a mesh trust.
struct TrustAnchorFile {
    /// PEM text, just as it was given: its digest tells meshes apart.
    let text: String
    /// SHA-256 of the text in hexadecimal.
    let digest: String

    /// LIMIT: bytes; a rotation holds a few certificates of less than 2 KiB each.
    private static let bytesMax = 256 << 10

    /// Reads a file, or takes the text that the values have.
    ///
    /// - Throws: that there are none, or what is wrong with them.
    static func read(
        _ path: String?,
        else text: String
    ) throws(ManifestError) -> TrustAnchorFile {
        guard let path else {
            guard !text.isEmpty else { throw missing }
            return try TrustAnchorFile(text, from: "identityTrustAnchorsPEM")
        }
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try Posix.readFile(path, limit: bytesMax)
        } catch {
            throw ManifestError(
                .unreadable,
                "cannot be read: \(error)",
                file: path,
                position: nil
            )
        }
        return try TrustAnchorFile(String(decoding: bytes, as: UTF8.self), from: path)
    }

    private static let missing = ManifestError(
        .badValue,
        "no trust anchors: a proxy cannot tell friend from stranger without them",
        hint: "name the mesh's PEM file with --identity-trust-anchors-file, or a values file that "
            + "has identityTrustAnchorsPEM with --values",
        file: "--manual",
        position: nil
    )

    private init(_ text: String, from name: String) throws(ManifestError) {
        if let problem = Self.problem(with: text) {
            throw ManifestError(
                .badValue,
                problem,
                hint: "trust anchors are one or more blocks of -----BEGIN CERTIFICATE-----",
                file: name,
                position: nil
            )
        }
        self.text = text
        digest = SHA256.hash(data: Array(text.utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count < 2 ? "0" + digits : digits
        }.joined()
    }

    /// What makes a text no list of certificates (RFC 7468); a private key is the worst of it.
    private static func problem(with text: String) -> String? {
        guard text.utf8.count <= bytesMax else { return "more than \(bytesMax) bytes" }
        guard !text.contains("PRIVATE KEY-----") else {
            return "holds a private key, which must never be in a pod's environment"
        }
        let blocks = text.split(
            separator: "-----BEGIN CERTIFICATE-----",
            omittingEmptySubsequences: false
        )
        guard blocks.count > 1 else { return "holds no certificate in PEM" }
        for (index, block) in blocks.dropFirst().enumerated() {
            let number = "certificate \(index + 1)"
            guard let end = block.firstRange(of: "-----END CERTIFICATE-----") else {
                return "\(number) has no -----END CERTIFICATE-----"
            }
            let base64 = block[..<end.lowerBound].filter { !$0.isWhitespace }
            // A certificate is a DER SEQUENCE (RFC 5280 section 4.1).
            guard let data = Data(base64Encoded: String(base64)), data.first == 0x30 else {
                return "\(number) is not base64 of a certificate"
            }
        }
        return nil
    }
}
