// SPDX-License-Identifier: Apache-2.0

import MeshModel
import ProxyCore
import Testing

@Suite("Text of metrics")
struct MetricsTextTests {
    @Test func isByteForByteTheFormat() {
        let shard = SeriesBook().makeShard()
        shard.counter(.tcpOpen, "b=\"2\"").add(3)
        shard.counter(.tcpOpen, "b=\"2\"").add(-1)
        shard.counter(.tcpOpen, "a=\"1\"").add()
        _ = shard.counter(.inboundTCPErrors)
        let text = MetricsText.render([shard], [MetricReading(.processCPU, 1_250_000, decimals: 6)])
        #expect(
            text == """
                # HELP tcp_open_connections Connections that are open.
                # TYPE tcp_open_connections gauge
                tcp_open_connections{a="1"} 1
                tcp_open_connections{b="2"} 2
                # HELP inbound_tcp_errors_total Connections that the proxy ended itself, by cause.
                # TYPE inbound_tcp_errors_total counter
                inbound_tcp_errors_total 0
                # HELP process_cpu_seconds_total \
                Seconds of processor time, of the process and of the kernel for it.
                # TYPE process_cpu_seconds_total counter
                process_cpu_seconds_total 1.25

                """
        )
        #expect(MetricsText.render([SeriesBook().makeShard()]) == "")
    }

    @Test func writesAHistogramWithItsSumAndCount() {
        let shard = SeriesBook().makeShard()
        let histogram = shard.histogram(.routeRequestTime, "a=\"b\"")
        for millis: UInt64 in [50, 51, 20_000] { histogram.observe(nanos: millis * 1_000_000) }
        let lines = MetricsText.render([shard]).split(separator: "\n").dropFirst(2)
        let name = "outbound_http_route_request_duration_seconds"
        #expect(
            lines == [
                "\(name)_bucket{a=\"b\",le=\"0.05\"} 1", "\(name)_bucket{a=\"b\",le=\"0.5\"} 2",
                "\(name)_bucket{a=\"b\",le=\"1\"} 2", "\(name)_bucket{a=\"b\",le=\"10\"} 2",
                "\(name)_bucket{a=\"b\",le=\"+Inf\"} 3", "\(name)_sum{a=\"b\"} 20.101",
                "\(name)_count{a=\"b\"} 3",
            ]
        )
    }

    @Test func writesAHistogramWithoutLabels() {
        let shard = SeriesBook().makeShard()
        shard.histogram(.outboundDetectTime).observe(nanos: 1)
        let text = MetricsText.render([shard])
        #expect(text.contains("_bucket{le=\"0.001\"} 1\n"))
        #expect(text.contains("_sum 0.000001\n"))
    }

    @Test func addsUpWhatThreadsHaveOfOneSeries() {
        let book = SeriesBook()
        let shards = [book.makeShard(), book.makeShard(), book.makeShard()]
        for (index, shard) in shards.enumerated() {
            shard.counter(.requests, "a=\"b\"").add(index + 1)
            shard.histogram(.responseLatency, "a=\"b\"").observe(nanos: 3_000_000)
        }
        shards[2].counter(.requests, "c=\"d\"").add()
        let text = MetricsText.render(shards)
        #expect(text.contains("request_total{a=\"b\"} 6\nrequest_total{c=\"d\"} 1\n"))
        #expect(text.contains("{a=\"b\",le=\"2\"} 0\n"))
        #expect(text.contains("{a=\"b\",le=\"3\"} 3\n"))
        #expect(text.contains("response_latency_ms_sum{a=\"b\"} 9\n"))
    }

    @Test(arguments: [
        (0, 0, "0"), (12, 0, "12"), (1500, 3, "1.5"), (1000, 3, "1"), (7, 6, "0.000007"),
        (-1250, 3, "-1.25"),
    ])
    func writesNumbersWithoutZerosAtTheirEnd(value: Int, decimals: Int, text: String) {
        #expect(MetricReading(.processCPU, value, decimals: decimals).value == text)
    }

    @Test func countsOfSeveralThreadsArriveWhileOthersRead() async {
        let book = SeriesBook()
        let shards = [book.makeShard(), book.makeShard()]
        await withTaskGroup(of: Void.self) { group in
            for shard in shards {
                group.addTask {
                    let counter = shard.counter(.requests, "a=\"b\"")
                    let histogram = shard.histogram(.responseLatency, "a=\"b\"")
                    for _ in 0..<20_000 {
                        counter.add()
                        histogram.observe(nanos: 1)
                    }
                }
            }
            group.addTask {
                for _ in 0..<50 {
                    let lines = MetricsText.render(shards).split(separator: "\n")
                    // What is read in the middle of it must still be a whole histogram.
                    let last = lines.first { $0.contains("le=\"+Inf\"") }?.split(separator: " ")
                        .last
                    let count = lines.first { $0.contains("ms_count") }?.split(separator: " ").last
                    #expect(last == count)
                }
            }
        }
        let text = MetricsText.render(shards)
        #expect(text.contains("request_total{a=\"b\"} 40000\n"))
        #expect(text.contains("response_latency_ms_count{a=\"b\"} 40000\n"))
    }
}
