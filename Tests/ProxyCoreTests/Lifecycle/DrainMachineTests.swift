// SPDX-License-Identifier: Apache-2.0

import ProxyCore
import Testing

@Suite("Drain machine")
struct DrainMachineTests {
    @Test func leavesAtOnceWhenNothingIsOpen() {
        var machine = DrainMachine(graceNanosMax: 100)
        #expect(machine.isReady)
        #expect(machine.nextDeadlineNanos == nil)
        expectAnswer(machine.tick(now: 5), nil)
        expectAnswer(machine.signal(now: 10), .finish)
        #expect(!machine.isReady)
        #expect(machine.nextDeadlineNanos == nil)
    }

    @Test func servesUntilTheLastConnectionEnds() {
        var machine = DrainMachine(graceNanosMax: 100)
        machine.connectionOpened()
        machine.connectionOpened()
        expectAnswer(machine.connectionClosed(now: 1), nil)
        machine.connectionOpened()
        expectAnswer(machine.signal(now: 10), .beginDrain)
        #expect(!machine.isReady)
        #expect(machine.nextDeadlineNanos == 110)
        // The application opens one while it shuts down.
        machine.connectionOpened()
        #expect(machine.openConnections == 3)
        expectAnswer(machine.connectionClosed(now: 20), nil)
        expectAnswer(machine.connectionClosed(now: 21), nil)
        expectAnswer(machine.tick(now: 109), nil)
        expectAnswer(machine.connectionClosed(now: 109), .finish)
        expectAnswer(machine.tick(now: 200), nil)
        expectAnswer(machine.signal(now: 200), nil)
    }

    @Test func closesWhatIsOpenAtTheDeadline() {
        var machine = DrainMachine(graceNanosMax: 100)
        machine.connectionOpened()
        expectAnswer(machine.signal(now: 10), .beginDrain)
        expectAnswer(machine.tick(now: 109), nil)
        expectAnswer(machine.tick(now: 110), .abort(openConnections: 1))
        expectAnswer(machine.tick(now: 111), nil)
        #expect(machine.nextDeadlineNanos == nil)
        expectAnswer(machine.connectionClosed(now: 112), nil)
    }

    @Test func aSecondSignalHurries() {
        var machine = DrainMachine(graceNanosMax: 100)
        machine.connectionOpened()
        machine.connectionOpened()
        expectAnswer(machine.signal(now: 10), .beginDrain)
        expectAnswer(machine.signal(now: 11), .abort(openConnections: 2))
        expectAnswer(machine.signal(now: 12), nil)
    }

    @Test func waitsForQuietWhileItAccepts() {
        var machine = DrainMachine(graceNanosMax: 100, quietNanosMin: 20)
        expectAnswer(machine.signal(now: 10), .beginDrain)
        #expect(machine.nextDeadlineNanos == 30)
        machine.connectionOpened()
        #expect(machine.nextDeadlineNanos == 110)
        expectAnswer(machine.tick(now: 40), nil)
        expectAnswer(machine.connectionClosed(now: 50), nil)
        #expect(machine.nextDeadlineNanos == 70)
        expectAnswer(machine.tick(now: 69), nil)
        expectAnswer(machine.tick(now: 70), .finish)
    }

    @Test func needsNoQuietOnceItHasStoppedAccepting() {
        var machine = DrainMachine(graceNanosMax: 100, quietNanosMin: 20)
        machine.connectionOpened()
        expectAnswer(machine.stoppedAccepting(now: 5), nil)
        expectAnswer(machine.signal(now: 10), .beginDrain)
        expectAnswer(machine.connectionClosed(now: 11), .finish)
        var idle = DrainMachine(graceNanosMax: 100, quietNanosMin: 20)
        expectAnswer(idle.signal(now: 10), .beginDrain)
        expectAnswer(idle.stoppedAccepting(now: 12), .finish)
    }

    @Test func theDeadlineEndsTheWaitForQuiet() {
        var machine = DrainMachine(graceNanosMax: 100, quietNanosMin: 500)
        expectAnswer(machine.signal(now: 10), .beginDrain)
        #expect(machine.nextDeadlineNanos == 110)
        expectAnswer(machine.tick(now: 110), .finish)
    }

    @Test func noGraceMeansNow() {
        var machine = DrainMachine(graceNanosMax: 0)
        machine.connectionOpened()
        expectAnswer(machine.signal(now: 10), .abort(openConnections: 1))
    }

    @Test func aGraceWithoutEndHasNone() {
        var machine = DrainMachine(graceNanosMax: .max)
        machine.connectionOpened()
        expectAnswer(machine.signal(now: 10), .beginDrain)
        #expect(machine.nextDeadlineNanos == .max)
        expectAnswer(machine.tick(now: .max - 1), nil)
    }

    @Test func closingWhatWasNotOpenIsTheCallersBug() async {
        await #expect(processExitsWith: .failure) {
            var machine = DrainMachine(graceNanosMax: 1)
            _ = machine.connectionClosed(now: 0)
        }
    }
}
