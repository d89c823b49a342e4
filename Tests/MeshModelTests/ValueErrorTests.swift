// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@Suite("Value error")
struct ValueErrorTests {
    @Test func describesItselfByItsMessage() {
        #expect(ValueError("no such port").description == "no such port")
        #expect(ValueError("a") != ValueError("b"))
    }

    @Test(arguments: [
        ("", "\"\""),
        ("webapp", "\"webapp\""),
        ("a b", "\"a b\""),
        ("say \"hi\"", "\"say \\\"hi\\\"\""),
        ("a\\b", "\"a\\\\b\""),
        ("a\nb\r\n\t", "\"a\\nb\\r\\n\\t\""),
        ("\u{1B}[31m", "\"\\u{1B}[31m\""),
        ("\u{0}\u{7F}\u{85}", "\"\\u{0}\\u{7F}\\u{85}\""),
        ("\u{202E}abc\u{200B}", "\"\\u{202E}abc\\u{200B}\""),
        ("\u{2028}\u{2029}", "\"\\u{2028}\\u{2029}\""),
        ("\u{FEFF}a", "\"\\u{FEFF}a\""),
        ("\u{E000}", "\"\\u{E000}\""),
        ("gr\u{FC}n \u{1F600}", "\"gr\u{FC}n \u{1F600}\""),
    ])
    func quotesForOneTerminalLine(text: String, quoted: String) {
        #expect(ValueError.quote(text) == quoted)
    }

    @Test func cutsAfterSixtyScalars() {
        let sixty = String(repeating: "\u{E9}", count: 60)
        #expect(ValueError.quote(sixty) == "\"\(sixty)\"")
        #expect(ValueError.quote(sixty + "x") == "\"\(sixty)...\" (121 bytes)")
    }

    @Test func printsNoControlCharacterWhateverTheInput() {
        for value in UInt32(0)...0x2FFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let quoted = ValueError.quote(String(scalar))
            #expect(
                quoted.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control },
                "U+\(String(value, radix: 16))"
            )
        }
    }
}
