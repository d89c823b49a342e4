// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ManifestKit

@Suite("Style inference")
struct StyleInferenceTests {
    @Test(arguments: [
        // The mapping's own children, else its parents, else the file, else 2.
        ("a:\n    b:\n       c: d\n", "a", 3),
        ("a:\n    b: c\n", "a", 4),
        ("a:\n  - b: c\n", "a/0", 2),
        ("a:\n   b: c\nd:\n- e: f\n", "d/0", 3),
        ("a: b\n", "", 2),
        ("a: {\n      b: c}\n", "a", 2),
        ("a: b\n---\nc:\n   d: e\n", "", 3),
        // The nearest evidence wins in a file that mixes.
        ("a:\n    b: c\nd:\n  e:\n     f: g\n", "d", 3),
        ("a:\n    b: c\nd:\n  e: f\n", "d", 2),
        ("a:\n    b:\n      c:\n        - d: e\n", "a/b/c/0", 2),
    ])
    func takesTheNearestIndentation(text: String, path: String, step: Int) throws {
        let manifest = try manifest(text)
        #expect(StyleInference(manifest).blockStyle(of: try manifest.node(path)).step == step)
    }

    @Test(arguments: [
        ("a:\n- b\n", true), ("a:\n  - b\n", false), ("a:\n    - b\nc:\n- d\n", false),
        ("a: [b]\n", true), ("a: b\n", true), ("- - b\n", true), ("- a:\n    - b\n", false),
        ("- a:\n  - b\n", true),
    ])
    func takesTheFirstListOfTheFile(text: String, isFlush: Bool) throws {
        let manifest = try manifest(text)
        let root = try manifest.root
        #expect(StyleInference(manifest).blockStyle(of: root).hasFlushSequences == isFlush)
    }

    private func written(
        _ text: String,
        _ path: String
    ) throws -> (entry: String, separator: String) {
        let manifest = try manifest(text)
        let style = StyleInference(manifest).flowStyle(of: try manifest.node(path))
        let entry = NewEntry("x", .mapping([NewEntry("v", .string("z"))]))
        return (style.text(of: entry), style.entrySeparator)
    }

    @Test(arguments: [
        ("a: {b: c}", "a", "x: {v: z}", " "),
        ("a: { b: c }", "a", "x: { v: z }", " "),
        ("a: {\"b\": c}", "a", "\"x\": {\"v\": \"z\"}", " "),
        ("{\"a\":{}}", "a", "\"x\":{\"v\":\"z\"}", ""),
        ("{\"a\": {}}", "a", "\"x\": {\"v\": \"z\"}", " "),
        ("{\"a\":[1,{}]}", "a/1", "\"x\":{\"v\":\"z\"}", ""),
        ("{}", "", "\"x\": {\"v\": \"z\"}", " "),
        ("a: {}", "a", "x: {v: z}", " "),
        // Keys with lines of their own.
        ("{\n  \"a\": 1\n}", "", "\"x\": {\n    \"v\": \"z\"\n  }", "\n  "),
        ("{\r\n\t\"a\": 1\r\n}", "", "\"x\": {\r\n\t\t\"v\": \"z\"\r\n\t}", "\r\n\t"),
        ("a: {\n    b: c\n  }", "a", "x: {\n        v: z\n    }", "\n    "),
        // Values that stay on one line.
        ("{\n  \"a\": {\"b\": 1}\n}", "", "\"x\": {\"v\": \"z\"}", "\n  "),
        ("{\n  \"a\": {\n    \"b\": 1\n  }\n}", "", "\"x\": {\n    \"v\": \"z\"\n  }", "\n  "),
    ])
    func writesEntriesAsTheirNeighbours(
        text: String,
        path: String,
        entry: String,
        separator: String
    ) throws {
        let found = try written(text, path)
        #expect(found.entry == entry)
        #expect(found.separator == separator)
    }
}
