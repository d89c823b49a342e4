// SPDX-License-Identifier: Apache-2.0

import ProxyCore
import Testing

@Suite("Accept backoff")
struct AcceptBackoffTests {
    private static let millisecond: UInt64 = 1_000_000

    @Test func doublesToASecond() {
        var backoff = AcceptBackoff()
        var now: UInt64 = 7
        var pauses: [UInt64] = []
        for _ in 0..<9 {
            let until = backoff.ranOut(now: now)
            #expect(backoff.nextDeadlineNanos == until)
            pauses.append((until - now) / Self.millisecond)
            expectAnswer(backoff.tick(now: until - 1), false)
            expectAnswer(backoff.tick(now: until), true)
            expectAnswer(backoff.tick(now: until), false)
            #expect(backoff.nextDeadlineNanos == nil)
            now = until
        }
        #expect(pauses == [10, 20, 40, 80, 160, 320, 640, 1000, 1000])
    }

    @Test func startsAgainAfterASuccess() {
        var backoff = AcceptBackoff()
        _ = backoff.ranOut(now: 0)
        _ = backoff.ranOut(now: 0)
        backoff.accepted()
        #expect(backoff.nextDeadlineNanos == nil)
        expectAnswer(backoff.ranOut(now: 5), 5 + AcceptBackoff.pauseNanosMin)
    }

    @Test func isNotPausedAtFirst() {
        var backoff = AcceptBackoff()
        #expect(backoff.nextDeadlineNanos == nil)
        expectAnswer(backoff.tick(now: .max), false)
        expectAnswer(backoff.ranOut(now: .max), .max)
    }
}
