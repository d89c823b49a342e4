// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("Paths")
struct PathTests {
    private func pod(_ name: String) -> String {
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: \(name)\nspec: {}\n"
    }

    /// The names that a stream of documents has when it is read again.
    private func names(in result: CommandResult) async throws -> [String] {
        #expect(result.exitCode == 0, "\(result.report)")
        let workspace = try Workspace()
        try workspace.write("all.yaml", result.output)
        let again = try await workspace.meshctl("inject", "--report", "json", "all.yaml")
        #expect(again.exitCode == 0, "\(again.report)\n\(result.text)")
        let report = try JSONSerialization.jsonObject(with: Data(again.report.utf8))
        let objects = (report as? [String: Any])?["objects"] as? [[String: Any]]
        return try #require(objects).compactMap { $0["name"] as? String }
    }

    @Test(arguments: [
        ("---\n", ""), ("", ""), ("# c\n---\n", "# foot"), ("%YAML 1.1\n---\n", ""),
        ("# c\n%YAML 1.1\n---\n", "...\n"), ("\n\n# c\n", "---\n"), ("--- # c\n", "---"),
        ("# c\r\n%YAML 1.1\r\n---\r\n", "\r\n...\r\n"), ("# é\n", "\n\n"),
    ])
    func severalBecomeOneStream(head: String, foot: String) async throws {
        let workspace = try Workspace()
        for name in ["a", "b", "c"] {
            try workspace.write(name + ".yaml", head + pod(name) + foot)
        }
        let result = try await workspace.meshctl("inject", "a.yaml", "b.yaml", "c.yaml")
        #expect(try await names(in: result) == ["a", "b", "c"])
    }

    /// A directive is one only where the document before it is over (YAML 1.2.2 section 9.2).
    @Test(arguments: ["%YAML 1.1\n---\n", "# c\n%YAML 1.1\n---\n", "\n# c\r\n%YAML 1.1\r\n---\n"])
    func aDirectiveEndsTheDocumentBeforeIt(head: String) async throws {
        let workspace = try Workspace()
        try workspace.write("a.yaml", "a: b")
        try workspace.write("b.yaml", head + "c: d\n")
        let result = try await workspace.meshctl("inject", "a.yaml", "b.yaml")
        #expect(result.text == "a: b\n...\n" + head + "c: d\n")
    }

    @Test func ofSeveralFormsBecomeOneStream() async throws {
        let workspace = try Workspace()
        try workspace.write("a.yaml", "")
        try workspace.write("b.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: b}")
        try workspace.write(
            "c.json",
            "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"c\"}}"
        )
        let result = try await workspace.meshctl(
            ["inject", "a.yaml", "b.yaml", "-", "c.json"],
            input: pod("stdin")
        )
        #expect(try await names(in: result) == ["b", "stdin", "c"])
        #expect(result.report.contains("<stdin>: pod \"stdin\" injected\n"))
    }

    @Test func oneAloneIsNotTouchedWhereNothingChanges() async throws {
        let workspace = try Workspace()
        let text = "# only\r\n---\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: a}  "
        try workspace.write("a.yaml", text)
        #expect(try await workspace.meshctl("inject", "a.yaml").text == text)
        #expect(try await workspace.meshctl("uninject", "-o", "yaml", "-", "a.yaml").text == text)
    }

    @Test func directoriesAreReadDeeplyAndInOrder() async throws {
        let workspace = try Workspace()
        for name in ["b.yml", "a/z.yaml", "a/y/x.json", "c.yaml", "B.yaml", ".d/e.yaml"] {
            let plain = name.replacing("/", with: "-").replacing(".", with: "-")
            try workspace.write("in/" + name, pod(plain))
        }
        for name in ["README.md", "a/notes.txt", "c.yaml.bak", "d.YAML", "yaml"] {
            try workspace.write("in/" + name, "{{ not read }}")
        }
        let expected = ["-d-e-yaml", "B-yaml", "a-y-x-json", "a-z-yaml", "b-yml", "c-yaml"]
        #expect(try await names(in: workspace.meshctl("inject", "in")) == expected)
        let slashed = try await workspace.meshctl("inject", "in/")
        #expect(slashed.report.contains("\nin/.d/e.yaml: pod"))
    }

