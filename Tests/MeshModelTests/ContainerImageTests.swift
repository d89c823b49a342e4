// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@Suite("Container image")
struct ContainerImageTests {
    static let sha256 = "sha256:" + String(repeating: "0123456789abcdef", count: 4)
    static let sha384 = "sha384:" + String(repeating: "0123456789abcdef", count: 6)
    static let sha512 = "sha512:" + String(repeating: "0123456789abcdef", count: 8)

    struct Parts: Sendable {
        let text: String
        var registry: String?
        let path: String
        var tag: String?
        var digest: String?
    }

    static let images: [Parts] = [
        Parts(text: "nginx", path: "nginx"),
        Parts(text: "nginx:1.27", path: "nginx", tag: "1.27"),
        Parts(text: "library/nginx", path: "library/nginx"),
        Parts(text: "ghcr.io/meshctl/meshctl", registry: "ghcr.io", path: "meshctl/meshctl"),
        Parts(text: "localhost/a:b", registry: "localhost", path: "a", tag: "b"),
        Parts(text: "localhost:5000", path: "localhost", tag: "5000"),
        Parts(text: "host:5000/a", registry: "host:5000", path: "a"),
        Parts(text: "host:5000/a/b:v1", registry: "host:5000", path: "a/b", tag: "v1"),
        Parts(text: "Host/a", registry: "Host", path: "a"),
        Parts(text: "10.0.0.1:5000/a", registry: "10.0.0.1:5000", path: "a"),
        Parts(text: "[fd00::1]:5000/a", registry: "[fd00::1]:5000", path: "a"),
        Parts(text: "[fd00::1]/a", registry: "[fd00::1]", path: "a"),
        Parts(text: "a-b/c__d/e.f_g---h", path: "a-b/c__d/e.f_g---h"),
        Parts(text: "a_b.c/d", path: "a_b.c/d"),
        Parts(text: "nginx@" + sha256, path: "nginx", digest: sha256),
        Parts(text: "nginx:1@" + sha256, path: "nginx", tag: "1", digest: sha256),
        Parts(text: "nginx@" + sha384, path: "nginx", digest: sha384),
        Parts(text: "nginx@" + sha512, path: "nginx", digest: sha512),
        Parts(text: "a:V_1.2-x", path: "a", tag: "V_1.2-x"),
        Parts(text: "a:_", path: "a", tag: "_"),
    ]

    @Test(arguments: images)
    func takesReferencesApart(parts: Parts) throws {
        let image = try ContainerImage(parsing: parts.text)
        #expect(image.registry == parts.registry)
        #expect(image.path == parts.path)
        #expect(image.tag == parts.tag)
        #expect(image.digest == parts.digest)
        #expect(image.description == parts.text)
        #expect(image.name == (parts.registry.map { $0 + "/" } ?? "") + parts.path)
    }

    @Test(arguments: [
        "", "/", "/a", "a/", "a//b", "-a", "a-", "a___b", "a..b", "a._b", ".a", "a b", " a", "a\n",
        "host:port/a", "host:/a", "host:65536/a", "-host.io/a", "host-.io/a", "ex..io/a",
        "[fd00::1/a", "[10.0.0.1]/a", "[fd00::1]5000/a", "https://ghcr.io/a", "a/b:1/c", "\u{E9}",
        "user@host/a:1",
    ])
    func refusesWhatIsNoReference(text: String) {
        #expect(throws: ValueError.self) { try ContainerImage(parsing: text) }
    }

