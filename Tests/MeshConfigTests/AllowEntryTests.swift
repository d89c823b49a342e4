// SPDX-License-Identifier: Apache-2.0

import MeshConfig
import MeshModel
import Testing

@Suite("Allow entry")
struct AllowEntryTests {
    @Test(arguments: [
        ("kubernetes", "kubernetes"), ("k8s:default/users-api", "k8s:default/users-api"),
        ("k8s:a/1", "k8s:a/1"), ("ip:192.168.1.77/24", "ip:192.168.1.0/24"),
        ("ip:fd00::/8", "ip:fd00::/8"), ("ip:0.0.0.0/0", "ip:0.0.0.0/0"),
    ])
    func readsWhatItWrites(text: String, canonical: String) throws {
        let entry = try AllowEntry(parsing: text)
        #expect(entry.description == canonical)
        #expect(try AllowEntry(parsing: canonical) == entry)
    }

    @Test(arguments: [
        ("Kubernetes", "\"Kubernetes\" is no destination; did you mean \"kubernetes\"?"),
        ("*", "\"*\" is no destination; did you mean \"kubernetes\"?"),
        (
            "default/users-api",
            "\"default/users-api\" is no destination; did you mean \"k8s:default/users-api\"?"
        ),
        ("10.0.0.0/8", "\"10.0.0.0/8\" is no destination; did you mean \"ip:10.0.0.0/8\"?"),
        ("fd00::1", "\"fd00::1\" is no destination; did you mean \"ip:fd00::1/128\"?"),
        (
            "example.org",
            "\"example.org\" is no destination; "
                + "write \"kubernetes\", \"k8s:NAMESPACE/SERVICE\" or \"ip:CIDR\""
        ),
        (
            "",
            "\"\" is no destination; "
                + "write \"kubernetes\", \"k8s:NAMESPACE/SERVICE\" or \"ip:CIDR\""
        ),
        (
            "k8s:users-api",
            "\"k8s:users-api\" does not name a Service; "
                + "write \"k8s:NAMESPACE/SERVICE\", such as \"k8s:default/users-api\""
        ),
        (
            "ip:10.0.0.1",
            "\"10.0.0.1\" has no prefix length; write \"10.0.0.1/32\" for this one address"
        ),
    ])
    func saysWhatIsMeant(text: String, message: String) {
        #expect(throws: ValueError(message)) { try AllowEntry(parsing: text) }
    }

    @Test(arguments: [
        "k8s:", "k8s:/", "k8s:a/", "k8s:/a", "k8s:a/b/c", "k8s:A/b", "k8s:a/b ", "k8s: a/b",
        "ip:", "ip:/8", "ip: 10.0.0.0/8", "kubernetes ", "K8S:a/b", "k8s:*/*",
    ])
    func refusesAnythingElse(text: String) {
        #expect(throws: ValueError.self) { try AllowEntry(parsing: text) }
    }
}
