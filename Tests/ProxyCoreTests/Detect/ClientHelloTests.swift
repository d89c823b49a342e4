// SPDX-License-Identifier: Apache-2.0

import ProxyCore
import Testing

/// Scans each prefix, the shortest first, and checks that the first answer is the last.
///
/// Returns the answer to the whole and the length of the prefix that gave it.
private func scanGrowing(_ bytes: [UInt8]) -> (answer: ClientHelloScan, byteCount: Int) {
    var answer = ClientHelloScan.needsMore
    var decisive = bytes.count
    for count in 0...bytes.count {
        let next = ClientHello.scan(bytes.span.extracting(0..<count))
        if answer == .needsMore, next != .needsMore {
            decisive = count
        } else if next != answer {
            // Not '#expect', which would take most of the time.
            Issue.record("\(answer) became \(next) at \(count) of \(bytes.count) bytes")
        }
        answer = next
    }
    #expect(ClientHello.scan(bytes.span) == answer)
    return (answer, decisive)
}

@Suite("ClientHello")
struct ClientHelloTests {
    @Test(
        arguments: [
            ("webapp.emojivoto.svc.cluster.local", "webapp.emojivoto.svc.cluster.local"),
            ("a", "a"),
            ("Web.Example.COM", "web.example.com"),
            ("web.example.com.", "web.example.com"),
            ("my_svc.default", "my_svc.default"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("3.pool.ntp.org", "3.pool.ntp.org"),
            ("a.b2-c", "a.b2-c"),
            ("10.0.0.1", nil),
            ("10.0.0.1.", nil),
            ("::1", nil),
            ("fd00::1", nil),
            ("", nil),
            (".", nil),
            ("..", nil),
            ("a..b", nil),
            (".a", nil),
            ("a.b..", nil),
            ("-a.b", nil),
            ("a-.b", nil),
            ("a.b-", nil),
            ("a\u{0}.b", nil),
            ("good.example\u{0}.evil", nil),
            ("a b", nil),
            ("*.example.com", nil),
            ("b\u{FC}cher.example", nil),
            ("a/b", nil),
        ] as [(String, String?)]
    )
    func readsTheServerName(sent: String, name: String?) {
        let bytes = HelloBytes.named(sent).whole
        let (answer, byteCount) = scanGrowing(bytes)
        #expect(answer == .tls(serverName: name))
        #expect(byteCount == bytes.count)
    }

    @Test func boundsTheServerName() {
        let label = String(repeating: "a", count: 63)
        let longest = "\(label).\(label).\(label).\(String(repeating: "b", count: 61))"
        #expect(longest.utf8.count == 253)
        for (sent, name) in [
            (longest, longest), (longest + ".", longest), (longest + "b", nil),
            (label + "a.b", nil), (String(repeating: "a.", count: 2000) + "b", nil),
        ] as [(String, String?)] {
            #expect(
                ClientHello.scan(HelloBytes.named(sent).whole.span) == .tls(serverName: name)
            )
        }
    }

    @Test func takesHellosWithoutAName() {
        var hello = HelloBytes()
        #expect(scanGrowing(hello.whole).answer == .tls(serverName: nil))
        hello.extensions = []
        #expect(scanGrowing(hello.whole).answer == .tls(serverName: nil))
        hello.extensions = nil
        hello.session = []
        hello.suites = [0x13, 0x01]
        #expect(scanGrowing(hello.whole).answer == .tls(serverName: nil))
        hello.extensions = [(0, HelloBytes.serverNames([(7, Array("a.b".utf8))]))]
        #expect(scanGrowing(hello.whole).answer == .tls(serverName: nil))
    }

    @Test(arguments: [0, 1, 2, 3, 4, 0x7F] as [UInt8])
    func ignoresTheMinorVersionOfTheRecord(minor: UInt8) {
        var hello = HelloBytes.named("a.b")
        hello.recordMinor = minor
        #expect(scanGrowing(hello.whole).answer == .tls(serverName: "a.b"))
    }

    @Test func leavesWhatFollowsAlone() {
        let bytes = HelloBytes.named("a.b").whole
        let (answer, byteCount) = scanGrowing(bytes + [20, 3, 3, 0, 1, 1] + [0xFF, 0xFF])
        #expect(answer == .tls(serverName: "a.b"))
        #expect(byteCount == bytes.count)
    }

    @Test func joinsFragmentsSplitAtEveryIndex() {
        let hello = HelloBytes.named("web.example.com")
        for index in 1..<hello.message.count {
            let bytes = hello.split(at: index)
            let (answer, byteCount) = scanGrowing(bytes)
            #expect(answer == .tls(serverName: "web.example.com"), "split at \(index)")
            #expect(byteCount == bytes.count)
        }
    }

