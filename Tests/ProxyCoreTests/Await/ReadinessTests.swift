// SPDX-License-Identifier: Apache-2.0

import ProxyCore
import Testing

@Suite("Waiting for a proxy to be ready")
struct ReadinessTests {
    private static let second: UInt64 = 1_000_000_000

    @Test(
        arguments: [
            ("HTTP/1.1 200 OK\r\n", .status(200)), ("HTTP/1.0 503 \r\n", .status(503)),
            ("HTTP/1.1 200\r\n", .status(200)), ("HTTP/1.1 404\n", .status(404)),
            ("HTTP/1.1 200", .needsMore), ("HTTP/1.1 2", .needsMore), ("", .needsMore),
            ("HTTP/1.1 2000 OK", .notHTTP), ("HTTP/1.1  200 OK", .notHTTP),
            ("HTTP/2.0 200 OK", .notHTTP), ("HTTP/1.1 20x OK", .notHTTP), ("ready\n", .notHTTP),
            ("\u{16}\u{3}\u{1}", .notHTTP), ("HTTP/1.\u{661} 200 OK", .notHTTP),
        ] as [(String, ReadinessReply.Verdict)]
    )
    func readsTheStatus(answer: String, verdict: ReadinessReply.Verdict) {
        var whole = ReadinessReply()
        #expect(whole.received(Array(answer.utf8)) == verdict)
        var byByte = ReadinessReply()
        var last = ReadinessReply.Verdict.needsMore
        for byte in answer.utf8 { last = byByte.received([byte]) }
        #expect(last == verdict)
    }

    @Test func asksAgainUntilTheTimeIsOver() {
        var wait = ReadinessWait(timeoutNanos: 2 * Self.second, nowNanos: 100)
        #expect(wait.next(nowNanos: 100) == .ask(untilNanos: 100 + Self.second))
        let refused = ReadinessWait.Failure.notConnected("connection refused")
        #expect(wait.failed(refused, nowNanos: 200) == .pause(untilNanos: 200 + 50_000_000))
        // The last question and the last pause end with the wait.
        let late = 2 * Self.second
        #expect(wait.next(nowNanos: late) == .ask(untilNanos: late + 100))
        #expect(wait.failed(.status(503), nowNanos: late + 1) == .pause(untilNanos: late + 100))
        #expect(wait.next(nowNanos: late + 100) == .giveUp(.status(503)))
    }

    @Test func tellsWhatWasFoundBeforeTheEndCutTheLastQuestionShort() {
        var wait = ReadinessWait(timeoutNanos: Self.second / 2, nowNanos: 0)
        _ = wait.next(nowNanos: 0)
        _ = wait.failed(.status(503), nowNanos: 1)
        _ = wait.next(nowNanos: 2)
        #expect(wait.failed(.tooSlow, nowNanos: Self.second / 2) == .giveUp(.status(503)))
    }

    @Test func tellsOfSilenceWhereThereWasNothingElse() {
        var short = ReadinessWait(timeoutNanos: 5, nowNanos: 0)
        _ = short.next(nowNanos: 0)
        #expect(short.failed(.tooSlow, nowNanos: 5) == .giveUp(.tooSlow))
        var long = ReadinessWait(timeoutNanos: 2 * Self.second, nowNanos: 0)
        _ = long.next(nowNanos: 0)
        _ = long.failed(.status(503), nowNanos: 1)
        _ = long.next(nowNanos: 2)
        // A whole second of it counts.
        _ = long.failed(.tooSlow, nowNanos: 2 + Self.second)
        #expect(long.next(nowNanos: 2 * Self.second) == .giveUp(.tooSlow))
    }

    @Test func waitsForEverWhereTheClockEnds() {
        var wait = ReadinessWait(timeoutNanos: .max, nowNanos: 10)
        #expect(wait.next(nowNanos: 10) == .ask(untilNanos: 10 + Self.second))
    }
}
