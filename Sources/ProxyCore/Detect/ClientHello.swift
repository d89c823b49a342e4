// SPDX-License-Identifier: Apache-2.0

/// What the first bytes of a connection say about TLS.
public enum ClientHelloScan: Equatable, Sendable {
    /// So far it can be a ClientHello; more bytes decide.
    case needsMore
    /// It cannot become a ClientHello within the limit, whatever follows.
    case notTLS
    /// A whole ClientHello has arrived; the name is nil when it names no valid host.
    case tls(serverName: String?)
}

/// Recognises a TLS ClientHello at the start of a connection and reads the name it asks for.
///
/// The bytes are only looked at: they still belong to whoever ends up serving the connection,
/// the TLS stack or the peer that they are passed through to. The message may be cut into several
/// records (RFC 8446 section 5.1). What follows it is not looked at.
///
/// An answer is final: once a prefix gives `.notTLS` or `.tls`, more bytes give the same. Nothing
/// is allocated except for the name.
public enum ClientHello {
    /// The most bytes, record headers included, in which a ClientHello must end.
    ///
    /// LIMIT: Linkerd's peek buffer. A hello with two post-quantum key shares takes about 3 KiB;
    /// what is longer than this would only make a proxy hold memory for strangers. `.needsMore` is
    /// never the answer to this many bytes, so that a buffer of this size is always enough.
    public static let recordBytesMax = 8192

    /// Looks at the first bytes of a connection; takes time in proportion to their number.
    public static func scan(_ bytes: Span<UInt8>) -> ClientHelloScan {
        do throws(HelloCursor.Stop) {
            var cursor = HelloCursor()
            let name = try serverNamePlace(in: bytes, cursor: &cursor)
            return .tls(serverName: name.flatMap { serverName(at: $0, in: bytes) })
        } catch {
            switch error {
            case .needsMore: return .needsMore
            case .notTLS: return .notTLS
            }
        }
    }

    /// Where a host name stands: a cursor in front of it, and its length.
    private struct NamePlace {
        var cursor: HelloCursor
        var byteCount: Int
    }

    /// Reads a whole ClientHello (RFC 8446 section 4.1.2); nil when it names no host.
    private static func serverNamePlace(
        in bytes: Span<UInt8>,
        cursor: inout HelloCursor
    ) throws(HelloCursor.Stop) -> NamePlace? {
        try cursor.openMessage(in: bytes)
        // legacy_version: 3.0 to 3.3 are in use, all of major version 3.
        guard try cursor.nextByte(in: bytes) == 3 else { throw .notTLS }
        try cursor.skip(1 + 32, in: bytes)
        let sessionByteCount = Int(try cursor.nextByte(in: bytes))
        guard sessionByteCount <= 32 else { throw .notTLS }
        try cursor.skip(sessionByteCount, leaving: 6, in: bytes)
        let suiteByteCount = try cursor.nextUInt16(in: bytes)
        guard suiteByteCount >= 2, suiteByteCount.isMultiple(of: 2) else { throw .notTLS }
        try cursor.skip(suiteByteCount, leaving: 2, in: bytes)
        let compressionCount = Int(try cursor.nextByte(in: bytes))
        // Clients of TLS 1.2 and older may leave out the extensions, length and all.
        let restByteCount = cursor.messageBytesLeft - compressionCount
        guard compressionCount >= 1, restByteCount == 0 || restByteCount >= 2 else {
            throw .notTLS
        }
        try cursor.skip(compressionCount, in: bytes)
        guard restByteCount > 0 else { return nil }
        guard try cursor.nextUInt16(in: bytes) == cursor.messageBytesLeft else { throw .notTLS }
        return try serverNameExtension(in: bytes, cursor: &cursor)
    }

    /// Goes through the extensions to the end of the message.
    private static func serverNameExtension(
        in bytes: Span<UInt8>,
        cursor: inout HelloCursor
    ) throws(HelloCursor.Stop) -> NamePlace? {
        var place: NamePlace?
        var hasServerName = false
        while cursor.messageBytesLeft > 0 {
            guard cursor.messageBytesLeft >= 4 else { throw .notTLS }
            let type = try cursor.nextUInt16(in: bytes)
            let byteCount = try cursor.nextUInt16(in: bytes)
            guard byteCount <= cursor.messageBytesLeft else { throw .notTLS }
            guard type == 0 else {
                try cursor.skip(byteCount, in: bytes)
                continue
            }
            // RFC 8446 section 4.2: no two extensions of one type. Two names would let a peer
            // show one to us and another to the server.
            guard !hasServerName else { throw .notTLS }
            hasServerName = true
            place = try hostName(extensionByteCount: byteCount, in: bytes, cursor: &cursor)
        }
        return place
    }

    /// Reads a ServerNameList (RFC 6066 section 3) and keeps the place of its host_name.
    private static func hostName(
        extensionByteCount: Int,
        in bytes: Span<UInt8>,
        cursor: inout HelloCursor
    ) throws(HelloCursor.Stop) -> NamePlace? {
        guard extensionByteCount >= 2 else { throw .notTLS }
        var left = try cursor.nextUInt16(in: bytes)
        guard left == extensionByteCount - 2 else { throw .notTLS }
        var place: NamePlace?
        while left > 0 {
            guard left >= 3 else { throw .notTLS }
            let type = try cursor.nextByte(in: bytes)
            let byteCount = try cursor.nextUInt16(in: bytes)
            left -= 3 + byteCount
            guard left >= 0 else { throw .notTLS }
            if type == 0 {
                // Section 3 again: no two names of one type.
                guard place == nil else { throw .notTLS }
                place = NamePlace(cursor: cursor, byteCount: byteCount)
            }
            try cursor.skip(byteCount, in: bytes)
        }
        return place
    }

    private static func serverName(at place: NamePlace, in bytes: Span<UInt8>) -> String? {
        guard place.byteCount <= HostName.bytesMax + 1 else { return nil }
        var cursor = place.cursor
        var name: [UInt8] = []
        name.reserveCapacity(place.byteCount)
        for _ in 0..<place.byteCount {
            // The message was read to its end before, so the bytes are there.
            guard let byte = try? cursor.nextByte(in: bytes) else { return nil }
            name.append(byte)
        }
        return HostName.normalized(name)
    }
}
