// SPDX-License-Identifier: Apache-2.0

/// Finds where runs of ordinary bytes end, eight at a time: most bytes of a head are in such runs.
///
/// The sums below mark bytes by their highest bit. What they carry from one byte to the next can
/// only mark bytes above the first right one, and the first is all that is asked for.
enum ByteRuns {
    private static var ones: UInt64 { 0x0101_0101_0101_0101 }
    private static var highBits: UInt64 { 0x8080_8080_8080_8080 }

    /// The first place from `start` on whose byte no field value has; the end if there is none.
    @inline(__always)
    static func endOfFieldValue(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index + 8 <= bytes.count {
            let word = word(bytes, at: index)
            let stops = below(word, 0x20) | equal(word, 0x7F)
            if stops == 0 {
                index += 8
            } else {
                index += stops.trailingZeroBitCount / 8
                guard bytes[index] == 0x09 else { return index }
                index += 1
            }
        }
        while index < bytes.count, ByteClass.isFieldValue(bytes[index]) { index += 1 }
        return index
    }

    /// The same for a request target.
    @inline(__always)
    static func endOfTarget(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index + 8 <= bytes.count {
            let word = word(bytes, at: index)
            let stops =
                below(word, 0x21) | equal(word, 0x7F) | equal(word, UInt64(UInt8(ascii: "#")))
            guard stops == 0 else { return index + stops.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < bytes.count, ByteClass.isTarget(bytes[index]) { index += 1 }
        return index
    }

    /// The same for a token; letters and hyphens are the ordinary bytes.
    @inline(__always)
    static func endOfToken(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index + 8 <= bytes.count {
            let word = word(bytes, at: index)
            let lower = (word | ones * 0x20) & ~highBits
            // From `a` on, and not past `z`.
            let letters = (lower + ones * 0x1F) & ~(lower + ones * 0x05) & ~word
            let other = word ^ ones * 0x2D
            let hyphens = ~((other & ~highBits) + ~highBits | other)
            let stops = ~(letters | hyphens) & highBits
            if stops == 0 {
                index += 8
            } else {
                index += stops.trailingZeroBitCount / 8
                guard ByteClass.isToken(bytes[index]) else { return index }
                index += 1
            }
        }
        while index < bytes.count, ByteClass.isToken(bytes[index]) { index += 1 }
        return index
    }

    /// Whether a part of the bytes is a text that is given in lower case.
    @inline(__always)
    static func isEqual(_ bytes: Span<UInt8>, _ range: Range<Int>, _ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard range.count == count else { return false }
        for offset in 0..<count {
            // SAFETY: the texts are literals of several characters, which have so many bytes there
            // for ever.
            let byte = unsafe text.utf8Start[offset]
            guard ByteClass.lowercased(bytes[range.lowerBound + offset]) == byte else {
                return false
            }
        }
        return true
    }

    /// Marks bytes below a limit of 0x80 at most; those from 0x80 on are not.
    @inline(__always)
    private static func below(_ word: UInt64, _ limit: UInt64) -> UInt64 {
        (word &- ones * limit) & ~word & highBits
    }

    /// Marks bytes that are equal to one.
    @inline(__always)
    private static func equal(_ word: UInt64, _ byte: UInt64) -> UInt64 {
        below(word ^ ones * byte, 1)
    }

    @inline(__always)
    private static func word(_ bytes: Span<UInt8>, at index: Int) -> UInt64 {
        // SAFETY: the call checks that all eight bytes are inside the span, and any bytes make an
        // integer.
        unsafe UInt64(
            littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
        )
    }
}
