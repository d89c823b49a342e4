// SPDX-License-Identifier: Apache-2.0

import ProxyCore
import Testing

@Suite("Relay machine against a model")
struct RelayModelTests {
    @Test func everyByteArrivesAndNothingStops() {
        for seed in 0..<400 as Range<UInt64> {
            var numbers = SeededNumbers(seed: seed)
            var model = RelayModel(using: &numbers)
            let total = model.flows.mapValues(\.toSendBytes)
            while let operation = model.possible.randomElement(using: &numbers) {
                model.perform(operation, using: &numbers)
            }
            #expect(model.faults == [], "seed \(seed)")
            #expect(model.hasClosed, "seed \(seed) stands still")
            #expect(model.flows.mapValues(\.deliveredBytes) == total, "seed \(seed)")
        }
    }

    /// A failure at any moment ends the relay, at once or after what is left to deliver.
    @Test func aFailureAtAnyMomentEndsIt() {
        for seed in 0..<400 as Range<UInt64> {
            var numbers = SeededNumbers(seed: seed)
            var model = RelayModel(using: &numbers)
            for _ in 0..<Int.random(in: 0..<60, using: &numbers) {
                guard let operation = model.possible.randomElement(using: &numbers) else { break }
                model.perform(operation, using: &numbers)
            }
            guard !model.hasClosed else { continue }
            let said =
                Bool.random(using: &numbers)
                ? RelayMachine.Direction.toUpstream : .toDownstream
            var machine = model.machine
            let hadSaidAll = model.flows[said]?.hasReadEOF == true
            let left = model.flows[said]?.bufferedBytes ?? 0
            let action = machine.failed(said.source)
            if hadSaidAll, left > 0 {
                #expect(action == .pauseReading, "seed \(seed)")
                expectAnswer(machine.wroteAll(said, now: 0), .resetAfterDelivery(said.sink))
            } else {
                let expected: RelayMachine.Action =
                    hadSaidAll ? .resetAfterDelivery(said.sink) : .reset
                #expect(action == expected, "seed \(seed)")
            }
        }
    }
}
