// SPDX-License-Identifier: Apache-2.0

/// What a meshed client says first on a connection to a peer's inbound port: where it wants to go.
///
/// The wire form is Linkerd's: a preface, the length of a protobuf message in four bytes, and the
/// message `{ int32 port = 1; string name = 2; SessionProtocol session_protocol = 3; }`.
public struct TransportHeader: Equatable, Sendable {
    /// The protocol of the bytes that follow the header.
    public enum SessionProtocol: Equatable, Sendable {
        /// HTTP/1.
        case http1
        /// HTTP/2.
        case http2
    }

    /// What the first bytes of a connection say.
    public enum Scan: Equatable, Sendable {
        /// So far it can be a header; more bytes decide.
        case needsMore
        /// It is none, for the reason given.
        case malformed(String)
        /// A whole header, and how many bytes it takes.
        case header(TransportHeader, byteCount: Int)
    }

    /// The port that the client wants, from 1.
    public var port: UInt16
    /// The name of the target, as the client writes it; nil for the peer itself.
    public var name: String?
    /// The protocol that follows; nil for bytes that are only passed on.
    public var sessionProtocol: SessionProtocol?

    /// Makes a header.
    public init(port: UInt16, name: String? = nil, sessionProtocol: SessionProtocol? = nil) {
        self.port = port
        self.name = name
        self.sessionProtocol = sessionProtocol
    }

    /// The ALPN protocol of connections that begin with a header.
    public static let alpn = "transport.l5d.io/v1"

    /// The most bytes of the message.
    ///
    /// LIMIT: port, name (253) and protocol take at most 280 bytes; the rest is room for fields
    /// that a later Linkerd may add.
    static let messageBytesMax = 4096

    private static let preface = Array("transport.l5d.io/v1\r\n\r\n".utf8)

    /// Looks at the first bytes of a connection; an answer other than `.needsMore` is final.
    public static func scan(_ bytes: Span<UInt8>) -> Scan {
        for index in 0..<min(bytes.count, preface.count) {
            guard bytes[index] == preface[index] else {
                return .malformed("the connection does not begin with \(alpn)")
            }
        }
        let messageStart = preface.count + 4
        guard bytes.count >= messageStart else { return .needsMore }
        var length = 0
        for index in preface.count..<messageStart {
            length = length << 8 | Int(bytes[index])
        }
        guard length <= messageBytesMax else {
            return .malformed("its message of \(length) bytes is over \(messageBytesMax)")
        }
        guard bytes.count - messageStart >= length else { return .needsMore }
        let end = messageStart + length
        var reader = ProtobufReader(messageStart..<end)
        do throws(ProtobufReader.Malformed) {
            return .header(try header(in: bytes, reader: &reader), byteCount: end)
        } catch {
            return .malformed(error.reason)
        }
    }

    /// The header as it goes over the wire.
    public func encoded() -> [UInt8] {
        var message: [UInt8] = [0x08]
        Self.appendVarint(UInt64(port), to: &message)
        if let name, !name.isEmpty {
            message.append(0x12)
            Self.appendVarint(UInt64(name.utf8.count), to: &message)
            message += name.utf8
        }
        switch sessionProtocol {
        case .http1: message += [0x1A, 2, 0x0A, 0]
        case .http2: message += [0x1A, 2, 0x12, 0]
        case nil: break
        }
        let count = UInt32(message.count)
        let length = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
        return Self.preface + length + message
    }

    private static func appendVarint(_ value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }
}

extension TransportHeader {
    /// Reads the message; of a field that is there twice, the last counts, as in all protobuf.
    private static func header(
        in bytes: Span<UInt8>,
        reader: inout ProtobufReader
    ) throws(ProtobufReader.Malformed) -> TransportHeader {
        var port: Int32 = 0
        var name: String?
        var sessionProtocol: SessionProtocol?
        while let tag = try reader.nextTag(in: bytes) {
            switch tag.field {
            case 1:
                try tag.expect(.varint, of: "port")
                port = Int32(truncatingIfNeeded: try reader.nextVarint(in: bytes))
            case 2:
                try tag.expect(.bytes, of: "name")
                name = try hostName(at: try reader.nextRange(in: bytes), in: bytes)
            case 3:
                try tag.expect(.bytes, of: "session_protocol")
                var inner = ProtobufReader(try reader.nextRange(in: bytes))
                while let tag = try inner.nextTag(in: bytes) {
                    if tag.field == 1 || tag.field == 2 {
                        try tag.expect(.bytes, of: "session_protocol's kind")
                        sessionProtocol = tag.field == 1 ? .http1 : .http2
                    }
                    try inner.skip(tag, in: bytes)
                }
            default:
                try reader.skip(tag, in: bytes)
            }
        }
        guard let port = UInt16(exactly: port), port > 0 else {
            throw .init("its port \(port) is not from 1 to 65535")
        }
        return TransportHeader(port: port, name: name, sessionProtocol: sessionProtocol)
    }

    /// The name in a field; empty text is no name, a trailing dot is kept.
    private static func hostName(
        at range: Range<Int>,
        in bytes: Span<UInt8>
    ) throws(ProtobufReader.Malformed) -> String? {
        guard !range.isEmpty else { return nil }
        guard range.count <= HostName.bytesMax + 1 else {
            throw .init("its name of \(range.count) bytes is too long for a host name")
        }
        var name: [UInt8] = []
        name.reserveCapacity(range.count)
        for index in range { name.append(bytes[index]) }
        let bare = name.last == UInt8(ascii: ".") ? name.dropLast() : name[...]
        guard HostName.isValid(bare) else { throw .init("its name is not a host name") }
        return String(decoding: name, as: UTF8.self)
    }
}
