// SPDX-License-Identifier: Apache-2.0

/// Reads the chunked transfer coding (RFC 9112 section 7.1), strictly, to find its end.
///
/// Invariant: how the bytes are cut into pieces makes no difference, except that a refusal may come
/// before the last byte of a piece.
struct ChunkReader: Sendable {
    private enum State: Sendable {
        case size(digits: Int)
        /// After a semicolon; a name must come.
        case extensionName
        case extensionRest
        case sizeLF
        case data
        case dataCR
        case dataLF
        /// At the start of a trailer line, or of the empty line that ends the body.
        case trailerStart
        case trailerName
        case trailerValue
        case trailerLF
        case lastLF
        case complete
    }

    /// LIMIT: bytes of a trailer's name that are kept: the longest name that is forbidden, and one
    /// more.
    private static let nameBytesMax = 24

    private var state = State.size(digits: 0)
    private var size: UInt64 = 0
    private var lineBytes = 0
    private var trailerBytes = 0
    private var name = InlineArray<24, UInt8>(repeating: 0)
    private var nameBytes = 0

    var isComplete: Bool {
        if case .complete = state { true } else { false }
    }

    /// Takes bytes and returns how many belong to the body.
    mutating func consume(_ bytes: Span<UInt8>) throws(HTTP1Refusal) -> Int {
        var index = 0
        while index < bytes.count, !isComplete {
            if case .data = state {
                let count = Int(min(size, UInt64(bytes.count - index)))
                size -= UInt64(count)
                index += count
                if size == 0 { state = .dataCR }
            } else {
                try take(bytes[index])
                index += 1
            }
        }
        return index
    }

    private mutating func take(_ byte: UInt8) throws(HTTP1Refusal) {
        switch state {
        case .size(let digits): try takeSize(byte, digits)
        case .extensionName, .extensionRest: try takeExtension(byte)
        case .sizeLF:
            try expect(byte, UInt8(ascii: "\n"), .bareCarriageReturn)
            lineBytes = 0
            state = size == 0 ? .trailerStart : .data
        case .dataCR:
            try expect(byte, UInt8(ascii: "\r"), .chunkDataWithoutEnd)
            state = .dataLF
        case .dataLF:
            try expect(byte, UInt8(ascii: "\n"), .chunkDataWithoutEnd)
            state = .size(digits: 0)
        case .trailerStart, .trailerName, .trailerValue, .trailerLF: try takeTrailer(byte)
        case .lastLF:
            try expect(byte, UInt8(ascii: "\n"), .bareCarriageReturn)
            state = .complete
        case .data, .complete: break
        }
    }

    private func expect(
        _ byte: UInt8,
        _ wanted: UInt8,
        _ refusal: HTTP1Refusal
    ) throws(HTTP1Refusal) {
        guard byte == wanted else { throw refusal }
    }

    // MARK: The line with the size

    private mutating func takeSize(_ byte: UInt8, _ digits: Int) throws(HTTP1Refusal) {
        if let digit = Self.hexDigit(byte) {
            // 15 digits cannot overflow 64 bits.
            guard digits < 15 else { throw .chunkSizeTooLarge }
            size = size << 4 | UInt64(digit)
            state = .size(digits: digits + 1)
            return
        }
        guard digits > 0 else { throw .chunkSizeSyntax }
        switch byte {
        case UInt8(ascii: "\r"): state = .sizeLF
        case UInt8(ascii: ";"): state = .extensionName
        case UInt8(ascii: "\n"): throw .bareLineFeed
        default: throw .chunkSizeSyntax
        }
    }

    private mutating func takeExtension(_ byte: UInt8) throws(HTTP1Refusal) {
        lineBytes += 1
        guard lineBytes <= HTTP1Limits.chunkLineBytesMax else { throw .chunkLineTooLong }
        if case .extensionName = state {
            if ByteClass.isBlank(byte) { return }
            guard ByteClass.isToken(byte) else { throw .chunkSizeSyntax }
            state = .extensionRest
            return
        }
        switch byte {
        case UInt8(ascii: "\r"): state = .sizeLF
        case UInt8(ascii: "\n"): throw .bareLineFeed
        default: guard ByteClass.isFieldValue(byte) else { throw .chunkSizeSyntax }
        }
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    // MARK: Trailers

    private mutating func takeTrailer(_ byte: UInt8) throws(HTTP1Refusal) {
        trailerBytes += 1
        guard trailerBytes <= HTTP1Limits.trailerBytesMax else { throw .trailerTooLarge }
        switch state {
        case .trailerStart:
            switch byte {
            case UInt8(ascii: "\r"): state = .lastLF
            case UInt8(ascii: "\n"): throw .bareLineFeed
            case 0x20, 0x09: throw .lineFolding
            default:
                nameBytes = 0
                state = .trailerName
                try takeName(byte)
            }
        case .trailerName: try takeName(byte)
        case .trailerValue:
            if byte == UInt8(ascii: "\r") {
                state = .trailerLF
            } else if byte == UInt8(ascii: "\n") {
                throw .bareLineFeed
            } else {
                guard ByteClass.isFieldValue(byte) else { throw .fieldValueSyntax }
            }
        case .trailerLF:
            try expect(byte, UInt8(ascii: "\n"), .bareCarriageReturn)
            state = .trailerStart
        case .size, .extensionName, .extensionRest, .sizeLF, .data, .dataCR, .dataLF, .lastLF,
            .complete:
            break
        }
    }

    private mutating func takeName(_ byte: UInt8) throws(HTTP1Refusal) {
        if ByteClass.isToken(byte) {
            if nameBytes < Self.nameBytesMax { name[nameBytes] = byte }
            nameBytes += 1
            return
        }
        switch byte {
        case UInt8(ascii: ":") where nameBytes > 0:
            guard !isForbidden else { throw .trailerForbidden }
            state = .trailerValue
        case UInt8(ascii: "\r"), UInt8(ascii: "\n"): throw .fieldWithoutColon
        default: throw .fieldNameSyntax
        }
    }

    /// What a proxy reads in a head must not come behind its back (RFC 9110 section 6.5.1).
    private var isForbidden: Bool {
        let kept = min(nameBytes, Self.nameBytesMax)
        return FieldKind(name.span, 0..<kept) != .other
    }
}
