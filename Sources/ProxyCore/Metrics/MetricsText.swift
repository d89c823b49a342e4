// SPDX-License-Identifier: Apache-2.0

/// Writes the series of all threads in Prometheus' text format (version 0.0.4).
public enum MetricsText {
    /// Returns every family that has a series, in the order of ``MetricFamily``; series are in the
    /// order of their labels.
    public static func render(
        _ shards: [MetricsShard],
        _ readings: [MetricReading] = []
    ) -> String {
        var text = ""
        for family in MetricFamily.allCases {
            var values: [String: MetricsShard.Value] = [:]
            for shard in shards {
                for (labels, value) in shard.values(of: family) {
                    if values[labels]?.add(value) == nil { values[labels] = value }
                }
            }
            let own = readings.filter { $0.family == family }
            guard !values.isEmpty || !own.isEmpty else { continue }
            text += "# HELP \(family.rawValue) \(escaped(help: family.help))\n"
            text += "# TYPE \(family.rawValue) \(family.kind.rawValue)\n"
            for (labels, value) in values.sorted(by: { $0.key < $1.key }) {
                switch value {
                case .count(let count): write(family.rawValue, labels, "\(count)", into: &text)
                case .histogram(let reading): write(family, labels, reading, into: &text)
                }
            }
            for reading in own {
                write(family.rawValue, reading.labels, reading.value, into: &text)
            }
        }
        return text
    }

    private static func write(
        _ name: String,
        _ labels: String,
        _ value: String,
        into text: inout String
    ) {
        text += name
        if !labels.isEmpty {
            text += "{"
            text += labels
            text += "}"
        }
        text += " "
        text += value
        text += "\n"
    }

    private static func write(
        _ family: MetricFamily,
        _ labels: String,
        _ reading: HistogramReading,
        into text: inout String
    ) {
        guard let buckets = family.buckets else { return }
        let (name, comma) = (family.rawValue, labels.isEmpty ? "" : ",")
        var total = 0
        for (count, end) in zip(reading.counts, buckets.ends) {
            total += count
            write("\(name)_bucket", "\(labels)\(comma)le=\"\(end)\"", "\(total)", into: &text)
        }
        let sum = decimal(reading.sumMicros, decimals: buckets.decimals)
        write("\(name)_sum", labels, sum, into: &text)
        // Not a number of its own: what is counted meanwhile must not make it differ from +Inf.
        write("\(name)_count", labels, "\(total)", into: &text)
    }

    /// A number whose last digits stand behind its point, without zeros at its end.
    static func decimal(_ value: Int, decimals: Int) -> String {
        var scale = 1
        for _ in 0..<decimals { scale *= 10 }
        let (whole, part) = (value.magnitude / UInt(scale), value.magnitude % UInt(scale))
        var text = (value < 0 ? "-" : "") + "\(whole)"
        guard part > 0 else { return text }
        var digits = Substring(String(part + UInt(scale)).dropFirst())
        while digits.last == "0" { digits.removeLast() }
        text += "."
        text += digits
        return text
    }

    /// A backslash and a line feed would end the line too early.
    private static func escaped(help: String) -> String {
        help.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\")
            .split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\\n")
    }
}
