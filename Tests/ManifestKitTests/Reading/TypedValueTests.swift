// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ManifestKit

@Suite("Typed values")
struct TypedValueTests {
    private func value(_ text: String) throws -> TypedValue {
        let manifest = try manifest("a: \(text)\n")
        return manifest.typedValue(of: try manifest.node("a"))
    }

    @Test(arguments: [
        "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON",
    ])
    func areTrueIn11Spellings(text: String) throws {
        #expect(try value(text) == .boolean(true))
    }

    @Test(arguments: [
        "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF",
    ])
    func areFalseIn11Spellings(text: String) throws {
        #expect(try value(text) == .boolean(false))
    }

    @Test(arguments: ["", "~", "null", "Null", "NULL", "# c", "!!null ''"])
    func areNull(text: String) throws {
        #expect(try value(text) == .null)
    }

    @Test(arguments: [
        ("0", "0"), ("-0", "0"), ("12", "12"), ("+12", "12"), ("-12", "-12"), ("1_000", "1000"),
        ("017", "15"), ("-017", "-15"), ("0o17", "15"), ("0x1F", "31"), ("-0x1f", "-31"),
        ("0b101", "5"), ("08", "8"), ("0x_1F", "31"),
        ("18446744073709551615", "18446744073709551615"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("!!int '7'", "7"), ("!!int 7", "7"),
    ])
    func areWholeNumbers(text: String, digits: String) throws {
        #expect(try value(text) == .integer(digits))
    }

    @Test(arguments: [
        ("1.5", "1.5"), ("1.", "1."), (".5", ".5"), ("+.5", "+.5"), ("-1.5e3", "-1.5e3"),
        ("1e3", "1e3"), ("1E+3", "1E+3"), ("1_0.5", "10.5"), ("!!float '1.5'", "1.5"),
        ("6.8523015e+5", "6.8523015e+5"), ("09.5", "09.5"),
    ])
    func areOtherNumbers(text: String, number: String) throws {
        #expect(try value(text) == .float(number))
    }

    @Test(arguments: [".inf", "-.inf", "+.Inf", ".INF", ".nan", ".NaN", ".NAN"])
    func areNotFinite(text: String) throws {
        #expect(try value(text) == .notFinite(text))
    }

    @Test(arguments: [
        "a", "yEs", "truE", "nO", "oN", "NUll", "nan", "inf", "0x", "0xG", "0b2", "0o8", "1.2.3",
        "1e",
        "1e+", "e3", "+", ".", "..", "-.", "1:20", "2001-01-01",
        "2001-12-14t21:59:43.10-05:00",
        "1,000", "12a", "_1", "--1", "+-1", "-+1", "0x-1", "0b+1", "1 2", "=", "\u{0663}",
        "1\u{0663}",
        "<<", "0x1FFFFFFFFFFFFFFFF",
    ])
    func areStringsOtherwise(text: String) throws {
        #expect(try value(text) == .string(text))
    }

    @Test(arguments: [
        "'yes'", "\"1\"", "''", "'null'", "|-\n  1", ">-\n  yes", "!!str 1", "!!str yes", "! 1",
        "!!binary MQ==", "!mine 1", "!mine yes", "!!str",
    ])
    func areStringsWhenQuotedOrTagged(text: String) throws {
        guard case .string = try value(text) else {
            Issue.record("not a string")
            return
        }
    }

    @Test func followAliases() throws {
        let manifest = try manifest("a: &x 12\nb: *x\nc: &y {d: e}\nf: *y\n")
        #expect(manifest.typedValue(of: try manifest.node("b")) == .integer("12"))
        #expect(manifest.typedValue(of: try manifest.node("f")) == .collection)
    }

    @Test func endWhereNoNumberIsLonger() throws {
        let digits = String(repeating: "1", count: 64)
        #expect(try value(digits) == .integer(digits))
        #expect(try value(digits + "1") == .string(digits + "1"))
    }

    @Test func haveAWordForMessages() throws {
        let words = try ["a", "yes", "1", "1.5", ".inf", "~", "[]"].map { try value($0).typeName }
        #expect(
            words == [
                "a string", "a boolean", "a number", "a number", "a number", "null", "a collection",
            ]
        )
    }
}
