// SPDX-License-Identifier: Apache-2.0

import ProxyCore
import Testing

private func relay(bound: Int = 100) -> RelayMachine {
    RelayMachine(unsentBytesMax: bound, now: 0)
}

@Suite("Relay machine")
struct RelayMachineTests {
    @Test(arguments: RelayMachine.Direction.allCases)
    func halfClosesInEitherOrder(first: RelayMachine.Direction) {
        var machine = relay()
        expectAnswer(machine.readBytes(first, count: 10, now: 1), .keepReading)
        expectAnswer(machine.wroteAll(first, now: 1), .keepReading)
        expectAnswer(machine.readEOF(first, now: 2), .shutdownWrite(first.sink))
        let second = first.opposite
        expectAnswer(machine.readBytes(second, count: 10, now: 3), .keepReading)
        expectAnswer(machine.readEOF(second, now: 3), .pauseReading)
        expectAnswer(machine.wrotePart(second, count: 4, now: 4), .pauseReading)
        expectAnswer(machine.wrotePart(second, count: 6, now: 5), .close)
    }

    @Test func shutsDownOnlyAfterTheLastByte() {
        var machine = relay()
        expectAnswer(machine.readBytes(.toUpstream, count: 10, now: 0), .keepReading)
        expectAnswer(machine.readEOF(.toUpstream, now: 0), .pauseReading)
        expectAnswer(machine.readEOF(.toUpstream, now: 0), .pauseReading)
        expectAnswer(machine.wrotePart(.toUpstream, count: 9, now: 0), .pauseReading)
        expectAnswer(machine.wroteAll(.toUpstream, now: 0), .shutdownWrite(.upstream))
        expectAnswer(machine.wroteAll(.toUpstream, now: 0), .pauseReading)
        expectAnswer(machine.readEOF(.toUpstream, now: 0), .pauseReading)
        expectAnswer(machine.readEOF(.toDownstream, now: 0), .close)
    }

    @Test func pausesAboveTheBoundAndResumesAtHalf() {
        var machine = relay(bound: 100)
        expectAnswer(machine.readBytes(.toUpstream, count: 100, now: 0), .keepReading)
        expectAnswer(machine.readBytes(.toUpstream, count: 1, now: 0), .pauseReading)
        // A read that was on its way.
        expectAnswer(machine.readBytes(.toUpstream, count: 20, now: 0), .pauseReading)
        #expect(machine.unsentBytes(.toUpstream) == 121)
        expectAnswer(machine.wrotePart(.toUpstream, count: 70, now: 0), .pauseReading)
        expectAnswer(machine.readBytes(.toDownstream, count: 5, now: 0), .keepReading)
        expectAnswer(machine.wrotePart(.toUpstream, count: 1, now: 0), .resumeReading)
        expectAnswer(machine.wrotePart(.toUpstream, count: 1, now: 0), .keepReading)
        expectAnswer(machine.readBytes(.toUpstream, count: 40, now: 0), .keepReading)
    }

    @Test(arguments: [0, 1, 2])
    func resumesWithTheSmallestBounds(bound: Int) {
        var machine = relay(bound: bound)
        expectAnswer(machine.readBytes(.toUpstream, count: 3, now: 0), .pauseReading)
        expectAnswer(machine.wroteAll(.toUpstream, now: 0), .resumeReading)
        expectAnswer(machine.wroteAll(.toUpstream, now: 0), .keepReading)
    }

    @Test(arguments: RelayMachine.Side.allCases)
    func aBrokenSideThatWasStillTalkingResets(side: RelayMachine.Side) {
        var machine = relay()
        expectAnswer(machine.failed(side), .reset)
        expectAnswer(machine.failed(side), .pauseReading)
        for direction in RelayMachine.Direction.allCases {
            expectAnswer(machine.readBytes(direction, count: 1, now: 0), .pauseReading)
            expectAnswer(machine.wroteAll(direction, now: 0), .pauseReading)
            expectAnswer(machine.wrotePart(direction, count: 1, now: 0), .pauseReading)
            expectAnswer(machine.readEOF(direction, now: 0), .pauseReading)
        }
        #expect(machine.nextDeadlineNanos == nil)
        expectAnswer(machine.tick(now: .max), nil)
    }

