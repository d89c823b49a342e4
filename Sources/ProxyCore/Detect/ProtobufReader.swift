// SPDX-License-Identifier: Apache-2.0

/// Reads the fields of one small protobuf message in place.
///
/// It knows the four wire types of proto3. Groups, which proto3 cannot write, are refused, so that
/// skipping never recurses.
struct ProtobufReader {
    /// Why the bytes are no message.
    struct Malformed: Error, Equatable {
        let reason: String

        init(_ reason: String) {
            self.reason = reason
        }
    }

    /// How a value is written.
    enum WireType: UInt8 {
        case varint = 0
        case fixed64 = 1
        case bytes = 2
        case fixed32 = 5
    }

    /// The key in front of each value.
    struct Tag {
        let field: UInt64
        let wireType: WireType

        /// Checks that a known field is written as its type is.
        func expect(_ expected: WireType, of name: String) throws(Malformed) {
            guard wireType == expected else { throw .init("its \(name) has the wrong wire type") }
        }
    }

    private var offset: Int
    private let end: Int

    /// Starts at the first byte of the message that lies in `range` of the bytes of each call.
    init(_ range: Range<Int>) {
        offset = range.lowerBound
        end = range.upperBound
    }

    /// Reads the key of the next field; nil at the end of the message.
    mutating func nextTag(in bytes: Span<UInt8>) throws(Malformed) -> Tag? {
        guard offset < end else { return nil }
        let key = try nextVarint(in: bytes)
        let field = key >> 3
        guard field > 0, field < 1 << 29, let type = WireType(rawValue: UInt8(key & 7)) else {
            throw .init("its message is not protobuf")
        }
        return Tag(field: field, wireType: type)
    }

    /// Reads a number in base 128, the least significant digit first.
    mutating func nextVarint(in bytes: Span<UInt8>) throws(Malformed) -> UInt64 {
        var value: UInt64 = 0
        // LIMIT: 64 bits are ten digits of seven; what is above is dropped, as protobuf does.
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            guard offset < end else { throw .init("its message ends within a number") }
            let byte = bytes[offset]
            offset += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw .init("its message has a number of more than 64 bits")
    }

    /// Reads the length of a value and steps over it; returns where it stands.
    mutating func nextRange(in bytes: Span<UInt8>) throws(Malformed) -> Range<Int> {
        let count = try nextVarint(in: bytes)
        return try advance(by: count)
    }

    /// Steps over the value that belongs to `tag`.
    mutating func skip(_ tag: Tag, in bytes: Span<UInt8>) throws(Malformed) {
        switch tag.wireType {
        case .varint: _ = try nextVarint(in: bytes)
        case .fixed64: _ = try advance(by: 8)
        case .bytes: _ = try nextRange(in: bytes)
        case .fixed32: _ = try advance(by: 4)
        }
    }

    private mutating func advance(by count: UInt64) throws(Malformed) -> Range<Int> {
        guard count <= UInt64(end - offset) else {
            throw .init("its message ends within a field")
        }
        let start = offset
        offset += Int(count)
        return start..<offset
    }
}
