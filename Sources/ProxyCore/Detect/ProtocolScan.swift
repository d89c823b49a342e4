// SPDX-License-Identifier: Apache-2.0

/// What the first bytes of a connection say about its protocol, TLS aside.
public enum ProtocolScan: Equatable, Sendable {
    /// So far it can be HTTP; more bytes decide.
    case needsMore
    /// HTTP/1, though perhaps not a request that we pass on.
    case http1
    /// HTTP/2 with prior knowledge (RFC 9113 section 3.4).
    case http2
    /// Anything else.
    case opaque

    /// LIMIT: bytes of a first line that are waited for; a longer one counts as HTTP if its method
    /// is a registered one.
    public static let lineBytesMax = 8192

    /// LIMIT: bytes before the first space: the longest method that is taken for one.
    private static let methodBytesMax = 24

    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    /// Looks at the first bytes of a connection, which still belong to whoever serves it.
    ///
    /// A malformed request must not pass as something else: `METHOD target HTTP/…` counts whatever
    /// is wrong with it. Redis and memcached speak in lines too, but name no version. An answer
    /// other than `.needsMore` is final, and `.needsMore` is never the answer to `lineBytesMax`
    /// bytes.
    public static func of(_ bytes: Span<UInt8>) -> ProtocolScan {
        var index = 0
        // An empty line before a request, as RFC 9112 section 2.2 lets through.
        if bytes.count > 0, bytes[0] == UInt8(ascii: "\r") {
            guard bytes.count > 1 else { return .needsMore }
            guard bytes[1] == UInt8(ascii: "\n") else { return .opaque }
            index = 2
        } else if let answer = prefaceAnswer(bytes) {
            return answer
        }
        let start = index
        while index < bytes.count, ByteClass.isToken(bytes[index]) {
            index += 1
            guard index - start <= methodBytesMax else { return .opaque }
        }
        guard index < bytes.count else { return .needsMore }
        guard index > start, bytes[index] == UInt8(ascii: " ") else { return .opaque }
        return target(bytes, from: index)
    }

    /// Goes through the first line, looking for a version.
    private static func target(_ bytes: Span<UInt8>, from space: Int) -> ProtocolScan {
        var index = space
        while index < min(bytes.count, lineBytesMax), bytes[index] != UInt8(ascii: "\n") {
            if bytes[index] == UInt8(ascii: " "), isVersion(bytes, at: index + 1) { return .http1 }
            index += 1
        }
        if index >= lineBytesMax {
            // The method alone decides: no other protocol has such lines with such words.
            return isRegistered(bytes, 0..<space) ? .http1 : .opaque
        }
        return index < bytes.count ? .opaque : .needsMore
    }

    private static func isVersion(_ bytes: Span<UInt8>, at start: Int) -> Bool {
        FieldKind.isEqual(bytes, start..<min(start + 5, bytes.count), "http/")
    }

    private static func isRegistered(_ bytes: Span<UInt8>, _ method: Range<Int>) -> Bool {
        for name in [
            "get", "post", "put", "delete", "head", "options", "patch", "connect", "trace",
        ]
        where FieldKind.isEqual(bytes, method, name) { return true }
        return false
    }

    /// nil when the bytes are no part of HTTP/2's preface.
    private static func prefaceAnswer(_ bytes: Span<UInt8>) -> ProtocolScan? {
        for index in 0..<min(bytes.count, preface.count) {
            guard bytes[index] == preface[index] else { return nil }
        }
        return bytes.count >= preface.count ? .http2 : .needsMore
    }
}
