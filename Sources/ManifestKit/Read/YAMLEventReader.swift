// SPDX-License-Identifier: Apache-2.0

internal import CLibYAML

/// Reads a source with libyaml and hands out its events with byte offsets.
///
/// The one place that touches libyaml. Nothing unsafe leaves it: events carry offsets and copies.
enum YAMLEventReader {
    /// Calls `handle` with each event in source order.
    ///
    /// - Throws: what libyaml could not read, located; or what `handle` throws.
    static func read(
        _ source: SourceText,
        _ handle: (YAMLEvent) throws(ManifestError) -> Void
    ) throws(ManifestError) {
        // libyaml skips a byte order mark only where it may guess the encoding, and counts it as a
        // column: we skip it ourselves. It asserts that there is input.
        let mark = source.byteOrderMarkCount
        guard source.bytes.count > mark else { return }
        var parser = unsafe yaml_parser_t()
        // SAFETY: the parser is initialised here, lives on this frame and is deleted on every path.
        guard unsafe yaml_parser_initialize(&parser) == 1 else {
            throw ManifestError(
                .unsupported,
                "libyaml could not start: out of memory",
                file: source.name,
                position: nil
            )
        }
        defer { unsafe yaml_parser_delete(&parser) }
        let bytes = source.bytes
        // SAFETY: libyaml keeps the pointer only while it parses, which ends inside this closure.
        let result: Result<Void, ManifestError> = unsafe bytes.withUnsafeBufferPointer { buffer in
            let text = unsafe UnsafeBufferPointer(rebasing: buffer[mark...])
            unsafe yaml_parser_set_input_string(&parser, text.baseAddress, text.count)
            unsafe yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
            do throws(ManifestError) {
                unsafe try readAll(&parser, source, buffer, handle)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    private static func readAll(
        _ parser: inout yaml_parser_t,
        _ source: SourceText,
        _ buffer: UnsafeBufferPointer<UInt8>,
        _ handle: (YAMLEvent) throws(ManifestError) -> Void
    ) throws(ManifestError) {
        while true {
            var raw = unsafe yaml_event_t()
            // SAFETY: a failed parse leaves `raw` empty; a good one is deleted below.
            guard unsafe yaml_parser_parse(&parser, &raw) == 1 else {
                throw unsafe syntaxError(parser, source)
            }
            let isLast = unsafe raw.type == YAML_STREAM_END_EVENT
            let event = unsafe event(from: raw, source, buffer)
            unsafe yaml_event_delete(&raw)
            if let event { try handle(event) }
            if isLast { return }
        }
    }

    // MARK: Events

    private static func event(
        from raw: yaml_event_t,
        _ source: SourceText,
        _ buffer: UnsafeBufferPointer<UInt8>
    ) -> YAMLEvent? {
        let start = unsafe source.offset(ofCodePoint: raw.start_mark.index)
        let end = unsafe source.offset(ofCodePoint: raw.end_mark.index)
        func make(_ kind: YAMLEvent.Kind) -> YAMLEvent {
            YAMLEvent(kind: kind, start: start, end: end)
        }
        switch unsafe raw.type {
        case YAML_DOCUMENT_START_EVENT:
            return unsafe make(.documentStart(isExplicit: raw.data.document_start.implicit == 0))
        case YAML_DOCUMENT_END_EVENT:
            return make(.documentEnd)
        case YAML_ALIAS_EVENT:
            return unsafe make(.alias(name: text(raw.data.alias.anchor) ?? ""))
        case YAML_MAPPING_END_EVENT, YAML_SEQUENCE_END_EVENT:
            return make(.collectionEnd)
        case YAML_MAPPING_START_EVENT:
            let data = unsafe raw.data.mapping_start
            let isFlow = unsafe data.style == YAML_FLOW_MAPPING_STYLE
            var event = make(.collectionStart(.mapping, isFlow ? .flow : .block))
            event.anchor = unsafe text(data.anchor)
            event.tag = unsafe text(data.tag)
            return event
        case YAML_SEQUENCE_START_EVENT:
            let data = unsafe raw.data.sequence_start
            let isFlow = unsafe data.style == YAML_FLOW_SEQUENCE_STYLE
            var event = make(.collectionStart(.sequence, isFlow ? .flow : .block))
            event.anchor = unsafe text(data.anchor)
            event.tag = unsafe text(data.tag)
            return event
        case YAML_SCALAR_EVENT:
            let data = unsafe raw.data.scalar
            let style = unsafe style(of: data.style)
            // SAFETY: libyaml owns `length` bytes at `value` until the event is deleted.
            let value = unsafe UnsafeBufferPointer(start: data.value, count: data.length)
            let kind = unsafe YAMLEvent.Kind.scalar(
                style: style,
                value: scalarValue(value, style, start..<end, buffer)
            )
            var event = make(kind)
            event.anchor = unsafe text(data.anchor)
            event.tag = unsafe text(data.tag)
            return event
        default:
            return nil
        }
    }

    private static func style(of style: yaml_scalar_style_t) -> NodeStyle {
        switch style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
        case YAML_LITERAL_SCALAR_STYLE: .literal
        case YAML_FOLDED_SCALAR_STYLE: .folded
        default: .plain
        }
    }

    /// The value's place in the source when its bytes stand there as they are, else a copy.
    private static func scalarValue(
        _ value: UnsafeBufferPointer<UInt8>,
        _ style: NodeStyle,
        _ span: Range<Int>,
        _ buffer: UnsafeBufferPointer<UInt8>
    ) -> YAMLEvent.Value {
        // Counted from the end: an anchor or a tag may stand before the value.
        let closing = style == .singleQuoted || style == .doubleQuoted ? 1 : 0
        let end = span.upperBound - closing
        let start = end - value.count
        let mayStand = style != .literal && style != .folded && start >= span.lowerBound + closing
        if mayStand, unsafe buffer[start..<end].elementsEqual(value) {
            return .source(start..<end)
        }
        return unsafe .decoded(Array(value))
    }

    // MARK: Errors

    private static func syntaxError(_ parser: yaml_parser_t, _ source: SourceText) -> ManifestError
    {
        let problem = unsafe cText(parser.problem) ?? "not YAML"
        let context = unsafe cText(parser.context)
        let offset: Int
        if unsafe parser.error == YAML_READER_ERROR {
            offset = unsafe source.byteOrderMarkCount + parser.problem_offset
        } else {
            offset = unsafe source.offset(ofCodePoint: parser.problem_mark.index)
        }
        let contextOffset = unsafe source.offset(ofCodePoint: parser.context_mark.index)
        return SyntaxDiagnosis(
            source: source,
            problem: problem,
            context: context,
            offset: offset,
            contextOffset: context == nil ? nil : contextOffset
        ).error
    }

    private static func text(_ pointer: UnsafeMutablePointer<UInt8>?) -> String? {
        guard let pointer = unsafe pointer else { return nil }
        // SAFETY: libyaml ends its strings with NUL.
        return unsafe String(cString: pointer)
    }

    private static func cText(_ pointer: UnsafePointer<CChar>?) -> String? {
        guard let pointer = unsafe pointer else { return nil }
        // SAFETY: libyaml's messages are static C strings.
        return unsafe String(cString: pointer)
    }
}
