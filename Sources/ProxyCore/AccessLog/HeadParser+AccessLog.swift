// SPDX-License-Identifier: Apache-2.0

extension HeadParser {
    /// LIMIT: bytes of a target in the access log; browsers write no longer ones by themselves.
    private static let targetBytesMax = 2048
    /// LIMIT: bytes of any other value there; a trace has 32, a browser calls itself some 150.
    private static let valueBytesMax = 256

    /// What the access log says of a request; the parser has read its head last, from `base` on.
    public func accessRecord(
        _ head: RequestHead,
        of bytes: [UInt8],
        base: Int
    ) -> AccessRecord {
        func text(_ range: Range<Int>, _ limit: Int = Self.valueBytesMax) -> String {
            let part = bytes[base + range.lowerBound..<base + range.upperBound]
            return String(decoding: part.prefix(limit), as: UTF8.self)
                + (part.count > limit ? "..." : "")
        }
        var record = AccessRecord()
        record.method = text(head.methodRange)
        record.uri = text(head.target, Self.targetBytesMax)
        record.version = head.isHTTP10 ? "HTTP/1.0" : "HTTP/1.1"
        record.host = head.host.map { text($0) } ?? ""
        let span = bytes.span.extracting(base...)
        record.userAgent = value(of: "user-agent", span).map { text($0) } ?? ""
        record.traceID = traceID(span) { text($0) }
        return record
    }

    /// The first of Linkerd's fields that is there, else the trace of W3C's or of B3's single one.
    private func traceID(_ bytes: Span<UInt8>, _ text: (Range<Int>) -> String) -> String {
        for name in ["x-b3-traceid", "x-request-id", "x-amzn-trace-id"] as [StaticString] {
            if let range = value(of: name, bytes), !range.isEmpty { return text(range) }
        }
        if let range = value(of: "traceparent", bytes) {
            // VERSION-TRACE-PARENT-FLAGS (W3C Trace Context section 3.2.2).
            let parts = text(range).split(separator: "-", omittingEmptySubsequences: false)
            if parts.count >= 4, parts[1].utf8.count == 32 { return String(parts[1]) }
        }
        if let range = value(of: "b3", bytes) {
            let parts = text(range).split(separator: "-", omittingEmptySubsequences: false)
            if parts.count >= 2 { return String(parts[0]) }
        }
        return ""
    }

    /// Where the value of the first field of a name in lower case is.
    private func value(of name: StaticString, _ bytes: Span<UInt8>) -> Range<Int>? {
        for field in fields where field.kind == .other {
            if FieldKind.isEqual(bytes, field.nameStart..<field.nameEnd, name) {
                return field.value
            }
        }
        return nil
    }
}
