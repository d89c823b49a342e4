// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ManifestKit

@Suite("JSON rendering")
struct JSONRenderingTests {
    @Test(arguments: [
        ("a: b\n", #"{"a":"b"}"#),
        ("a: [1, 'x', ~, yes, 1.50]\n", #"{"a":[1,"x",null,true,1.50]}"#),
        ("a: {}\nb: []\nc:\n", #"{"a":{},"b":[],"c":null}"#),
        ("b: 1\na: 2\n", #"{"b":1,"a":2}"#),
        ("a: 0x10\nb: 010\nc: 1_000\nd: 08\n", #"{"a":16,"b":8,"c":1000,"d":8}"#),
        ("[.5, +.5, -.5e2, 1., 1.e5, 00.5, +1]", "[0.5,0.5,-0.5e2,1.0,1.0e5,0.5,1]"),
        ("a: |\n  b\n  \"c\"\\\n", #"{"a":"b\n\"c\"\\\n"}"#),
        (
            "a: \"\\u0001\\u2028\u{E4}\u{1F600}\\t\\r\"\n",
            "{\"a\":\"\\u0001\\u2028\u{E4}\u{1F600}\\t\\r\"}"
        ),
        // Keys become strings, by their type.
        ("yes: 1\n0x10: 2\n1.: 3\n'no': 4\n~: 5\n", #"{"true":1,"16":2,"1.0":3,"no":4,"~":5}"#),
        // Aliases and merge keys are written out.
        ("a: &x {b: 1}\nc: *x\n", #"{"a":{"b":1},"c":{"b":1}}"#),
        ("a: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}\n", #"{"a":{"b":1,"c":2},"d":{"b":3,"c":2}}"#),
        ("&k a: 1\nb: {*k : 2}\n", #"{"a":1,"b":{"a":2}}"#),
        // Of equal keys the last counts, in the place of the first.
        ("a: 1\nb: 2\n'a': 3\n", #"{"a":3,"b":2}"#),
        ("a: &x {b: 1}\nc: {<<: *x, d: 1, d: 2}\n", #"{"a":{"b":1},"c":{"d":2,"b":1}}"#),
        ("a: !mine 1\nb: !!str 2\n", #"{"a":"1","b":"2"}"#),
    ])
    func writesWhatTheAPIServerSees(text: String, json: String) throws {
        let manifest = try manifest(text)
        #expect(try manifest.json(of: try manifest.root) == json)
    }

    @Test(arguments: [
        "{\"a\":1,\"b\":[true,null,\"\u{E4}\\n\"]}", "[]", "{}", "[-1,0.5,1e5,1E-5]",
    ])
    func returnsCompactJSONAsItIs(json: String) throws {
        let manifest = try manifest(json)
        #expect(try manifest.json(of: try manifest.root) == json)
    }

    @Test(arguments: [".inf", "-.Inf", ".nan"])
    func refusesWhatJSONCannotHold(word: String) throws {
        let manifest = try manifest("a:\n- b\n- \(word)\n")
        let root = try manifest.root
        let error = try #require(throws: ManifestError.self) { try manifest.json(of: root) }
        #expect(error.code == .badValue)
        #expect(error.position == Position(line: 3, column: 3))
        #expect(error.message == "JSON has no \(word)")
    }
}
