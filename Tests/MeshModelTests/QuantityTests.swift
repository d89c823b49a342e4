// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@Suite("Quantity")
struct QuantityTests {
    @Test(arguments: [
        ("0", "0"), ("-0", "0"), ("0Ki", "0"), ("0e5", "0"), ("000", "0"),
        ("1", "1"), ("5", "5"), ("100", "100"), ("1000", "1k"), ("1001", "1001"),
        ("1000000", "1M"), ("1000001", "1000001"), ("1e3", "1e3"), ("1E3", "1e3"), ("1e+3", "1e3"),
        ("1e-3", "1e-3"), ("10e3", "10e3"), ("1000e3", "1e6"), ("1e2", "100"), ("1e4", "10e3"),
        ("100m", "100m"), ("0.1", "100m"), (".1", "100m"), ("1.", "1"), ("+1", "1"),
        ("1.50", "1500m"),
        ("1000m", "1"), ("1500m", "1500m"), ("1000n", "1u"), ("1u", "1u"), ("-1500m", "-1500m"),
        ("1000k", "1M"), ("1000P", "1E"), ("1E", "1E"), ("0.5k", "500"), ("00012", "12"),
    ])
    func isWrittenAsKubernetesWritesDecimals(text: String, canonical: String) throws {
        let quantity = try Quantity(parsing: text)
        #expect(quantity.description == canonical)
        let again = try Quantity(parsing: canonical)
        #expect(again == quantity)
        #expect(again.description == canonical)
    }

    @Test(arguments: [
        ("1Ki", "1Ki"), ("1024Ki", "1Mi"), ("1024Mi", "1Gi"), ("1025Mi", "1025Mi"),
        ("64Mi", "64Mi"), ("300Mi", "300Mi"), ("0.5Gi", "512Mi"), (".5Ki", "512"),
        ("1.5Ki", "1536"), ("1.5Gi", "1536Mi"), ("1.1Gi", "1181116006400m"), ("0.1Ki", "102400m"),
        (".001Ki", "1024m"), (".000001Ki", "1024u"), (".000000001Ki", "1024n"),
        ("-1Mi", "-1Mi"), ("-1023Ki", "-1023Ki"), ("1Ti", "1Ti"), ("1Pi", "1Pi"), ("7Ei", "7Ei"),
        ("1000Ki", "1000Ki"),
    ])
    func isWrittenAsKubernetesWritesBinaries(text: String, canonical: String) throws {
        let quantity = try Quantity(parsing: text)
        #expect(quantity.description == canonical)
        #expect(try Quantity(parsing: canonical) == quantity)
        #expect(try Quantity(parsing: canonical).description == canonical)
    }

    @Test(arguments: [
        ("1Gi", "1024Mi"), ("1", "1000m"), ("1e3", "1k"), ("0.5", "500m"), ("1Ki", "1024"),
        ("1E", "1e18"), ("0", "-0Ei"),
    ])
    func isEqualByValueHoweverWritten(one: String, other: String) throws {
        let (one, other) = (try Quantity(parsing: one), try Quantity(parsing: other))
        #expect(one == other)
        #expect(Set([one, other]).count == 1)
    }

    @Test func sortsByValue() throws {
        let texts = [
            "-1Gi", "-1", "-1n", "0", "1n", "1u", "1m", "999m", "1", "1k", "1Ki", "1M", "1Mi",
            "1G", "1Gi", "1T", "1Ti", "1P", "1Pi", "1E", "1Ei", "9223372036854775807",
        ]
        let quantities = try texts.map { try Quantity(parsing: $0) }
        #expect(quantities.reversed().sorted() == quantities)
        #expect(Set(quantities).count == texts.count)
    }

    @Test(
        arguments: [
            ("0", 0), ("1n", 1), ("1m", 1), ("999m", 1), ("1", 1), ("1001m", 2), ("1100m", 2),
            ("2", 2), ("1.000000001", 2), ("-1100m", -1), ("-1m", 0), ("-2", -2),
            ("9223372036854775807", .max), ("9223372036854775806.5", .max),
        ] as [(String, Int64)]
    )
    func roundsWholeUnitsUp(text: String, units: Int64) throws {
        #expect(try Quantity(parsing: text).ceilingWholeUnits == units)
    }

    @Test func isNegativeBelowZeroOnly() throws {
        #expect(try Quantity(parsing: "-1n").isNegative)
        #expect(try !Quantity(parsing: "-0").isNegative)
        #expect(try !Quantity(parsing: "1n").isNegative)
    }
}
