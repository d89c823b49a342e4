// SPDX-License-Identifier: Apache-2.0

import MeshModel

/// A question to a name server (RFC 1035 section 4.1).
struct NameQuery: Sendable {
    let id: UInt16
    let name: String
    /// 1 is A, 28 AAAA.
    let type: UInt16
    let isByTCP: Bool

    /// Reads a message with one question; nil for anything else.
    init?(_ bytes: [UInt8], isByTCP: Bool) {
        guard bytes.count > 16 else { return nil }
        id = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        self.isByTCP = isByTCP
        var labels: [String] = []
        var rest = bytes[12...]
        while let length = rest.popFirst(), length > 0 {
            guard rest.count >= length else { return nil }
            labels.append(String(decoding: rest.prefix(Int(length)), as: UTF8.self))
            rest = rest.dropFirst(Int(length))
        }
        guard rest.count >= 4 else { return nil }
        name = labels.joined(separator: ".")
        type = UInt16(rest[rest.startIndex]) << 8 | UInt16(rest[rest.startIndex + 1])
    }
}

/// An answer, sound or not.
struct NameReply: Sendable {
    /// One resource record; without a name of its own it is the question's.
    struct Record: Sendable {
        var name: String?
        var type: UInt16
        var ttlSeconds: UInt32
        var data: [UInt8]

        init(_ address: IPAddress, ttlSeconds: UInt32 = 60, name: String? = nil) {
            self.name = name
            self.ttlSeconds = ttlSeconds
            switch address {
            case .v4(let value): (type, data) = (1, NameReply.bytes(of: value))
            case .v6(let high, let low):
                (type, data) = (28, NameReply.bytes(of: high) + NameReply.bytes(of: low))
            }
        }

        init(alias: String, ttlSeconds: UInt32 = 60, name: String? = nil) {
            self.name = name
            self.ttlSeconds = ttlSeconds
            (type, data) = (5, NameReply.encoded(alias))
        }
    }

    static let noSuchName = NameReply(code: 3)
    static let serverFailure = NameReply(code: 2)

    var code: UInt8 = 0
    var records: [Record] = []
    var isTruncated = false
    /// How many bytes are missing at its end.
    var cutBytes = 0
    /// Added to the question's id.
    var idOffset: UInt16 = 0
    /// The question that it claims to answer.
    var question: String?
    /// Whether it comes from another port than the question went to.
    var isFromElsewhere = false

    init(code: UInt8) { self.code = code }

    init(_ records: [Record]) { self.records = records }

    /// Addresses of the family that the question asks for.
    static func addresses(
        _ addresses: [IPAddress],
        for query: NameQuery,
        ttlSeconds: UInt32 = 60
    ) -> NameReply {
        let width = query.type == 1 ? 32 : 128
        return NameReply(
            addresses.filter { $0.bitWidth == width }.map {
                Record($0, ttlSeconds: ttlSeconds)
            }
        )
    }

    func message(for query: NameQuery) -> [UInt8] {
        var bytes = Self.bytes(of: query.id &+ idOffset)
        bytes += [isTruncated ? 0x86 : 0x84, 0x80 | code]
        bytes += Self.bytes(of: UInt16(1)) + Self.bytes(of: UInt16(records.count)) + [0, 0, 0, 0]
        bytes += Self.encoded(question ?? query.name)
        bytes += Self.bytes(of: query.type) + [0, 1]
        for record in records {
            // A pointer to the question (RFC 1035 section 4.1.4).
            bytes += record.name.map(Self.encoded) ?? [0xC0, 12]
            bytes += Self.bytes(of: record.type) + [0, 1] + Self.bytes(of: record.ttlSeconds)
            bytes += Self.bytes(of: UInt16(record.data.count)) + record.data
        }
        return bytes.dropLast(cutBytes)
    }

    fileprivate static func bytes<Value: FixedWidthInteger>(of value: Value) -> [UInt8] {
        stride(from: Value.bitWidth - 8, through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: value >> $0)
        }
    }

    fileprivate static func encoded(_ name: String) -> [UInt8] {
        name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
    }
}
