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

    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    /// Looks at the first bytes of a connection, which still belong to whoever serves it.
    ///
    /// A malformed request must not pass as something else: `METHOD target HTTP/…` counts whatever
    /// is wrong with it, empty lines before it and odd blanks in it too, which lenient servers
    /// take. Redis and memcached speak in lines too, but name no version. An answer other than
    /// `.needsMore` is final, and `.needsMore` is never the answer to `lineBytesMax` bytes.
    public static func of(_ bytes: Span<UInt8>) -> ProtocolScan {
        let bytes = bytes.extracting(first: lineBytesMax)
        if let answer = prefaceAnswer(bytes) { return answer }
        var index = 0
        while index < bytes.count, isBlank(bytes[index]) { index += 1 }
        let start = index
        while index < bytes.count, ByteClass.isToken(bytes[index]) { index += 1 }
        guard index < bytes.count else {
            return bytes.count < lineBytesMax ? .needsMore : .opaque
        }
        guard index > start, isBlank(bytes[index]) else { return .opaque }
        return line(bytes, start..<index)
    }

    /// Whether bytes that are too few for an answer begin as requests do: with a registered method
    /// and a blank.
    ///
    /// Once a client has had its time, it must not be taken for something else: who sends the first
    /// line slowly enough would pass by all that is looked at in requests.
    public static func beginsLikeRequest(_ bytes: Span<UInt8>) -> Bool {
        var start = 0
        while start < bytes.count, isBlank(bytes[start]) { start += 1 }
        var index = start
        while index < bytes.count, 0x41...0x5A ~= bytes[index] { index += 1 }
        return index < bytes.count && isBlank(bytes[index]) && isRegistered(bytes, start..<index)
    }

    /// Goes through the rest of the first line, looking for a version.
    private static func line(_ bytes: Span<UInt8>, _ method: Range<Int>) -> ProtocolScan {
        var index = method.upperBound
        while index < bytes.count, bytes[index] != UInt8(ascii: "\n") {
            if isBlank(bytes[index]), isVersion(bytes, at: index + 1) { return .http1 }
            index += 1
        }
        if index < bytes.count { return .opaque }
        guard index >= lineBytesMax else { return .needsMore }
        // The method alone decides: no other protocol has such lines with such words.
        return isRegistered(bytes, method) ? .http1 : .opaque
    }

    /// What a lenient reader takes for the end of a word (RFC 9112 section 3).
    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || 0x09...0x0D ~= byte
    }

    private static func isVersion(_ bytes: Span<UInt8>, at start: Int) -> Bool {
        FieldKind.isEqual(bytes, start..<min(start + 5, bytes.count), "http/")
    }

    private static var registered: [StaticString] {
        ["get", "post", "put", "delete", "head", "options", "patch", "connect", "trace"]
    }

    private static func isRegistered(_ bytes: Span<UInt8>, _ method: Range<Int>) -> Bool {
        for name in registered where FieldKind.isEqual(bytes, method, name) { return true }
        return false
    }

    /// How likely bytes that are too few for an answer are the beginning of a request.
    public enum Prospect: Sendable {
        /// A registered method as far as they go, or HTTP/2's preface.
        case likely
        /// A word in capitals, as all methods are, also those of applications' own.
        case possible
        /// Some other protocol's first word, whose server answers once it has it.
        case unlikely
    }

    /// Tells how long it is worth waiting for more.
    public static func prospect(_ bytes: Span<UInt8>) -> Prospect {
        var start = 0
        while start < bytes.count, isBlank(bytes[start]) { start += 1 }
        var end = start
        var isInCapitals = true
        while end < bytes.count, ByteClass.isToken(bytes[end]) {
            isInCapitals = isInCapitals && 0x41...0x5A ~= bytes[end]
            end += 1
        }
        if end < bytes.count, isRegistered(bytes, start..<end) { return .likely }
        if end == bytes.count {
            let word = (start..<end).map { ByteClass.lowercased(bytes[$0]) }
            let names = registered.map(\.description) + ["pri"]
            if isInCapitals, names.contains(where: { $0.utf8.starts(with: word) }) {
                return .likely
            }
        }
        return isInCapitals ? .possible : .unlikely
    }

    /// nil when the bytes are no part of HTTP/2's preface.
    private static func prefaceAnswer(_ bytes: Span<UInt8>) -> ProtocolScan? {
        for index in 0..<min(bytes.count, preface.count) {
            guard bytes[index] == preface[index] else { return nil }
        }
        return bytes.count >= preface.count ? .http2 : .needsMore
    }
}
