// SPDX-License-Identifier: Apache-2.0

import ProxyCore
import Testing

private let preface = Array("transport.l5d.io/v1\r\n\r\n".utf8)

/// A header around any message.
private func framed(_ message: [UInt8]) -> [UInt8] {
    preface + [0, 0, UInt8(message.count >> 8), UInt8(message.count & 0xFF)] + message
}

/// Scans each prefix, the shortest first, and checks that the first answer is the last.
private func scanGrowing(_ bytes: [UInt8]) -> (answer: TransportHeader.Scan, byteCount: Int) {
    var answer = TransportHeader.Scan.needsMore
    var decisive = bytes.count
    for count in 0...bytes.count {
        let next = TransportHeader.scan(bytes.span.extracting(0..<count))
        if answer == .needsMore, next != .needsMore {
            decisive = count
        } else if next != answer {
            // Not '#expect', which would take most of the time.
            Issue.record("\(answer) became \(next) at \(count) of \(bytes.count) bytes")
        }
        answer = next
    }
    return (answer, decisive)
}

@Suite("Transport header")
struct TransportHeaderTests {
    @Test(
        arguments: [
            (TransportHeader(port: 8080), [0x08, 0x90, 0x3F]),
            (TransportHeader(port: 1), [0x08, 1]),
            (TransportHeader(port: 65535), [0x08, 0xFF, 0xFF, 0x03]),
            (TransportHeader(port: 80, name: "a.b"), [0x08, 80, 0x12, 3, 97, 46, 98]),
            (TransportHeader(port: 80, sessionProtocol: .http1), [0x08, 80, 0x1A, 2, 0x0A, 0]),
            (
                TransportHeader(port: 80, name: "a.", sessionProtocol: .http2),
                [0x08, 80, 0x12, 2, 97, 46, 0x1A, 2, 0x12, 0]
            ),
        ] as [(TransportHeader, [UInt8])]
    )
    func hasLinkerdsBytes(header: TransportHeader, message: [UInt8]) {
        let bytes = header.encoded()
        #expect(bytes == framed(message))
        let (answer, byteCount) = scanGrowing(bytes + Array("PRI * HTTP/2.0".utf8))
        #expect(answer == .header(header, byteCount: bytes.count))
        #expect(byteCount == bytes.count)
    }

    @Test(
        arguments: [
            // Fields in any order, the last of each counts.
            ([0x12, 1, 97, 0x08, 1, 0x08, 80, 0x12, 1, 98], TransportHeader(port: 80, name: "b")),
            // An empty name is none.
            ([0x08, 80, 0x12, 0], TransportHeader(port: 80)),
            // A session protocol without a kind, and one of a kind that is not known.
            ([0x08, 80, 0x1A, 0], TransportHeader(port: 80)),
            ([0x08, 80, 0x1A, 2, 0x1A, 0], TransportHeader(port: 80)),
            // Embedded messages are merged: an empty one changes nothing.
            (
                [0x08, 80, 0x1A, 2, 0x12, 0, 0x1A, 0],
                TransportHeader(port: 80, sessionProtocol: .http2)
            ),
            // Fields inside the kinds are for later.
            (
                [0x08, 80, 0x1A, 4, 0x0A, 2, 0x08, 1],
                TransportHeader(port: 80, sessionProtocol: .http1)
            ),
            // A varint written longer than needed.
            ([0x08, 0xD0, 0x80, 0x00], TransportHeader(port: 80)),
            // Unknown fields of each wire type: 15 varint, 15 fixed64, 15 bytes, 15 fixed32, 100.
            (
                [0x78, 0xFF, 1, 0x79, 1, 2, 3, 4, 5, 6, 7, 8, 0x7A, 2, 9, 9, 0x7D, 1, 2, 3, 4]
                    + [0xA2, 6, 1, 0, 0x08, 80],
                TransportHeader(port: 80)
            ),
        ] as [([UInt8], TransportHeader)]
    )
    func readsWhatOtherEncodersWrite(message: [UInt8], header: TransportHeader) {
        let bytes = framed(message)
        #expect(scanGrowing(bytes).answer == .header(header, byteCount: bytes.count))
    }

