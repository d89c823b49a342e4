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

/// A set of kinds of fields.
struct FieldKinds {
    private var bits: UInt16 = 0

    @inline(__always)
    mutating func insert(_ kind: FieldKind) { bits |= 1 << UInt16(kind.rawValue) }

    @inline(__always)
    func contains(_ kind: FieldKind) -> Bool { bits >> UInt16(kind.rawValue) & 1 == 1 }

    /// Whether any field says something of the body's length.
    var haveFraming: Bool {
        contains(.contentLength) || contains(.transferEncoding) || contains(.framingAlias)
    }
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
    /// `content_length` and `transfer_encoding`: some servers take them for the real ones.
    case framingAlias

    /// Tells which field a name is, without regard to case.
    ///
    /// The length and the first letter leave one or two names to compare with.
    @inline(__always)
    init(_ bytes: Span<UInt8>, _ name: Range<Int>) {
        func isNamed(_ text: StaticString) -> Bool { Self.isEqual(bytes, name, text) }
        guard !name.isEmpty else {
            self = .other
            return
        }
        switch (ByteClass.lowercased(bytes[name.lowerBound]), name.count) {
        case (UInt8(ascii: "a"), 13) where isNamed("authorization"): self = .protected
        case (UInt8(ascii: "c"), 6) where isNamed("cookie"): self = .protected
        case (UInt8(ascii: "c"), 10) where isNamed("connection"): self = .connection
        case (UInt8(ascii: "c"), 12) where isNamed("content-type"): self = .contentType
        case (UInt8(ascii: "c"), 14) where isNamed("content-length"): self = .contentLength
        case (UInt8(ascii: "c"), 14) where isNamed("content_length"): self = .framingAlias
        case (UInt8(ascii: "f"), 9) where isNamed("forwarded"): self = .protected
        case (UInt8(ascii: "h"), 4) where isNamed("host"): self = .host
        case (UInt8(ascii: "h"), 14) where isNamed("http2-settings"): self = .hopByHop
        case (UInt8(ascii: "k"), 10) where isNamed("keep-alive"): self = .hopByHop
        case (UInt8(ascii: "l"), 16) where isNamed("l5d-proxy-unsent"): self = .unsent
        case (UInt8(ascii: "l"), 4...) where Self.isMeshName(bytes, name): self = .meshOnly
        case (UInt8(ascii: "p"), 16) where isNamed("proxy-connection"): self = .hopByHop
        case (UInt8(ascii: "t"), 2) where isNamed("te"): self = .hopByHop
        case (UInt8(ascii: "t"), 17) where isNamed("transfer-encoding"): self = .transferEncoding
        case (UInt8(ascii: "t"), 17) where isNamed("transfer_encoding"): self = .framingAlias
        case (UInt8(ascii: "u"), 7) where isNamed("upgrade"): self = .upgrade
        case (UInt8(ascii: "x"), 15) where isNamed("x-forwarded-for"): self = .protected
        case (UInt8(ascii: "x"), 16) where isNamed("x-forwarded-host"): self = .protected
        case (UInt8(ascii: "x"), 17) where isNamed("x-forwarded-proto"): self = .protected
        case (UInt8(ascii: "x"), 23) where Self.isCertificateName(bytes, name): self = .meshOnly
        default: self = .other
        }
    }

    /// `l5d-` and anything.
    ///
    /// Gateways that make variables of names, such as HTTP_L5D_CLIENT_ID, take an underscore for a
    /// hyphen: nobody may claim an identity with one.
    private static func isMeshName(_ bytes: Span<UInt8>, _ name: Range<Int>) -> Bool {
        let start = name.lowerBound
        return bytes[start + 1] == UInt8(ascii: "5")
            && ByteClass.lowercased(bytes[start + 2]) == UInt8(ascii: "d")
            && isHyphen(bytes[start + 3])
    }

    private static func isCertificateName(_ bytes: Span<UInt8>, _ name: Range<Int>) -> Bool {
        var index = name.lowerBound
        for byte in "x-forwarded-client-cert".utf8 {
            let isSame =
                byte == UInt8(ascii: "-")
                ? isHyphen(bytes[index]) : ByteClass.lowercased(bytes[index]) == byte
            guard isSame else { return false }
            index += 1
        }
        return true
    }

    private static func isHyphen(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    /// Whether the bytes are a name that is given in lower case.
    @inline(__always)
    static func isEqual(_ bytes: Span<UInt8>, _ range: Range<Int>, _ text: StaticString) -> Bool {
        ByteRuns.isEqual(bytes, range, text)
    }

    /// Whether two parts of the bytes are the same but for the case of letters.
    static func isEqual(
        _ bytes: Span<UInt8>,
        _ left: Range<Int>,
        _ right: Range<Int>
    ) -> Bool {
        guard left.count == right.count else { return false }
        for offset in 0..<left.count {
            let leftByte = ByteClass.lowercased(bytes[left.lowerBound + offset])
            guard leftByte == ByteClass.lowercased(bytes[right.lowerBound + offset]) else {
                return false
            }
        }
        return true
    }
}
