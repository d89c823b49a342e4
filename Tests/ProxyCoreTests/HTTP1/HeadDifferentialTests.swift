// SPDX-License-Identifier: Apache-2.0

import ProxyCore
import Testing

/// The parser against a slow one, over requests that are nearly right.
@Suite("HTTP/1 heads against the reference")
struct HeadDifferentialTests {
    /// What makes heads go wrong, or turns their meaning.
    private static let words = [
        "\r\n", "\r", "\n", " ", "\t", ":", ",", "\0", "\u{7F}", "\u{E9}", "#", "?", "*", "/", "@",
        "[", "]", "443", ":80", "GET ", "CONNECT ", "OPTIONS ", "http://", "HTTPS://a", "HTTP/1.0",
        "Host: a\r\n", "Host:\r\n", "Content-Length: 5\r\n", "content-length:0\r\n",
        "Transfer-Encoding: chunked\r\n", "Transfer_Encoding: x\r\n", "Connection: close, b\r\n",
        "Connection: keep-alive\r\n", "Connection: Upgrade\r\n", "Upgrade: websocket\r\n",
        "Upgrade: h2c, websocket\r\n", "upgrade: ,\r\n", " folded\r\n", "\r\n\r\n",
    ].map(HTTP1Form.bytes)

    private func mutated(_ form: [UInt8], _ numbers: inout SeededNumbers) -> [UInt8] {
        var bytes = form
        for _ in 0..<Int.random(in: 1...3, using: &numbers) {
            if Bool.random(using: &numbers) {
                bytes = bytes.mutated(using: &numbers)
            } else if let word = Self.words.randomElement(using: &numbers) {
                // Half of them where a line begins.
                let starts = bytes.indices.filter { $0 > 0 && bytes[$0 - 1] == 0x0A }
                let place =
                    Bool.random(using: &numbers) ? starts.randomElement(using: &numbers) : nil
                bytes.insert(
                    contentsOf: word,
                    at: place ?? Int.random(in: 0...bytes.count, using: &numbers)
                )
            }
        }
        return bytes
    }

    /// What the parser says, in the words of the reference.
    private func read(_ bytes: [UInt8], _ parser: inout HeadParser) -> ReferenceHead.Answer {
        switch parser.request(bytes.span) {
        case .needsMore: .unfinished
        case .refused: .refused
        case .head(let head):
            .head(
                ReferenceHead(
                    method: HTTP1Form.text(bytes[head.methodRange]),
                    target: HTTP1Form.text(bytes[head.target]),
                    host: head.host.map { HTTP1Form.text(bytes[$0]) },
                    framing: head.framing,
                    keepsAlive: head.keepsAlive,
                    asksUpgrade: head.asksUpgrade,
                    byteCount: head.end
                )
            )
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func agree(seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        var parser = HeadParser()
        let forms = HTTP1Form.accepted.filter { $0.side == "request" }.map(\.wire)
            .filter { $0.count < 400 }
        #expect(forms.count > 80)
        var accepted = 0
        var refused = 0
        for round in 0..<1500 {
            let bytes = mutated(forms[round % forms.count], &numbers)
            let answer = read(bytes, &parser)
            let wanted = ReferenceHead.read(bytes)
            switch answer {
            case .head: accepted += 1
            case .refused: refused += 1
            case .unfinished: break
            }
            guard answer != wanted, !(wanted == .unfinished && answer == .refused) else { continue }
            // Not '#expect', which would take most of the time.
            Issue.record("\(HTTP1Form.text(bytes).debugDescription): \(answer), not \(wanted)")
        }
        // Neither answer is rare, or the test would look at little.
        #expect(accepted > 200)
        #expect(refused > 200)
    }
}
