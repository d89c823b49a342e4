// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ManifestKit

@Suite("Syntax diagnosis")
struct SyntaxDiagnosisTests {
    @Test(arguments: [
        ("a: {{ .Values.b }}\n", "1:4", "{{ .Values.b }}"),
        ("a:\n  {{- if .b }}\n  c: d\n", "2:3", "{{- if .b }}"),
        ("{{ include \"x\" . }}\na: b\n", "1:1", "{{ include \"x\" . }}"),
        ("a: b\n{{- end }}\n", "2:1", "{{- end }}"),
        ("a: x{{ .b }}: c\n", "1:5", "{{ .b }}: c"),
    ])
    func namesTheTemplateAction(text: String, place: String, action: String) throws {
        let error = try refusal(of: text)
        #expect(error.code == .template)
        #expect(error.position?.description == place)
        #expect(error.message == "an unrendered template: \(action)")
    }

    @Test(arguments: [
        "a: '{{ .b }}'\n", "a: b # {{ c }}\n", "a: \"{{ b }}\"\n", "a: |\n  {{ b }}\n",
    ])
    func takesTemplatesThatAreData(text: String) throws {
        #expect(try manifest(text).documents.count == 1)
    }

    @Test(arguments: [
        ("a: '{{ b }}'\nc: d: e\n", ManifestError.Code.syntax), ("# {{ b }}\nc: d: e\n", .syntax),
        ("a: {{ b }}\n\n\n\nc: d: e\n", .template),
    ])
    func blamesATemplateOnlyWhereItIsOne(text: String, code: ManifestError.Code) throws {
        #expect(try refusal(of: text).code == code)
    }

    @Test(arguments: [("a: @NAME@\n", "@: @NAME@"), ("a: %b\n", "%: %b"), ("a: `b` c\n", "`: `b`")])
    func namesThePlaceholder(text: String, message: String) throws {
        let error = try refusal(of: text)
        #expect(error.code == .template)
        #expect(error.position == Position(line: 1, column: 4))
        #expect(error.message == "a value cannot start with " + message)
    }

    @Test(arguments: [
        ("a: b: c\n", "1:5", "check the indentation"),
        ("a:\n  b: c\n d: e\n", "3:2", "this line's indentation"),
        ("a:\n\tb: c\n", "2:1", "YAML indents with spaces"),
        ("a: !x!y b\n", "1:4", "declare the tag"),
        ("%YAML 2.0\n---\n", "1:1", "only %YAML 1.1 and 1.2"),
    ])
    func advises(text: String, place: String, hint: String) throws {
        let error = try refusal(of: text)
        #expect(error.code == .syntax)
        #expect(error.position?.description == place)
        #expect(error.hint?.hasPrefix(hint) == true)
    }

    @Test func namesControlCharacters() throws {
        let error = try refusal(of: "a: b\nc: \u{E4}\u{1}\n")
        #expect(error.description == "a.yaml:2:5: not YAML: control character 0x1 is not allowed")
        let marked = try refusal(of: "\u{FEFF}a: \u{1}\n")
        #expect(marked.description == "a.yaml:1:4: not YAML: control character 0x1 is not allowed")
    }

    @Test(arguments: ["? [a]\n: b\n", "{a: b}: c\n", "? {a: b}\n", "? - a\n: b\n", "[[a]: b]"])
    func refusesCollectionsAsKeys(text: String) throws {
        let error = try refusal(of: text)
        #expect(error.code == .syntax)
        #expect(error.message.hasPrefix("a key must be a word"))
    }

    @Test(arguments: [0, 1, 2, 3, 4, 5])
    func refusesWhatIsTooDeep(extra: Int) throws {
        var limits = Limits()
        limits.depthMax = 4
        let depth = 2 + extra
        let text = (0..<depth).map { String(repeating: " ", count: $0) + "a:" }
            .joined(separator: "\n")
        if depth <= 4 {
            #expect(try manifest(text, limits: limits).documents.count == 1)
        } else {
            #expect(try refusal(of: text, limits: limits).code == .tooDeep)
        }
    }

    @Test(arguments: ["[", "- ", "{a: "])
    func survivesDeepNesting(text: String) throws {
        #expect(try refusal(of: String(repeating: text, count: 3_000)).code == .tooDeep)
    }
}
