// SPDX-License-Identifier: Apache-2.0

import ProxyCore
import Testing

@Suite("Text")
struct TextTests {
    @Test(arguments: [
        ("", "\"\""), ("plain / text", "\"plain / text\""), ("\"\\", "\"\\\"\\\\\""),
        ("a\r\nb", "\"a\\u000d\\u000ab\""), ("\u{1B}[2J", "\"\\u001b[2J\""),
        ("\u{7F}\u{9B}", "\"\\u007f\\u009b\""), ("\u{202E}\u{2028}", "\"\\u202e\\u2028\""),
        ("é", "\"é\""),
    ])
    func quotes(text: String, quoted: String) { #expect(JSONText.quoted(text) == quoted) }

    @Test func cutsWhatIsTooLong() {
        let cut = JSONText.quoted(String(repeating: "a", count: 20), bytesMax: 8)
        #expect(cut == "\"aaaaaaa...\"")
        #expect(JSONText.quoted("12345678", bytesMax: 8) == "\"12345678\"")
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000000Z"),
        (951_782_400_000_000_001, "2000-02-29T00:00:00.000000001Z"),
        (1_661_286_500_071_809_491, "2022-08-23T20:28:20.071809491Z"),
        (1_709_251_199_999_999_999, "2024-02-29T23:59:59.999999999Z"),
        (1_709_251_200_000_000_000, "2024-03-01T00:00:00.000000000Z"),
        (4_102_444_799_000_000_000, "2099-12-31T23:59:59.000000000Z"),
        (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000000000Z"),
    ])
    func writesTimes(nanos: UInt64, text: String) {
        #expect(UTCTime.text(unixNanos: nanos) == text)
    }
}
