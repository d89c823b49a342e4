// SPDX-License-Identifier: Apache-2.0

/// What the Connection fields of a head say (RFC 9110 section 7.6.1).
struct ConnectionOptions {
    private(set) var hasClose = false
    private(set) var hasKeepAlive = false
    private(set) var hasUpgrade = false
    /// Whether other fields are named, to be dropped.
    private(set) var hasNominations = false

    init(
        _ bytes: Span<UInt8>,
        _ fields: [HeadField],
        _ kinds: FieldKinds
    ) throws(HeadParser.Stop) {
        guard kinds.contains(.connection) else { return }
        var byteCount = 0
        for field in fields where field.kind == .connection {
            byteCount += field.value.count
            guard byteCount <= HTTP1Limits.connectionBytesMax else {
                throw .refused(.connectionTooLong)
            }
            Self.forEachToken(bytes, field.value) { bytes, token in
                if FieldKind.isEqual(bytes, token, "close") {
                    hasClose = true
                } else if FieldKind.isEqual(bytes, token, "keep-alive") {
                    hasKeepAlive = true
                } else if FieldKind.isEqual(bytes, token, "upgrade") {
                    hasUpgrade = true
                } else {
                    hasNominations = true
                }
            }
        }
    }

    /// Whether a field is named by Connection.
    static func nominates(
        _ bytes: Span<UInt8>,
        _ fields: [HeadField],
        _ name: Range<Int>
    ) -> Bool {
        var isNamed = false
        for field in fields where field.kind == .connection {
            forEachToken(bytes, field.value) { bytes, token in
                isNamed = isNamed || FieldKind.isEqual(bytes, token, name)
            }
        }
        return isNamed
    }

    /// Goes through a comma-separated list, blanks around its elements left out.
    static func forEachToken(
        _ bytes: Span<UInt8>,
        _ list: Range<Int>,
        _ body: (Span<UInt8>, Range<Int>) -> Void
    ) {
        var start = list.lowerBound
        while start < list.upperBound {
            var end = start
            while end < list.upperBound, bytes[end] != UInt8(ascii: ",") { end += 1 }
            var token = start..<end
            while let first = token.first, ByteClass.isBlank(bytes[first]) {
                token = token.dropFirst()
            }
            while let last = token.last, ByteClass.isBlank(bytes[last]) {
                token = token.dropLast()
            }
            if !token.isEmpty { body(bytes, token) }
            start = end + 1
        }
    }
}
