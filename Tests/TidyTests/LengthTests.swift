// SPDX-License-Identifier: Apache-2.0

import Testing

/// How long a line, a file and a function may be.
///
/// The limits are hard; the aim is half of them. A table of transitions or data may be longer, and
/// then it is named here.
enum Lengths {
    static let columnsMax = 100
    static let fileLinesMax = 900
    static let functionLinesMax = 80

    /// Path and reason.
    static let longFiles: [String: String] = [:]
    /// `path#function` and reason.
    static let longFunctions: [String: String] = [:]

    struct Function: Equatable {
        let name: String
        let offset: Int
        /// From the line of `func` to the line of its closing brace.
        let lineCount: Int
    }

    static func offences(
        in file: SourceFile,
        longFiles: [String: String] = Lengths.longFiles,
        longFunctions: [String: String] = Lengths.longFunctions
    ) -> [Offence] {
        var offences = wideLines(in: file)
        let lineCount = file.text.lineStarts.count
        if lineCount > fileLinesMax, longFiles[file.path] == nil {
            offences.append(
                Offence(
                    path: file.path,
                    line: fileLinesMax + 1,
                    message: "\(lineCount) lines, at most \(fileLinesMax); split the file by type"
                )
            )
        }
        for function in functions(in: file.text)
        where function.lineCount > functionLinesMax
            && longFunctions["\(file.path)#\(function.name)"] == nil
        {
            offences.append(
                file.offence(
                    at: function.offset,
                    "'\(function.name)' has \(function.lineCount) lines, at most "
                        + "\(functionLinesMax); move a step with a name of its own out of it"
                )
            )
        }
        return offences
    }

    /// Exceptions that name a file that is gone or short again.
    static func staleExceptions(
        among files: [SourceFile],
        longFiles: [String: String] = Lengths.longFiles,
        longFunctions: [String: String] = Lengths.longFunctions
    ) -> [Offence] {
        var needed: Set<String> = []
        for file in files where file.text.lineStarts.count > fileLinesMax {
            needed.insert(file.path)
        }
        for file in files {
            for function in functions(in: file.text) where function.lineCount > functionLinesMax {
                needed.insert("\(file.path)#\(function.name)")
            }
        }
        let listed = Set(longFiles.keys).union(longFunctions.keys)
        return listed.subtracting(needed).sorted().map { path in
            let message = "is not too long; remove its exception from LengthTests.swift"
            return Offence(path: path, line: 1, message: message)
        }
    }

    /// Lines with too many code points, unless they lie wholly in a multi-line literal.
    static func wideLines(in file: SourceFile) -> [Offence] {
        let text = file.text
        return text.lineStarts.indices.compactMap { index in
            let start = text.lineStarts[index]
            let next = index + 1 < text.lineStarts.count ? text.lineStarts[index + 1] : nil
            let end = next.map { $0 - 1 } ?? text.bytes.count
            guard end - start > columnsMax else { return nil }
            let isData =
                end < text.bytes.count && text.kinds[start] == .multilineString
                && text.kinds[end] == .multilineString
            let isNewline = { (byte: UInt8) in byte == 0x0A || byte == 0x0D }
            let columns = text.bytes[start..<end].count { $0 & 0xC0 != 0x80 && !isNewline($0) }
            guard columns > columnsMax, !isData else { return nil }
            return file.offence(
                at: start,
                "\(columns) columns, at most \(columnsMax); break the line (make format helps)"
            )
        }
    }

    /// Every function, initializer, deinitializer and subscript that has a body.
    static func functions(in text: SwiftText) -> [Function] {
        let tokens = text.tokens
        return tokens.indices.compactMap { index in
            guard isDeclaration(at: index, of: tokens),
                let open = bodyStart(after: index, in: tokens),
                let close = matchingBrace(of: open, in: tokens)
            else { return nil }
            let first = text.line(at: tokens[index].offset)
            let last = text.line(at: tokens[close].offset)
            let isNamed = tokens[index].text == "func"
            return Function(
                name: isNamed ? tokens[index + 1].text : tokens[index].text,
                offset: tokens[index].offset,
                lineCount: last - first + 1
            )
        }
    }

    /// Not `self.init(...)`, `.init(...)` or a case named `.subscript`.
    private static func isDeclaration(at index: Int, of tokens: [SwiftText.Token]) -> Bool {
        guard ["func", "init", "deinit", "subscript"].contains(tokens[index].text) else {
            return false
        }
        return index == 0 || tokens[index - 1].text != "."
    }

