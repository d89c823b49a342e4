// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Injector

@Suite("Inject's mark")
struct InjectMarkTests {
    static let level = "config.linkerd.io/proxy-log-level"
    static let budget = "linkerd.io/proxy-retry-budget"

    private static func mark(
        _ keys: [String] = [],
        _ emptied: [String: String] = [:],
        hasSidecar: Bool = false,
        kept: [String] = []
    ) -> InjectMark {
        var mark = InjectMark()
        mark.keys = keys
        mark.emptied = emptied
        mark.hasSidecar = hasSidecar
        mark.keptLabels = kept
        return mark
    }

    @Test(arguments: [
        (mark(), nil),
        (mark([level]), level),
        (mark([level, budget]), "\(level),\(budget)"),
        (mark([], ["metadata": ""]), "metadata="),
        (mark([level], ["metadata": "{}"]), "\(level),metadata={}"),
        (mark([], ["volumes": "[]", "labels": "*common"]), "labels=*common,volumes=[]"),
        (
            mark(["linkerd.io/inject"], hasSidecar: true, kept: ["linkerd.io/workload-ns"]),
            "linkerd.io/inject,sidecar,kept=linkerd.io/workload-ns"
        ),
    ])
    func readsBackAsWritten(mark: InjectMark, text: String?) {
        #expect(mark.text == text)
        #expect(InjectMark(parsing: text ?? "") == mark)
    }

    @Test(arguments: [
        "team", "metadata", "metadata=gone", "metadata=null\n", "linkerd.io/inject", ",,", " ",
        "linkerd.io/injected-annotations", "containers=[]", "config.linkerd.io/proxy-log-lvl",
        " \(level)",
    ])
    func dropsWhatInjectNeverWrites(text: String) {
        #expect(InjectMark(parsing: text) == InjectMark())
        #expect(InjectMark(parsing: "\(text),\(Self.level)").keys == [Self.level])
    }
}
