// SPDX-License-Identifier: Apache-2.0

/// Why bytes are not HTTP/1 that we pass on.
///
/// Which status a request gets for it is ``status``; a response that is refused is always 502.
public enum HTTP1Refusal: Error, Equatable, Sendable, CaseIterable {
    // The start line (RFC 9112 sections 3 and 4).
    case methodSyntax
    case methodTooLong
    case targetSyntax
    case targetTooLong
    case targetForm
    case versionSyntax
    case versionUnsupported
    case statusLineSyntax
    // Lines and fields (RFC 9112 sections 2.2 and 5).
    case bareLineFeed
    case bareCarriageReturn
    case lineFolding
    case fieldWithoutColon
    case fieldNameSyntax
    case fieldValueSyntax
    case tooManyFields
    case headTooLarge
    // Framing (RFC 9112 section 6).
    case contentLengthSyntax
    case contentLengthRepeated
    case contentLengthWithTransferEncoding
    case transferEncodingRepeated
    case transferEncodingUnknown
    case transferEncodingInHTTP10
    case framingAlias
    case connectWithBody
    // The host (RFC 9112 section 3.2).
    case hostMissing
    case hostRepeated
    case hostSyntax
    case hostMismatch
    // Bodies (RFC 9112 section 7.1).
    case chunkSizeSyntax
    case chunkSizeTooLarge
    case chunkLineTooLong
    case chunkDataWithoutEnd
    case trailerTooLarge
    case trailerForbidden
    // Responses.
    case switchWithoutUpgrade
    case tooManyInterimResponses
    case responseToHTTP10Chunked

    /// The status of the response to a request that is refused for it.
    public var status: Int {
        switch self {
        case .targetTooLong: 414
        case .tooManyFields, .headTooLarge: 431
        case .transferEncodingUnknown: 501
        case .versionUnsupported: 505
        case .methodSyntax, .methodTooLong, .targetSyntax, .targetForm, .versionSyntax,
            .statusLineSyntax, .bareLineFeed, .bareCarriageReturn, .lineFolding,
            .fieldWithoutColon, .fieldNameSyntax, .fieldValueSyntax, .contentLengthSyntax,
            .contentLengthRepeated, .contentLengthWithTransferEncoding, .transferEncodingRepeated,
            .transferEncodingInHTTP10, .framingAlias, .connectWithBody, .hostMissing,
            .hostRepeated, .hostSyntax, .hostMismatch, .chunkSizeSyntax, .chunkSizeTooLarge,
            .chunkLineTooLong,
            .chunkDataWithoutEnd, .trailerTooLarge, .trailerForbidden, .switchWithoutUpgrade,
            .tooManyInterimResponses, .responseToHTTP10Chunked:
            400
        }
    }

    /// What is wrong, in one line that repeats nothing of what the peer sent.
    public var reason: String {
        switch self {
        case .methodSyntax: "the method is not a token (RFC 9110 section 9.1)"
        case .methodTooLong: "the method is longer than \(HTTP1Limits.methodBytesMax) bytes"
        case .targetSyntax:
            "the request target holds a byte that a URI cannot (RFC 9112 section 3.2)"
        case .targetTooLong:
            "the request target is longer than \(HTTP1Limits.targetBytesMax) bytes"
        case .targetForm: "the request target does not fit the method (RFC 9112 section 3.2)"
        case .versionSyntax: "the request line does not end with HTTP/1.0 or HTTP/1.1"
        case .versionUnsupported: "the HTTP version is neither 1.0 nor 1.1"
        case .statusLineSyntax: "the status line is malformed (RFC 9112 section 4)"
        case .bareLineFeed: "a line ends with LF alone, without CR"
        case .bareCarriageReturn: "a CR is not followed by LF"
        case .lineFolding: "a field is folded over several lines (RFC 9112 section 5.2)"
        case .fieldWithoutColon: "a field has no colon"
        case .fieldNameSyntax: "a field's name is not a token, or a space precedes its colon"
        case .fieldValueSyntax: "a field's value holds a control character"
        case .tooManyFields: "the head has more than \(HTTP1Limits.fieldsMax) fields"
        case .headTooLarge: "the head is larger than \(HTTP1Limits.headBytesMax) bytes"
        case .contentLengthSyntax: "Content-Length is not a plain decimal number"
        case .contentLengthRepeated: "Content-Length is given more than once"
        case .contentLengthWithTransferEncoding:
            "both Content-Length and Transfer-Encoding are given (RFC 9112 section 6.1)"
        case .transferEncodingRepeated: "Transfer-Encoding is given more than once"
        case .transferEncodingUnknown: "Transfer-Encoding is not chunked alone"
        case .transferEncodingInHTTP10: "Transfer-Encoding is not part of HTTP/1.0"
        case .framingAlias: "a field's name differs from a framing field's by an underscore"
        case .connectWithBody: "CONNECT has no body (RFC 9110 section 9.3.6)"
        case .hostMissing: "an HTTP/1.1 request needs a Host field"
        case .hostRepeated: "Host is given more than once"
        case .hostSyntax: "the host is not a host name or address with an optional port"
        case .hostMismatch: "Host and the authority of the request target differ"
        case .chunkSizeSyntax: "a chunk's size line is malformed (RFC 9112 section 7.1)"
        case .chunkSizeTooLarge: "a chunk's size has more than 15 digits"
        case .chunkLineTooLong:
            "a chunk's size line is longer than \(HTTP1Limits.chunkLineBytesMax) bytes"
        case .chunkDataWithoutEnd: "a chunk's data is not followed by CRLF"
        case .trailerTooLarge: "the trailers are larger than \(HTTP1Limits.trailerBytesMax) bytes"
        case .trailerForbidden:
            "a trailer holds a field that decides about framing, routing or rights "
                + "(RFC 9110 section 6.5.1)"
        case .switchWithoutUpgrade: "101 answers a request that asked for no upgrade"
        case .tooManyInterimResponses:
            "more than \(HTTP1Limits.interimResponsesMax) interim responses"
        case .responseToHTTP10Chunked: "an HTTP/1.0 request is answered with Transfer-Encoding"
        }
    }
}
