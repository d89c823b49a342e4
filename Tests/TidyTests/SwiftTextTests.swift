// SPDX-License-Identifier: Apache-2.0

import Testing

/// Every rule trusts this lexer: a literal that it misreads hides or invents offences.
@Suite("SwiftText")
struct SwiftTextTests {
    private func words(_ source: String) -> [String] {
        SwiftText(source).tokens.map(\.text).filter { $0.utf8.allSatisfy(isWordByte) }
    }

    @Test func splitsCodeIntoWordsAndSymbols() {
        let tokens = SwiftText("try! f(x1)").tokens.map(\.text)
        #expect(tokens == ["try", "!", "f", "(", "x1", ")"])
    }

    @Test func keepsABacktickedNameApartFromTheKeyword() {
        #expect(SwiftText("`import` a").tokens.map(\.text) == ["`import`", "a"])
    }

    @Test(arguments: [
        // Comments.
        "a // hidden \"\nb",
        "a /* hidden */ b",
        "a /* hidden /* nested */ hidden */ b",
        "a /* hidden // */ b",
        "a /* \" */ b",
        "a\n/// doc `hidden`\nb",
        // Strings.
        #"a "hidden" b"#,
        #"a "" b"#,
        #"a "hidden \" hidden" b"#,
        #"a "hidden \\" b"#,
        #"a "// hidden" b"#,
        #"a "/* hidden" b"#,
        ##"a #"hidden " hidden"# b"##,
        ##"a #"hidden \("# b"##,
        ##"a #"""# b"##,
        ##"a #"\#" hidden"# b"##,
        "a \"unclosed hidden\nb",
        // Multi-line strings.
        "a \"\"\"\nhidden \" \"\" hidden\n\"\"\" b",
        "a \"\"\"\nhidden \\\"\"\" hidden\n\"\"\" b",
        "a #\"\"\"\nhidden \"\"\" hidden \\(hidden)\n\"\"\"# b",
        // Regexes.
        #"a #/hidden"/# b"#,
        #"a = /hidden"\/hidden/ b"#,
        #"a(/hidden"/) b"#,
    ])
    func hidesCommentsAndLiterals(source: String) {
        #expect(words(source) == ["a", "b"])
    }

    @Test(arguments: [
        #""\(a) hidden \(b)""#,
        #""\(a + "hidden \(b)")""#,
        ##"#"hidden \(hidden) \#(a(b))"#"##,
        "\"\"\"\nhidden \\(a)\nhidden \\(b { $0 })\n\"\"\"",
    ])
    func keepsTheCodeOfInterpolations(source: String) {
        #expect(words(source).prefix(2) == ["a", "b"])
        #expect(!words(source).contains("hidden"))
    }

    @Test(arguments: [
        "a / b / c", "a/b/c", "f(x, /) + g(a / b)", "x = a / \"hidden\".count / b",
    ])
    func leavesDivisionsAlone(source: String) {
        #expect(SwiftText(source).tokens.count { $0.text == "/" } == 2)
        #expect(!words(source).contains("hidden"))
    }

    @Test func coversEachByteOnce() {
        let text = SwiftText("a(\"s\\(b)\") // c\n")
        let kinds = text.kinds.map(\.rawValue)
        // a ( "s\( b )" ) space // c newline: the parentheses of `\(b)` belong to the literal.
        #expect(kinds == [0, 0, 2, 2, 2, 2, 0, 2, 2, 0, 0, 1, 1, 1, 1, 0])
        #expect(text.comments.map(text.string) == ["// c"])
        #expect(text.literals.map(text.string) == [#""s\("#, #")""#])
    }

    @Test func numbersLines() {
        let text = SwiftText("a\n\nb\n")
        #expect(text.lineStarts == [0, 2, 3])
        #expect([0, 1, 2, 3, 4].map(text.line) == [1, 1, 2, 3, 3])
        #expect(SwiftText("").lineStarts == [])
        #expect(SwiftText("a\nb").lineStarts == [0, 2])
    }

    /// An editor may leave a file in any state, and a rule that traps tells nobody where.
    @Test func survivesEveryPrefixOfAnAwkwardFile() {
        let source = """
            let a = #"x"#, b = \"""
              y \\(f("z\\(1)")) \\
              \""" /* c /* d */ */ ; `e` = /f\\/"/ ; #/g/# // h
            """
        let bytes = Array(source.utf8)
        for count in 0...bytes.count {
            let text = SwiftText(Array(bytes[..<count]))
            #expect(text.kinds.count == count)
        }
    }
}