    @Test(arguments: [1, 2, 3, 5, 7, 64])
    func joinsManyFragments(fragmentBytes: Int) {
        let bytes = HelloBytes.named("web.example.com").fragmented(by: fragmentBytes)
        #expect(scanGrowing(bytes).answer == .tls(serverName: "web.example.com"))
    }

    @Test func refusesBrokenFragments() {
        let hello = HelloBytes.named("a.b")
        let first = hello.record(hello.message[..<20])
        for (second, count) in [
            ([23], 1), ([21, 3, 3], 1), ([0x15], 1), ([22, 2], 2), ([22, 3, 3, 0, 0], 5),
            ([22, 3, 3, 0x41], 4), ([22, 3, 3, 0x40, 1], 5), (Array("GET".utf8), 1),
        ] as [([UInt8], Int)] {
            let (answer, byteCount) = scanGrowing(first + second)
            #expect(answer == .notTLS, "\(second)")
            #expect(byteCount == first.count + count)
        }
    }
}

@Suite("ClientHello limits and other protocols")
struct ClientHelloLimitTests {
    private static func padded(toMessageBytes count: Int) -> HelloBytes {
        var hello = HelloBytes.named("a.b")
        let missing = count - hello.message.count - 4
        hello.extensions?.append((21, [UInt8](repeating: 0, count: missing)))
        return hello
    }

    @Test func takesTheLongestHelloAndNoLongerOne() {
        let limit = ClientHello.recordBytesMax
        let longest = Self.padded(toMessageBytes: limit - 5).whole
        #expect(longest.count == limit)
        #expect(scanGrowing(longest).answer == .tls(serverName: "a.b"))
        #expect(scanGrowing(longest + [1, 2, 3]).answer == .tls(serverName: "a.b"))
        let (answer, byteCount) = scanGrowing(Self.padded(toMessageBytes: limit - 4).whole)
        #expect(answer == .notTLS)
        #expect(byteCount == 9)
    }

    @Test func countsTheRecordHeaders() {
        let hello = Self.padded(toMessageBytes: ClientHello.recordBytesMax - 10)
        #expect(scanGrowing(hello.split(at: 100)).answer == .tls(serverName: "a.b"))
        let (answer, byteCount) = scanGrowing(hello.fragmented(by: 3000))
        #expect(answer == .notTLS)
        #expect(byteCount == 2 * 3005)
    }

    @Test func refusesTheHugeOneAtOnce() {
        var hello = HelloBytes.named("a.b")
        hello.extensions?.append((21, [UInt8](repeating: 0, count: 0xFF00)))
        #expect(scanGrowing(Array(hello.fragmented(by: 16384).prefix(64))).answer == .notTLS)
        #expect(ClientHello.scan(hello.fragmented(by: 16384).span) == .notTLS)
    }

    /// One byte a record makes six of each: the limit is on what must be held.
    @Test func refusesALongHelloInTinyRecords() {
        let bytes = Self.padded(toMessageBytes: 2000).fragmented(by: 1)
        #expect(ClientHello.scan(bytes.span.extracting(first: 7000)) == .needsMore)
        // 1238 records, the 762 bytes still to come and a header are over 8192.
        #expect(ClientHello.scan(bytes.span.extracting(first: 7427)) == .needsMore)
        #expect(ClientHello.scan(bytes.span.extracting(first: 7428)) == .notTLS)
        #expect(ClientHello.scan(bytes.span) == .notTLS)
    }

    @Test(
        arguments: [
            (Array("GET / HTTP/1.1\r\n".utf8), 1),
            (Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8), 1),
            (Array("SSH-2.0-OpenSSH_9\r\n".utf8), 1),
            ([0], 1),
            ([22] + Array("GET".utf8), 2),
            ([22, 3, 1] + Array("GET /".utf8), 4),
            ([22, 3, 1, 0, 0], 5),
            ([22, 3, 1, 0x40, 1], 5),
            ([22, 3, 1, 0, 64, 2], 6),
            ([22, 3, 3, 1, 0, 1, 1], 7),
            ([22, 3, 3, 0, 64, 1, 0, 64], 8),
            ([22, 3, 3, 0, 64, 1, 0, 0, 40], 9),
            ([22, 3, 3, 0, 64, 1, 0, 0, 60, 2], 10),
        ] as [([UInt8], Int)]
    )
    func tellsOtherProtocolsAsSoonAsItIsCertain(bytes: [UInt8], byteCount: Int) {
        let scan = scanGrowing(bytes + [UInt8](repeating: 0x20, count: 64))
        #expect(scan.answer == .notTLS)
        #expect(scan.byteCount == byteCount)
    }

    @Test(arguments: [[], [22], [22, 3], [22, 3, 1], [22, 3, 1, 2], [22, 3, 1, 2, 0, 1]])
    func waitsWhileItCanBeAHello(bytes: [UInt8]) {
        #expect(ClientHello.scan(bytes.span) == .needsMore)
    }

    /// An SSLv2 hello, as very old clients send it.
    @Test func refusesTheFormBeforeRecords() {
        #expect(scanGrowing([0x80, 0x2E, 1, 3, 1, 0, 0x15]).byteCount == 1)
    }
}

