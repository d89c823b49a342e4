// SPDX-License-Identifier: Apache-2.0

import ManifestKit
import MeshConfig
import MeshModel
import Testing

/// The annotation as the mesh's documentation shows it.
private let example = """
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: linkerd-config
      namespace: linkerd
      annotations:
        linkerd.io/proxy-config: |
          proxy:
            listenAddr: ":4140"
            proxy:
              outgoing:
                request:
                  timeout: "5s" # Default timeout for outgoing requests
                allow:
                  - "kubernetes" # Kubernetes Services
                  # - "k8s:some-specific-namespace/some-specific-service"
                  # - "ip:192.168.1.0/24"
    data: {}
    """

@Suite("linkerd.io/proxy-config")
struct ProxyConfigTreeTests {
    private func complaints(_ text: String) -> String {
        let (settings, errors) = ProxyConfigTree.read(text, named: "value")
        #expect((settings == nil) != errors.isEmpty)
        return errors.map(oneLine).joined(separator: "\n")
    }

    private func readAnnotation(of text: String) throws -> (ProxySettings?, [String]) {
        let manifest = try Manifest(name: "config.yaml", bytes: Array(text.utf8))
        let root = try #require(manifest.documents.first?.root)
        let path = ["metadata", "annotations", "linkerd.io/proxy-config"]
        let node = try #require(manifest.value(at: path, in: root))
        let (settings, errors) = ProxyConfigTree.read(annotation: node, of: manifest)
        #expect(errors.allSatisfy { $0.file == "config.yaml" })
        return (settings, errors.map(oneLine))
    }

    @Test func readsTheDocumentedExample() throws {
        let (settings, errors) = try readAnnotation(of: example)
        #expect(errors == [])
        #expect(
            settings
                == ProxySettings(
                    outboundListen: try SocketAddress(parsing: "127.0.0.1:4140"),
                    requestTimeout: GoDuration(nanoseconds: 5_000_000_000),
                    allow: [.kubernetes]
                )
        )
        let open = example.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            var line = String(line)
            if let mark = line.firstRange(of: "# - ") { line.replaceSubrange(mark, with: "- ") }
            return line
        }
        let (all, _) = try readAnnotation(of: open.joined(separator: "\n"))
        #expect(
            all?.allow?.map(\.description) == [
                "kubernetes", "k8s:some-specific-namespace/some-specific-service",
                "ip:192.168.1.0/24",
            ]
        )
    }

    @Test(arguments: ["", "proxy:", "proxy: {}", "# nothing", "proxy: {proxy: {outgoing: }}"])
    func isDefaultsWhereNothingIsWritten(text: String) {
        #expect(ProxyConfigTree.read(text, named: "value").settings == ProxySettings())
    }

    @Test func tellsEverythingFromNothing() {
        let nothing = "proxy: {proxy: {outgoing: {allow: []}}}"
        #expect(ProxyConfigTree.read(nothing, named: "value").settings?.allow == [])
        let everything = "proxy: {proxy: {outgoing: {}}}"
        #expect(ProxyConfigTree.read(everything, named: "value").settings?.allow == nil)
        #expect(
            complaints("proxy: {proxy: {outgoing: {allow: }}}")
                == "1:28: proxy.proxy.outgoing.allow has no value "
                + "| write [] to refuse everything, or remove the key to allow everything"
        )
    }

    @Test(arguments: [
        ("':4140'", "127.0.0.1:4140"), ("\":1\"", "127.0.0.1:1"), ("'[::1]:4140'", "[::1]:4140"),
        ("127.0.0.9:65535", "127.0.0.9:65535"),
    ])
    func listensOnLoopback(value: String, address: String) {
        let settings = ProxyConfigTree.read("proxy: {listenAddr: \(value)}", named: "v").settings
        #expect(settings?.outboundListen.description == address)
    }

    @Test(arguments: [
        ("4140", "1:21: proxy.listenAddr must be a string, not a number | write \"4140\""),
        ("", "1:9: proxy.listenAddr must be a string, not null"),
        (
            "'4140'",
            "1:21: proxy.listenAddr: \"4140\" is not an address with a port; "
                + "write one such as \":4140\""
        ),
        (
            "'0.0.0.0:4150'",
            "1:21: proxy.listenAddr: \"0.0.0.0:4150\" is not a loopback address, and no other "
                + "machine may use the outbound side; write \":4150\""
        ),
        (
            "':0'",
            "1:21: proxy.listenAddr: \":0\" has port 0, which no redirect can name; "
                + "write a port from 1 to 65535, such as \":4140\""
        ),
        (
            "':4143'",
            "1:21: proxy.listenAddr: 127.0.0.1:4143 is taken by the inbound listener, "
                + "0.0.0.0:4143 | choose another port"
        ),
        (
            "':4191'",
            "1:21: proxy.listenAddr: 127.0.0.1:4191 is taken by the admin listener, "
                + "0.0.0.0:4191 | choose another port"
        ),
    ])
    func refusesListeners(value: String, expected: String) {
        #expect(complaints("proxy: {listenAddr: \(value)}") == expected)
    }

    @Test(arguments: [("5s", 5_000_000_000), ("'1m30s'", 90_000_000_000), ("1ns", 1)])
    func takesTimeouts(value: String, nanoseconds: Int64) {
        let text = "proxy: {proxy: {outbound: {request: {timeout: \(value)}}}}"
        let settings = ProxyConfigTree.read(text, named: "value").settings
        #expect(settings?.requestTimeout?.nanoseconds == nanoseconds)
    }

    @Test(arguments: [
        ("5", "the duration \"5\" has no unit; write \"5ms\" or \"5s\""),
        (
            "0s",
            "\"0s\" leaves no time for any request; write more than 0, such as \"5s\", "
                + "or remove the key for no bound"
        ),
        (
            "-5s",
            "\"-5s\" leaves no time for any request; write more than 0, such as \"5s\", "
                + "or remove the key for no bound"
        ),
        (
            "8761h",
            "\"8761h\" is longer than a year; write at most \"8760h\", "
                + "or remove the key for no bound"
        ),
        ("soon", "\"soon\" is not a duration; write one such as \"6s\" or \"1h30m\""),
    ])
    func refusesTimeouts(value: String, message: String) {
        #expect(
            complaints("proxy: {proxy: {outgoing: {request: {timeout: \(value)}}}}")
                == "1:47: proxy.proxy.outgoing.request.timeout: \(message)"
        )
    }

    @Test(arguments: [
        ("inbound: {}", "1:1: the configuration has no key \"inbound\" | it may have proxy"),
        (
            "proxy: {outgoing: {}}",
            "1:9: proxy has no key \"outgoing\" | it belongs at proxy.proxy.outgoing"
        ),
        (
            "proxy: {proxy: {outbound: {}, outgoing: {}}}",
            "1:31: \"outgoing\" means the same as \"outbound\" in line 1 | remove one of the two"
        ),
        (
            "proxy: {proxy: {outgoing: {allow: kubernetes}}}",
            "1:35: proxy.proxy.outgoing.allow must be a list, not a string"
        ),
        ("proxy: {a: 1", "not YAML"),
    ])
    func refusesOtherShapes(text: String, expected: String) {
        let found = complaints(text)
        #expect(expected == "not YAML" ? !found.isEmpty : found == expected)
    }

    @Test func refusesTextsThatNoAnnotationHolds() {
        let text = String(repeating: "#", count: 256 << 10) + "\n"
        let errors = ProxyConfigTree.read(text, named: "value").errors
        #expect(errors.map(\.code) == [.tooLarge])
    }
}

