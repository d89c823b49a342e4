// SPDX-License-Identifier: Apache-2.0

/// The first line of a request (RFC 9112 section 3).
struct RequestLine {
    var method: Range<Int>
    var kind: RequestHead.Method
    var target: Range<Int>
    var isHTTP10: Bool
    /// Where the fields begin.
    var end: Int

    init(_ bytes: Span<UInt8>) throws(HeadParser.Stop) {
        let start = try Self.skipEmptyLine(bytes)
        method = try Self.method(bytes, from: start)
        target = try Self.target(bytes, from: method.upperBound + 1)
        (isHTTP10, end) = try Self.version(bytes, from: target.upperBound + 1)
        kind = Self.kind(bytes, method)
    }

    /// One empty line may come first: old clients sent one after a body (RFC 9112 section 2.2).
    private static func skipEmptyLine(
        _ bytes: Span<UInt8>
    ) throws(HeadParser.Stop) -> Int {
        guard bytes.count > 0 else { throw .needsMore }
        guard bytes[0] == UInt8(ascii: "\r") else { return 0 }
        return try HeadParser.lineEnd(bytes, at: 0)
    }

    private static func method(
        _ bytes: Span<UInt8>,
        from start: Int
    ) throws(HeadParser.Stop) -> Range<Int> {
        var index = start
        while index < bytes.count, ByteClass.isToken(bytes[index]) {
            index += 1
            guard index - start <= HTTP1Limits.methodBytesMax else {
                throw .refused(.methodTooLong)
            }
        }
        guard index < bytes.count else { throw .needsMore }
        guard bytes[index] == UInt8(ascii: " "), index > start else {
            throw .refused(.methodSyntax)
        }
        return start..<index
    }

    private static func target(
        _ bytes: Span<UInt8>,
        from start: Int
    ) throws(HeadParser.Stop) -> Range<Int> {
        let index = ByteRuns.endOfTarget(bytes, from: start)
        guard index - start <= HTTP1Limits.targetBytesMax else { throw .refused(.targetTooLong) }
        guard index < bytes.count else { throw .needsMore }
        switch bytes[index] {
        case UInt8(ascii: " ") where index > start: return start..<index
        case UInt8(ascii: "\r"), UInt8(ascii: "\n"): throw .refused(.versionSyntax)
        default: throw .refused(.targetSyntax)
        }
    }

    /// HTTP-version is case-sensitive (RFC 9112 section 2.3).
    private static func version(
        _ bytes: Span<UInt8>,
        from start: Int
    ) throws(HeadParser.Stop) -> (isHTTP10: Bool, end: Int) {
        var index = start
        for byte in "HTTP/".utf8 {
            guard index < bytes.count else { throw .needsMore }
            guard bytes[index] == byte else { throw .refused(.versionSyntax) }
            index += 1
        }
        guard index + 3 <= bytes.count else { throw .needsMore }
        let (major, dot, minor) = (bytes[index], bytes[index + 1], bytes[index + 2])
        guard dot == UInt8(ascii: "."), major &- 0x30 < 10, minor &- 0x30 < 10 else {
            throw .refused(.versionSyntax)
        }
        guard major == UInt8(ascii: "1"), minor <= UInt8(ascii: "1") else {
            throw .refused(.versionUnsupported)
        }
        let end = try HeadParser.lineEnd(bytes, at: index + 3, otherwise: .versionSyntax)
        return (minor == UInt8(ascii: "0"), end)
    }

    /// Methods are case-sensitive (RFC 9110 section 9.1).
    private static func kind(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>
    ) -> RequestHead.Method {
        func isNamed(_ text: String) -> Bool {
            var index = range.lowerBound
            for byte in text.utf8 {
                guard bytes[index] == byte else { return false }
                index += 1
            }
            return true
        }
        switch range.count {
        case 3 where isNamed("GET"): return .get
        case 3 where isNamed("PUT"): return .idempotent
        case 4 where isNamed("HEAD"): return .head
        case 5 where isNamed("TRACE"): return .idempotent
        case 6 where isNamed("DELETE"): return .idempotent
        case 7 where isNamed("CONNECT"): return .connect
        case 7 where isNamed("OPTIONS"): return .idempotent
        default: return .other
        }
    }
}
