// SPDX-License-Identifier: Apache-2.0

/// One field of a head, by its places in the bytes of that head.
struct HeadField {
    /// Where the line begins, and its name with it.
    var nameStart: Int
    var nameEnd: Int
    /// The value without the blanks around it.
    var valueStart: Int
    var valueEnd: Int
    /// Where the next line begins.
    var lineEnd: Int
    var kind: FieldKind

    var value: Range<Int> { valueStart..<valueEnd }
}

/// The fields that a proxy must understand.
enum FieldKind: UInt8 {
    case other
    case connection
    case contentLength
    case contentType
    case host
    case transferEncoding
    case upgrade
    /// Keep-Alive, Proxy-Connection, TE and HTTP2-Settings, which end at the next hop.
    case hopByHop
    /// `l5d-…` and X-Forwarded-Client-Cert: what a mesh says of a request, and nobody else may.
    case meshOnly
    /// `l5d-proxy-unsent`: a proxy says that a request has reached nobody.
    case unsent
    /// What a name in Connection must not make us drop: it decides about rights and routes.
    case protected
    /// content_length and transfer_encoding: some servers take them for the real ones.
    case framingAlias

    /// Tells which field a name is, without regard to case.
    init(_ bytes: Span<UInt8>, _ name: Range<Int>) {
        func isNamed(_ text: String) -> Bool { Self.isEqual(bytes, name, text) }
        switch name.count {
        case 2 where isNamed("te"): self = .hopByHop
        case 4 where isNamed("host"): self = .host
        case 6 where isNamed("cookie"): self = .protected
        case 7 where isNamed("upgrade"): self = .upgrade
        case 9 where isNamed("forwarded"): self = .protected
        case 10 where isNamed("connection"): self = .connection
        case 10 where isNamed("keep-alive"): self = .hopByHop
        case 12 where isNamed("content-type"): self = .contentType
        case 13 where isNamed("authorization"): self = .protected
        case 14 where isNamed("content-length"): self = .contentLength
        case 14 where isNamed("http2-settings"): self = .hopByHop
        case 14 where isNamed("content_length"): self = .framingAlias
        case 15 where isNamed("x-forwarded-for"): self = .protected
        case 16 where isNamed("x-forwarded-host"): self = .protected
        case 16 where isNamed("proxy-connection"): self = .hopByHop
        case 16 where isNamed("l5d-proxy-unsent"): self = .unsent
        case 17 where isNamed("transfer-encoding"): self = .transferEncoding
        case 17 where isNamed("transfer_encoding"): self = .framingAlias
        case 17 where isNamed("x-forwarded-proto"): self = .protected
        case 23 where isNamed("x-forwarded-client-cert"): self = .meshOnly
        case 4... where Self.isEqual(bytes, name.lowerBound..<name.lowerBound + 4, "l5d-"):
            self = .meshOnly
        default: self = .other
        }
    }

    /// Whether the bytes are a name that is given in lower case.
    static func isEqual(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>,
        _ text: String
    ) -> Bool {
        guard range.count == text.utf8.count else { return false }
        var index = range.lowerBound
        for byte in text.utf8 {
            guard ByteClass.lowercased(bytes[index]) == byte else { return false }
            index += 1
        }
        return true
    }
}
