// SPDX-License-Identifier: Apache-2.0

/// Writes the bytes of a ClientHello, right ones unless told otherwise.
struct HelloBytes {
    var version: [UInt8] = [3, 3]
    var session: [UInt8] = Array(repeating: 7, count: 32)
    /// TLS_AES_128_GCM_SHA256 after a GREASE value (RFC 8701).
    var suites: [UInt8] = [0x4A, 0x4A, 0x13, 0x01]
    var compressions: [UInt8] = [0]
    /// Type and body of each; nil leaves out their length as well.
    var extensions: [(type: UInt16, body: [UInt8])]? = [(0x2B, [2, 3, 4])]
    var recordMinor: UInt8 = 1

    static func named(_ name: String) -> HelloBytes {
        var hello = HelloBytes()
        hello.extensions = [
            (0x1A1A, [0]), (0, serverNames([(0, Array(name.utf8))])), (0x2B, [2, 3, 4]),
        ]
        return hello
    }

    static func serverNames(_ names: [(type: UInt8, name: [UInt8])]) -> [UInt8] {
        vector(names.flatMap { [$0.type] + vector($0.name) })
    }

    /// Two bytes of length and the bytes.
    static func vector(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8(truncatingIfNeeded: bytes.count >> 8), UInt8(truncatingIfNeeded: bytes.count)]
            + bytes
    }

    /// The handshake message, header included.
    var message: [UInt8] {
        var body = version + Array(repeating: 0x5A, count: 32)
        body += [UInt8(session.count)] + session
        body += Self.vector(suites)
        body += [UInt8(compressions.count)] + compressions
        if let extensions {
            body += Self.vector(
                extensions.flatMap { one in
                    [UInt8(one.type >> 8), UInt8(one.type & 0xFF)] + Self.vector(one.body)
                }
            )
        }
        let count = body.count
        return [1, UInt8(count >> 16), UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF)] + body
    }

    /// The message in one record.
    var whole: [UInt8] { record(message[...]) }

    /// The message in records of at most `fragmentBytes`.
    func fragmented(by fragmentBytes: Int) -> [UInt8] {
        let message = message
        return stride(from: 0, to: message.count, by: fragmentBytes).flatMap { start in
            record(message[start..<min(start + fragmentBytes, message.count)])
        }
    }

    /// The message in two records.
    func split(at index: Int) -> [UInt8] {
        record(message[..<index]) + record(message[index...])
    }

    func record(_ fragment: ArraySlice<UInt8>) -> [UInt8] {
        [22, 3, recordMinor] + Self.vector(Array(fragment))
    }
}
