// SPDX-License-Identifier: Apache-2.0

import MeshModel
import ProxyCore
import Testing

@Suite("Inbound authorizer")
struct InboundAuthorizerTests {
    /// The four clients of each row are inside the cluster, outside it, mapped inside, localhost.
    static let clients = ["10.1.2.3", "203.0.113.9", "::ffff:10.1.2.3", "127.0.0.1"]

    private func decide(
        _ policy: InboundPolicy,
        _ client: String,
        identity: String?,
        networks: String = "10.0.0.0/8,fd00::/8"
    ) throws -> InboundDecision {
        let authorizer = InboundAuthorizer(
            policy: policy,
            clusterNetworks: try CIDRList(parsing: networks)
        )
        return authorizer.decide(client: try IPAddress(parsing: client), identity: identity)
    }

    /// Without and with an identity, for the clients in their order.
    @Test(
        arguments: [
            (.deny, [false, false, false, false], [false, false, false, false]),
            (.allUnauthenticated, [true, true, true, true], [true, true, true, true]),
            (.audit, [true, true, true, true], [true, true, true, true]),
            (.allAuthenticated, [false, false, false, false], [true, true, true, true]),
            (.clusterUnauthenticated, [true, false, true, false], [true, false, true, false]),
            (.clusterAuthenticated, [false, false, false, false], [true, false, true, false]),
        ] as [(InboundPolicy, [Bool], [Bool])]
    )
    func followsThePolicy(policy: InboundPolicy, plain: [Bool], meshed: [Bool]) throws {
        for (identity, expected) in [(nil, plain), ("", plain), ("web.default", meshed)] {
            for (client, isAllowed) in zip(Self.clients, expected) {
                let decision = try decide(policy, client, identity: identity)
                if isAllowed {
                    #expect(decision == .allowed(authorization: policy.rawValue))
                } else {
                    guard case .denied = decision else {
                        Issue.record("\(policy) let \(client) in with \(identity ?? "nothing")")
                        continue
                    }
                }
            }
        }
    }

    @Test(
        arguments: [
            (.deny, "10.1.2.3", "a.b", "10.0.0.0/8", "the default policy is deny"),
            (.deny, "::1", "a.b", "10.0.0.0/8", "the default policy is deny"),
            (
                .allAuthenticated, "10.1.2.3", nil, "",
                "the default policy all-authenticated needs a mesh identity, the client has none"
            ),
            (
                .clusterUnauthenticated, "::ffff:192.0.2.1", "a.b", "10.0.0.0/8",
                "the default policy cluster-unauthenticated needs a client in the cluster "
                    + "networks, "
                    + "192.0.2.1 is not"
            ),
            (
                .clusterAuthenticated, "192.0.2.1", nil, "10.0.0.0/8",
                "the default policy cluster-authenticated needs a client in the cluster networks, "
                    + "192.0.2.1 is not"
            ),
            (
                .clusterAuthenticated, "10.1.2.3", nil, "10.0.0.0/8",
                "the default policy cluster-authenticated needs a mesh identity, "
                    + "the client has none"
            ),
            (
                .clusterUnauthenticated, "10.1.2.3", nil, "",
                "the default policy cluster-unauthenticated needs cluster networks, none are set"
            ),
        ] as [(InboundPolicy, String, String?, String, String)]
    )
    func saysWhatWasMissing(
        policy: InboundPolicy,
        client: String,
        identity: String?,
        networks: String,
        reason: String
    ) throws {
        let decision = try decide(policy, client, identity: identity, networks: networks)
        #expect(decision == .denied(reason: reason))
    }

    @Test(arguments: [
        ("10.0.0.0/8", "::ffff:10.0.0.1", true),
        ("::ffff:10.0.0.0/104", "10.0.0.1", true),
        ("::ffff:10.0.0.0/104", "::ffff:10.0.0.1", true),
        ("::ffff:10.0.0.0/104", "::ffff:11.0.0.1", false),
        ("0.0.0.0/0", "::ffff:11.0.0.1", true),
        ("0.0.0.0/0", "fd00::1", false),
        ("::/0", "fd00::1", true),
        ("::/0", "10.0.0.1", false),
        ("::/0", "::ffff:10.0.0.1", false),
        ("fd00::/8", "fd00::1", true),
        ("fd00::/8", "::1", false),
    ])
    func takesMappedAddressesForIPv4(network: String, client: String, isAllowed: Bool) throws {
        let decision = try decide(
            .clusterUnauthenticated,
            client,
            identity: nil,
            networks: network
        )
        let expected = InboundDecision.allowed(authorization: "cluster-unauthenticated")
        #expect((decision == expected) == isAllowed)
    }

    @Test(arguments: [
        ("::ffff:1.2.3.4", "1.2.3.4"), ("1.2.3.4", "1.2.3.4"), ("::1.2.3.4", "::102:304"),
        ("::1", "::1"), ("::fffe:1.2.3.4", "::fffe:102:304"), ("::ffff:0:0", "0.0.0.0"),
    ])
    func unmaps(address: String, unmapped: String) throws {
        #expect(try IPAddress(parsing: address).unmapped == IPAddress(parsing: unmapped))
    }
}
