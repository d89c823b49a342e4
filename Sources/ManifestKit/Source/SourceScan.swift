// SPDX-License-Identifier: Apache-2.0

/// The one pass over fresh bytes: encoding, NUL, size, and the code point checkpoints.
struct SourceScan {
    private(set) var byteOrderMarkCount = 0
    private(set) var isASCII = true
    private(set) var checkpoints: [Int] = []
    private(set) var lineStarts: [Int] = []
    /// The starts of lines as libyaml counts them; nil when they are the same.
    private(set) var yamlLineStarts: [Int]?

    init(name: String, bytes: [UInt8], limits: Limits) throws(ManifestError) {
        guard bytes.count <= limits.sourceBytesMax else {
            throw ManifestError(
                .tooLarge,
                "more than the limit of \(limits.sourceBytesMax) bytes",
                hint: "split the file into several and name them all",
                file: name,
                position: nil
            )
        }
        if let encoding = Self.wideEncoding(of: bytes) {
            throw ManifestError(
                .encoding,
                "this is \(encoding), not UTF-8",
                hint: "convert it first: iconv -f \(encoding) -t UTF-8 FILE",
                file: name,
                position: nil
            )
        }
        byteOrderMarkCount = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        lineStarts = [byteOrderMarkCount]
        var offset = byteOrderMarkCount
        var codePoints = 0
        while offset < bytes.count {
            if codePoints % SourceText.codePointsPerCheckpoint == 0 { checkpoints.append(offset) }
            codePoints += 1
            let byte = bytes[offset]
            if byte < 0x80 {
                if byte == 0 {
                    throw refusal(
                        "a NUL byte (offset \(offset))",
                        hint: "a manifest is text: remove the byte, or convert the file to UTF-8",
                        at: bytes[..<offset],
                        of: name
                    )
                }
                offset += 1
                let isBreak =
                    byte == .lineFeed
                    || (byte == .carriageReturn
                        && (offset == bytes.count || bytes[offset] != .lineFeed))
                if isBreak {
                    lineStarts.append(offset)
                    yamlLineStarts?.append(offset)
                }
                continue
            }
            isASCII = false
            let count = Self.sequenceCount(at: offset, in: bytes)
            guard count > 0 else {
                throw refusal(
                    "invalid UTF-8: byte 0x\(String(byte, radix: 16, uppercase: true)) "
                        + "(offset \(offset))",
                    hint: "convert the file to UTF-8, "
                        + "for example: iconv -f ISO-8859-1 -t UTF-8 FILE",
                    at: bytes[..<offset],
                    of: name
                )
            }
            if Self.isWideBreak(at: offset, in: bytes) {
                yamlLineStarts = yamlLineStarts ?? lineStarts
                yamlLineStarts?.append(offset + count)
            }
            offset += count
        }
        if checkpoints.isEmpty { checkpoints.append(byteOrderMarkCount) }
    }

    /// The error about the byte that comes after some well-formed ones.
    private func refusal(
        _ message: String,
        hint: String,
        at head: ArraySlice<UInt8>,
        of name: String
    ) -> ManifestError {
        // All lines up to that byte have been seen by then.
        let start = lineStarts.last ?? 0
        let column = Self.codePointCount(head[start...]) + 1
        return ManifestError(
            .encoding,
            message,
            hint: hint,
            file: name,
            position: Position(line: max(lineStarts.count, 1), column: column)
        )
    }

    /// Whether NEL, LS or PS stands at an offset.
    private static func isWideBreak(at offset: Int, in bytes: [UInt8]) -> Bool {
        switch bytes[offset] {
        case 0xC2: bytes[offset + 1] == 0x85
        case 0xE2: bytes[offset + 1] == 0x80 && (bytes[offset + 2] & 0xFE) == 0xA8
        default: false
        }
    }

    /// How many code points some well-formed UTF-8 holds.
    static func codePointCount(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.count { $0 & 0xC0 != 0x80 }
    }

    /// UTF-16 and UTF-32 by their byte order marks, or by NULs around a first ASCII character
    /// (YAML 1.2.2 section 5.2).
    private static func wideEncoding(of bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0xFF, 0xFE, 0, 0]) { return "UTF-32LE" }
        if bytes.starts(with: [0, 0, 0xFE, 0xFF]) { return "UTF-32BE" }
        if bytes.starts(with: [0xFF, 0xFE]) { return "UTF-16LE" }
        if bytes.starts(with: [0xFE, 0xFF]) { return "UTF-16BE" }
        guard bytes.count >= 4 else { return nil }
        switch (bytes[0] == 0, bytes[1] == 0, bytes[2] == 0, bytes[3] == 0) {
        case (true, true, true, false): return "UTF-32BE"
        case (false, true, true, true): return "UTF-32LE"
        case (true, false, true, false): return "UTF-16BE"
        case (false, true, false, true): return "UTF-16LE"
        default: return nil
        }
    }

    /// The length of the well-formed multi-byte sequence at `offset` (RFC 3629 section 4); 0 if
    /// malformed.
    private static func sequenceCount(at offset: Int, in bytes: [UInt8]) -> Int {
        func byte(_ index: Int) -> UInt8 {
            offset + index < bytes.count ? bytes[offset + index] : 0
        }
        func isTail(_ index: Int) -> Bool { byte(index) & 0xC0 == 0x80 }
        switch (byte(0), byte(1)) {
        case (0xC2...0xDF, 0x80...0xBF): return 2
        case (0xE0, 0xA0...0xBF), (0xE1...0xEC, 0x80...0xBF), (0xED, 0x80...0x9F),
            (0xEE...0xEF, 0x80...0xBF):
            return isTail(2) ? 3 : 0
        case (0xF0, 0x90...0xBF), (0xF1...0xF3, 0x80...0xBF), (0xF4, 0x80...0x8F):
            return isTail(2) && isTail(3) ? 4 : 0
        default: return 0
        }
    }
}
