// SPDX-License-Identifier: Apache-2.0

/// Writes the series of all threads in Prometheus' text format (version 0.0.4).
public enum MetricsText {
    /// Returns every family that has a series, in the order of ``MetricFamily``.
    public static func render(_ shards: [MetricsShard]) -> String {
        var counters: [MetricsShard.Key: Int] = [:]
        var histograms: [MetricsShard.Key: LatencyReading] = [:]
        for shard in shards {
            shard.forEach(
                counter: { key, count in counters[key, default: 0] += count },
                histogram: { key, reading in
                    if histograms[key] == nil {
                        histograms[key] = reading
                    } else {
                        histograms[key]?.add(reading)
                    }
                }
            )
        }
        var text = ""
        for family in MetricFamily.allCases {
            let ofFamily = counters.filter { $0.key.family == family }
                .map { (labels: $0.key.labels, count: $0.value) }
                .sorted { $0.labels < $1.labels }
            let latencies = histograms.filter { $0.key.family == family }
                .map { (labels: $0.key.labels, reading: $0.value) }
                .sorted { $0.labels < $1.labels }
            guard !ofFamily.isEmpty || !latencies.isEmpty else { continue }
            text += "# HELP \(family.rawValue) \(family.help)\n"
            text += "# TYPE \(family.rawValue) \(family.kind.rawValue)\n"
            for (labels, count) in ofFamily {
                text += family.rawValue + (labels.isEmpty ? "" : "{\(labels)}") + " \(count)\n"
            }
            for (labels, reading) in latencies { write(family, labels, reading, into: &text) }
        }
        return text
    }

    private static func write(
        _ family: MetricFamily,
        _ labels: String,
        _ reading: LatencyReading,
        into text: inout String
    ) {
        let name = family.rawValue
        var total = 0
        for (index, count) in reading.counts.enumerated() {
            total += count
            let isLast = index == LatencyHistogram.boundsMillis.count
            let bound = isLast ? "+Inf" : "\(LatencyHistogram.boundsMillis[index])"
            text += "\(name)_bucket{\(labels),le=\"\(bound)\"} \(total)\n"
        }
        let micros = String(reading.sumMicros % 1000 + 1000).dropFirst()
        text += "\(name)_sum{\(labels)} \(reading.sumMicros / 1000).\(micros)\n"
        text += "\(name)_count{\(labels)} \(total)\n"
    }
}
