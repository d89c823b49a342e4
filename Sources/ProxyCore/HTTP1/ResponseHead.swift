// SPDX-License-Identifier: Apache-2.0

/// A response's head, by the places of its parts.
public struct ResponseHead: Equatable, Sendable {
    /// 100 to 999.
    public var status: Int
    /// Where the body begins.
    public var end: Int
    /// Whether the version is 1.0.
    public var isHTTP10: Bool
    /// The framing that the fields give; the request and the status may say that there is none.
    public var framing: BodyFraming
    /// Whether the server takes another request on this connection.
    public var keepsAlive: Bool

    /// Whether a proxy says that the request has reached nobody; only a proxy that has proved its
    /// name is to be believed.
    public var isUnsent: Bool

    /// Whether another response to the same request follows.
    public var isInterim: Bool { status < 200 && status != 101 }
}

extension HeadParser {
    mutating func readResponse(_ bytes: Span<UInt8>) throws(Stop) -> ResponseHead {
        let (status, isHTTP10, fieldsStart) = try Self.statusLine(bytes)
        let end = try readFields(bytes, from: fieldsStart)
        let framing = try FramingFields(bytes, fields, kinds, isHTTP10: isHTTP10)
        let options = try ConnectionOptions(bytes, fields, kinds)
        hasNominations = options.hasNominations
        return ResponseHead(
            status: status,
            end: end,
            isHTTP10: isHTTP10,
            framing: framing.ofResponse,
            keepsAlive: isHTTP10 ? options.hasKeepAlive && !options.hasClose : !options.hasClose,
            isUnsent: fields.contains { $0.kind == .unsent }
        )
    }

    /// `HTTP/1.1 200 OK`; the reason may be empty, and its space missing, as many servers write it.
    private static func statusLine(
        _ bytes: Span<UInt8>
    ) throws(Stop) -> (status: Int, isHTTP10: Bool, end: Int) {
        var index = 0
        for byte in "HTTP/1.".utf8 {
            guard index < bytes.count else { throw .needsMore }
            guard bytes[index] == byte else { throw .refused(.statusLineSyntax) }
            index += 1
        }
        guard index + 5 <= bytes.count else { throw .needsMore }
        let minor = bytes[index]
        guard minor == UInt8(ascii: "0") || minor == UInt8(ascii: "1"),
            bytes[index + 1] == UInt8(ascii: " ")
        else { throw .refused(.statusLineSyntax) }
        var status = 0
        for place in index + 2..<index + 5 {
            let digit = bytes[place] &- 0x30
            guard digit < 10 else { throw .refused(.statusLineSyntax) }
            status = status * 10 + Int(digit)
        }
        guard status >= 100 else { throw .refused(.statusLineSyntax) }
        index += 5
        if index < bytes.count, bytes[index] == UInt8(ascii: " ") {
            index = ByteRuns.endOfFieldValue(bytes, from: index)
        }
        let end = try lineEnd(bytes, at: index, otherwise: .statusLineSyntax)
        return (status, minor == UInt8(ascii: "0"), end)
    }
}
