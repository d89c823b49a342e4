// SPDX-License-Identifier: Apache-2.0

/// How a `|` or `>` scalar is laid out, and so which text around it would change its value.
struct BlockScalar {
    private let source: SourceText
    private let span: Range<Int>
    private let value: ArraySlice<UInt8>
    /// Its indicators (YAML 1.2.2 section 8.1.1): `|` or `>`, and what touches it.
    private let header: ArraySlice<UInt8>

    /// Nil for any other node.
    init?(_ manifest: Manifest, _ node: NodeID) {
        let style = manifest.style(of: node)
        guard style == .literal || style == .folded else { return nil }
        source = manifest.source
        span = manifest.span(of: node)
        value = manifest.valueBytes(of: node)
        let text = source.bytes[span]
        let mark = UInt8(ascii: style == .literal ? "|" : ">")
        // A tag such as `!<x>` may hold the mark as well.
        let start = text.indices.first { index in
            text[index] == mark && (index == text.startIndex || text[index - 1] <= .space)
        }
        header = text[(start ?? text.endIndex)...].prefix { $0 > .space }
    }

    /// Whether blank lines at its end belong to its value.
    var keepsBlankLines: Bool { header.contains(UInt8(ascii: "+")) }

    private var isStripped: Bool { header.contains(UInt8(ascii: "-")) }

    /// Whether its value ends with the line break of its last line.
    var ownsLineBreak: Bool { !value.isEmpty && !isStripped }

    /// Whether its value would end with a line break, had the file not ended.
    var isCutShort: Bool { ownsLineBreak && value.last != .lineFeed }

    /// The column that its lines start in; nil when it has none.
    ///
    /// Where the header says how far they are in, this is the least that it can be.
    private var contentColumn: Int? {
        let digits = UInt8(ascii: "1")...UInt8(ascii: "9")
        if let digit = header.first(where: { digits.contains($0) }) {
            return Int(digit - UInt8(ascii: "0"))
        }
        var line = source.nextLineStart(after: header.startIndex)
        while line < span.upperBound {
            let text = source.skippingBlanks(from: line)
            if text < span.upperBound, source.breakCount(at: text) == 0 { return text - line }
            line = source.nextLineStart(after: line)
        }
        return nil
    }

    /// The end of what the value needs, on its last line.
    ///
    /// Blank lines behind it belong to the file, unless the scalar keeps them.
    var textEnd: Int {
        if keepsBlankLines { return span.upperBound }
        guard let margin = contentColumn else { return source.lineEnd(of: header.startIndex) }
        var end = span.upperBound
        while true {
            let lineEnd = end - source.breakCount(before: end)
            let line = source.lineStart(of: lineEnd)
            // Spaces past the margin are content, as are tabs.
            let isContent = source.bytes[line..<lineEnd].contains { $0 != .space }
            if isContent || lineEnd - line > margin { return lineEnd }
            end = line
        }
    }

    /// Whether blank lines or a comment at an offset would become part of it, were it right above.
    ///
    /// Without a line of its own it takes any that is further in than `indent`.
    func wouldJoin(linesAt offset: Int, indent: Int) -> Bool {
        let margin = contentColumn ?? indent + 1
        var line = offset
        while line < source.bytes.count {
            let text = source.skippingBlanks(from: line)
            let isBlank = text == source.bytes.count || source.breakCount(at: text) > 0
            guard isBlank else {
                return source.bytes[text] == .numberSign && text - line >= margin
            }
            if text - line > margin || source.bytes[line..<text].contains(.tab) { return true }
            if keepsBlankLines, source.breakCount(at: text) > 0 { return true }
            line = source.nextLineStart(after: text)
        }
        return false
    }
}
