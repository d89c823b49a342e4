// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@Suite("Go duration")
struct GoDurationTests {
    @Test(
        arguments: [
            (0, "0s"),
            (1, "1ns"),
            (999, "999ns"),
            (1_100, "1.1\u{B5}s"),
            (1_000_000, "1ms"),
            (2_200_000, "2.2ms"),
            (999_999_999, "999.999999ms"),
            (1_000_000_000, "1s"),
            (3_300_000_000, "3.3s"),
            (60_000_000_000, "1m0s"),
            (245_001_000_000, "4m5.001s"),
            (480_000_000_001, "8m0.000000001s"),
            (3_600_000_000_000, "1h0m0s"),
            (18_367_001_000_000, "5h6m7.001s"),
            (-1_500_000, "-1.5ms"),
            (-90_000_000_000, "-1m30s"),
            (Int64.max, "2562047h47m16.854775807s"),
            (Int64.min, "-2562047h47m16.854775808s"),
        ] as [(Int64, String)]
    )
    func isWrittenAsGoWritesIt(nanoseconds: Int64, text: String) {
        #expect(GoDuration(nanoseconds: nanoseconds).description == text)
    }

    @Test func readsBackWhatItWrites() throws {
        var power: Int64 = 1
        while power < Int64.max / 10 {
            for value in [power - 1, power, power + 1, power * 7 + 60, -power, Int64.max - power] {
                let duration = GoDuration(nanoseconds: value)
                #expect(try GoDuration(parsing: duration.description) == duration)
            }
            power *= 10
        }
    }

    @Test(
        arguments: [
            ("0", 0, 0), ("999us", 0, 0), ("1999us", 1, 0), ("1999ms", 1999, 1),
            ("90s", 90_000, 90),
            ("-1999ms", -1999, -1),
        ] as [(String, Int64, Int64)]
    )
    func dropsWhatIsLessThanAUnit(text: String, millis: Int64, seconds: Int64) throws {
        let duration = try GoDuration(parsing: text)
        #expect(duration.wholeMilliseconds == millis)
        #expect(duration.wholeSeconds == seconds)
    }

    @Test func sortsByLength() throws {
        let texts = ["-1h", "-1s", "0", "1ns", "1us", "1ms", "1s", "59s", "1m", "1h", "25h"]
        let durations = try texts.map { try GoDuration(parsing: $0) }
        #expect(durations.reversed().sorted() == durations)
        #expect(try GoDuration(parsing: "60s") == GoDuration(parsing: "1m"))
    }
}
