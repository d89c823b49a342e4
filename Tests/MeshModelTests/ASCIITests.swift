// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import MeshModel

@Suite("ASCII")
struct ASCIITests {
    @Test func classesAgreeWithUnicodeOnASCIIAndRefuseTheRest() {
        for byte in UInt8.min...UInt8.max {
            let scalar = Unicode.Scalar(byte)
            let isASCII = scalar.isASCII
            let properties = scalar.properties
            #expect(byte.isASCIIDigit == (isASCII && properties.numericType == .decimal))
            #expect(byte.isASCIILower == (isASCII && properties.isLowercase))
            #expect(byte.isASCIIUpper == (isASCII && properties.isUppercase))
            #expect(
                byte.isASCIIAlphanumeric
                    == (isASCII && (properties.isAlphabetic || properties.numericType == .decimal))
            )
            #expect(byte.isASCIISpace == [" ", "\t", "\r", "\n"].contains(scalar))
        }
    }

    @Test func hexDigitsAreThoseThatTheStandardLibraryReads() {
        for byte in UInt8.min...UInt8.max {
            let expected: UInt8? =
                byte < 0x80 ? UInt8(String(Unicode.Scalar(byte)), radix: 16) : nil
            #expect(byte.hexDigitValue == expected, "byte \(byte)")
        }
    }

    @Test(arguments: [
        ("0", 0), ("007", 7), ("65535", 65535), ("18446744073709551615", UInt64.max),
        ("00000000000000000000000001", 1),
    ])
    func readsDigitsWithLeadingZeros(text: String, value: UInt64) {
        #expect(UInt64(digits: text.utf8) == value)
    }

    @Test(arguments: [
        "", "+1", "-1", " 1", "1 ", "1_000", "0x1", "1e3", "１", "18446744073709551616",
        "99999999999999999999",
    ])
    func readsNoNumberFromAnythingElse(text: String) {
        #expect(UInt64(digits: text.utf8) == nil)
    }

    @Test func holdsTheLimitItself() {
        #expect(UInt64(digits: "255".utf8, atMost: 255) == 255)
        #expect(UInt64(digits: "256".utf8, atMost: 255) == nil)
        #expect(UInt64(digits: "0".utf8, atMost: 0) == 0)
    }

    @Test(arguments: [
        ("", ""), (" ", ""), (" \t\r\n", ""), ("a", "a"), (" a b\n", "a b"),
        ("\r\na\r\n", "a"), ("\u{A0}a", "\u{A0}a"),
    ])
    func trimsBothEndsAndNothingElse(text: String, trimmed: String) {
        #expect(String(Substring(text[...].utf8.trimmingASCIISpace())) == trimmed)
    }
}
