// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ManifestKit

@Suite("JSON reading")
struct JSONReadingTests {
    @Test(arguments: [
        ("{}", ["{}"]), ("[]", ["[]"]), (" \t\r\n{}\n", ["{}"]), ("\u{FEFF}{}", ["{}"]),
        ("{\t\"a\":\t[1,\t2]\t}", ["{\t\"a\":\t[1,\t2]\t}"]),
        ("{\"a\":1}{\"b\":2}", ["{\"a\":1}", "{\"b\":2}"]),
        ("{}\n{}\t[]\"a\"1 true null", ["{}", "{}", "[]", "\"a\"", "1", "true", "null"]),
        ("{\"a\"\n:\n1}", ["{\"a\"\n:\n1}"]),
        ("[-0, 1.5e+3, -1E-2, 0.1]", ["[-0, 1.5e+3, -1E-2, 0.1]"]),
    ])
    func takesAStreamOfValues(text: String, documents: [String]) throws {
        let manifest = try manifest(text)
        #expect(manifest.isJSON)
        #expect(manifest.documents.compactMap(\.root).map { manifest.slice($0) } == documents)
        #expect(manifest.documents.allSatisfy { !$0.isExplicit })
    }

    @Test(arguments: [
        "{a: b}", "{\"a\": b}", "{\"a\": 1}\n---\n{\"b\": 2}\n", "{\"a\": 1, # c\n}", "[a]",
        "{'a': 1}",
        "[1,]", "{\"a\": 01}", "{\"a\": 1}\n...\n",
    ])
    func leavesOtherFlowStyleToYAML(text: String) throws {
        #expect(try !manifest(text).isJSON)
    }

    @Test func isNotTriedWhereNoBraceComesFirst() throws {
        #expect(try !manifest("a: {\"b\": 1}").isJSON)
        #expect(try !manifest("# c\n{\"b\": 1}").isJSON)
        #expect(try !manifest("\"a\"").isJSON)
    }

    @Test(arguments: [
        (#""""#, ""), (#""a""#, "a"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
        (#""\u0041\u00e4\u20AC""#, "A\u{E4}\u{20AC}"), (#""\uD83D\uDE00""#, "\u{1F600}"),
        (#""\uD83D""#, "\u{FFFD}"), (#""\uD83Dx""#, "\u{FFFD}x"), (#""\uDE00""#, "\u{FFFD}"),
        (#""\uD83D\uD83D\uDE00""#, "\u{FFFD}\u{1F600}"), (#""\uD83D\n""#, "\u{FFFD}\n"),
        (#""\uDBFF\uDFFF""#, "\u{10FFFF}"),
        ("\"\u{E4}\\n\u{1F600}\"", "\u{E4}\n\u{1F600}"), ("\"\u{2028}\u{7F}\"", "\u{2028}\u{7F}"),
    ])
    func undoesEscapes(text: String, value: String) throws {
        let manifest = try manifest("[\(text)]")
        #expect(manifest.isJSON)
        #expect(manifest.text(of: try manifest.node("0")) == value)
    }

    @Test(arguments: [
        ("{\"a\": 1", "1:8", "expected ',' or '}', found the end of the file"),
        ("{\"a\" 1}", "1:6", "expected ':', found '1'"),
        ("{\"a\": }", "1:7", "expected a value, found '}'"),
        ("{\"a\": 1,}", "1:9", "expected a key in quotes, found '}'"),
        ("[1 2]", "1:4", "expected ',' or ']', found '2'"),
        ("[1", "1:3", "expected ',' or ']', found the end of the file"),
        ("[01]", "1:4", "expected a number, found ']'"),
        ("[-]", "1:3", "expected a number, found ']'"),
        ("[1.]", "1:4", "expected a digit, found ']'"),
        ("[1e]", "1:4", "expected a digit, found ']'"),
        ("[\"a", "1:4", "expected '\"', found the end of the file"),
        ("[\"\\", "1:4", "expected an escape of JSON, found the end of the file"),
        ("[\"\\x\"]", "1:4", "expected an escape of JSON, found 'x'"),
        ("[\"\\u12G4\"]", "1:7", "expected four hexadecimal digits, found 'G'"),
        ("[\"a\nb\"]", "1:4", "expected no control character in a string, found byte 0xA"),
        ("{\"a\":\n  tru}", "2:3", "expected a value, found 't'"),
        ("{\"\u{E4}\": \u{E4}}", "1:7", "expected a value, found byte 0xC3"),
        ("{}x", "1:3", "expected a value, found 'x'"),
    ])
    func saysWhatIsWrongWithAFileOfItsName(text: String, place: String, message: String) throws {
        let broken = text + (text.contains("}") || text.contains("]") ? "\n@" : "")
        let error = try refusal(of: broken, named: "a.json")
        #expect(error.code == .syntax)
        #expect(error.description == "a.json:\(place): not JSON: \(message)")
    }

    @Test func speaksOfYAMLInOtherFiles() throws {
        #expect(try refusal(of: "{\"a\": 1\n").message.hasPrefix("not YAML: "))
    }

    @Test func readsOneValueFromText() throws {
        let manifest = try Manifest(jsonNamed: "x", " {\"a\": 1}\n")
        #expect(manifest.text(of: try manifest.node("a")) == "1")
        for (text, message) in [
            ("", "not JSON: empty"), ("{}{}", "not JSON: more than one value"),
            ("a", "not JSON: expected a value, found 'a'"),
        ] {
            let error = try #require(throws: ManifestError.self) {
                try Manifest(jsonNamed: "x", text)
            }
            #expect(error.message == message)
        }
    }

    @Test func isRefusedPastTheDepthLimit() throws {
        var limits = Limits()
        limits.depthMax = 3
        #expect(try manifest("[[[1]]]", limits: limits).isJSON)
        let error = try refusal(of: "[[[[1]]]]", limits: limits)
        #expect(error.code == .tooDeep)
        #expect(error.position == Position(line: 1, column: 4))
        #expect(try refusal(of: String(repeating: "[", count: 100_000)).code == .tooDeep)
        #expect(try refusal(of: String(repeating: "{\"a\":", count: 100_000)).code == .tooDeep)
    }
}
