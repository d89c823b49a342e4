// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

/// The tables follow what Go's `time.ParseDuration` is known to accept and to refuse.
@Suite("Go duration, parsing")
struct GoDurationParsingTests {
    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("+0", 0), ("0s", 0), ("-0s", 0),
            ("5s", 5_000_000_000), ("+5s", 5_000_000_000), ("-5s", -5_000_000_000),
            ("1478s", 1_478_000_000_000), ("007s", 7_000_000_000),
            ("5.0s", 5_000_000_000), ("5.6s", 5_600_000_000), ("5.s", 5_000_000_000),
            (".5s", 500_000_000), ("1.004s", 1_004_000_000), ("100.00100s", 100_001_000_000),
            ("10ns", 10), ("11us", 11_000), ("12\u{B5}s", 12_000), ("12\u{3BC}s", 12_000),
            ("13ms", 13_000_000), ("15m", 900_000_000_000), ("16h", 57_600_000_000_000),
            ("3h30m", 12_600_000_000_000), ("10.5s4m", 250_500_000_000),
            ("-2m3.4s", -123_400_000_000), ("1h2m3s4ms5us6ns", 3_723_004_005_006),
            ("39h9m14.425s", 140_954_425_000_000), ("1s1s", 2_000_000_000),
            ("0.9ns", 0), ("1.999us", 1999),
        ] as [(String, Int64)]
    )
    func readsWhatGoReads(text: String, nanoseconds: Int64) throws {
        #expect(try GoDuration(parsing: text).nanoseconds == nanoseconds)
    }

    @Test(
        arguments: [
            ("9007199254740993ns", 9_007_199_254_740_993),
            ("9223372036854775807ns", .max), ("9223372036854775.807us", .max),
            ("9223372036s854ms775us807ns", .max), ("2562047h47m16.854775807s", .max),
            ("-9223372036854775808ns", .min), ("-9223372036854775.808us", .min),
            ("-9223372036s854ms775us808ns", .min), ("-2562047h47m16.854775808s", .min),
            ("0.3333333333333333333h", 1_200_000_000_000),
            ("0.100000000000000000000h", 360_000_000_000),
            ("0.830103483285477580700h", 2_988_372_539_827),
        ] as [(String, Int64)]
    )
    func isExactAtTheEdges(text: String, nanoseconds: Int64) throws {
        #expect(try GoDuration(parsing: text).nanoseconds == nanoseconds)
    }

    @Test(arguments: [
        "9223372036854775808ns", "9223372036854775810ns", "-9223372036854775809ns",
        "9223372036854776us", "3000000h", "9223372036854775.808us", "9223372036854ms775us808ns",
        "18446744073709551616ns", "99999999999999999999999h", "2562047h47m16.854775808s",
        "9223372036854775808ns9223372036854775808ns", "-9223372036854775808ns9223372036854775808ns",
        "2562047h2562047h2562047h",
    ])
    func refusesWhatDoesNotFit(text: String) {
        #expect(
            throws: ValueError(
                "the duration \"\(text)\" is longer than 292 years; write \"24h\", say"
            )
        ) {
            try GoDuration(parsing: text)
        }
    }

    @Test(arguments: [
        "", "-", "+", "s", ".", "-.", ".s", "+.s", "--5s", "- 5s", "5s 5", "1.2.3s", "5s5", " 5s",
        "5s.", "\u{85}", "1s,2s",
    ])
    func refusesWhatIsNoDuration(text: String) {
        #expect(throws: ValueError.self) { try GoDuration(parsing: text) }
    }

    @Test(arguments: [
        ("6000", "6000ms", "6s"), ("1500", "1500ms", "1500s"), ("5", "5ms", "5s"),
        ("-5", "5ms", "5s"), ("00", "0ms", "0s"),
        ("18446744073709551615", "18446744073709551615ms", "18446744073709551615s"),
    ])
    func offersUnitsForABareNumber(text: String, millis: String, seconds: String) {
        #expect(
            throws: ValueError(
                "the duration \"\(text)\" has no unit; write \"\(millis)\" or \"\(seconds)\""
            )
        ) {
            try GoDuration(parsing: text)
        }
    }

    @Test(arguments: [
        ("1d", "d", "so one day is \"24h\""), ("2days", "days", "so one day is \"24h\""),
        ("6sec", "sec", "as in \"6s\""), ("6S", "S", "as in \"6s\""), ("6 s", " s", "as in \"6s\""),
        ("5s ", "s ", "as in \"6s\""), ("1h30min", "min", "as in \"6s\""),
        ("1\u{20AC}\u{20AC}", "\u{20AC}\u{20AC}", "as in \"6s\""),
    ])
    func namesTheUnknownUnit(text: String, unit: String, hint: String) {
        #expect(
            throws: ValueError(
                "\"\(text)\" has the unknown unit \"\(unit)\"; "
                    + "the units are ns, us, ms, s, m and h, \(hint)"
            )
        ) {
            try GoDuration(parsing: text)
        }
    }

    @Test func showsAnExampleForNoDurationAtAll() {
        #expect(
            throws: ValueError(
                "\"soon\" is not a duration; write one such as \"6s\" or \"1h30m\""
            )
        ) {
            try GoDuration(parsing: "soon")
        }
    }
}
