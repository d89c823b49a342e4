// SPDX-License-Identifier: Apache-2.0

/// Deadlines of sockets, soonest first: a binary heap.
///
/// An entry that no longer counts stays until it is due; its owner knows its deadline better.
struct TimerQueue {
    struct Entry {
        let deadlineNanos: UInt64
        let token: SocketToken
    }

    private var heap: [Entry] = []

    var nextDeadlineNanos: UInt64? { heap.first?.deadlineNanos }
    var count: Int { heap.count }

    mutating func add(_ token: SocketToken, at deadlineNanos: UInt64) {
        heap.append(Entry(deadlineNanos: deadlineNanos, token: token))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].deadlineNanos < heap[parent].deadlineNanos else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// The next entry that is due; nil when none is.
    mutating func popDue(nowNanos: UInt64) -> SocketToken? {
        guard let first = heap.first, first.deadlineNanos <= nowNanos else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return first.token
    }

    /// Drops entries.
    mutating func removeAll(where isStale: (Entry) -> Bool) {
        heap.removeAll(where: isStale)
        for index in heap.indices.prefix(heap.count / 2).reversed() { sink(from: index) }
    }

    private mutating func sink(from start: Int = 0) {
        var parent = start
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].deadlineNanos < heap[least].deadlineNanos { least = child }
            }
            if least == parent { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
