// SPDX-License-Identifier: Apache-2.0

import Foundation
import MeshModel
import Testing

@testable import ProxyRuntime

/// Whom the outbound side takes for its peer, tried with OpenSSL's own server.
@Suite("Outbound TLS")
final class OutboundTLSTests: Sendable {
    private let folder: TestFolder
    private let web: ProxyUnderTest
    private let peerIP = LoopbackAddresses.next()
    private let service: SocketAddress
    private let plain: TestListener
    private let canary: Canary

    init() throws {
        folder = try TestFolder()
        plain = try TestListener()
        try Identities.copy(["web.crt", "web.key", "api.crt", "api.key", "ca.crt"], to: folder)
        var config = ProxyConfig()
        config.identity = (Identities.web, "web")
        service = SocketAddress(ip: config.ip, port: 7000)
        let unmeshed = SocketAddress(ip: config.ip, port: 7001)
        let peer = SocketAddress(ip: peerIP, port: 8080)
        config.services = [
            .init(address: service, endpoints: [(peer, Identities.api)]),
            .init(address: unmeshed, endpoints: [(plain.address, nil)]),
        ]
        web = try ProxyUnderTest(config, in: folder, name: "proxy-web")
        let client = try TestSocket.connect(to: unmeshed)
        canary = try Canary((client, plain.accept()))
    }

    private func listen(
        _ files: TLSPeer.Files,
        alpn: String? = "transport.l5d.io/v1",
        flags: [String] = []
    ) throws -> TLSPeer {
        try TLSPeer(
            listeningOn: SocketAddress(ip: peerIP, port: 4143),
            in: folder,
            as: files,
            alpn: alpn,
            flags: flags
        )
    }

    private func issue(
        dns: String? = Identities.api,
        by authority: Authority? = nil,
        _ change: (inout Authority.Request) -> Void = { _ in }
    ) throws -> TLSPeer.Files {
        let authority = try authority ?? Identities.authority()
        var request = Authority.Request(dns: dns)
        change(&request)
        let name = "peer-\(UUID().uuidString)"
        try authority.issue(name, request)
        for ending in [".crt", ".key"] {
            try folder.write(name + ending, try authority.folder.read(name + ending))
        }
        return TLSPeer.Files(certificate: name)
    }

    private func expectAccepted(_ files: TLSPeer.Files) throws {
        let peer = try listen(files)
        let client = try TestSocket.connect(to: service)
        try client.send("hello")
        try Wait.until("the server has the header and the bytes") {
            let text = try peer.outputSoFar()
            return text.contains("transport.l5d.io/v1\r\n\r\n") && text.contains("hello")
        }
    }

    private func expectRefused(_ peer: TLSPeer, _ error: String, _ reason: String) throws {
        let client = try TestSocket.connect(to: service)
        try? client.send("secret")
        #expect(try client.ending() == .reset)
        try web.awaitLog(reason)
        let line = try #require(try web.logLines(reason).first)
        #expect(line.contains("connection refused direction="))
        #expect(try web.refusals("outbound", error) == 1)
        #expect(try !peer.outputSoFar().contains("secret"))
        try canary.sing()
    }

    // MARK: Accepted

    @Test func speaksToAGoodServer() throws {
        try expectAccepted(TLSPeer.Files(certificate: "api"))
    }

    @Test(arguments: [
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"], ["-newkey", "rsa:2048"],
    ])
    func speaksToOtherKinds(ofKey key: [String]) throws {
        try expectAccepted(issue { $0.key = key })
    }

    // MARK: Refused

    @Test func refusesAnotherIdentity() throws {
        try expectRefused(
            listen(TLSPeer.Files(certificate: "web")),
            "tls_wrong_identity",
            "the peer is \(Identities.web), not \(Identities.api)"
        )
    }

    @Test(arguments: [
        "DNS:*.default.serviceaccount.identity.linkerd.cluster.local",
        // GeneralNames with one dNSName, "web.a", NUL, "b".
        "DER:30:09:82:07:77:65:62:2e:61:00:62",
        nil,
    ])
    func refusesANameThatNamesNobody(names: String?) throws {
        try expectRefused(
            listen(issue { $0.names = names }),
            "tls_wrong_identity",
            "the peer is nobody, not \(Identities.api)"
        )
    }

    @Test func refusesAForeignAuthority() throws {
        try expectRefused(
            listen(issue(by: try Authority(in: TestFolder()))),
            "tls_untrusted",
            "unable to get local issuer certificate"
        )
    }

    @Test func refusesAnExpiredCertificate() throws {
        try expectRefused(
            listen(issue { $0.to = "20210101000000Z" }),
            "tls_out_of_date",
            "certificate has expired"
        )
    }

    @Test func refusesACertificateOfTheFuture() throws {
        try expectRefused(
            listen(issue { $0.from = "20990101000000Z" }),
            "tls_out_of_date",
            "certificate is not yet valid"
        )
    }

    @Test func refusesAClientsCertificateForAServer() throws {
        try expectRefused(
            listen(issue { $0.usage = "clientAuth" }),
            "tls_untrusted",
            "unsuitable certificate purpose"
        )
    }

    @Test func refusesTLS12() throws {
        try expectRefused(
            listen(TLSPeer.Files(certificate: "api"), flags: ["-tls1_2"]),
            "tls_error",
            "alert protocol version"
        )
    }

    @Test func refusesAServerWithoutTheHeadersProtocol() throws {
        try expectRefused(
            listen(TLSPeer.Files(certificate: "api"), alpn: nil),
            "transport_header",
            "the peer does not take a transport header"
        )
    }

    @Test func refusesAServerThatSpeaksNoTLS() throws {
        let server = try TestListener(peerIP, port: 4143)
        let client = try TestSocket.connect(to: service)
        let peer = try server.accept()
        try peer.send("HTTP/1.1 400 Bad Request\r\n\r\n")
        #expect(try client.ending() == .reset)
        try web.awaitLog("wrong version number")
        #expect(try web.refusals("outbound", "tls_error") == 1)
        try canary.sing()
    }

    @Test func refusesWhenNobodyListens() throws {
        let client = try TestSocket.connect(to: service)
        #expect(try client.ending() == .reset)
        try web.awaitLog("reason=\"cannot connect: connection refused\" to=\"\(peerIP):4143\"")
        #expect(try web.refusals("outbound", "i/o") == 1)
    }
}
