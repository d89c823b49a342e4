// SPDX-License-Identifier: Apache-2.0

import Foundation
import ProxyCore
import Testing

/// The table of docs/metrics.md, made from the families.
enum MetricTable {
    static let begin = "<!-- families: made from MetricFamily by MetricTableTests -->\n"
    static let end = "<!-- end of families -->\n"

    static func text() -> String {
        let head = "| family | kind | labels | buckets | what it is |\n|---|---|---|---|---|\n"
        return head
            + MetricFamily.allCases.map { family in
                let inbound = family.inboundLabels.map { "`\($0)`" }.joined(separator: " ")
                let labels = family.labels.map { "`\($0)`" }.joined(separator: " ")
                let ends = family.buckets?.ends.joined(separator: " ") ?? ""
                return "| `\(family.rawValue)` | \(family.kind.rawValue) | \(labels)"
                    + (inbound.isEmpty ? "" : "; inbound \(inbound)")
                    + " | \(ends) | \(family.help) |\n"
            }.joined()
    }
}

@Suite("Table of metrics")
struct MetricTableTests {
    /// `UPDATE_FIXTURES=1` writes the table anew, and fails the run.
    @Test func isTheOneOfTheDocument() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/metrics.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let begin = try #require(text.range(of: MetricTable.begin))
        let end = try #require(text.range(of: MetricTable.end))
        let found = String(text[begin.upperBound..<end.lowerBound])
        let expected = MetricTable.text()
        if found != expected, ProcessInfo.processInfo.environment["UPDATE_FIXTURES"] == "1" {
            let new = text[..<begin.upperBound] + expected + text[end.lowerBound...]
            try Data(new.utf8).write(to: file)
        }
        #expect(found == expected, "UPDATE_FIXTURES=1 make test writes it anew")
    }

    @Test(arguments: MetricFamily.allCases)
    func countersEndInTotalAndOnlyHistogramsHaveBuckets(family: MetricFamily) {
        #expect(family.rawValue.hasSuffix("_total") == (family.kind == .counter))
        #expect((family.buckets != nil) == (family.kind == .histogram))
        #expect(!family.help.isEmpty)
    }

    /// Dashboards know these ends; another one would break their sums over a mesh.
    @Test func bucketsAreLinkerds() throws {
        let latency = try #require(MetricFamily.responseLatency.buckets)
        #expect(
            latency.ends.joined(separator: " ")
                == "1 2 3 4 5 10 20 30 40 50 100 200 300 400 500 1000 2000 3000 4000 5000 10000"
                + " 20000 30000 40000 50000 +Inf"
        )
        for family in [MetricFamily.inboundRequestTime, .backendResponseTime] {
            #expect(
                family.buckets?.ends == ["0.025", "0.05", "0.1", "0.25", "0.5", "1", "10", "+Inf"]
            )
        }
        for family in [MetricFamily.inboundResponseTime, .routeRequestTime] {
            #expect(family.buckets?.ends == ["0.05", "0.5", "1", "10", "+Inf"])
        }
    }
}
