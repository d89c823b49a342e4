// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ManifestKit

@Suite("Scalar writer")
struct ScalarWriterTests {
    @Test(arguments: [
        "a", "a b", "a-b", "a.b/c", "linkerd.io/inject", "a:b", "a#b", "a'b",
        "a,b", "a[b]", "\u{E4}", "\u{1F600}", "a?", "v1", "true story", "~a", "a=b",
    ])
    func leavesPlainWhatNobodyMisreads(text: String) {
        #expect(ScalarWriter.inline(text, isFlow: false) == text)
    }

    /// Numbers, booleans and null of YAML 1.1, 1.2 or of readers that go further.
    @Test(arguments: [
        "", "~", "null", "Null", "NULL", "y", "N", "yes", "No", "ON", "off", "true", "FALSE", "1",
        "-1",
        "+1", "1.5", ".5", "5.", "1e3", "1E+3", "0x1F", "0o17", "017", "08", "0b11", "1_000",
        ".inf",
        "-.INF", ".nan", "1:20", "190:20:30", "2001-01-01", "2001-12-14t21:59:43.10Z", "1.2.3",
        "<<",
        "=", "0x", "1e", "0_",
    ])
    func quotesWhatAReaderMayTakeForAnotherType(text: String) {
        #expect(ScalarWriter.inline(text, isFlow: false) == "\"\(text)\"")
        #expect(ScalarWriter.inline(text, isFlow: true) == "\"\(text)\"")
    }

    @Test(arguments: [
        "- a", "-", "? a", ": a", ",a", "[a", "]a", "{a", "}a", "#a", "&a", "*a", "!a", "|a", ">a",
        "%a", "@a", "`a", " a", "a ", "a:", "a: b", "a #b", "---", "...", "... a", "\u{FEFF}a",
        "a\tb", "a\nb", "a\u{85}b", "a\u{2028}b", "a\u{7F}b", "a\u{0}b", "a\u{1}b", "\u{FFFF}",
    ])
    func quotesWhatIsStructure(text: String) {
        #expect(ScalarWriter.inline(text, isFlow: false).first == "\"")
    }

    @Test(arguments: ["a,b", "a[b", "a]b", "a{b", "a}b", "a:b"])
    func quotesMoreInFlowStyle(text: String) {
        #expect(ScalarWriter.inline(text, isFlow: true) == "\"\(text)\"")
        #expect(ScalarWriter.inline(text, isFlow: false) == text)
    }

    @Test(arguments: [
        ("\"a\"", "'\"a\"'"), ("\\a: \"'b'", "'\\a: \"''b'''"), ("'a'", "\"'a'\""),
        ("{\"a\":1}", "'{\"a\":1}'"), ("\"\n", "\"\\\"\\n\""), ("a\\b", "a\\b"), ("a\"b", "a\"b"),
    ])
    func takesTheQuotesThatNeedFewerEscapes(text: String, written: String) {
        #expect(ScalarWriter.inline(text, isFlow: false) == written)
    }

    @Test(arguments: [
        ("a\u{FEFF}", #""a\uFEFF""#), ("\u{0}", #""\u0000""#), ("\u{9F}", #""\u009F""#),
        ("\u{A0}", "\"\u{A0}\""), ("\u{10FFFF}", "\"\u{10FFFF}\""), ("\u{FFFE}", #""\uFFFE""#),
    ])
    func escapesWhatDoesNotPrint(text: String, written: String) {
        #expect(ScalarWriter.doubleQuoted(text) == written)
    }
}
