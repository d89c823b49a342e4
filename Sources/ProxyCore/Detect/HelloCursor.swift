// SPDX-License-Identifier: Apache-2.0

/// A place in a ClientHello that may be cut into several records.
///
/// It reads the handshake message as one sequence of bytes and steps over the record headers in
/// between. A value: a copy is a bookmark. It holds no bytes, each call is given them.
struct HelloCursor {
    /// Why reading ended before the message did.
    enum Stop: Error {
        case needsMore
        case notTLS
    }

    /// Bytes of the message that have not been read.
    private(set) var messageBytesLeft: Int
    /// The next byte to read.
    private var offset = 0
    /// Bytes of the current record that have not been read.
    private var recordBytesLeft = 0

    /// Message type and length.
    private static let headerBytes = 4
    /// The least a ClientHello holds after its header: legacy_version, random, an empty session
    /// ID, one cipher suite and one compression method.
    private static let bodyBytesMin = 2 + 32 + 1 + (2 + 2) + (1 + 1)
    /// LIMIT: a plaintext record holds at most 2^14 bytes (RFC 8446 section 5.1).
    private static let fragmentBytesMax = 1 << 14

    /// Starts in front of the first record.
    init() {
        messageBytesLeft = Self.headerBytes + Self.bodyBytesMin
    }

    /// Reads the header of the handshake message, which must be that of a ClientHello.
    mutating func openMessage(in bytes: Span<UInt8>) throws(Stop) {
        guard try nextByte(in: bytes) == 1 else { throw .notTLS }
        var length = 0
        for shift in stride(from: 16, through: 0, by: -8) {
            length |= Int(try nextByte(in: bytes)) << shift
            // Each length byte may already say that the message is too long.
            guard length <= ClientHello.recordBytesMax else { throw .notTLS }
        }
        guard length >= Self.bodyBytesMin else { throw .notTLS }
        messageBytesLeft = length
        try checkFits()
    }

    /// Reads one byte of the message.
    mutating func nextByte(in bytes: Span<UInt8>) throws(Stop) -> UInt8 {
        guard messageBytesLeft > 0 else { throw .notTLS }
        if recordBytesLeft == 0 { try openRecord(in: bytes) }
        guard offset < bytes.count else { throw .needsMore }
        let byte = bytes[offset]
        advance(by: 1)
        return byte
    }

    /// Reads two bytes of the message, the more significant first.
    mutating func nextUInt16(in bytes: Span<UInt8>) throws(Stop) -> Int {
        let high = try nextByte(in: bytes)
        return Int(high) << 8 | Int(try nextByte(in: bytes))
    }

    /// Steps over bytes of the message, after which it must have at least `restBytesMin` more.
    mutating func skip(
        _ count: Int,
        leaving restBytesMin: Int = 0,
        in bytes: Span<UInt8>
    ) throws(Stop) {
        guard count + restBytesMin <= messageBytesLeft else { throw .notTLS }
        var left = count
        while left > 0 {
            if recordBytesLeft == 0 { try openRecord(in: bytes) }
            let step = min(left, recordBytesLeft, bytes.count - offset)
            guard step > 0 else { throw .needsMore }
            advance(by: step)
            left -= step
        }
    }

    private mutating func advance(by count: Int) {
        offset += count
        recordBytesLeft -= count
        messageBytesLeft -= count
    }

    /// Reads a record header: type 22, major version 3, any minor version, a length.
    ///
    /// The minor version must be ignored (RFC 8446 section 5.1). Records of another type may not
    /// stand between the pieces of a message, and an empty piece is forbidden.
    private mutating func openRecord(in bytes: Span<UInt8>) throws(Stop) {
        offset += 5
        try checkFits()
        let start = offset - 5
        let available = bytes.count - start
        guard available > 0 else { throw .needsMore }
        guard bytes[start] == 22 else { throw .notTLS }
        guard available > 1 else { throw .needsMore }
        guard bytes[start + 1] == 3 else { throw .notTLS }
        guard available > 3 else { throw .needsMore }
        let high = Int(bytes[start + 3]) << 8
        guard high <= Self.fragmentBytesMax else { throw .notTLS }
        guard available > 4 else { throw .needsMore }
        let length = high | Int(bytes[start + 4])
        guard (1...Self.fragmentBytesMax).contains(length) else { throw .notTLS }
        recordBytesLeft = length
    }

    /// Refuses a message that cannot end within the limit.
    private func checkFits() throws(Stop) {
        guard offset + messageBytesLeft <= ClientHello.recordBytesMax else { throw .notTLS }
    }
}
