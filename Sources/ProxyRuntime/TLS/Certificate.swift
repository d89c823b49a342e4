// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL
internal import ProxyCore

/// An X.509 certificate, as far as the mesh looks into one.
///
/// @unchecked Sendable: OpenSSL's X509 counts its references atomically and is only read here.
@safe final class Certificate: @unchecked Sendable {
    // SAFETY: owned by this object, freed in deinit, never handed out past a call.
    fileprivate let handle: OpaquePointer

    /// Takes over a reference.
    init(owning handle: OpaquePointer) { unsafe self.handle = handle }

    deinit { unsafe X509_free(handle) }

    /// The names of the subject alternative name extension.
    func names() -> (dns: [String], uris: [String]) {
        var dns: [String] = []
        var uris: [String] = []
        guard let names = unsafe cmesh_subject_alternative_names(handle) else { return ([], []) }
        defer { unsafe GENERAL_NAMES_free(names) }
        // LIMIT: 64 names; our certificates have one.
        for index in 0..<min(unsafe cmesh_general_names_count(names), 64) {
            var kind: Int32 = 0
            var length: Int32 = 0
            // SAFETY: the text belongs to `names` and is copied before that is freed.
            guard let name = unsafe cmesh_general_name(names, index),
                let text = unsafe cmesh_general_name_text(name, &kind, &length)
            else { continue }
            let bytes = unsafe UnsafeBufferPointer(start: text, count: Int(length))
            // A NUL inside a name is an old trick to be taken for a shorter one.
            guard unsafe !bytes.contains(0) else { continue }
            let value = unsafe String(decoding: bytes, as: UTF8.self)
            if kind == GEN_DNS { dns.append(value) } else { uris.append(value) }
        }
        return (dns, uris)
    }

    /// The identity that the mesh takes it for.
    var identity: String? {
        let names = names()
        return PeerIdentity.name(dnsNames: names.dns, uris: names.uris)
    }

    /// Whether it has an identity among its names.
    func hasIdentity(_ expected: String) -> Bool {
        let names = names()
        return PeerIdentity.matches(expected: expected, dnsNames: names.dns, uris: names.uris)
    }
}

/// Certificates and a key from PEM text.
enum PEM {
    /// LIMIT: 64 certificates a file; a chain has three, a bundle in rotation a few more.
    private static let certificatesMax = 64

    /// All certificates of a text, in order.
    static func certificates(_ text: [UInt8], _ name: String) throws(TLSError) -> [OpaquePointer] {
        // SAFETY: the BIO reads the array in place and is freed before it ends.
        let result: Result<[OpaquePointer], TLSError> = unsafe text.withUnsafeBytes { bytes in
            let bio = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count))
            defer { unsafe BIO_free(bio) }
            var found: [OpaquePointer] = unsafe []
            while unsafe found.count < certificatesMax,
                let certificate = unsafe PEM_read_bio_X509(bio, nil, nil, nil)
            {
                unsafe found.append(certificate)
            }
            OpenSSLError.clear()
            return unsafe .success(found)
        }
        let found = unsafe try result.get()
        guard unsafe !found.isEmpty else {
            throw TLSError(kind: .identityFiles, reason: "\(name) holds no certificate in PEM")
        }
        return unsafe found
    }

    /// The private key of a text.
    static func privateKey(_ text: [UInt8], _ name: String) throws(TLSError) -> OpaquePointer {
        // SAFETY: as above.
        let key = unsafe text.withUnsafeBytes { bytes in
            let bio = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count))
            defer { unsafe BIO_free(bio) }
            return unsafe PEM_read_bio_PrivateKey(bio, nil, nil, nil)
        }
        guard let key = unsafe key else {
            OpenSSLError.clear()
            throw TLSError(kind: .identityFiles, reason: "\(name) holds no private key in PEM")
        }
        return unsafe key
    }
}
