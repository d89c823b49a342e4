// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@Suite("Log filter, parsing")
struct LogFilterParsingTests {
    @Test(arguments: ["", ",", ",,,"])
    func refusesAFilterWithoutDirectives(text: String) {
        #expect(
            throws: ValueError(
                "a log filter must not be empty; write one such as \"warn,linkerd=info\""
            )
        ) {
            try LogFilter(parsing: text)
        }
    }

    @Test(arguments: [
        ("linkerd=inof", "inof", "linkerd=info"),
        ("linkerd=warning", "warning", "linkerd=warn"),
        ("linkerd=err", "err", "linkerd=error"),
        ("linkerd=fatal", "fatal", "linkerd=error"),
        ("linkerd=none", "none", "linkerd=off"),
        ("linkerd=verbose", "verbose", "linkerd=trace"),
        ("linkerd=", "", "linkerd=info"),
        ("linkerd=loud", "loud", "linkerd=info"),
        ("linkerd=info ", "info ", "linkerd=info"),
        ("linkerd==info", "=info", "linkerd=info"),
        ("linkerd=6", "6", "linkerd=info"),
        ("linkerd=03", "03", "linkerd=info"),
        ("warn,linkerd[x]=tarce,info", "tarce", "linkerd[x]=trace"),
        ("[x]=debgu", "debgu", "[x]=debug"),
    ])
    func namesTheLevelThatWasMeant(text: String, word: String, fixed: String) {
        #expect(
            throws: ValueError(
                "\"\(word)\" in the log filter is not a level; levels are off, error, warn, info, "
                    + "debug or trace, so write \"\(fixed)\""
            )
        ) {
            try LogFilter(parsing: text)
        }
    }

    @Test(arguments: [
        ("inof", "info"), ("warning", "warn"), ("Debgu", "debug"), ("critical", "error"),
        ("all", "trace"), ("false", "off"), ("6", "info"), ("42", "info"),
    ])
    func doesNotTakeAMistypedLevelForAModule(word: String, level: String) {
        #expect(
            throws: ValueError(
                "\"\(word)\" in the log filter is not a level; write \"\(level)\", or "
                    + "\"\(word)=\(level)\" if it names a module"
            )
        ) {
            try LogFilter(parsing: "linkerd=info,\(word)")
        }
    }

    @Test(arguments: ["inof", "6", "3", "warning", "critical"])
    func believesAModuleThatHasALevel(word: String) throws {
        #expect(try LogFilter(parsing: "\(word)=info").directives.first?.target == word)
    }

    @Test(arguments: [
        ("warn, linkerd=info", "a space", " linkerd=info"),
        ("linkerd info", "a space", "linkerd info"),
        ("\nwarn", "a space", "\\nwarn"),
        ("=info", "\"=\"", "=info"),
        ("warn,=info", "\"=\"", "=info"),
        ("linkerd/info", "\"/\"", "linkerd/info"),
        ("linkerd[x]y", "\"y\"", "linkerd[x]y"),
        ("link\u{E9}rd", "\"\u{E9}\"", "link\u{E9}rd"),
        ("]", "\"]\"", "]"),
    ])
    func pointsAtWhatMayNotStandThere(text: String, what: String, directive: String) {
        #expect(
            throws: ValueError(
                "\(what) may not stand in the log filter, at \"\(directive)\"; "
                    + "write one such as \"warn,linkerd=info\""
            )
        ) {
            try LogFilter(parsing: text)
        }
    }

    @Test(arguments: ["[", "linkerd[x", "[x\"]", "[{x]", "[x\"\\\"]", "[x=info,warn"])
    func saysThatASpanIsNotClosed(text: String) {
        let message = refusal { () throws(ValueError) in try LogFilter(parsing: text) }
        #expect(
            message?.hasSuffix(
                " is never closed; write a span such as \"linkerd[name=\\\"inbound\\\"]=trace\""
            ) == true
        )
    }

    @Test func quotesALongSpanInPartWithoutBreakingItsLetters() {
        for padding in 0..<3 {
            let span =
                String(repeating: "a", count: padding) + String(repeating: "\u{20AC}", count: 90)
            let message = refusal { () throws(ValueError) in
                try LogFilter(parsing: "[\(span)]=loud")
            }
            #expect(message?.contains("so write \"[") == true)
            #expect(message?.contains("\u{FFFD}") == false)
        }
    }
}
