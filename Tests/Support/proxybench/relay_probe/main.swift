// SPDX-License-Identifier: Apache-2.0
// Relays so many buffers that do not exist: relay-probe COUNT [allocating]
//
// It is compiled together with RelayMachine.swift, and run where its calls for memory are counted.

/// What keeps the optimiser from leaving the machine out.
@inline(never)
func note(_ action: RelayMachine.Action, in actions: inout Int) {
    if action != .pauseReading { actions += 1 }
}

/// Whether a buffer is taken at once, in parts, or only after the source has been paused.
@inline(never)
func relay(_ count: Int, allocating: Bool) -> Int {
    var machine = RelayMachine(unsentBytesMax: 100, idleNanosMax: 1_000_000_000, now: 0)
    var actions = 0
    for index in 0..<count {
        let now = UInt64(index)
        let direction = index & 1 == 0 ? RelayMachine.Direction.toUpstream : .toDownstream
        note(machine.readBytes(direction, count: 200, now: now), in: &actions)
        if index & 2 == 0 {
            note(machine.wroteAll(direction, now: now), in: &actions)
        } else {
            note(machine.wrotePart(direction, count: 120, now: now), in: &actions)
            note(machine.wrotePart(direction, count: 80, now: now), in: &actions)
        }
        if machine.nextDeadlineNanos != nil { actions += 1 }
        if let action = machine.tick(now: now) { note(action, in: &actions) }
        if allocating { actions += [Int](repeating: index, count: count).count }
    }
    note(machine.readEOF(.toUpstream, now: 0), in: &actions)
    note(machine.readEOF(.toDownstream, now: 0), in: &actions)
    return actions
}

let arguments = CommandLine.arguments
let count = arguments.dropFirst().first.flatMap { Int($0) } ?? 0
let actions = relay(count, allocating: arguments.last == "allocating")
// A machine that ended early would have done nothing, and nothing takes no memory.
precondition(actions >= 2 * count, "\(actions) actions for \(count) buffers")
