// SPDX-License-Identifier: Apache-2.0

import ProxyCore
import Testing

@Suite("Record budget")
struct RecordBudgetTests {
    private static let second = RecordBudget.refillNanos

    @Test func bearsABurstAndNoMore() {
        var budget = RecordBudget()
        for _ in 0..<RecordBudget.burstMax { expectAnswer(budget.spend(now: 7), true) }
        expectAnswer(budget.spend(now: 7), false)
        expectAnswer(budget.spend(now: 8), false)
    }

    @Test func bearsOneASecondForEver() {
        var budget = RecordBudget()
        for index in 0..<1000 as Range<UInt64> {
            expectAnswer(budget.spend(now: 3 + index * Self.second), true)
        }
    }

    @Test func refillsNoFasterThanThat() {
        var budget = RecordBudget()
        for _ in 0..<RecordBudget.burstMax { _ = budget.spend(now: 0) }
        var borne = 0
        for step in 1...100 as ClosedRange<UInt64> where budget.spend(now: step * Self.second / 10)
        {
            borne += 1
        }
        #expect(borne == 10)
    }

    @Test func isFullAgainAfterALongTime() {
        var budget = RecordBudget()
        for _ in 0..<RecordBudget.burstMax { _ = budget.spend(now: 0) }
        for _ in 0..<RecordBudget.burstMax { expectAnswer(budget.spend(now: .max), true) }
        expectAnswer(budget.spend(now: .max), false)
    }

    /// A clock that goes back gives nothing, and takes nothing.
    @Test func bearsAClockThatGoesBack() {
        var budget = RecordBudget()
        expectAnswer(budget.spend(now: 100 * Self.second), true)
        for _ in 1..<RecordBudget.burstMax { expectAnswer(budget.spend(now: 1), true) }
        expectAnswer(budget.spend(now: 2), false)
    }
}
