// SPDX-License-Identifier: Apache-2.0

import ProxyCore
import Testing

@Suite("Peer identity")
struct PeerIdentityTests {
    private static let web = "web.default.serviceaccount.identity.linkerd.cluster.local"
    private static let spiffe = "spiffe://cluster.local/ns/default/sa/web"

    @Test(
        arguments: [
            ([web], [], web),
            ([], [spiffe], spiffe),
            ([web], [spiffe], web),
            ([web, "other.example"], [], web),
            (["Web.Default"], [], "web.default"),
            ([web + ".", "second.example"], [], "second.example"),
            ([web + "."], [spiffe], spiffe),
            (["*.example.com"], [], nil),
            (["*"], [spiffe], spiffe),
            (["web.default\u{0}.evil"], [], nil),
            (["", "a b", "a.b"], [], "a.b"),
            (["b\u{FC}cher.example"], [], nil),
            ([], [], nil),
            ([], [""], nil),
            // A URI that could be read as a DNS identity is no identity.
            ([], [web], nil),
            ([], ["spiffe:"], nil),
            ([], [":a"], nil),
            ([], ["spiffe://a/b\u{0}c", "spiffe://a/b c"], nil),
            ([], [web, spiffe], spiffe),
        ] as [([String], [String], String?)]
    )
    func isTheFirstNameThatCanBeOne(dnsNames: [String], uris: [String], name: String?) {
        #expect(PeerIdentity.name(dnsNames: dnsNames, uris: uris) == name)
    }

    @Test(
        arguments: [
            (web, [web], [], true),
            (web, ["other.example", web], [], true),
            (web, [web.uppercased()], [], true),
            (web.uppercased(), [web], [], true),
            (web, [web + "."], [], false),
            (web + ".", [web + "."], [], false),
            (web, ["*." + web.drop { $0 != "." }.dropFirst()], [], false),
            ("*.example.com", ["*.example.com", "a.example.com"], [], false),
            ("*", ["*"], [], false),
            (web, ["a" + web, web + ".evil", "web.default"], [], false),
            (web, [], [web], false),
            (web, [], [], false),
            ("", [""], [""], false),
            (web, [web + "\u{0}"], [], false),
            (spiffe, [], [spiffe], true),
            (spiffe, [], ["spiffe://other/ns/a", spiffe], true),
            (spiffe, [], [spiffe.uppercased()], false),
            (spiffe, [], [spiffe + "/"], false),
            (spiffe, [spiffe], [], false),
            ("spiffe://a/\u{E9}", [], ["spiffe://a/e\u{301}"], false),
        ] as [(String, [String], [String], Bool)]
    )
    func matchesExactly(expected: String, dnsNames: [String], uris: [String], isMatch: Bool) {
        let found = PeerIdentity.matches(expected: expected, dnsNames: dnsNames, uris: uris)
        #expect(found == isMatch)
    }

    /// What a certificate is named as is what it matches.
    @Test(arguments: [[web], ["Web.Default"], ["*.a", "b.c"], ["a.", "b.c"]])
    func namesMatchThemselves(dnsNames: [String]) throws {
        for uris in [[], [Self.spiffe]] {
            let name = try #require(PeerIdentity.name(dnsNames: dnsNames, uris: uris))
            #expect(PeerIdentity.matches(expected: name, dnsNames: dnsNames, uris: uris))
        }
    }
}
