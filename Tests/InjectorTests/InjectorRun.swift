// SPDX-License-Identifier: Apache-2.0

import Injector
import ManifestKit
import Testing

/// The texts that tests start from, and the way through inject and back.
enum InjectorRun {
    static func manifest(_ text: String, name: String = "a.yaml") throws -> Manifest {
        try Manifest(name: name, bytes: Array(text.utf8))
    }

    static func options(_ settings: [String: String] = [:]) throws -> InjectOptions {
        var options = InjectOptions()
        for (key, value) in settings { try options.set("config.linkerd.io/" + key, to: value) }
        return options
    }

    static func inject(
        _ text: String,
        _ options: InjectOptions = InjectOptions()
    ) throws -> InjectorOutcome {
        Injector.inject(try manifest(text), options: options)
    }

    /// What inject makes of a text; it must not be refused.
    static func injected(
        _ text: String,
        _ options: InjectOptions = InjectOptions()
    ) throws -> String {
        let outcome = try inject(text, options)
        try #require(outcome.errors.isEmpty, "\(outcome.errors)")
        return self.text(of: outcome)
    }

    /// What uninject makes of a text; it must not be refused.
    static func uninjected(_ text: String) throws -> String {
        let outcome = Injector.uninject(try manifest(text))
        try #require(outcome.errors.isEmpty, "\(outcome.errors)")
        return self.text(of: outcome)
    }

    /// The one report entry of a text with one object.
    static func entry(
        _ text: String,
        _ options: InjectOptions = InjectOptions()
    ) throws -> ReportEntry {
        let entries = try inject(text, options).entries
        try #require(entries.count == 1)
        return entries[0]
    }

    /// The warnings about a text with one object.
    static func warnings(
        _ text: String,
        _ options: InjectOptions = InjectOptions()
    ) throws -> [String] {
        try entry(text, options).warnings.map(\.message)
    }

    static func text(of outcome: InjectorOutcome) -> String {
        String(decoding: outcome.result.source.bytes, as: UTF8.self)
    }

    // MARK: Texts

    /// A Pod with the given lines below `metadata:`, each indented as it is.
    static func pod(_ metadata: String = "  name: web\n", spec: String = "{}") -> String {
        "apiVersion: v1\nkind: Pod\nmetadata:\n" + metadata + "spec: \(spec)\n"
    }

    /// A Pod with annotations in block style.
    static func pod(annotations first: String, _ others: String...) -> String {
        let lines = ([first] + others).map { "    \($0)\n" }.joined()
        return pod("  name: web\n  annotations:\n" + lines)
    }

    /// A Deployment with the given lines below `template:`.
    static func deployment(_ template: String, annotations: String...) -> String {
        let own = annotations.map { "    \($0)\n" }.joined()
        return "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n"
            + (own.isEmpty ? "" : "  annotations:\n" + own)
            + "spec:\n  template:\n" + template
    }
}
