// SPDX-License-Identifier: Apache-2.0

import ProxyCore
import Testing

@Suite("Notice throttle")
struct NoticeThrottleTests {
    private static let second = NoticeThrottle.intervalNanos

    @Test func letsTheFirstPassAndCountsTheOthers() {
        var throttle = NoticeThrottle()
        expectAnswer(throttle.admit(now: 5), 0)
        for now in [5, 6, Self.second + 4] { expectAnswer(throttle.admit(now: now), nil) }
        expectAnswer(throttle.admit(now: Self.second + 5), 3)
        expectAnswer(throttle.admit(now: Self.second + 6), nil)
        expectAnswer(throttle.admit(now: 3 * Self.second), 1)
    }

    @Test func speaksOfTheLastWithoutAnotherEvent() {
        var throttle = NoticeThrottle()
        expectAnswer(throttle.flush(now: 5), nil)
        expectAnswer(throttle.admit(now: 5), 0)
        expectAnswer(throttle.flush(now: 2 * Self.second), nil)
        expectAnswer(throttle.admit(now: 3 * Self.second), 0)
        expectAnswer(throttle.admit(now: 3 * Self.second), nil)
        expectAnswer(throttle.flush(now: 4 * Self.second - 1), nil)
        expectAnswer(throttle.flush(now: 4 * Self.second), 1)
        expectAnswer(throttle.flush(now: 9 * Self.second), nil)
        // That was a line too.
        expectAnswer(throttle.admit(now: 4 * Self.second + 1), nil)
    }

    @Test func speaksOnceASecondAtMost() {
        var throttle = NoticeThrottle()
        var lines = 0
        var events = 0
        for now in stride(from: 0, to: 10 * Self.second, by: Int(Self.second / 100)) {
            if let others = throttle.admit(now: now) {
                lines += 1
                events += others + 1
            }
        }
        #expect(lines == 10)
        #expect(events == 901)
    }

    @Test func bearsTheEndOfTime() {
        var throttle = NoticeThrottle()
        expectAnswer(throttle.admit(now: .max), 0)
        expectAnswer(throttle.admit(now: .max), 0)
        expectAnswer(throttle.admit(now: 3), nil)
    }
}
