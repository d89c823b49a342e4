// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@Suite("Quantity, parsing")
struct QuantityParsingTests {
    @Test(
        arguments: [
            ("1n", 1), ("1u", 1_000), ("1m", 1_000_000), ("1", 1_000_000_000),
            ("0.123456789", 123_456_789), ("1.5e-3", 1_500_000), ("15e-10", 2),
            ("1Ki", 1_024_000_000_000), ("0.000000001Ki", 1_024),
        ] as [(String, Int128)]
    )
    func isExactInBillionths(text: String, nanoUnits: Int128) throws {
        #expect(try Quantity(parsing: text).nanoUnits == nanoUnits)
    }

    @Test(
        arguments: [
            ("0.1n", 1), ("0.0000000001", 1), ("1.0000000001", 1_000_000_001), ("1e-100", 1),
            ("1e-99999999999999999999", 1), ("-0.1n", -1),
            ("1.00000000000000000000", 1_000_000_000),
            ("0.9999999999", 1_000_000_000), ("0.0000000000000000000000000000000001Ei", 1),
            ("0.00000000000000000001Ki", 1), ("0.0000000019", 2), ("0.0000000020", 2),
            ("0.0000000001Ei", 115_292_150_460_684_698),
        ] as [(String, Int128)]
    )
    func roundsAwayFromZeroPastNinePlaces(text: String, nanoUnits: Int128) throws {
        #expect(try Quantity(parsing: text).nanoUnits == nanoUnits)
    }

    @Test(arguments: [
        "9223372036854775807", "9223372036854775.807k", "7.99999999999999Ei",
        "-9223372036854775807", "9.223372036854775807e18", "0009223372036854775807",
        "0.000009223372036854775807e24",
    ])
    func readsUpToTheBound(text: String) throws {
        let limit: Int128 = 9_223_372_036_854_775_807_000_000_000
        #expect(try Quantity(parsing: text).nanoUnits.magnitude <= limit.magnitude)
        #expect(try Quantity(parsing: text).nanoUnits.magnitude > limit.magnitude / 10 * 9)
    }

    @Test(arguments: [
        "9223372036854775808", "-9223372036854775808", "9223372036854775807.1", "8Ei", "10E",
        "1e19", "1e1000000", "1e99999999999999999999", "9223372036854775807Ki",
        "99999999999999999999999999999999999999999999Ei",
    ])
    func refusesWhatIsPastTheBound(text: String) {
        #expect(
            throws: ValueError(
                "\"\(text)\" is more than 2^63 - 1, the largest quantity; write one such as \"1Gi\""
            )
        ) {
            try Quantity(parsing: text)
        }
    }

    @Test(arguments: ["", "-", "+", ".", "-.", "Mi", "m", "e3", "--1", "+-1", " 1", "half"])
    func refusesWhatHasNoNumber(text: String) {
        #expect(
            throws: ValueError(
                "\"\(text)\" is not a quantity; "
                    + "write a number with an optional suffix, such as \"100m\" or \"64Mi\""
            )
        ) {
            try Quantity(parsing: text)
        }
    }

    @Test(arguments: [
        ("1K", "K"), ("64MB", "MB"), ("64mb", "mb"), ("1ki", "ki"), ("1KI", "KI"), ("1kB", "kB"),
        ("1MiB", "MiB"), ("1 Mi", " Mi"), ("1Mi ", "Mi "), ("1e", "e"), ("1e+", "e+"),
        ("1e1.5", "e1.5"), ("1e3k", "e3k"), ("1Ee3", "Ee3"), ("1.2.3", ".3"), ("1,5", ",5"),
        ("1g", "g"), ("1\u{B5}", "\u{B5}"), ("1\u{212A}i", "\u{212A}i"), ("1mi", "mi"),
    ])
    func namesTheUnknownSuffix(text: String, suffix: String) {
        #expect(
            throws: ValueError(
                "\"\(text)\" has the unknown suffix \"\(suffix)\"; the suffixes are "
                    + "n u m k M G T P E and Ki Mi Gi Ti Pi Ei, as in \"100m\" or \"64Mi\""
            )
        ) {
            try Quantity(parsing: text)
        }
    }

    @Test func readsEachSuffixAsItsPower() throws {
        var expected: Int128 = 1
        for suffix in ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"] {
            #expect(try Quantity(parsing: "1\(suffix)").nanoUnits == expected)
            expected *= 1000
        }
        expected = 1_000_000_000
        for suffix in ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] {
            #expect(try Quantity(parsing: "1\(suffix)").nanoUnits == expected)
            expected *= 1024
        }
    }

    @Test func refusesTextOfUnboundedLength() throws {
        let zeros = String(repeating: "0", count: 4095)
        #expect(try Quantity(parsing: zeros + "1").description == "1")
        #expect(throws: ValueError.self) { try Quantity(parsing: zeros + "01") }
    }
}
