// SPDX-License-Identifier: Apache-2.0

import ProxyCore
import Testing

@Suite("Series of metrics")
struct MetricsShardTests {
    @Test func givesTheSameSeriesForTheSameLabels() {
        let shard = SeriesBook().makeShard()
        #expect(shard.counter(.requests, "a=\"1\"") === shard.counter(.requests, "a=\"1\""))
        #expect(shard.counter(.requests, "a=\"1\"") !== shard.counter(.responses, "a=\"1\""))
    }

    /// 10,000 peers leave 500 series and one for all others, and lose no count.
    @Test func boundsTheSeriesOfAFamily() {
        let shard = SeriesBook().makeShard()
        var sizes: [Int] = []
        for round in 1...2 {
            for peer in 0..<10_000 { shard.counter(.requests, "peer=\"\(peer)\"").add() }
            let text = MetricsText.render([shard])
            sizes.append(text.utf8.count)
            let lines = text.split(separator: "\n").dropFirst(2)
            #expect(lines.count == 500 + 1)
            #expect(lines.contains("request_total{other=\"true\"} \(9500 * round)"))
            let total = lines.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
                .reduce(0, +)
            #expect(total == 10_000 * round)
        }
        #expect(sizes[1] - sizes[0] <= 1)
    }

    @Test func boundsHistogramsAsWellAndEachFamilyForItself() {
        let shard = SeriesBook().makeShard()
        for peer in 0..<1000 {
            shard.histogram(.responseLatency, "peer=\"\(peer)\"").observe(nanos: 0)
        }
        shard.counter(.requests, "peer=\"new\"").add()
        let text = MetricsText.render([shard])
        #expect(text.contains("request_total{peer=\"new\"} 1"))
        #expect(text.contains("response_latency_ms_count{other=\"true\"} 500\n"))
        #expect(text.split(separator: "\n").count { $0.contains("_count{") } == 501)
    }

    @Test(arguments: [
        (0, 0), (1, 0), (1_000_000, 0), (1_000_001, 1), (2_000_000, 1), (10_000_000, 5),
        (10_000_001, 6), (50_000_000_000, 24), (50_000_000_001, 25), (UInt64.max, 25),
    ])
    func putsADurationInTheBucketWhoseEndItHasNotPassed(nanos: UInt64, bucket: Int) {
        let shard = SeriesBook().makeShard()
        let histogram = shard.histogram(.responseLatency, "")
        histogram.observe(nanos: nanos)
        #expect(histogram.reading.counts.firstIndex(of: 1) == bucket)
        #expect(histogram.reading.counts.reduce(0, +) == 1)
    }
}
