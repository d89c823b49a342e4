// SPDX-License-Identifier: Apache-2.0

import ProxyCore

/// Two peers and a caller around a relay machine, moved by random operations.
///
/// It enforces the protocol: an action that the machine may not give is recorded as a fault.
struct RelayModel {
    typealias Direction = RelayMachine.Direction

    struct Flow {
        var toSendBytes: Int
        var bufferedBytes = 0
        var readBytes = 0
        var deliveredBytes = 0
        var isReading = true
        var hasReadEOF = false
        var hasShutDown = false
    }

    enum Operation {
        case read(Direction)
        case readEOF(Direction)
        case write(Direction)
    }

    static let chunkBytesMax = 40
    private(set) var machine: RelayMachine
    private(set) var flows: [Direction: Flow]
    private(set) var hasClosed = false
    private(set) var faults: [String] = []
    private let unsentBytesMax: Int
    private var now: UInt64 = 0

    init(using numbers: inout SeededNumbers) {
        unsentBytesMax = Int.random(in: 0...80, using: &numbers)
        machine = RelayMachine(unsentBytesMax: unsentBytesMax, now: 0)
        flows = [:]
        for direction in Direction.allCases {
            flows[direction] = Flow(toSendBytes: Int.random(in: 0...500, using: &numbers))
        }
    }

    /// What can happen next; nothing before the end is a deadlock.
    var possible: [Operation] {
        guard !hasClosed else { return [] }
        return Direction.allCases.flatMap { direction -> [Operation] in
            guard let flow = flows[direction] else { return [] }
            var operations: [Operation] = []
            if flow.isReading, flow.toSendBytes > 0 { operations.append(.read(direction)) }
            if flow.isReading, flow.toSendBytes == 0 { operations.append(.readEOF(direction)) }
            if flow.bufferedBytes > 0 { operations.append(.write(direction)) }
            return operations
        }
    }

    mutating func perform(_ operation: Operation, using numbers: inout SeededNumbers) {
        now += 1
        switch operation {
        case .read(let direction):
            guard var flow = flows[direction] else { return }
            let most = min(flow.toSendBytes, Self.chunkBytesMax)
            let count = Int.random(in: 1...most, using: &numbers)
            flow.toSendBytes -= count
            flow.readBytes += count
            flow.bufferedBytes += count
            flows[direction] = flow
            if flow.bufferedBytes > unsentBytesMax + Self.chunkBytesMax {
                faults.append("\(flow.bufferedBytes) bytes are held")
            }
            apply(machine.readBytes(direction, count: count, now: now), to: direction)
        case .readEOF(let direction):
            flows[direction]?.hasReadEOF = true
            apply(machine.readEOF(direction, now: now), to: direction)
        case .write(let direction):
            guard let flow = flows[direction] else { return }
            let count = Int.random(in: 1...flow.bufferedBytes, using: &numbers)
            flows[direction]?.bufferedBytes -= count
            flows[direction]?.deliveredBytes += count
            let action =
                count == flow.bufferedBytes
                ? machine.wroteAll(direction, now: now)
                : machine.wrotePart(direction, count: count, now: now)
            apply(action, to: direction)
        }
    }

    private mutating func apply(_ action: RelayMachine.Action, to direction: Direction) {
        guard let flow = flows[direction] else { return }
        let isDone = flow.hasReadEOF && flow.bufferedBytes == 0
        switch action {
        case .keepReading:
            if !flow.isReading { faults.append("keepReading while paused") }
        case .resumeReading:
            if flow.isReading || flow.hasReadEOF { faults.append("resumeReading for nothing") }
            flows[direction]?.isReading = true
        case .pauseReading:
            flows[direction]?.isReading = false
        case .shutdownWrite(let side):
            if side != direction.sink || !isDone || flow.hasShutDown {
                faults.append("shutdownWrite too early or twice")
            }
            flows[direction]?.hasShutDown = true
            flows[direction]?.isReading = false
        case .close:
            if !isDone || flows[direction.opposite]?.hasShutDown != true {
                faults.append("close too early")
            }
            hasClosed = true
        case .reset, .resetAfterDelivery:
            faults.append("reset without a failure")
        }
    }
}
