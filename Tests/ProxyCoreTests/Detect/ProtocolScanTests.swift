// SPDX-License-Identifier: Apache-2.0

import ProxyCore
import Testing

/// Scans each prefix, the shortest first, and checks that the first answer is the last.
private func scanGrowing(_ bytes: [UInt8]) -> (answer: ProtocolScan, byteCount: Int) {
    var answer = ProtocolScan.needsMore
    var decisive = bytes.count
    for count in 0...bytes.count {
        let next = ProtocolScan.of(bytes.span.extracting(first: count))
        if answer == .needsMore, next != .needsMore {
            decisive = count
        } else if next != answer {
            Issue.record("\(answer) became \(next) at \(count) of \(bytes.count) bytes")
        }
        answer = next
    }
    return (answer, decisive)
}

@Suite("Protocol detection")
struct ProtocolScanTests {
    @Test(arguments: [
        ("GET / HTTP/1.1\r\n", 11),
        ("get / http/1.0\r\n", 11),
        ("PROPFIND /a HTTP/1.1\r\n", 17),
        ("POST /P HTTP/1.1\r\n", 13),
        ("PRI /a HTTP/1.1\r\n", 12),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\nx\n", 23),
        // Wrong in ways that some server takes, so that it is not to pass unread.
        ("\r\nGET / HTTP/1.1\r\n", 13),
        ("\r\n\r\n\nGET / HTTP/1.1\r\n", 16),
        (" GET / HTTP/1.1\r\n", 12),
        ("GET\t/\tHTTP/1.1\r\n", 11),
        ("GET\u{B}/\u{C}HTTP/1.1\r\n", 11),
        ("GET\r/\rHTTP/1.1\r\n", 11),
        ("GET  HTTP/1.1\r\n", 10),
        ("GET / / HTTP/9.9\r\n", 13),
        ("GET /\0 HTTP/1.1\r\n", 12),
        ("GET /\u{E9} HTTP/1.1\r\n", 12),
    ])
    func areRequests(text: String, byteCount: Int) {
        let scan = scanGrowing(HTTP1Form.bytes(text))
        #expect(scan.answer == .http1)
        #expect(scan.byteCount == byteCount)
    }

    @Test func knowsThePreface() {
        let scan = scanGrowing(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nmore".utf8))
        #expect(scan.answer == .http2)
        #expect(scan.byteCount == 24)
    }

    @Test(arguments: [
        ("SSH-2.0-OpenSSH_9\r\n", 19),
        ("PING\r\n", 6),
        ("SET key value\r\n", 15),
        ("*1\r\n$4\r\nPING\r\n", 4),
        ("get key\r\n", 9),
        ("GET /\r\n", 7),
        ("EHLO a.example\r\n", 16),
        ("\u{16}\u{3}\u{1}", 1),
        ("\0\0\0\u{8}\u{4}", 1),
        ("{\"id\":1}\n", 1),
        ("GET/ HTTP/1.1\r\n", 4),
        ("\u{10}\u{1A}\0\u{4}MQTT", 1),
    ])
    func areOpaque(text: String, byteCount: Int) {
        let scan = scanGrowing(HTTP1Form.bytes(text))
        #expect(scan.answer == .opaque)
        #expect(scan.byteCount == byteCount)
    }

    @Test(arguments: [
        "", "G", "GET", "GET /", "P", "PRI * HTTP/2.0\r\n\r\nSM", "\r", "\r\n", "GET / HTTP",
    ])
    func waitWhileTheyCanBeHTTP(text: String) {
        #expect(scanGrowing(Array(text.utf8)).answer == .needsMore)
    }

    /// At the limit the method decides, and nothing waits for more.
    @Test(arguments: [
        ("GET /", ProtocolScan.http1), ("\r\nPOST /", .http1), ("options /", .http1),
        ("FETCH /", .opaque), ("GETS /", .opaque), ("\r\n", .opaque),
    ])
    func decideAtTheLimit(text: String, answer: ProtocolScan) {
        let limit = ProtocolScan.lineBytesMax
        let filler: UInt8 = text == "\r\n" ? 0x0A : 0x61
        let bytes = Array(text.utf8) + [UInt8](repeating: filler, count: limit)
        #expect(ProtocolScan.of(bytes.span.extracting(first: limit - 1)) == .needsMore)
        #expect(ProtocolScan.of(bytes.span.extracting(first: limit)) == answer)
        let late = bytes.prefix(limit - 3) + Array(" HTTP/1.1\r\n".utf8)
        #expect(ProtocolScan.of(Array(late).span) == answer)
    }

    @Test func randomAndMutatedBytesGiveFinalAnswers() {
        var numbers = SeededNumbers(seed: 3)
        let good = HTTP1Form.accepted.map(\.wire).filter { $0.count < 300 }
        for round in 0..<400 { _ = scanGrowing(good[round % good.count].mutated(using: &numbers)) }
        for _ in 0..<300 {
            let count = Int.random(in: 0..<64, using: &numbers)
            _ = scanGrowing((0..<count).map { _ in UInt8.random(in: 0...127, using: &numbers) })
        }
    }
}
