// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Injector

@Suite("Inject's mark")
struct InjectMarkTests {
    static let level = "config.linkerd.io/proxy-log-level"
    static let budget = "linkerd.io/proxy-retry-budget"

    @Test(arguments: [
        (InjectMark(), nil),
        (InjectMark(keys: [level]), level),
        (InjectMark(keys: [level, budget]), "\(level),\(budget)"),
        (InjectMark(emptyMetadata: ""), "metadata="),
        (InjectMark(keys: [level], emptyMetadata: "{}"), "\(level),metadata={}"),
        (InjectMark(emptyMetadata: "~"), "metadata=~"),
    ])
    func readsBackAsWritten(mark: InjectMark, text: String?) {
        #expect(mark.text == text)
        #expect(InjectMark(parsing: text ?? "") == mark)
    }

    @Test(arguments: [
        "team", "metadata", "metadata=gone", "metadata=null\n", "linkerd.io/inject", ",,", " ",
        "linkerd.io/injected-annotations", "config.linkerd.io/proxy-log-lvl", " \(level)",
    ])
    func dropsWhatInjectNeverWrites(text: String) {
        #expect(InjectMark(parsing: text) == InjectMark())
        #expect(InjectMark(parsing: "\(text),\(Self.level)").keys == [Self.level])
    }
}
