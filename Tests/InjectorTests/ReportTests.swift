// SPDX-License-Identifier: Apache-2.0

import Foundation
import ManifestKit
import Testing

@testable import Injector

@Suite("Report as text")
struct ReportTextTests {
    private func lines(_ text: String, isVerbose: Bool = false) throws -> [String] {
        ReportText(try InjectorRun.inject(text).entries, isVerbose: isVerbose).lines().map(\.text)
    }

    @Test func saysWhenThereIsNothing() throws {
        #expect(try lines("# words\n") == ["", "no objects found", ""])
    }

    @Test func hasOneLineForEachObject() throws {
        let text = """
            {apiVersion: v1, kind: Pod, metadata: {name: a}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {annotations: {linkerd.io/inject: enabled}}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: c}, spec: {hostNetwork: true}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: d}}
            ---
            - e
            """
        #expect(
            try lines(text) == [
                "", "pod \"a\" injected", "pod \"\" injected already",
                "pod \"c\" skipped: hostNetwork is true: the pod shares its node's network, "
                    + "where nothing can be redirected",
                "configmap \"d\" skipped", "document in line 9 skipped: it has no kind", "",
            ]
        )
    }

    @Test func putsWarningsFirstWithTheirPlace() throws {
        let text = InjectorRun.pod(spec: "{containers: [{ports: [{containerPort: 22}]}]}")
        let lines = try lines(text)
        try #require(lines.count == 5)
        #expect(lines[1].hasPrefix("‼ a.yaml:5:30: pod \"web\": port 22 is SSH's"))
        #expect(lines[2...] == ["", "pod \"web\" injected", ""])
    }

    @Test func tellsMoreWhenVerbose() throws {
        #expect(
            try lines(InjectorRun.pod(), isVerbose: true) == [
                "", "pod \"web\" injected", "    √ is not part of the mesh itself",
                "    √ is not turned off by linkerd.io/inject", "    √ has a network of its own",
                "    √ has no mesh's sidecar yet", "    + linkerd.io/inject: enabled", "",
            ]
        )
    }

    @Test func namesFilesWhenThereAreSeveral() throws {
        let entries = try ["a.yaml", "b.yaml"].flatMap { name in
            let manifest = try InjectorRun.manifest(InjectorRun.pod(), name: name)
            return Injector.inject(manifest, options: InjectOptions()).entries
        }
        #expect(
            ReportText(entries, isVerbose: false).lines().map(\.text) == [
                "", "a.yaml: pod \"web\" injected", "b.yaml: pod \"web\" injected", "",
            ]
        )
    }

    @Test func showsNoEscapeSequence() throws {
        let text = "kind: \"\\e[31mPod\"\napiVersion: v1\nmetadata: {name: \"\\e[2J\"}\n"
        #expect(try lines(text)[1] == "\"\\u{1B}[31mpod\" \"\\u{1B}[2J\" skipped")
        let entry = try InjectorRun.entry(
            text + "spec: {template: {spec: {containers: []}}}\n"
        )
        let message = try #require(entry.strictError?.message)
        #expect(message.hasPrefix("\"\\u{1B}[31mPod\" \"\\u{1B}[2J\" would stay outside"))
    }

    @Test func cutsLongAdditionsToOneLine() throws {
        let budget = "{\"v1\": {\"retryOn\": \"5xx\",\n\n      \"numRetries\": 1}}"
        let text = InjectorRun.deployment(
            "    {}\n",
            annotations: "linkerd.io/proxy-retry-budget: |",
            "  " + budget + String(repeating: " ", count: 200)
        )
        let line = try #require(try lines(text, isVerbose: true).first { $0.contains("budget: ") })
        #expect(
            line
                == "    + linkerd.io/proxy-retry-budget: "
                + "{\"v1\": {\"retryOn\": \"5xx\",  \"numRetries\": 1}}"
        )
    }

    @Test func hasATone() throws {
        let text =
            InjectorRun.pod(spec: "{containers: [{ports: [{containerPort: 22}]}]}") + "---\na: b\n"
        let report = ReportText(try InjectorRun.inject(text).entries, isVerbose: false)
        #expect(report.lines().map(\.tone) == [.plain, .warning, .plain, .good, .plain, .plain])
    }
}

