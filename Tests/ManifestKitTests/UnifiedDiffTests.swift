// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ManifestKit

/// Carries a unified diff out, strictly: what it says about the original must be so.
enum DiffApplier {
    struct Mismatch: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    private static let noBreak = Array("\\ No newline at end of file".utf8)

    static func apply(_ diff: [UnifiedDiff.Line], to bytes: [UInt8]) throws -> [UInt8] {
        guard !diff.isEmpty else { return bytes }
        let lines = split(bytes)
        var result: [[UInt8]] = []
        var index = 0
        var hunk = Hunk()
        for (number, line) in diff.enumerated() {
            let text = Array(line.text.dropFirst())
            let isLast = number + 1 < diff.count && diff[number + 1].text == noBreak
            let whole = isLast ? text : text + [0x0A]
            switch line.kind {
            case .header, .note: continue
            case .hunk:
                try hunk.finish()
                hunk = try Hunk(line.text)
                while index < hunk.oldStart { result.append(try original(lines, &index)) }
                guard result.count == hunk.newStart, index == hunk.oldStart else {
                    throw Mismatch("hunk \(hunk) at \(index) and \(result.count)")
                }
            case .context, .removed:
                guard try original(lines, &index) == whole else { throw Mismatch("line \(index)") }
                hunk.oldCount -= 1
                guard line.kind == .context else { continue }
                hunk.newCount -= 1
                result.append(whole)
            case .added:
                hunk.newCount -= 1
                result.append(whole)
            }
        }
        try hunk.finish()
        return (result + lines[index...]).flatMap { $0 }
    }

    /// A hunk's head; starts count from 0 here.
    private struct Hunk {
        var oldStart = 0
        var oldCount = 0
        var newStart = 0
        var newCount = 0

        init() {}

        init(_ text: [UInt8]) throws {
            let parts = String(decoding: text, as: UTF8.self).split(separator: " ")
            guard parts.count == 4, parts[0] == "@@", parts[3] == "@@", parts[1].first == "-",
                parts[2].first == "+"
            else { throw Mismatch("\(parts)") }
            let numbers = (parts[1].dropFirst() + "," + parts[2].dropFirst()).split(separator: ",")
                .compactMap { Int($0) }
            guard numbers.count == 4 else { throw Mismatch("\(parts)") }
            oldCount = numbers[1]
            newCount = numbers[3]
            oldStart = oldCount == 0 ? numbers[0] : numbers[0] - 1
            newStart = newCount == 0 ? numbers[2] : numbers[2] - 1
        }

        func finish() throws {
            guard oldCount == 0, newCount == 0 else { throw Mismatch("counts of \(self)") }
        }
    }

    private static func original(_ lines: [[UInt8]], _ index: inout Int) throws -> [UInt8] {
        guard index < lines.count else { throw Mismatch("no line \(index)") }
        defer { index += 1 }
        return lines[index]
    }

    private static func split(_ bytes: [UInt8]) -> [[UInt8]] {
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
        let last = lines.removeLast()
        lines = lines.map { $0 + [0x0A] }
        return last.isEmpty ? lines : lines + [last]
    }
}

@Suite("Unified diff")
struct UnifiedDiffTests {
    private func diff(_ text: String, _ splices: [Splice]) throws -> [UnifiedDiff.Line] {
        UnifiedDiff(try Manifest(name: "a.yaml", bytes: Array(text.utf8)), splices).lines()
    }

    private func shown(_ lines: [UnifiedDiff.Line]) -> String {
        lines.map { String(decoding: $0.text, as: UTF8.self) + "\n" }.joined()
    }

    /// The splice that replaces the first occurrence of a text.
    private func splice(_ text: String, in whole: String, with new: String) throws -> Splice {
        let range = try #require(whole.utf8.firstRange(of: text.utf8))
        let start = whole.utf8.distance(from: whole.startIndex, to: range.lowerBound)
        return Splice(start..<start + text.utf8.count, new)
    }

    static let lines = (1...12).map { "k\($0): v\n" }.joined()

    @Test func isEmptyWithoutChanges() throws {
        #expect(try diff("a: b\n", []) == [])
    }

    @Test func showsAnInsertionWithThreeLinesAround() throws {
        let splices = [try splice("k6", in: Self.lines, with: "new: x\nk6")]
        let inserted = [
            Splice(splices[0].range.lowerBound..<splices[0].range.lowerBound, "new: x\n")
        ]
        let expected = """
            --- a.yaml
            +++ a.yaml
            @@ -3,6 +3,7 @@
             k3: v
             k4: v
             k5: v
            +new: x
             k6: v
             k7: v
             k8: v

            """
        #expect(try shown(diff(Self.lines, inserted)) == expected)
    }

