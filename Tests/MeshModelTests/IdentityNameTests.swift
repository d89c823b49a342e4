// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@Suite("Identity name")
struct IdentityNameTests {
    @Test(arguments: [
        "default.default.serviceaccount.identity.linkerd.cluster.local", "a", "vm-1.example.org",
        "spiffe://example.org/webapp", "spiffe://example.org/ns/default/sa/web_app",
        "spiffe://a_b-c.1/UPPER.case/...", String(repeating: "a", count: 253),
        "spiffe://a/" + String(repeating: "b", count: 2037),
        "spiffe://" + String(repeating: "a", count: 255) + "/b",
    ])
    func takesDNSNamesAndWorkloads(text: String) throws {
        try IdentityName.validate(text)
    }

    @Test(arguments: [
        "", ".", "a.", ".a", "a..b", "Webapp", "a_b", "*.default", "-a", "10.0.0.1", "::1",
        "https://a/b", "SPIFFE://a/b", "spiffe:a/b", "spiffe:/a/b", " a", "a\n", "é",
        String(repeating: "a", count: 254),
    ])
    func refusesAnythingElse(text: String) {
        let quoted = ValueError.quote(text)
        #expect(
            throws: ValueError(
                "\(quoted) is not a mesh identity; write a DNS name such as "
                    + "\"webapp.default.serviceaccount.identity.linkerd.cluster.local\" "
                    + "or a SPIFFE ID such as \"spiffe://example.org/webapp\""
            )
        ) {
            try IdentityName.validate(text)
        }
    }

    @Test(arguments: [
        "spiffe://", "spiffe:///b", "spiffe://a", "spiffe://a/", "spiffe://a//b", "spiffe://a/b/",
        "spiffe://A/b", "spiffe://a:80/b", "spiffe://u@a/b", "spiffe://a/b?c", "spiffe://a/b#c",
        "spiffe://a/%62", "spiffe://a/.", "spiffe://a/../b", "spiffe://a/é",
        "spiffe://a/" + String(repeating: "b", count: 2038),
        "spiffe://" + String(repeating: "a", count: 256) + "/b",
    ])
    func refusesWhatIsNoWorkload(text: String) {
        #expect(
            throws: ValueError(
                "\(ValueError.quote(text)) is not the SPIFFE ID of a workload; "
                    + "write a trust domain and a path, such as \"spiffe://example.org/webapp\""
            )
        ) {
            try IdentityName.validate(text)
        }
    }
}
