// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ManifestKit

@Suite("Source text")
struct SourceTextTests {
    private func source(_ text: String) throws -> SourceText {
        try SourceText(name: "a.yaml", bytes: Array(text.utf8))
    }

    @Test(arguments: [
        ("", 0, "1:1"), ("a", 0, "1:1"), ("a", 1, "1:2"), ("a\nb", 2, "2:1"), ("a\n", 2, "2:1"),
        ("a\r\nb", 1, "1:2"), ("a\r\nb", 2, "1:3"), ("a\r\nb", 3, "2:1"), ("a\rb", 2, "2:1"),
        ("a\n\rb", 3, "3:1"), ("a\r\r\nb", 4, "3:1"),
        // Columns are code points: no bytes, no graphemes, no UTF-16 units.
        ("\u{E4}b", 2, "1:2"), ("\u{1F600}b", 4, "1:2"), ("e\u{301}b", 3, "1:3"),
        ("\u{1F468}\u{200D}\u{1F469}b", 11, "1:4"),
        // A byte order mark is no column, and NEL, LS and PS are no lines of an editor's.
        ("\u{FEFF}ab", 3, "1:1"), ("\u{FEFF}ab", 4, "1:2"), ("\u{FEFF}", 0, "1:1"),
        ("a\u{85}b", 3, "1:3"), ("a\u{2028}b\u{2029}c", 8, "1:5"),
        // Past the end is the end.
        ("ab", 9, "1:3"),
    ])
    func countsLinesAndColumnsAsEditorsDo(text: String, offset: Int, position: String) throws {
        #expect(try source(text).position(at: offset).description == position)
    }

    @Test func ordersPositionsAsTheyStand() {
        let positions = [(1, 1), (1, 9), (2, 1)].map { Position(line: $0.0, column: $0.1) }
        #expect(positions == positions.shuffled().sorted())
    }

    @Test(arguments: [
        ("a\nb\nc", 3, 2, 3, 4), ("a\r\nb\r\nc", 4, 3, 4, 6), ("a\rb\rc", 2, 2, 3, 4),
        ("a\u{85}b\u{85}c", 3, 3, 4, 6), ("a\u{2028}b\u{2029}c", 4, 4, 5, 8),
        ("\u{FEFF}ab\nc", 4, 3, 5, 6), ("ab", 1, 0, 2, 2), ("ab\n", 3, 3, 3, 3),
        // Bytes that end like a break are none.
        ("\u{445}\u{3005}\n", 2, 0, 5, 6), ("\u{20A8}\n", 3, 0, 3, 4), ("a\u{D05}b\n", 4, 0, 5, 6),
    ])
    func findsTheLineAroundAnOffset(
        text: String,
        offset: Int,
        start: Int,
        end: Int,
        next: Int
    ) throws {
        let source = try source(text)
        #expect(source.lineStart(of: offset) == start)
        #expect(source.lineEnd(of: offset) == end)
        #expect(source.nextLineStart(after: offset) == next)
    }

    @Test(arguments: [
        ("a\nb\r\nc", 2, "\n"), ("a\nb\r\nc", 5, "\r\n"), ("a\rb\n", 2, "\r"), ("a", 1, "\n"),
        ("", 0, "\n"), ("ab\r\n", 1, "\r\n"), ("a\u{85}b\r\n", 3, "\n"), ("a\u{2028}b", 4, "\n"),
        ("a\nb\u{2028}c\n", 6, "\n"), ("a\r\nb\u{2028}c\n", 7, "\r\n"),
    ])
    func takesTheLineBreakOfTheLineAbove(text: String, offset: Int, lineBreak: String) throws {
        #expect(try source(text).lineBreak(near: offset) == Array(lineBreak.utf8))
    }

    @Test(
        arguments: [
            ([0xFF, 0xFE, 0x61, 0x00], "UTF-16LE"), ([0xFE, 0xFF, 0x00, 0x61], "UTF-16BE"),
            ([0xFF, 0xFE, 0x00, 0x00], "UTF-32LE"), ([0x00, 0x00, 0xFE, 0xFF], "UTF-32BE"),
            ([0x61, 0x00, 0x62, 0x00], "UTF-16LE"), ([0x00, 0x61, 0x00, 0x62], "UTF-16BE"),
            ([0x61, 0x00, 0x00, 0x00], "UTF-32LE"), ([0x00, 0x00, 0x00, 0x61], "UTF-32BE"),
        ] as [([UInt8], String)]
    )
    func namesWideEncodings(bytes: [UInt8], encoding: String) throws {
        let error = try refusal(of: bytes)
        #expect(error.code == .encoding)
        #expect(error.message == "this is \(encoding), not UTF-8")
        #expect(error.position == nil)
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x9F, 0xBF],
            [0xE2, 0x82],
            [0xE2, 0x28, 0xA1], [0xED, 0xA0, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF],
        ] as [[UInt8]]
    )
    func findsMalformedBytes(bytes: [UInt8]) throws {
        let error = try refusal(of: Array("a: b\n\u{E4}: ".utf8) + bytes + [0x0A])
        #expect(error.code == .encoding)
        #expect(error.position == Position(line: 2, column: 4))
        #expect(error.message.hasPrefix("invalid UTF-8: byte 0x"))
        #expect(error.message.hasSuffix("(offset 9)"))
    }

    @Test(
        arguments: [
            [0x7F], [0xC2, 0x80], [0xDF, 0xBF], [0xE0, 0xA0, 0x80], [0xED, 0x9F, 0xBF],
            [0xEE, 0x80, 0x80], [0xEF, 0xBF, 0xBF], [0xF0, 0x90, 0x80, 0x80],
            [0xF4, 0x8F, 0xBF, 0xBF],
        ] as [[UInt8]]
    )
    func takesEveryWellFormedLength(bytes: [UInt8]) throws {
        #expect(try SourceText(name: "a", bytes: bytes).bytes == bytes)
    }

    @Test(arguments: [("ab\0", "1:3"), ("a: b\nc\0d\n", "2:2"), ("a: bcd\0", "1:7")])
    func refusesNUL(text: String, place: String) throws {
        let error = try refusal(of: text)
        #expect(error.code == .encoding)
        #expect(error.position?.description == place)
    }

    @Test func holdsNoMoreThanItsLimit() throws {
        var limits = Limits()
        limits.sourceBytesMax = 5
        #expect(try manifest("a: b\n", limits: limits).source.bytes.count == 5)
        let error = try refusal(of: "a: bc\n", limits: limits)
        #expect(error.code == .tooLarge)
        #expect(error.message == "more than the limit of 5 bytes")
    }
}
