// SPDX-License-Identifier: Apache-2.0

import ProxyCore
import Testing

@Suite("Book of series")
struct SeriesBookTests {
    private static let minute: UInt64 = 60_000_000_000
    private static let idle = 10 * minute

    private func lines(_ book: SeriesBook, _ family: MetricFamily = .requests) -> [Substring] {
        book.text().split(separator: "\n").filter { $0.hasPrefix(family.rawValue + "{") }
    }

    /// Counts once on so many series, and holds none of them.
    private func count(_ shard: MetricsShard, _ peers: Range<Int>) {
        for peer in peers { shard.counter(.requests, "peer=\"\(peer)\"").add() }
    }

    /// Calls it each minute; returns whether threads were to let go the last time.
    private func pass(_ book: SeriesBook, from: UInt64 = 0, minutes: Int) -> Bool {
        var isFull = false
        for minute in 0...minutes {
            isFull = book.retire(
                now: (from + UInt64(minute)) * Self.minute,
                idleNanosMin: Self.idle
            )
        }
        return isFull
    }

    /// 500 series of a family are all there are, in however many threads.
    @Test func boundsTheSeriesOfAllThreadsTogether() {
        let book = SeriesBook()
        let shards = (0..<8).map { _ in book.makeShard() }
        for (index, shard) in shards.enumerated() { count(shard, index * 400..<(index + 1) * 400) }
        #expect(lines(book).count == 501)
        #expect(lines(book).contains("request_total{other=\"true\"} \(8 * 400 - 500)"))
        // What one thread has, another may have too.
        count(shards[7], 0..<1)
        #expect(lines(book).contains("request_total{peer=\"0\"} 2"))
    }

    @Test func keepsIdleSeriesForEverWhileThereIsRoom() {
        let book = SeriesBook()
        count(book.makeShard(), 0..<500)
        #expect(!pass(book, minutes: 3000))
        #expect(lines(book).count == 500)
    }

    @Test func dropsATenthOfTheLongestIdleWhereRoomIsWanted() {
        let book = SeriesBook()
        let shard = book.makeShard()
        count(shard, 0..<500)
        count(shard, 500..<501)
        #expect(pass(book, minutes: 9))
        #expect(lines(book).count == 501)
        // These are not idle.
        count(shard, 100..<500)
        #expect(pass(book, from: 10, minutes: 0))
        #expect(lines(book).count == 451)
        // Nobody wants room any more.
        _ = pass(book, from: 11, minutes: 100)
        #expect(lines(book).count == 451)
        count(shard, 500..<550)
        let left = lines(book)
        #expect(left.count == 501)
        for peer in 100..<550 { #expect(left.contains { $0.contains("\"\(peer)\"") }) }
        #expect(left.contains("request_total{other=\"true\"} 1"))
    }

    /// A connection counts on its series for as long as it is open.
    @Test func dropsNothingThatSomebodyHolds() {
        let book = SeriesBook()
        let shards = [book.makeShard(), book.makeShard()]
        let held = (0..<500).map { shards[$0 % 2].counter(.requests, "peer=\"\($0)\"") }
        // Others hold nothing of the same series.
        count(shards[0], 0..<600)
        count(shards[1], 0..<600)
        #expect(pass(book, minutes: 100))
        #expect(lines(book).count == 501)
        for counter in held { counter.add() }
        #expect(lines(book).contains("request_total{peer=\"499\"} 3"))
    }

    @Test func dropsHistogramsAndLeavesOtherFamilies() {
        let book = SeriesBook()
        let shard = book.makeShard()
        for peer in 0..<600 {
            shard.histogram(.responseLatency, "peer=\"\(peer)\"").observe(nanos: 1)
        }
        count(shard, 0..<500)
        _ = pass(book, minutes: 11)
        let counts = book.text().split(separator: "\n").filter { $0.contains("_count{") }
        #expect(counts.count == 451)
        #expect(counts.contains("response_latency_ms_count{other=\"true\"} 100"))
        #expect(lines(book).count == 500)
    }

    /// New peers all the time: the proxy always has room for those of late.
    @Test func followsAMeshThatChanges() {
        let book = SeriesBook()
        let shard = book.makeShard()
        for minute in 0..<600 {
            count(shard, minute * 40..<minute * 40 + 80)
            _ = book.retire(now: UInt64(minute) * Self.minute, idleNanosMin: Self.idle)
            #expect(lines(book).count <= 501)
        }
        let peers = lines(book).filter { !$0.contains("other") }
        let recent = 599 * 40..<600 * 40 + 40
        #expect(recent.count { peer in peers.contains { $0.contains("\"\(peer)\"") } } >= 40)
    }
}
