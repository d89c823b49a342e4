// SPDX-License-Identifier: Apache-2.0

/// Turns what libyaml says of a broken document into what a person can act on.
struct SyntaxDiagnosis {
    let source: SourceText
    /// libyaml's words.
    let problem: String
    /// What libyaml was doing, in its words.
    let context: String?
    /// Where it stopped.
    let offset: Int
    /// Where the thing began that it was reading, when it says so.
    let contextOffset: Int?

    var error: ManifestError {
        if let template { return template }
        return ManifestError(
            .syntax,
            message,
            hint: hint,
            file: source.name,
            position: source.position(at: offset)
        )
    }

    private var lineText: String {
        let start = source.lineStart(of: min(offset, source.bytes.count))
        let end = source.lineEnd(of: start)
        return String(decoding: source.bytes[start..<min(end, start + 200)], as: UTF8.self)
    }

    /// `{{ ... }}` or `@NAME@` near by is the likelier cause.
    private var template: ManifestError? {
        if let place = firstTemplateAction() { return unrendered(place.text, at: place.offset) }
        guard offset < source.bytes.count else { return nil }
        let byte = source.bytes[offset]
        // `{% if %}` reads as a brace and then a percent sign.
        if byte == UInt8(ascii: "%"), offset > 0, source.bytes[offset - 1] == .openBrace {
            return unrendered(text(from: offset - 1), at: offset - 1)
        }
        // At the start of a line a percent sign is a directive.
        let isPercent = byte == UInt8(ascii: "%") && source.lineStart(of: offset) < offset
        guard byte == UInt8(ascii: "@") || isPercent || byte == UInt8(ascii: "`")
        else { return nil }
        var end = offset
        while end < source.bytes.count, source.bytes[end] > .space, end - offset < 80 { end += 1 }
        let word = String(decoding: source.bytes[offset..<end], as: UTF8.self)
        return ManifestError(
            .template,
            "a value cannot start with \(Character(Unicode.Scalar(byte))): \(word)",
            hint: "if this is a placeholder, fill it in first; if it is meant, quote it",
            file: source.name,
            position: source.position(at: offset)
        )
    }

    private func unrendered(_ text: String, at offset: Int) -> ManifestError {
        ManifestError(
            .template,
            "an unrendered template: \(text)",
            hint: "render it first, for example: helm template CHART | meshctl inject -",
            file: source.name,
            position: source.position(at: offset)
        )
    }

    /// What a line has from an offset on, cut short.
    private func text(from offset: Int) -> String {
        let end = min(source.lineEnd(of: offset), offset + 80)
        return String(decoding: source.bytes[offset..<end], as: UTF8.self)
    }

    /// The first `{{` between where libyaml began and where it stopped that is not in a comment or
    /// in quotes: there it is data.
    ///
    /// An action that reads as YAML is caught by `TreeBuilder`.
    private func firstTemplateAction() -> (text: String, offset: Int)? {
        let bytes = source.bytes
        let limit = min(source.lineEnd(of: min(offset, bytes.count)), bytes.count)
        let lineAbove = source.lineStart(of: max(source.lineStart(of: offset) - 1, 0))
        // LIMIT: context further back than 1 KiB is not near.
        let context = contextOffset.map { source.lineStart(of: $0) } ?? lineAbove
        var index = min(lineAbove, max(context, offset - 1024))
        var quote: UInt8?
        while index + 1 < limit {
            let byte = bytes[index]
            if source.breakCount(at: index) > 0 {
                quote = nil
            } else if let open = quote {
                if byte == open { quote = nil }
            } else if byte == .quotationMark || byte == .apostrophe {
                quote = byte
            } else if byte == .numberSign, index == 0 || bytes[index - 1] <= .space {
                index = source.lineEnd(of: index)
                continue
            } else if byte == .openBrace, bytes[index + 1] == .openBrace {
                return (text(from: index), index)
            }
            index += 1
        }
        return nil
    }

    private var message: String {
        let words = problem == "control characters are not allowed" ? controlMessage : problem
        guard let context, !context.isEmpty else { return "not YAML: \(words)" }
        return "not YAML: \(words), \(context)"
    }

    private var controlMessage: String {
        guard offset < source.bytes.count else { return problem }
        let value = String(source.bytes[offset], radix: 16, uppercase: true)
        return "control character 0x\(value) is not allowed"
    }

    private var hint: String? {
        if offset < source.bytes.count, source.bytes[offset] == .tab {
            return "YAML indents with spaces: replace the tab"
        }
        if lineText.hasPrefix("\t") { return "YAML indents with spaces: replace the tab" }
        switch problem {
        case "mapping values are not allowed in this context":
            return "check the indentation of this line and the one above; quote a value that holds "
                + "\": \""
        case "did not find expected key":
            return "this line's indentation does not match the lines above it"
        case "found undefined tag handle":
            return "declare the tag with %TAG, or quote the value"
        case "found incompatible YAML document":
            return "only %YAML 1.1 and 1.2 exist"
        case "did not find expected <document start>":
            return "the document ends above this line; a further one starts with ---"
        case "control characters are not allowed":
            return "remove it, or write it as an escape in double quotes"
        default: return beginning
        }
    }

    /// Where that began whose end was not found, when that is not the line of the error.
    private var beginning: String? {
        guard let contextOffset else { return nil }
        let start = source.position(at: contextOffset)
        return start.line < source.position(at: offset).line ? "it began at \(start)" : nil
    }
}
