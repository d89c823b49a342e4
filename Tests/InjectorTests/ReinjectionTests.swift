// SPDX-License-Identifier: Apache-2.0

import ManifestKit
import Testing

@testable import Injector

@Suite("Injecting again with other flags")
struct ReinjectionTests {
    static let mark = "linkerd.io/injected-annotations"
    static let level = "config.linkerd.io/proxy-log-level"
    static let limit = "config.linkerd.io/proxy-cpu-limit"
    static let plain = InjectorRun.pod(annotations: "team: shop # us")

    private func inject(_ text: String, _ settings: [String: String]) throws -> String {
        try InjectorRun.injected(text, InjectorRun.options(settings))
    }

    @Test func replacesValues() throws {
        let first = try inject(Self.plain, ["proxy-log-level": "debug"])
        let second = try inject(first, ["proxy-log-level": "trace"])
        #expect(second == first.replacing("debug", with: "trace"))
        #expect(try InjectorRun.uninjected(second) == Self.plain)
    }

    @Test func removesWhatNoFlagAsksForAnyMore() throws {
        let first = try inject(Self.plain, ["proxy-log-level": "debug", "proxy-cpu-limit": "1"])
        let second = try inject(first, ["proxy-cpu-limit": "1"])
        #expect(second == (try inject(Self.plain, ["proxy-cpu-limit": "1"])))
        let third = try inject(second, [:])
        #expect(third == (try inject(Self.plain, [:])))
        #expect(!third.contains(Self.mark))
    }

    @Test func writesEachKeyOnce() throws {
        var text = Self.plain
        for level in ["debug", "trace", "info", "debug"] {
            text = try inject(text, ["proxy-log-level": level])
            for key in ["linkerd.io/inject:", Self.level + ":", Self.mark + ":"] {
                #expect(text.split(separator: key, omittingEmptySubsequences: false).count == 2)
            }
        }
    }

    @Test func reportsOnlyWhatChanged() throws {
        let first = try inject(Self.plain, ["proxy-log-level": "debug"])
        let same = try InjectorRun.entry(first, InjectorRun.options(["proxy-log-level": "debug"]))
        #expect(!same.isChanged)
        #expect(same.additions == [])
        let other = try InjectorRun.entry(first, InjectorRun.options(["proxy-log-level": "trace"]))
        #expect(other.isChanged)
        #expect(other.additions == ["\(Self.level): trace"])
    }

    @Test func keepsTheUsersOwnValueAndWarns() throws {
        let text = InjectorRun.pod(annotations: "\(Self.level): info")
        let outcome = try InjectorRun.inject(
            text,
            InjectorRun.options(["proxy-log-level": "debug"])
        )
        let result = InjectorRun.text(of: outcome)
        #expect(result.contains("\(Self.level): info\n"))
        #expect(!result.contains("debug"))
        #expect(!result.contains(Self.mark))
        #expect(
            outcome.entries[0].warnings == [
                Finding(
                    "\(Self.level) stays \"info\", as the manifest has it; \"debug\" is not used",
                    at: Position(line: 6, column: 5)
                )
            ]
        )
        #expect(try InjectorRun.uninjected(result) == text)
    }

    @Test(arguments: [("proxy-cpu-limit", "1000m", "'1'"), ("opaque-ports", "2,1", "'1,2'")])
    func isSilentWhenTheUsersOwnValueMeansTheSame(
        name: String,
        flag: String,
        own: String
    ) throws {
        let text = InjectorRun.pod(annotations: "config.linkerd.io/\(name): \(own)")
        #expect(try InjectorRun.warnings(text, InjectorRun.options([name: flag])) == [])
    }

    @Test func keepsAValueThatTheUserTookOver() throws {
        let first = try inject(Self.plain, ["proxy-log-level": "debug"])
        let taken = first.replacing("    \(Self.mark): \(Self.level)\n", with: "")
        let second = try inject(taken, ["proxy-cpu-limit": "1"])
        #expect(second.contains("\(Self.level): debug\n"))
        #expect(try InjectorRun.uninjected(second).contains("\(Self.level): debug\n"))
    }

    @Test func keepsIngress() throws {
        let text = InjectorRun.pod(annotations: "linkerd.io/inject: ingress")
        #expect(try InjectorRun.injected(text) == text)
        var options = InjectOptions()
        options.isIngress = true
        let marked = try InjectorRun.injected(Self.plain, options)
        #expect(marked.contains("linkerd.io/inject: ingress\n"))
        #expect(try InjectorRun.injected(marked) == marked)
        let changed = try InjectorRun.injected(
            InjectorRun.pod(annotations: "linkerd.io/inject: enabled"),
            options
        )
        #expect(changed == text)
    }

    @Test func clearsAServiceThatIsNoLongerOpaque() throws {
        let text = "apiVersion: v1\nkind: Service\nmetadata:\n  name: db\n"
        let first = try inject(text, ["opaque-ports": "3306"])
        let outcome = try InjectorRun.inject(first)
        #expect(InjectorRun.text(of: outcome) == text)
        #expect(outcome.entries.map(\.result) == [.uninjected])
        #expect(outcome.entries.map(\.isChanged) == [true])
    }

    @Test func remembersHowMetadataWas() throws {
        let text = InjectorRun.deployment("    metadata: {}\n    spec: {}\n")
        let first = try inject(text, ["proxy-log-level": "debug"])
        let second = try inject(first, ["proxy-cpu-limit": "1"])
        #expect(try inject(second, [:]).contains("metadata={}"))
        #expect(try InjectorRun.uninjected(second) == text)
    }
}

