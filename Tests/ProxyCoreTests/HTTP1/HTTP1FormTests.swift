// SPDX-License-Identifier: Apache-2.0

import ProxyCore
import Testing

@Suite("HTTP/1 forms")
struct HTTP1FormTests {
    /// Without it the others could pass because a line could not be read.
    @Test func findsItsForms() {
        #expect(HTTP1Form.refused.count >= 317)
        #expect(HTTP1Form.accepted.count >= 121)
        let names = (HTTP1Form.refused + HTTP1Form.accepted).map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test func haveAClauseEach() {
        for form in HTTP1Form.refused + HTTP1Form.accepted {
            #expect(form.clause.hasPrefix("RFC 9112 ") || form.clause.hasPrefix("RFC 9110 "))
        }
    }

    /// Each reason to refuse has a form that shows it.
    @Test func coverEveryRefusal() {
        let shown = Set(HTTP1Form.refused.compactMap(\.refusal))
        #expect(HTTP1Refusal.allCases.map { "\($0)" }.filter { !shown.contains($0) } == [])
    }

    @Test(arguments: HTTP1Form.refused)
    func areRefused(form: HTTP1Form) {
        let outcome = WireReader.outcome(of: form.wire, to: form.request)
        guard case .refused(let refusal) = outcome.state else {
            Issue.record("\(outcome.state)")
            return
        }
        #expect("\(refusal)" == form.refusal)
        #expect((form.side == "response" ? 502 : refusal.status) == form.status)
    }

    @Test(arguments: HTTP1Form.accepted)
    func areTaken(form: HTTP1Form) throws {
        let bytes = form.wire
        let outcome = WireReader.outcome(of: bytes, to: form.request)
        let wanted = try #require(form.messages)
        #expect(outcome.messages.count == wanted.count, "\(outcome.state)")
        for (message, expected) in zip(outcome.messages, wanted) {
            #expect(message.body.count == expected.body)
            if let head = message.request {
                #expect(HTTP1Form.text(message.head[head.methodRange]) == expected.method)
                #expect(head.host.map { HTTP1Form.text(message.head[$0]) } == expected.host)
                if let target = expected.target {
                    #expect(HTTP1Form.text(message.head[head.target]) == target)
                }
            } else {
                #expect(message.response?.status == expected.status)
            }
        }
        // All bytes are some message's.
        #expect(outcome.messages.reduce(0) { $0 + $1.head.count + $1.body.count } == bytes.count)
        #expect(outcome.isWhole)
    }

    /// Cut at every place, byte by byte, and passed on: nothing else comes of it.
    @Test(arguments: HTTP1Form.refused + HTTP1Form.accepted)
    func breakNoLaw(form: HTTP1Form) {
        let bytes = form.wire
        guard bytes.count < 1024 else {
            expectSameInPieces(bytes, form.request)
            return
        }
        #expect(HTTP1Laws(bytes).breach() == nil)
    }

    /// The long ones: a few pieces, as reads bring them, around every bound.
    private func expectSameInPieces(_ bytes: [UInt8], _ request: RequestHead?) {
        let whole = WireReader.outcome(of: bytes, to: request)
        let bounds = [1024, 4096, 8192, 16384, 32768, 65536].flatMap { [$0 - 1, $0, $0 + 1] }
        for places in [Array(stride(from: 997, to: bytes.count, by: 997))]
            + (bounds.filter { $0 < bytes.count } + [bytes.count - 1]).map({ [$0] })
        {
            #expect(
                WireReader.outcome(of: bytes, cutAt: places, to: request) == whole,
                "cut at \(places.prefix(3))"
            )
        }
    }
}
