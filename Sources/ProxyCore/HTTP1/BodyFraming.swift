// SPDX-License-Identifier: Apache-2.0

/// How the end of a message's body is found (RFC 9112 section 6.3).
public enum BodyFraming: Equatable, Sendable {
    /// There is none.
    case none
    /// It has so many bytes, 1 or more.
    case length(UInt64)
    /// It comes in chunks.
    case chunked
    /// It ends with the connection; responses only.
    case untilClose
}

/// The framing fields of one head.
struct FramingFields {
    private var length: UInt64?
    private var isChunked = false

    /// Reads them; an answer that a lenient reader would read differently is refused.
    init(
        _ bytes: Span<UInt8>,
        _ fields: [HeadField],
        _ kinds: FieldKinds,
        isHTTP10: Bool
    ) throws(HeadParser.Stop) {
        guard kinds.haveFraming else { return }
        for field in fields {
            switch field.kind {
            case .contentLength:
                guard length == nil else { throw .refused(.contentLengthRepeated) }
                length = try Self.length(bytes, field.value)
            case .transferEncoding:
                guard !isChunked else { throw .refused(.transferEncodingRepeated) }
                guard FieldKind.isEqual(bytes, field.value, "chunked") else {
                    throw .refused(.transferEncodingUnknown)
                }
                isChunked = true
            case .framingAlias: throw .refused(.framingAlias)
            case .other, .connection, .contentType, .host, .upgrade, .hopByHop, .meshOnly,
                .unsent, .protected:
                break
            }
        }
        guard !isChunked || length == nil else {
            throw .refused(.contentLengthWithTransferEncoding)
        }
        guard !isChunked || !isHTTP10 else { throw .refused(.transferEncodingInHTTP10) }
    }

    /// A request without either field has no body.
    var ofRequest: BodyFraming { isChunked ? .chunked : ofLength ?? .none }

    /// A response without either ends with its connection.
    var ofResponse: BodyFraming { isChunked ? .chunked : ofLength ?? .untilClose }

    private var ofLength: BodyFraming? {
        length.map { $0 == 0 ? .none : .length($0) }
    }

    /// 1*DIGIT (RFC 9110 section 8.6), but no leading zero, which some take for octal.
    private static func length(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>
    ) throws(HeadParser.Stop) -> UInt64 {
        // 18 digits cannot overflow 64 bits.
        guard (1...18).contains(range.count) else { throw .refused(.contentLengthSyntax) }
        guard range.count == 1 || bytes[range.lowerBound] != UInt8(ascii: "0") else {
            throw .refused(.contentLengthSyntax)
        }
        var value: UInt64 = 0
        for index in range {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { throw .refused(.contentLengthSyntax) }
            value = value * 10 + UInt64(digit)
        }
        return value
    }
}