@Suite("Report as JSON")
struct ReportJSONTests {
    private func report(_ outcome: InjectorOutcome) throws -> [String: Any] {
        let text = ReportJSON.text(entries: outcome.entries, errors: outcome.errors)
        #expect(!text.contains("\n"))
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
        return try #require(object as? [String: Any])
    }

    @Test func tellsAllOfAnObject() throws {
        let text = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: "w\\"e\\u0001b", namespace: shop, labels: {linkerd.io/inject: x}}
            spec: {template: {}}
            """
        let report = try report(InjectorRun.inject(text))
        #expect(report["success"] as? Bool == true)
        #expect((report["errors"] as? [Any])?.isEmpty == true)
        let objects = try #require(report["objects"] as? [[String: Any]])
        try #require(objects.count == 1)
        let object = objects[0]
        #expect(object["file"] as? String == "a.yaml")
        #expect(object["line"] as? Int == 1)
        #expect(object["apiVersion"] as? String == "apps/v1")
        #expect(object["kind"] as? String == "Deployment")
        #expect(object["name"] as? String == "w\"e\u{1}b")
        #expect(object["namespace"] as? String == "shop")
        #expect(object["result"] as? String == "injected")
        #expect(object["changed"] as? Bool == true)
        #expect(object["reason"] == nil)
        #expect(object["additions"] as? [String] == ["linkerd.io/inject: enabled"])
        let warnings = try #require(object["warnings"] as? [[String: Any]])
        #expect(warnings.map { $0["line"] as? Int } == [3])
        #expect(warnings.map { $0["column"] as? Int } == [59])
    }

    @Test func namesTheReasonOfASkip() throws {
        let report = try report(InjectorRun.inject(InjectorRun.pod(spec: "{hostNetwork: true}")))
        let object = try #require((report["objects"] as? [[String: Any]])?.first)
        #expect(object["result"] as? String == "skipped")
        #expect(object["reason"] as? String == "hostNetwork")
        #expect((object["message"] as? String)?.hasPrefix("hostNetwork is true") == true)
        #expect(object["changed"] as? Bool == false)
    }

    @Test func listsErrors() throws {
        let text = InjectorRun.pod(annotations: "config.linkerd.io/proxy-lg-level: x")
        let report = try report(InjectorRun.inject(text))
        #expect(report["success"] as? Bool == false)
        let error = try #require((report["errors"] as? [[String: Any]])?.first)
        #expect(error["code"] as? String == "unknownKey")
        #expect(error["line"] as? Int == 6)
        #expect(error["column"] as? Int == 5)
        #expect(error["hint"] as? String == "did you mean config.linkerd.io/proxy-log-level?")
    }

    @Test func hasNotesOfItsOwn() {
        let text = ReportJSON.text(entries: [], errors: [], notes: ["a \"b\""])
        #expect(text == #"{"success":true,"errors":[],"notes":["a \"b\""],"objects":[]}"#)
    }

    @Test(arguments: [
        SkipReason.hostNetwork, .disabled, .sidecar(container: "a"), .controlPlane, .noTemplate,
        .excludedNamespace(why: "a"), .nothingToAnnotate, .unsupportedKind(hasTemplate: true),
        .misspelledKind(meant: "Pod"), .sharedList, .noKind, .notInjected,
    ])
    func hasACodeForEachReason(reason: SkipReason) {
        #expect(reason.code == String("\(reason)".prefix { $0.isLetter }))
        let isQuiet = reason == .nothingToAnnotate || reason == .notInjected
        #expect((reason.message == nil) == isQuiet)
    }

    @Test(arguments: [
        SkipReason.controlPlane, .nothingToAnnotate, .noKind, .notInjected,
        .unsupportedKind(hasTemplate: false),
    ])
    func countsNoLossWhereNobodyWantedAProxy(reason: SkipReason) {
        #expect(!reason.isMissed)
    }
}
