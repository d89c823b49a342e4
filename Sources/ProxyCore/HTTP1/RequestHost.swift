// SPDX-License-Identifier: Apache-2.0

/// Which host a request is for (RFC 9112 section 3.2 and 3.3): decided once, for everything that
/// asks.
enum RequestHost {
    /// Returns where it stands: in the target if that has an authority, else in Host; nil for
    /// neither, which HTTP/1.0 may leave out.
    static func find(
        _ bytes: Span<UInt8>,
        _ line: RequestLine,
        _ fields: [HeadField]
    ) throws(HeadParser.Stop) -> Range<Int>? {
        var host: Range<Int>?
        for field in fields where field.kind == .host {
            guard host == nil else { throw .refused(.hostRepeated) }
            guard isAuthority(bytes, field.value) else { throw .refused(.hostSyntax) }
            host = field.value
        }
        guard host != nil || line.isHTTP10 else { throw .refused(.hostMissing) }
        guard let authority = try authority(bytes, line) else { return host }
        if let host, !isSame(bytes, host, authority, of: line) { throw .refused(.hostMismatch) }
        return authority
    }

    /// The authority of the target; nil for the origin and asterisk forms.
    private static func authority(
        _ bytes: Span<UInt8>,
        _ line: RequestLine
    ) throws(HeadParser.Stop) -> Range<Int>? {
        let target = line.target
        guard line.kind != .connect else {
            guard isAuthority(bytes, target), hasPort(bytes, target) else {
                throw .refused(.targetForm)
            }
            return target
        }
        switch bytes[target.lowerBound] {
        case UInt8(ascii: "/"): return nil
        case UInt8(ascii: "*"):
            let isOptions = line.method.count == 7 && line.kind == .idempotent
            guard target.count == 1, isOptions else { throw .refused(.targetForm) }
            return nil
        default: return try absolute(bytes, target)
        }
    }

    /// `http://host:port/path`; other schemes have no place here.
    private static func absolute(
        _ bytes: Span<UInt8>,
        _ target: Range<Int>
    ) throws(HeadParser.Stop) -> Range<Int> {
        for scheme in ["http://", "https://"] as [StaticString]
        where target.count > scheme.utf8CodeUnitCount {
            let start = target.lowerBound + scheme.utf8CodeUnitCount
            guard FieldKind.isEqual(bytes, target.lowerBound..<start, scheme) else { continue }
            var end = start
            while end < target.upperBound, bytes[end] != UInt8(ascii: "/"),
                bytes[end] != UInt8(ascii: "?")
            {
                end += 1
            }
            guard isAuthority(bytes, start..<end) else { throw .refused(.hostSyntax) }
            return start..<end
        }
        throw .refused(.targetForm)
    }

    /// A host with an optional port; userinfo is none of it (RFC 9110 section 4.2.4).
    private static func isAuthority(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !range.isEmpty else { return false }
        var hostEnd = range.upperBound
        if bytes[range.lowerBound] == UInt8(ascii: "[") {
            guard let bracket = range.first(where: { bytes[$0] == UInt8(ascii: "]") }) else {
                return false
            }
            for index in range.lowerBound + 1..<bracket where !isAddressByte(bytes[index]) {
                return false
            }
            guard bracket > range.lowerBound + 1 else { return false }
            hostEnd = bracket + 1
        } else {
            hostEnd = range.lowerBound
            while hostEnd < range.upperBound, ByteClass.isName(bytes[hostEnd]) { hostEnd += 1 }
            guard hostEnd > range.lowerBound else { return false }
        }
        guard hostEnd < range.upperBound else { return true }
        guard bytes[hostEnd] == UInt8(ascii: ":") else { return false }
        return isPort(bytes, hostEnd + 1..<range.upperBound)
    }

    private static func isAddressByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x3A, 0x41...0x46, 0x61...0x66, UInt8(ascii: "."): true
        default: false
        }
    }

    /// Up to five digits; empty means the default (RFC 3986 section 3.2.3).
    private static func isPort(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard range.count <= 5 else { return false }
        for index in range where bytes[index] &- 0x30 >= 10 { return false }
        return true
    }

    private static func hasPort(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard let colon = range.last(where: { bytes[$0] == UInt8(ascii: ":") }) else {
            return false
        }
        // The last colon of `[::1]` is the address's.
        let port = colon + 1..<range.upperBound
        return !port.isEmpty && isPort(bytes, port)
    }

    /// Whether Host says what the target does; the scheme's own port may be left out in either.
    ///
    /// Java's clients name it in the target of CONNECT, and not in Host.
    private static func isSame(
        _ bytes: Span<UInt8>,
        _ host: Range<Int>,
        _ authority: Range<Int>,
        of line: RequestLine
    ) -> Bool {
        // `http:` or `https`.
        let isSecure =
            line.kind == .connect || bytes[line.target.lowerBound + 4] != UInt8(ascii: ":")
        let standard: StaticString = isSecure ? ":443" : ":80"
        return FieldKind.isEqual(
            bytes,
            withoutPort(bytes, host, standard),
            withoutPort(bytes, authority, standard)
        )
    }

    /// The authority without a colon that nothing follows, and without a port that says nothing.
    private static func withoutPort(
        _ bytes: Span<UInt8>,
        _ authority: Range<Int>,
        _ port: StaticString
    ) -> Range<Int> {
        if bytes[authority.upperBound - 1] == UInt8(ascii: ":") { return authority.dropLast() }
        let count = port.utf8CodeUnitCount
        guard authority.count > count else { return authority }
        let start = authority.upperBound - count
        return FieldKind.isEqual(bytes, start..<authority.upperBound, port)
            ? authority.lowerBound..<start : authority
    }
}
