// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL
internal import ProxyCore

/// The texts of an identity's files.
struct IdentityMaterial: Equatable, Sendable {
    /// The identity's name.
    let name: String
    /// The certificate, then its issuers, in PEM.
    let certificate: [UInt8]
    /// The private key in PEM; secret.
    let key: [UInt8]
    /// The trust anchors in PEM.
    let trustRoots: [UInt8]
}

/// All that connections of one identity share: TLS 1.3 only, peers verified against the trust
/// anchors, no resumption.
///
/// @unchecked Sendable: SSL_CTX counts its references atomically and is not changed after init.
@safe final class TLSContext: @unchecked Sendable {
    let name: String
    /// When our certificate expires, in Unix time.
    let expiresAtSeconds: Int
    /// Our certificate's serial number, as digits of base 16; nil if it cannot be told.
    let serialNumber: String?
    // SAFETY: owned by this object, freed in deinit; sessions hold references of their own.
    private let server: OpaquePointer
    private let client: OpaquePointer

    /// LIMIT: bytes of a peer's certificates; ours take 2 KiB, and a megabyte would be an attack.
    private static let certificateBytesMax = 64 << 10
    /// LIMIT: certificates between a peer's and a trust anchor; the mesh has one, the issuer.
    private static let chainDepthMax: Int32 = 10

    /// Makes contexts of an identity that has been found good: the key fits, the name is the
    /// certificate's, and the chain leads to the anchors now.
    init(_ material: IdentityMaterial) throws(TLSError) {
        name = material.name
        unsafe server = try Self.make(isServer: true, material)
        do throws(TLSError) {
            unsafe client = try Self.make(isServer: false, material)
        } catch {
            unsafe SSL_CTX_free(server)
            throw error
        }
        // SAFETY: the context keeps its certificate, which is only read here.
        unsafe expiresAtSeconds = cmesh_ctx_expires_at(server)
        // SAFETY: a C string of OpenSSL's that is ours to free, and is copied before that.
        if let digits = unsafe cmesh_ctx_serial_number(server) {
            unsafe serialNumber = String(cString: digits)
            unsafe cmesh_free(digits)
        } else {
            serialNumber = nil
        }
    }

    deinit {
        unsafe SSL_CTX_free(server)
        unsafe SSL_CTX_free(client)
    }