@Suite("Carried retry budgets")
struct CarriedBudgetTests {
    static let key = "linkerd.io/proxy-retry-budget"

    private func budget(_ count: Int) -> String {
        "'{\"v1\": {\"retryOn\": \"5xx\", \"numRetries\": \(count)}}'"
    }

    private func text(_ own: String, template: String = "    spec: {}\n") -> String {
        InjectorRun.deployment(template, annotations: "\(Self.key): \(own)")
    }

    @Test func areWrittenToTheTemplateAndFollowTheDeployment() throws {
        let before = text(budget(3))
        let first = try InjectorRun.injected(before)
        let line = "        \(Self.key): \(budget(3))\n"
        #expect(first.contains(line + "        linkerd.io/injected-annotations: \(Self.key)\n"))
        let own = "    \(Self.key): "
        let edited = first.replacing(own + budget(3) + "\nspec", with: own + budget(4) + "\nspec")
        let second = try InjectorRun.injected(edited)
        #expect(second == (try InjectorRun.injected(text(budget(4)))))
        let dropped = second.replacing(
            "  annotations:\n" + own + budget(4) + "\nspec",
            with: "spec"
        )
        #expect(try !InjectorRun.injected(dropped).contains(Self.key))
        #expect(try InjectorRun.uninjected(first) == before)
    }

    @Test func giveWayToTheTemplatesOwn() throws {
        let template = "    metadata:\n      annotations:\n        \(Self.key): \(budget(1))\n"
        let entry = try InjectorRun.entry(text(budget(3), template: template))
        #expect(entry.additions == ["linkerd.io/inject: enabled"])
        #expect(entry.warnings.count == 1)
        #expect(entry.warnings.first?.message.hasPrefix("\(Self.key) stays ") == true)
        let same = try InjectorRun.entry(text(budget(1), template: template))
        #expect(same.warnings == [])
    }

    @Test(arguments: ["'{}'", "5xx", "7", "{v1: {}}", ""])
    func areRefusedWhereTheyAreWritten(own: String) throws {
        let errors = try InjectorRun.inject(text(own)).errors
        #expect(errors.map(\.code) == [.badValue])
        #expect(errors.map(\.position?.line) == [6])
    }

    @Test func areLeftOutWhenTheyAreBadAndNobodyMinds() throws {
        var options = InjectOptions()
        options.isLenient = true
        let entry = try InjectorRun.entry(text("'{}'"), options)
        #expect(entry.additions == ["linkerd.io/inject: enabled"])
        #expect(entry.warnings.count == 1)
    }

    @Test func ofAPodStayWhereTheyAre() throws {
        let pod = InjectorRun.pod(annotations: "\(Self.key): \(budget(2))")
        #expect(try InjectorRun.entry(pod).additions == ["linkerd.io/inject: enabled"])
    }

    @Test func ofASkippedWorkloadAreNotCarried() throws {
        let before = text("bad", template: "    spec: {hostNetwork: true}\n")
        #expect(try InjectorRun.injected(before) == before)
    }
}