@Suite("ClientHello malformed")
struct ClientHelloMalformedTests {
    static let cases: [(String, HelloBytes)] = [
        ("version", change { $0.version = [2, 0] }),
        ("session of 33 bytes", change { $0.session = Array(repeating: 1, count: 33) }),
        ("no suites", change { $0.suites = [] }),
        ("odd suites", change { $0.suites = [0x13, 1, 2] }),
        ("no compression", change { $0.compressions = [] }),
        ("server_name twice", names([[(0, "a.b")], [(0, "a.b")]])),
        ("two host names", names([[(0, "a.b"), (0, "c.d")]])),
        ("empty server_name", raw([])),
        ("server_name of one byte", raw([0])),
        ("empty list with more behind it", raw([0, 0, 1])),
        ("list longer than its extension", raw([0, 9, 0, 0, 1, 97])),
        ("list shorter than its extension", raw([0, 3, 0, 0, 1, 97])),
        ("name longer than its list", raw([0, 4, 0, 0, 2, 97])),
        ("list ends in a type", raw([0, 5, 0, 0, 1, 97, 0])),
    ]

    private static func change(_ body: (inout HelloBytes) -> Void) -> HelloBytes {
        var hello = HelloBytes.named("a.b")
        body(&hello)
        return hello
    }

    private static func names(_ lists: [[(UInt8, String)]]) -> HelloBytes {
        change { hello in
            hello.extensions = lists.map { list in
                (0, HelloBytes.serverNames(list.map { ($0.0, Array($0.1.utf8)) }))
            }
        }
    }

    private static func raw(_ body: [UInt8]) -> HelloBytes {
        change { $0.extensions = [(0, body)] }
    }

    @Test(arguments: cases.map(\.0))
    func isNotTLS(name: String) throws {
        let hello = try #require(Self.cases.first { $0.0 == name }).1
        #expect(scanGrowing(hello.whole).answer == .notTLS)
        #expect(ClientHello.scan(hello.fragmented(by: 3).span) == .notTLS)
    }

    /// The length of the message is not that of its parts.
    @Test(arguments: [-9, -5, -1, 1, 4])
    func lengthsMustAgree(difference: Int) {
        let hello = HelloBytes.named("a.b")
        var message = hello.message
        message[3] = UInt8(Int(message[3]) + difference)
        let padding = [UInt8](repeating: 0, count: max(0, difference))
        #expect(scanGrowing(hello.record((message + padding)[...])).answer == .notTLS)
    }

    /// Any bytes give an answer, a final one, and never want more than the limit.
    @Test func randomAndMutatedBytesGiveFinalAnswers() {
        var numbers = SeededNumbers(seed: 1)
        let good = [
            HelloBytes.named("web.example.com").whole,
            HelloBytes.named("web.example.com").fragmented(by: 11),
            HelloBytes().whole,
        ]
        for round in 0..<600 {
            var bytes = good[round % good.count]
            for _ in 0...(round % 3) { bytes = bytes.mutated(using: &numbers) }
            _ = scanGrowing(bytes)
        }
        for _ in 0..<300 {
            let count = Int.random(in: 0..<64, using: &numbers)
            let tail = (0..<count).map { _ in UInt8.random(in: 0...255, using: &numbers) }
            _ = scanGrowing([22, 3, 1, 0, 200, 1, 0, 0, 196] + tail)
            _ = scanGrowing(tail)
        }
    }

    @Test func neverWantsMoreThanTheLimit() {
        let limit = ClientHello.recordBytesMax
        for fragmentBytes in [1, 2, 100, 4000, 16384] {
            for messageBytes in [100, 1365, 1366, 4000, 8000, 8187, 8188] {
                var hello = HelloBytes()
                let missing = messageBytes - hello.message.count - 4
                if missing >= 0 {
                    hello.extensions?.append((21, [UInt8](repeating: 0, count: missing)))
                }
                let bytes = hello.fragmented(by: fragmentBytes)
                guard bytes.count >= limit else { continue }
                let answer = ClientHello.scan(bytes.span.extracting(0..<limit))
                #expect(answer != .needsMore)
            }
        }
    }
}