    /// The early answer of a server that does not want the rest of the request.
    @Test func deliversTheAnswerOfAServerThatThenResets() {
        var machine = relay()
        expectAnswer(machine.readBytes(.toDownstream, count: 50, now: 0), .keepReading)
        expectAnswer(machine.readEOF(.toDownstream, now: 0), .pauseReading)
        expectAnswer(machine.readBytes(.toUpstream, count: 101, now: 0), .pauseReading)
        expectAnswer(machine.failed(.upstream), .pauseReading)
        expectAnswer(machine.readBytes(.toUpstream, count: 1, now: 0), .pauseReading)
        #expect(machine.unsentBytes(.toUpstream) == 0)
        expectAnswer(machine.wrotePart(.toDownstream, count: 20, now: 0), .pauseReading)
        expectAnswer(
            machine.wroteAll(.toDownstream, now: 0),
            .resetAfterDelivery(.downstream)
        )
    }

    /// The other side may not know that nobody listens any more.
    @Test func tellsTheOtherSideWhenOneThatHadFinishedBreaks() {
        var machine = relay()
        expectAnswer(machine.readEOF(.toDownstream, now: 0), .shutdownWrite(.downstream))
        expectAnswer(machine.readBytes(.toUpstream, count: 9, now: 0), .keepReading)
        expectAnswer(machine.failed(.upstream), .resetAfterDelivery(.downstream))
        expectAnswer(machine.failed(.downstream), .pauseReading)
    }

    @Test func resetsWhenBothSidesBreak() {
        var machine = relay()
        expectAnswer(machine.readBytes(.toDownstream, count: 50, now: 0), .keepReading)
        expectAnswer(machine.readEOF(.toDownstream, now: 0), .pauseReading)
        expectAnswer(machine.failed(.upstream), .pauseReading)
        expectAnswer(machine.failed(.downstream), .reset)
    }

    @Test func endsWhenIdle() {
        var machine = RelayMachine(unsentBytesMax: 10, idleNanosMax: 100, now: 5)
        #expect(machine.nextDeadlineNanos == 105)
        expectAnswer(machine.tick(now: 104), nil)
        _ = machine.readBytes(.toUpstream, count: 1, now: 50)
        #expect(machine.nextDeadlineNanos == 150)
        _ = machine.wroteAll(.toUpstream, now: 60)
        // A write of nothing is no activity.
        _ = machine.wroteAll(.toUpstream, now: 90)
        #expect(machine.nextDeadlineNanos == 160)
        expectAnswer(machine.tick(now: 160), .close)
        expectAnswer(machine.tick(now: 161), nil)
    }

    @Test func anIdleRelayWithUnsentBytesIsReset() {
        var machine = RelayMachine(unsentBytesMax: 10, idleNanosMax: 100, now: 0)
        _ = machine.readBytes(.toUpstream, count: 1, now: 1)
        expectAnswer(machine.tick(now: 101), .reset)
    }

    @Test func halfClosedRelaysHaveALimitOfTheirOwn() {
        var machine = RelayMachine(
            unsentBytesMax: 10,
            idleNanosMax: 100,
            halfClosedNanosMax: 30,
            now: 0
        )
        _ = machine.readEOF(.toUpstream, now: 10)
        #expect(machine.nextDeadlineNanos == 40)
        _ = machine.readBytes(.toDownstream, count: 1, now: 20)
        #expect(machine.nextDeadlineNanos == 50)
        let never = RelayMachine(unsentBytesMax: 10, now: 0)
        #expect(never.nextDeadlineNanos == nil)
        let endOfTime = RelayMachine(unsentBytesMax: 1, idleNanosMax: .max - 1, now: 2)
        #expect(endOfTime.nextDeadlineNanos == nil)
    }

    @Test func aWrongCountIsTheCallersBug() async {
        await #expect(processExitsWith: .failure) {
            var machine = RelayMachine(unsentBytesMax: 10, now: 0)
            _ = machine.wrotePart(.toUpstream, count: 1, now: 0)
        }
    }

    /// What each relayed connection costs; a smaller one should lower the bound.
    @Test func isSmall() {
        #expect((64...80).contains(MemoryLayout<RelayMachine>.size))
    }
}