/// Where an error of the annotation is told to be in its ConfigMap.
@Suite("Places in linkerd.io/proxy-config")
struct ProxyConfigPlaceTests {
    private func places(_ annotation: String) throws -> [String] {
        let text = "# a\nproxy-config: \(annotation)"
        let manifest = try Manifest(name: "config.yaml", bytes: Array(text.utf8))
        let root = try #require(manifest.documents.first?.root)
        let node = try #require(manifest.lookup("proxy-config", in: root)).value
        return ProxyConfigTree.read(annotation: node, of: manifest).errors.map(oneLine)
    }

    private let message = "proxy.listenAddr must be a string, not a number | write \"5\""

    @Test(arguments: [
        ("|\n  proxy:\n    listenAddr: 5\n", "4:17: "),
        ("|-\n\n  # b\n\n  proxy:\n       listenAddr: 5", "7:20: "),
        ("|2+\n   proxy:\n      listenAddr: 5\n\n", "4:19: "),
        ("|\r\n  proxy:\r\n    listenAddr: 5\r\n", "4:17: "),
        ("| # b\n \n  proxy: {\n  listenAddr: 5}\nother: c\n", "5:15: "),
    ])
    func areExactInABlock(annotation: String, place: String) throws {
        #expect(try places(annotation) == [place + message])
    }

    @Test(arguments: [
        ("'proxy: {listenAddr: 5}'", "(line 1, column 21 of the text)"),
        ("\"proxy:\\n  listenAddr: 5\"", "(line 2, column 15 of the text)"),
        (">\n  proxy:\n    listenAddr: 5\n", "(line 2, column 15 of the text)"),
        ("&a |\n  proxy:\n    listenAddr: 5\n", ""),
    ])
    func areTheValueOtherwise(annotation: String, line: String) throws {
        let found = try places(annotation)
        let words = message.split(separator: " | ")
        let exact = "4:17: \(message)"
        #expect(found == [line.isEmpty ? exact : "2:15: \(words[0]) \(line) | \(words[1])"])
    }

    @Test func wantAString() throws {
        #expect(
            try places("{proxy: {}}") == [
                "2:15: linkerd.io/proxy-config must be a string "
                    + "| put \"|\" after the colon and indent the text below it"
            ]
        )
        #expect(
            try places("|\n  proxy: [\n").allSatisfy { $0.hasPrefix("3:") || $0.hasPrefix("2:") }
        )
    }
}