    /// The brace that opens the body; nothing for the requirement of a protocol.
    private static func bodyStart(after index: Int, in tokens: [SwiftText.Token]) -> Int? {
        var depth = 0
        for next in tokens.indices.dropFirst(index + 1) {
            switch tokens[next].text {
            case "(", "[":
                depth += 1
            case ")", "]":
                depth -= 1
            case "{" where depth == 0:
                return next
            case "}", ";":
                if depth <= 0 { return nil }
            case "func", "init", "deinit", "subscript", "var", "let", "static", "class", "mutating",
                "nonmutating", "associatedtype", "typealias", "struct", "enum", "protocol",
                "extension":
                // A new declaration before any brace.
                if depth == 0 { return nil }
            default:
                break
            }
        }
        return nil
    }

    private static func matchingBrace(of open: Int, in tokens: [SwiftText.Token]) -> Int? {
        var depth = 0
        for next in tokens.indices.dropFirst(open) {
            switch tokens[next].text {
            case "{":
                depth += 1
            case "}":
                depth -= 1
                if depth == 0 { return next }
            default:
                break
            }
        }
        return nil
    }
}

@Suite("Lengths")
struct LengthTests {
    @Test func stayWithinTheLimits() throws {
        let files = try Repository.current.get().swiftFiles
        expectNone(files.flatMap { Lengths.offences(in: $0) })
        expectNone(Lengths.staleExceptions(among: files))
    }

    @Test(arguments: [
        (String(repeating: "a", count: 100), true),
        (String(repeating: "a", count: 101), false),
        (String(repeating: "é", count: 100), true),
        ("let a = \"" + String(repeating: "a", count: 100) + "\"", false),
        ("let a = \"\"\"\n" + String(repeating: "a", count: 200) + "\n\"\"\"", true),
        ("f(\"\"\"\n\"\"\"" + String(repeating: "a", count: 200) + ")", false),
        ("// " + String(repeating: "a", count: 100), false),
        (String(repeating: "a", count: 100) + "\r\n", true),
    ])
    func boundsColumns(source: String, isFine: Bool) throws {
        #expect(Lengths.offences(in: try SourceFile(source)).isEmpty == isFine)
        #expect(Lengths.offences(in: try SourceFile(source + "\n")).isEmpty == isFine)
    }

    @Test func boundsFiles() throws {
        let fine = try SourceFile(String(repeating: "a\n", count: 900))
        let long = try SourceFile(String(repeating: "a\n", count: 901))
        #expect(Lengths.offences(in: fine) == [])
        #expect(Lengths.offences(in: long).map(\.line) == [901])
        #expect(Lengths.offences(in: long, longFiles: [long.path: "a table"]) == [])
    }

    @Test(arguments: [
        "func f() {", "init() {", "init?<T>(_ t: T) where T: P {", "deinit {",
        "subscript(_ index: Int) -> Int {", "static func == (a: A, b: A) -> Bool {",
        "func f(_ g: () -> Void = { }, h: [Int]) -> @Sendable () throws(E) -> Void {",
    ])
    func boundsFunctions(head: String) throws {
        let fine = try SourceFile("\n" + head + String(repeating: "\n", count: 79) + "}\n")
        let long = try SourceFile("\n" + head + String(repeating: "\n", count: 80) + "}\n")
        #expect(Lengths.offences(in: fine) == [])
        #expect(Lengths.offences(in: long).map(\.line) == [2])
    }

    @Test func ignoresBracesInStringsAndComments() throws {
        let source = "func f() {\n  \"}\" // }\n  \"\\(a { })\"\n}\nlet a = 1\n"
        let functions = Lengths.functions(in: SwiftText(source))
        #expect(functions == [.init(name: "f", offset: 0, lineCount: 4)])
    }

    @Test func seesNoBodyWhereThereIsNone() {
        let source = """
            protocol P { func a(); func b() -> Int
            var c: Int { get }
            init()
            subscript(d: Int) -> Int { get }
            }
            extension P { func e() { self.init() } }
            """
        let names = Lengths.functions(in: SwiftText(source)).map(\.name)
        #expect(names == ["subscript", "e"])
    }

    @Test func namesExceptionsThatAreNotNeeded() throws {
        let long = try SourceFile("func f() {" + String(repeating: "\n", count: 900) + "}\n")
        let table = [long.path: "a table"]
        let functions = [long.path + "#f": "a table"]
        #expect(Lengths.offences(in: long, longFiles: table, longFunctions: functions) == [])
        #expect(
            Lengths.staleExceptions(among: [long], longFiles: table, longFunctions: functions) == []
        )
        let short = try SourceFile("func f() {}\n")
        let stale = Lengths.staleExceptions(
            among: [short],
            longFiles: table,
            longFunctions: functions
        )
        #expect(stale.count == 2)
    }
}