    @Test(
        arguments: [
            ([], "its port 0 is not from 1 to 65535"),
            ([0x08, 0], "its port 0 is not from 1 to 65535"),
            ([0x08, 0x80, 0x80, 4], "its port 65536 is not from 1 to 65535"),
            (
                [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1],
                "its port -1 is not from 1 to 65535"
            ),
            ([0x08], "its message ends within a number"),
            ([0x08, 0x80], "its message ends within a number"),
            (
                [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1],
                "its message has a number of more than 64 bits"
            ),
            ([0x08, 80, 0x12, 2, 97], "its message ends within a field"),
            ([0x08, 80, 0x79, 1, 2], "its message ends within a field"),
            ([0x08, 80, 0x7D, 1, 2], "its message ends within a field"),
            (
                [0x08, 80, 0x7A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1],
                "its message ends within a field"
            ),
            ([0x08, 80, 0x1A, 2, 0x0A, 1], "its message ends within a field"),
            ([0x00, 1], "its message is not protobuf"),
            ([0x7B, 0x7C], "its message is not protobuf"),
            ([0x7E], "its message is not protobuf"),
            ([0x0A, 0], "its port has the wrong wire type"),
            ([0x08, 80, 0x10, 0], "its name has the wrong wire type"),
            ([0x08, 80, 0x18, 0], "its session_protocol has the wrong wire type"),
            ([0x08, 80, 0x1A, 2, 0x08, 0], "its session_protocol's kind has the wrong wire type"),
            ([0x08, 80, 0x12, 1, 0xFF], "its name is not a host name"),
            ([0x08, 80, 0x12, 1, 46], "its name is not a host name"),
            ([0x08, 80, 0x12, 3, 97, 0, 98], "its name is not a host name"),
            (
                [0x08, 80, 0x12, 0x80, 2] + [UInt8](repeating: 97, count: 256),
                "its name of 256 bytes is too long for a host name"
            ),
        ] as [([UInt8], String)]
    )
    func saysWhatIsWrong(message: [UInt8], reason: String) {
        #expect(scanGrowing(framed(message)).answer == .malformed(reason))
    }

    @Test func refusesAnotherPrefaceAtItsFirstOtherByte() {
        for index in preface.indices {
            var bytes = TransportHeader(port: 80).encoded()
            bytes[index] ^= 0x20
            let (answer, byteCount) = scanGrowing(bytes)
            let reason = "the connection does not begin with transport.l5d.io/v1"
            #expect(answer == .malformed(reason))
            #expect(byteCount == index + 1)
        }
    }

    @Test func boundsTheLength() {
        let filler: [UInt8] = [0x08, 80, 0x7A, 0xFB, 0x1F] + [UInt8](repeating: 0, count: 4091)
        let longest = framed(filler)
        #expect(filler.count == 4096)
        #expect(
            TransportHeader.scan(longest.span)
                == .header(TransportHeader(port: 80), byteCount: longest.count)
        )
        let (answer, byteCount) = scanGrowing(preface + [0, 0, 0x10, 1] + filler.prefix(9))
        #expect(answer == .malformed("its message of 4097 bytes is over 4096"))
        #expect(byteCount == 27)
        let most = preface + [0xFF, 0xFF, 0xFF, 0xFF]
        let reason = "its message of 4294967295 bytes is over 4096"
        #expect(scanGrowing(most).answer == .malformed(reason))
    }

    @Test func randomAndMutatedBytesGiveFinalAnswers() {
        var numbers = SeededNumbers(seed: 2)
        let header = TransportHeader(port: 8080, name: "web.default", sessionProtocol: .http2)
        for round in 0..<2000 {
            var bytes = header.encoded()
            for _ in 0...(round % 3) { bytes = bytes.mutated(using: &numbers) }
            _ = scanGrowing(bytes)
            let count = Int.random(in: 0..<24, using: &numbers)
            let message = (0..<count).map { _ in UInt8.random(in: 0...255, using: &numbers) }
            _ = scanGrowing(framed(message))
        }
    }
}