    @Test func showsAnExample() {
        #expect(
            throws: ValueError(
                "\"a//b\" is not a container image; write one such as \"ghcr.io/meshctl/meshctl\""
            )
        ) {
            try ContainerImage(parsing: "a//b")
        }
    }

    @Test(arguments: ["Nginx", "ghcr.io/Meshctl/meshctl", "a/B:v1"])
    func pointsOutCapitals(text: String) {
        #expect(
            throws: ValueError(
                "\"\(text)\" is not a container image (its path must be lower case); "
                    + "write one such as \"ghcr.io/meshctl/meshctl\""
            )
        ) {
            try ContainerImage(parsing: text)
        }
    }

    @Test(arguments: [
        ("a:", ""), ("a:.1", ".1"), ("a:-1", "-1"), ("a:1+2", "1+2"), ("a:b c", "b c"),
    ])
    func quotesTheTagAtFault(text: String, tag: String) {
        #expect(
            throws: ValueError(
                "\"\(tag)\" is not an image version; write at most 128 letters, "
                    + "digits, \"_\", \".\" and \"-\", such as \"v1.2.3\""
            )
        ) {
            try ContainerImage(parsing: text)
        }
    }

    @Test(arguments: [
        "", "sha256", "sha256:", "sha256:abc", ":" + String(repeating: "a", count: 64),
        "sha256:" + String(repeating: "a", count: 63),
        "sha256:" + String(repeating: "a", count: 65),
        "sha256:" + String(repeating: "A", count: 64),
        "sha256:" + String(repeating: "g", count: 64),
        "sha512:" + String(repeating: "a", count: 64), sha256 + "@" + sha256,
        "sha384:" + String(repeating: "a", count: 64),
        "SHA256:" + String(repeating: "a", count: 64),
        "md5:" + String(repeating: "a", count: 32), "blake3:" + String(repeating: "a", count: 64),
        "sha256+b64:" + String(repeating: "a", count: 64), "-:" + String(repeating: "a", count: 32),
    ])
    func refusesOtherDigests(digest: String) {
        for text in ["a@" + digest, "a:1@" + digest] {
            let message = refusal { () throws(ValueError) in try ContainerImage(parsing: text) }
            #expect(
                message?.hasSuffix(
                    " is not an image digest; write \"sha256:\" and 64 digits of 0-9 and a-f"
                ) == true
            )
        }
    }

    @Test func holdsTheLimitsOfTheGrammar() throws {
        let host = "ghcr.io/"
        let path = String(repeating: "a", count: 255 - host.utf8.count)
        #expect(try ContainerImage(parsing: host + path).path == path)
        #expect(throws: ValueError.self) { try ContainerImage(parsing: host + path + "a") }
        let tag = String(repeating: "1", count: 128)
        #expect(try ContainerImage(parsing: "a:" + tag).tag == tag)
        #expect(throws: ValueError.self) { try ContainerImage(parsing: "a:1" + tag) }
        let longest = host + path + ":" + tag + "@" + Self.sha512
        #expect(try ContainerImage(parsing: longest).description == longest)
    }

    @Test func refusesAnImageIDInPlaceOfAName() throws {
        let id = String(repeating: "0123456789abcdef", count: 4)
        #expect(throws: ValueError.self) { try ContainerImage(parsing: id) }
        for text in [id + ":v1", "a/" + id, String(id.dropLast()), id + "0"] {
            #expect(try ContainerImage(parsing: text).description == text)
        }
    }

    @Test func quotesAHugeReferenceInPart() {
        let text = String(repeating: "a/", count: 10_000)
        let message = refusal { () throws(ValueError) in try ContainerImage(parsing: text) }
        #expect(message?.contains("...\" (20000 bytes) is not a container image") == true)
    }
}

@Suite("Image version")
struct ImageVersionTests {
    @Test func takesTagsWithAndWithoutADigest() throws {
        let plain = try ImageVersion(parsing: "v1.2.3")
        #expect(plain.tag == "v1.2.3")
        #expect(plain.digest == nil)
        #expect(plain.description == "v1.2.3")
        let text = "edge-25.1.1@" + ContainerImageTests.sha256
        let pinned = try ImageVersion(parsing: text)
        #expect(pinned.tag == "edge-25.1.1")
        #expect(pinned.digest == ContainerImageTests.sha256)
        #expect(pinned.description == text)
    }

    @Test(arguments: ["", ".1", "-1", "1:2", "a/b", "v1 ", "v1@", "v1@sha256:12", "@"])
    func refusesWhatIsNoTag(text: String) {
        #expect(throws: ValueError.self) { try ImageVersion(parsing: text) }
    }

    @Test func refusesADigestAlone() {
        #expect(
            throws: ValueError(
                "\"\" is not an image version; write at most 128 letters, "
                    + "digits, \"_\", \".\" and \"-\", such as \"v1.2.3\""
            )
        ) {
            try ImageVersion(parsing: "@" + ContainerImageTests.sha256)
        }
    }

    @Test(arguments: ["v1.2.3", "v1@" + ContainerImageTests.sha256])
    func joinsWithAnImageByAColon(version: String) throws {
        let image = try ContainerImage(parsing: "\(MeshDefaults.proxyImage):\(version)")
        let version = try ImageVersion(parsing: version)
        #expect(image.tag == version.tag)
        #expect(image.digest == version.digest)
    }
}