    private static func make(
        isServer: Bool,
        _ material: IdentityMaterial
    ) throws(TLSError) -> OpaquePointer {
        // What the proxy accepts is decided here, not by an openssl.cnf of the machine, which could
        // even name libraries to load.
        guard OPENSSL_init_ssl(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG), nil) == 1 else {
            throw TLSError(kind: .protocolError, reason: OpenSSLError.take())
        }
        let method = unsafe isServer ? TLS_server_method() : TLS_client_method()
        guard let context = unsafe SSL_CTX_new(method) else {
            throw TLSError(kind: .protocolError, reason: "out of memory")
        }
        do throws(TLSError) {
            guard unsafe cmesh_ctx_set_tls13_only(context) == 1 else {
                throw TLSError(kind: .protocolError, reason: OpenSSLError.take())
            }
            unsafe cmesh_ctx_set_modes(context)
            // Of equal strength for as long as a certificate lasts, AES-128 takes the least time.
            let suites =
                "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
            guard unsafe SSL_CTX_set_ciphersuites(context, suites) == 1 else {
                throw TLSError(kind: .protocolError, reason: OpenSSLError.take())
            }
            unsafe SSL_CTX_set_num_tickets(context, 0)
            unsafe cmesh_ctx_set_max_cert_list(context, certificateBytesMax)
            unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
            unsafe SSL_CTX_set_verify_depth(context, chainDepthMax)
            unsafe SSL_CTX_set_msg_callback(context, countTLSMessages)
            unsafe try addIdentity(material, to: context)
            if isServer { unsafe SSL_CTX_set_alpn_select_cb(context, selectTransportALPN, nil) }
        } catch {
            unsafe SSL_CTX_free(context)
            throw error
        }
        return unsafe context
    }

    private static func addIdentity(
        _ material: IdentityMaterial,
        to context: OpaquePointer
    ) throws(TLSError) {
        let store = unsafe SSL_CTX_get_cert_store(context)
        let roots = unsafe try PEM.certificates(material.trustRoots, "the trust-root file")
        for index in unsafe roots.indices {
            unsafe X509_STORE_add_cert(store, roots[index])
            unsafe X509_free(roots[index])
        }
        // The key first: it is freed here in any case, and the chain is then taken over at once.
        let key = unsafe try PEM.privateKey(material.key, "the key file")
        defer { unsafe EVP_PKEY_free(key) }
        let chain = unsafe try PEM.certificates(material.certificate, "the certificate file")
        // SAFETY: use_certificate takes a reference of its own; add0 takes ours over.
        let leaf = unsafe Certificate(owning: chain[0])
        let isUsed = unsafe SSL_CTX_use_certificate(context, chain[0]) == 1
        for index in unsafe chain.indices.dropFirst() {
            unsafe _ = cmesh_ctx_add_chain(context, chain[index])
        }
        guard isUsed, unsafe SSL_CTX_use_PrivateKey(context, key) == 1,
            unsafe SSL_CTX_check_private_key(context) == 1
        else {
            OpenSSLError.clear()
            throw TLSError(
                kind: .identityFiles,
                reason: "the key does not belong to the certificate"
            )
        }
        guard leaf.hasIdentity(material.name) else {
            throw TLSError(
                kind: .identityFiles,
                reason:
                    "the certificate is for \(leaf.identity ?? "nobody"), not for \(material.name)"
            )
        }
        unsafe try verify(chain, against: store)
    }

    /// Whether peers will accept it: the same check that they make.
    private static func verify(
        _ chain: [OpaquePointer],
        against store: OpaquePointer?
    ) throws(TLSError) {
        let untrusted = unsafe OPENSSL_sk_new_null()
        defer { unsafe OPENSSL_sk_free(untrusted) }
        for index in unsafe chain.indices.dropFirst() {
            // SAFETY: the stack holds the pointers only while the check runs.
            unsafe OPENSSL_sk_push(untrusted, UnsafeRawPointer(chain[index]))
        }
        let check = unsafe X509_STORE_CTX_new()
        defer { unsafe X509_STORE_CTX_free(check) }
        guard unsafe X509_STORE_CTX_init(check, store, chain[0], untrusted) == 1,
            unsafe X509_verify_cert(check) == 1
        else {
            let code = unsafe X509_STORE_CTX_get_error(check)
            OpenSSLError.clear()
            throw TLSError(
                kind: .identityFiles,
                reason: "our own certificate is not good: \(VerifyResult.text(code))"
            )
        }
    }

    /// A session for an accepted connection.
    func acceptSession(on socket: Int32, _ flight: TLSFlight) -> TLSSession? {
        guard let session = unsafe SSL_new(server) else { return nil }
        unsafe SSL_set_accept_state(session)
        return unsafe TLSSession(owning: session, socket: socket, flight, expectedIdentity: nil)
    }

    /// A session for a connection to a peer of that identity, which is also the server name.
    func connectSession(
        on socket: Int32,
        _ flight: TLSFlight,
        to identity: String,
        withTransportHeader: Bool
    ) -> TLSSession? {
        guard let session = unsafe SSL_new(client) else { return nil }
        unsafe SSL_set_connect_state(session)
        // RFC 6066 section 3: a server name is a DNS name; a SPIFFE URI is none.
        if !identity.contains(":") { unsafe _ = cmesh_ssl_set_server_name(session, identity) }
        if withTransportHeader {
            let protocols =
                [UInt8(TransportHeader.alpn.utf8.count)] + Array(TransportHeader.alpn.utf8)
            // SAFETY: OpenSSL copies the list.
            unsafe SSL_set_alpn_protos(session, protocols, UInt32(protocols.count))
        }
        return unsafe TLSSession(
            owning: session,
            socket: socket,
            flight,
            expectedIdentity: identity
        )
    }
}

/// Picks `transport.l5d.io/v1` where a client offers it; others go without (RFC 7301 section 3.2).
private let selectTransportALPN:
    @convention(c) (
        OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?,
        UnsafePointer<UInt8>?, UInt32, UnsafeMutableRawPointer?
    ) -> Int32 = { _, out, outLength, offered, offeredLength, _ in
        guard let offered = unsafe offered, let out = unsafe out, let outLength = unsafe outLength
        else { return SSL_TLSEXT_ERR_NOACK }
        let list = unsafe UnsafeBufferPointer(start: offered, count: Int(offeredLength))
        var index = 0
        while index < list.count {
            let length = Int(unsafe list[index])
            guard index + 1 + length <= list.count else { return SSL_TLSEXT_ERR_NOACK }
            let name = unsafe list[(index + 1)..<(index + 1 + length)]
            if unsafe name.elementsEqual(TransportHeader.alpn.utf8) {
                // SAFETY: the result may point into the offer (SSL_CTX_set_alpn_select_cb(3)).
                unsafe out.pointee = offered + index + 1
                unsafe outLength.pointee = UInt8(length)
                return SSL_TLSEXT_ERR_OK
            }
            index += 1 + length
        }
        return SSL_TLSEXT_ERR_NOACK
    }

/// OpenSSL's verdict about a certificate.
enum VerifyResult {
    static func text(_ code: Int) -> String { text(Int32(truncatingIfNeeded: code)) }

    static func text(_ code: Int32) -> String {
        // SAFETY: a constant string of OpenSSL's.
        guard let text = unsafe X509_verify_cert_error_string(Int(code)) else {
            return "code \(code)"
        }
        return unsafe String(cString: text)
    }

    static func kind(_ code: Int) -> TLSError.Kind {
        switch Int32(truncatingIfNeeded: code) {
        case X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID: .outOfDate
        default: .untrusted
        }
    }
}