    @Test func linksToFilesAreReadAndLinksToFoldersAreNot() async throws {
        let workspace = try Workspace()
        try workspace.write("other.yaml", pod("other"))
        try workspace.write("in/a.yaml", pod("a"))
        try workspace.link("in/b.yaml", to: "../other.yaml")
        try workspace.link("in/loop", to: "..")
        #expect(try await names(in: workspace.meshctl("inject", "in")) == ["a", "other"])
    }

    @Test func unreadableOnesAreAllListedAndNothingIsWritten() async throws {
        let workspace = try Workspace()
        try workspace.write("good.yaml", pod("a"))
        try workspace.write("empty/README.md", "")
        try workspace.write("bad.yaml", "a: [\n")
        try workspace.write("in/a.yaml", pod("a"))
        try workspace.link("in/dangling.yaml", to: "nowhere")
        try workspace.write("latin.yaml", [0x61, 0x3A, 0x20, 0xE9, 0x0A])
        let paths = ["missing.yaml", "good.yaml", "empty", "bad.yaml", "in", "latin.yaml"]
        let result = try await workspace.meshctl(["inject"] + paths)
        #expect(result.exitCode == 1)
        #expect(result.output.isEmpty)
        #expect(result.report.hasPrefix("meshctl inject: 5 errors, nothing was written\n"))
        for line in [
            "missing.yaml: cannot be read: No such file or directory\n",
            "empty: there are no manifests in this directory\n"
                + "    it is searched for .yaml, .yml, .json, deeply\n",
            "\nbad.yaml:2:1: not YAML", "in/dangling.yaml: cannot be read: No such file",
            "latin.yaml:1:4: invalid UTF-8: byte 0xE9",
        ] {
            #expect(result.report.contains(line), "\(result.report)")
        }
    }

    @Test(arguments: ["https", "http", "ftp", "s3", "oci"])
    func addressesAreRefusedWithAdvice(scheme: String) async throws {
        let address = scheme + "://example.com/app.yaml"
        let result = try await Workspace().meshctl("inject", address)
        #expect(result.exitCode == 1)
        #expect(
            result.report == "meshctl inject: 1 error, nothing was written\n"
                + "\(address): it is an address (\(scheme)), not a path\n"
                + "    fetch it first: curl -fsSL ADDRESS | meshctl inject -\n"
        )
    }

    @Test func errorsOfAllFilesAreListedInTheirOrder() async throws {
        let workspace = try Workspace()
        for name in ["b", "a"] {
            let bad = "  annotations: {config.linkerd.io/\(name): x}\nspec"
            try workspace.write(name + ".yaml", pod(name).replacing("spec", with: bad))
        }
        let result = try await workspace.meshctl("inject", "b.yaml", "a.yaml")
        #expect(result.exitCode == 1)
        let places = result.report.split(separator: "\n").compactMap {
            $0.split(separator: " ").first
        }
        #expect(places.filter { $0.hasSuffix(":5:17:") } == ["b.yaml:5:17:", "a.yaml:5:17:"])
    }

    @Test func jsonIsALineForEachDocument() async throws {
        let workspace = try Workspace()
        try workspace.write("a.yaml", "# c\n---\n" + pod("a") + "---\n---\nmode: 0644\n'yes': no\n")
        let result = try await workspace.meshctl("inject", "-o", "json", "a.yaml")
        #expect(
            result.text == """
                {"apiVersion":"v1","kind":"Pod","metadata":{"annotations":{"linkerd.io/inject":\
                "enabled"},"name":"a"},"spec":{}}
                {"mode":420,"yes":false}

                """
        )
    }

    @Test func jsonReportIsOneDocument() async throws {
        let workspace = try Workspace()
        try workspace.write("a.yaml", pod("a") + "---\n" + pod("b"))
        try workspace.write("c.yaml", "a: [\n")
        for paths in [["a.yaml"], ["a.yaml", "c.yaml"], ["c.yaml"]] {
            let flags = ["inject", "--report", "json", "--verbose", "--proxy-cpu", "1"]
            let result = try await workspace.meshctl(flags + paths)
            let object = try JSONSerialization.jsonObject(with: Data(result.report.utf8))
            let report = try #require(object as? [String: Any])
            #expect(report["success"] as? Bool == (result.exitCode == 0))
            #expect((report["objects"] as? [Any])?.count == (paths.contains("a.yaml") ? 2 : 0))
            #expect((report["errors"] as? [Any])?.count == (paths.contains("c.yaml") ? 1 : 0))
            #expect((report["notes"] as? [String])?.count == 1)
            #expect(result.report.hasSuffix("}\n"))
        }
    }
}
