// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@testable import ProxyRuntime

/// The default policies, by network and by identity.
@Suite("Default policies")
struct PolicyTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let policy: String
        let isInNetwork: Bool
        let letsPlainIn: Bool
        let letsMeshedIn: Bool
        var testDescription: String { "\(policy), in the networks: \(isInNetwork)" }
    }

    static let cases = [true, false].flatMap { isInNetwork in
        [
            ("deny", false, false),
            ("all-unauthenticated", true, true),
            ("all-authenticated", false, true),
            ("cluster-unauthenticated", isInNetwork, isInNetwork),
            ("cluster-authenticated", false, isInNetwork),
            ("audit", true, true),
        ].map {
            Case(policy: $0.0, isInNetwork: isInNetwork, letsPlainIn: $0.1, letsMeshedIn: $0.2)
        }
    }

    /// The clients come from 127.0.0.1, so that `deny` is seen to deny localhost too.
    @Test(arguments: cases)
    func letsInWhomItNames(test: Case) throws {
        let folder = try TestFolder()
        let app = try TestListener()
        try Identities.copy(["api.crt", "api.key", "web.crt", "web.key", "ca.crt"], to: folder)
        var config = ProxyConfig()
        config.identity = (Identities.api, "api")
        config.policy = test.policy
        config.clusterNetworks = test.isInNetwork ? "127.0.0.0/8" : "10.0.0.0/8"
        config.forwardTo = app.address
        let proxy = try ProxyUnderTest(config, in: folder, name: "proxy")
        let plain = try TestSocket.connect(to: proxy.inbound)
        try plain.send("hello")
        try expect(test.letsPlainIn, plain.ending, app)
        let peer = try TLSPeer(
            connectingTo: proxy.inbound,
            in: folder,
            sending: TLSPeer.header(port: app.address.port) + Array("hello".utf8)
        )
        try expect(test.letsMeshedIn, { try peer.output() == "" ? .reset : .finished }, app)
        let refused = (test.letsPlainIn ? 0 : 1) + (test.letsMeshedIn ? 0 : 1)
        try Wait.until("the refusals are counted") {
            try proxy.refusals("inbound", "unauthorized") == refused
        }
        let reason =
            "reason=\"the default policy " + (test.policy == "deny" ? "is deny" : test.policy)
        try Wait.until("the refusals are told") { try proxy.logLines(reason).count == refused }
    }

    private func expect(
        _ isLetIn: Bool,
        _ ending: () throws -> TestSocket.Ending,
        _ app: TestListener
    ) throws {
        guard isLetIn else {
            #expect(try ending() == .reset)
            #expect(try app.isQuiet())
            return
        }
        // The application may have been connected early for a client that wanted it later.
        let server = try app.accept()
        #expect(try server.receiveText(5) == "hello")
        try server.send("welcome")
        server.finish()
        #expect(try ending() == .finished)
    }
}
