// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ProxyRuntime

@Suite("Answers of the admin port")
struct AdminAnswerTests {
    @Test(arguments: [
        ("Accept-Encoding: gzip", true), ("accept-encoding: br;q=1.0, GZIP ;q=0.5", true),
        ("ACCEPT-ENCODING:deflate,gzip", true), ("Accept-Encoding: gzip;q=0", false),
        ("Accept-Encoding: gzip;q=0.000", false), ("Accept-Encoding: gzipped", false),
        ("X-Accept-Encoding: gzip", false), ("Accept: gzip", false), ("A: b", false),
    ])
    func areCompressedForWhoeverTakesThat(field: String, isTaken: Bool) throws {
        let head = Array("GET /metrics HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n".utf8)
        let request = try AdminRequest(parsing: head[...])
        #expect(request.acceptsGzip == isTaken)
    }

    @Test func sayHowLongTheyAreAndWhatTheyAre() throws {
        let body = String(repeating: "a line of a page\n", count: 1000)
        for (gzip, size) in [(false, body.utf8.count...body.utf8.count), (true, 20...500)] {
            let answer = AdminResponse(status: 200, body: body).bytes(withBody: true, gzip: gzip)
            let end = try #require(AdminRequest.headEnd(of: answer))
            let head = String(decoding: answer[..<end], as: UTF8.self)
            #expect(size.contains(answer.count - end))
            #expect(head.contains("content-length: \(answer.count - end)\r\n"))
            #expect(head.contains("content-encoding: gzip\r\n") == gzip)
        }
        let short = AdminResponse(status: 200, body: "live\n").bytes(withBody: true, gzip: true)
        #expect(String(decoding: short, as: UTF8.self).hasSuffix("\r\n\r\nlive\n"))
    }

    @Test func whatDoesNotBecomeShorterStaysAsItIs() {
        #expect(Gzip.compressed([]) == nil)
        #expect(Gzip.compressed([1, 2, 3]) == nil)
        #expect(
            Gzip.compressed([UInt8](repeating: 7, count: 4000))?.starts(with: [31, 139]) == true
        )
    }
}
