// SPDX-License-Identifier: Apache-2.0

import Foundation
import MeshModel
import ProxyCore
import Testing

@testable import ProxyRuntime

/// Whom the inbound side takes for a client of the mesh, tried with OpenSSL's own client.
@Suite("Inbound TLS")
final class InboundTLSTests: Sendable {
    private let pair: MeshPair
    private let canary: Canary

    init() throws {
        pair = try MeshPair()
        canary = try Canary(pair.connect())
    }

    private func connect(
        _ files: TLSPeer.Files?,
        alpn: String? = "transport.l5d.io/v1",
        flags: [String] = [],
        sending bytes: [UInt8]? = nil
    ) throws -> TLSPeer {
        try TLSPeer(
            connectingTo: pair.api.inbound,
            in: pair.folder,
            as: files,
            alpn: alpn,
            flags: flags,
            sending: bytes ?? TLSPeer.header(port: pair.app.address.port) + Array("hello".utf8)
        )
    }

    private func expectAccepted(_ files: TLSPeer.Files) throws {
        let peer = try connect(files)
        let server = try pair.app.accept()
        #expect(try server.receiveText(5) == "hello")
        try server.send("welcome")
        server.finish()
        #expect(try peer.output() == "welcome")
    }

    private func expectRefused(_ peer: TLSPeer, _ error: String, _ reason: String) throws {
        try pair.api.awaitLog(reason)
        #expect(try peer.output() == "")
        let line = try #require(try pair.api.logLines(reason).first)
        #expect(line.contains("connection refused direction="))
        #expect(try pair.api.refusals("inbound", error) == 1)
        #expect(try pair.app.isQuiet())
        try canary.sing()
    }

    private func issue(
        _ name: String,
        dns: String? = Identities.web,
        by authority: Authority? = nil,
        _ change: (inout Authority.Request) -> Void = { _ in }
    ) throws -> TLSPeer.Files {
        let authority = try authority ?? Identities.authority()
        var request = Authority.Request(dns: dns)
        change(&request)
        let unique = "\(name)-\(UUID().uuidString)"
        try authority.issue(unique, request)
        for ending in [".crt", ".key"] {
            try pair.folder.write(unique + ending, try authority.folder.read(unique + ending))
        }
        return TLSPeer.Files(certificate: unique)
    }

    // MARK: Accepted

    @Test func takesAGoodClient() throws { try expectAccepted(TLSPeer.Files()) }

    @Test(arguments: [
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"], ["-newkey", "rsa:2048"],
    ])
    func takesOtherKinds(ofKey key: [String]) throws {
        try expectAccepted(issue("kind") { $0.key = key })
    }

    @Test func takesAClientBehindAnIssuer() throws {
        let issuer = try Identities.authority().issueAuthority("issuer-" + UUID().uuidString)
        var files = try issue("leaf", by: issuer)
        try pair.folder.write("chain.pem", try issuer.folder.read(issuer.name + ".crt"))
        files.chain = "chain.pem"
        try expectAccepted(files)
    }

    // MARK: Refused certificates

    @Test func refusesAForeignAuthority() throws {
        let foreign = try Authority(in: TestFolder())
        try expectRefused(
            connect(issue("foreign", by: foreign)),
            "tls_untrusted",
            "unable to get local issuer certificate"
        )
    }

    @Test func refusesAnExpiredCertificate() throws {
        let files = try issue("expired") { $0.to = "20210101000000Z" }
        try expectRefused(connect(files), "tls_out_of_date", "certificate has expired")
    }

    @Test func refusesACertificateOfTheFuture() throws {
        let files = try issue("future") { $0.from = "20990101000000Z" }
        try expectRefused(connect(files), "tls_out_of_date", "certificate is not yet valid")
    }

    @Test func refusesAServersCertificateForAClient() throws {
        let files = try issue("usage") { $0.usage = "serverAuth" }
        try expectRefused(connect(files), "tls_untrusted", "unsuitable certificate purpose")
    }

    @Test func refusesNoCertificate() throws {
        try expectRefused(
            connect(nil),
            "no_identity",
            "direct connections must show a certificate"
        )
    }

    /// A wildcard, a NUL and no name at all name nobody.
    @Test(arguments: [
        "DNS:*.default.serviceaccount.identity.linkerd.cluster.local",
        // GeneralNames with one dNSName, "web.a", NUL, "b".
        "DER:30:09:82:07:77:65:62:2e:61:00:62",
        nil,
    ])
    func refusesANameThatNamesNobody(names: String?) throws {
        let files = try issue("nobody") { $0.names = names }
        try expectRefused(
            connect(files),
            "no_identity",
            "direct connections must show a certificate"
        )
    }

    @Test func refusesALongChain() throws {
        var issuer = try Identities.authority()
        var chain: [UInt8] = []
        for depth in 0..<20 {
            issuer = try issuer.issueAuthority("depth-\(depth)-" + UUID().uuidString)
            chain = try issuer.folder.read(issuer.name + ".crt") + chain
        }
        var files = try issue("deep", by: issuer)
        try pair.folder.write("deep.pem", chain)
        files.chain = "deep.pem"
        try expectRefused(connect(files), "tls_untrusted", "certificate chain too long")
    }

    @Test func refusesAHugeCertificate() throws {
        let comment = String(repeating: "x", count: 1 << 20)
        let files = try issue("huge") { $0.extra = "nsComment=\(comment)" }
        try expectRefused(connect(files), "tls_error", "excessive message size")
    }

    // MARK: Refused handshakes

    @Test func refusesTLS12() throws {
        try expectRefused(
            connect(TLSPeer.Files(), flags: ["-tls1_2"]),
            "tls_error",
            "unsupported protocol"
        )
    }

    @Test(arguments: [nil, "h2", "transport.l5d.io/v2"])
    func refusesAClientWithoutTheHeadersProtocol(alpn: String?) throws {
        try expectRefused(
            connect(TLSPeer.Files(), alpn: alpn),
            "transport_header",
            "a direct connection without a transport header"
        )
    }

    @Test func refusesGarbageForAHeader() throws {
        try expectRefused(
            connect(TLSPeer.Files(), sending: Array("GET / HTTP/1.1\r\n\r\n".utf8)),
            "transport_header",
            "the connection does not begin with transport.l5d.io/v1"
        )
    }

    @Test func refusesAHeaderThatLeadsBack() throws {
        try expectRefused(
            connect(TLSPeer.Files(), sending: TLSPeer.header(port: 4143)),
            "loop",
            "the transport header leads back to the proxy"
        )
    }

    @Test func refusesAGateway() throws {
        let header = TransportHeader(port: 80, name: "other.example", sessionProtocol: nil)
        try expectRefused(
            connect(TLSPeer.Files(), sending: header.encoded()),
            "transport_header",
            "this proxy is no gateway"
        )
    }

    /// Nothing but mutual TLS of the mesh comes in at the inbound port itself.
    @Test(arguments: ["GET / HTTP/1.1\r\n\r\n", "\u{16}\u{3}not TLS at all", ""])
    func refusesPlainBytes(text: String) throws {
        let client = try TestSocket.connect(to: pair.api.inbound)
        try client.send(text)
        client.finish()
        #expect(try client.ending() == .reset)
        try pair.api.awaitLog("direct connections must be mutual TLS of the mesh")
        #expect(try pair.api.refusals("inbound", "no_identity") == 1)
        try canary.sing()
    }
}
