// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@Suite("Kubernetes name")
struct KubernetesNameTests {
    static let label63 = String(repeating: "a", count: 63)

    @Test(arguments: ["a", "0", "webapp", "web-app", "web--app", "123", label63])
    func takesLabels(name: String) {
        #expect(throws: Never.self) { try KubernetesName.validateLabel(name) }
    }

    @Test(arguments: [
        "", "-", "-a", "a-", "Web", "web_app", "web.app", "web app", "wéb", label63 + "a",
    ])
    func refusesOtherLabels(name: String) {
        let message = refusal { () throws(ValueError) in try KubernetesName.validateLabel(name) }
        #expect(message?.contains("is not a Kubernetes name; write at most 63 of") == true)
    }

    @Test(arguments: [
        "a", "cluster.local", "a.b.c", "1.2", label63 + "a.b",
        String(repeating: "a.", count: 126) + "a",
    ])
    func takesSubdomainsWithLongLabels(name: String) {
        #expect(throws: Never.self) { try KubernetesName.validateSubdomain(name) }
    }

    @Test(arguments: [
        "", ".", "a.", ".a", "a..b", "a.-b", "a-.b", "Cluster.local", "cluster_local",
        String(repeating: "a.", count: 126) + "ab",
    ])
    func refusesOtherSubdomains(name: String) {
        let message = refusal { () throws(ValueError) in
            try KubernetesName.validateSubdomain(name)
        }
        #expect(message?.contains("is not a DNS name; write lower-case labels") == true)
    }

    @Test(arguments: ["a", "http", "http-admin", "1a", "8080-tcp", "a-b-c", "abcdefghijklmno"])
    func takesPortNames(name: String) {
        #expect(throws: Never.self) { try KubernetesName.validatePortName(name) }
    }

    @Test(arguments: [
        "", "80", "80-90", "-http", "http-", "ht--tp", "HTTP", "http_admin", "abcdefghijklmnop",
    ])
    func refusesOtherPortNames(name: String) {
        #expect(
            throws: ValueError(
                "\"\(name)\" is not a port name; write at most 15 of a-z, 0-9 and "
                    + "single \"-\", with at least one letter, such as \"http\""
            )
        ) {
            try KubernetesName.validatePortName(name)
        }
    }
}