    @Test func showsARemovalAndAReplacement() throws {
        let splices = [
            try splice("k1: v\n", in: Self.lines, with: ""),
            try splice("11: v", in: Self.lines, with: "11: w"),
        ]
        let expected = """
            --- a.yaml
            +++ a.yaml
            @@ -1,4 +1,3 @@
            -k1: v
             k2: v
             k3: v
             k4: v
            @@ -8,5 +7,5 @@
             k8: v
             k9: v
             k10: v
            -k11: v
            +k11: w
             k12: v

            """
        #expect(try shown(diff(Self.lines, splices)) == expected)
    }

    @Test func joinsHunksWhoseContextMeets() throws {
        func hunks(_ second: String) throws -> Int {
            let splices = [
                try splice("k2: v", in: Self.lines, with: "k2: w"),
                try splice("\(second): v", in: Self.lines, with: "\(second): w"),
            ]
            return try diff(Self.lines, splices).count { $0.kind == .hunk }
        }
        #expect(try hunks("k3") == 1)
        #expect(try hunks("k9") == 1)
        #expect(try hunks("k10") == 2)
    }

    @Test func tellsOfAMissingFinalLineBreak() throws {
        let text = "a: b\nc: d"
        let expected = """
            --- a.yaml
            +++ a.yaml
            @@ -1,2 +1,3 @@
             a: b
            -c: d
            \\ No newline at end of file
            +c: d
            +e: f
            \\ No newline at end of file

            """
        let end = text.utf8.count
        #expect(try shown(diff(text, [Splice(end..<end, "\ne: f")])) == expected)
    }

    @Test func keepsCarriageReturns() throws {
        let lines = try diff("a: b\r\nc: d\r\n", [Splice(6..<6, "x: y\r\n")])
        #expect(lines.filter { $0.kind == .added }.map(\.text) == [Array("+x: y\r".utf8)])
        #expect(lines.filter { $0.kind == .context }.allSatisfy { $0.text.last == 0x0D })
    }

    /// Sources of every kind of end, and splices of every kind.
    @Test(arguments: UInt64(1)...400)
    func leadsToTheResult(seed: UInt64) throws {
        var state = seed &* 0x9E37_79B9_7F4A_7C15
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(limit))
        }
        let lineBreak = random(4) == 0 ? "\r\n" : "\n"
        var text = (0..<random(30)).map { "k\($0): v" + lineBreak }.joined()
        if random(3) == 0 { text += "last: é" }
        var splices: [Splice] = []
        var start = 0
        let count = text.utf8.count
        while start <= count, splices.count < 4 {
            let lower = start + random(count - start + 1)
            let upper = lower + random(min(count - lower, 20) + 1)
            let new = ["", "x", "new: 1" + lineBreak, lineBreak + "a" + lineBreak + "b"][random(4)]
            splices.append(Splice(lower..<upper, new))
            start = upper + 1
        }
        let manifest = try Manifest(name: "a.yaml", bytes: Array(text.utf8))
        let lines = UnifiedDiff(manifest, splices).lines()
        let expected = Splice.apply(splices, to: manifest.source.bytes)
        #expect(
            try DiffApplier.apply(lines, to: manifest.source.bytes) == expected,
            "\(splices) on \(text.debugDescription):\n\(shown(lines))"
        )
    }

    /// The applier is strict, or it would prove nothing.
    @Test(arguments: [
        ("k2: v", "k2: w"), ("@@ -1,5", "@@ -2,5"), ("+1,5", "+2,5"), ("-1,5", "-1,4"),
        ("+1,5", "+1,6"),
    ])
    func isNotAppliedWhenItIsWrong(old: String, new: String) throws {
        let splices = [try splice("k2: v", in: Self.lines, with: "x: y")]
        let lines = try diff(Self.lines, splices).map { line in
            let text = String(decoding: line.text, as: UTF8.self).replacing(old, with: new)
            return UnifiedDiff.Line(kind: line.kind, text: Array(text.utf8))
        }
        let source = Array(Self.lines.utf8)
        #expect(throws: DiffApplier.Mismatch.self) { try DiffApplier.apply(lines, to: source) }
    }
}
