// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@Suite("Core ratio")
struct CoreRatioTests {
    @Test(arguments: [
        ("0.5", "0.5"), (".5", "0.5"), ("+0.5", "0.5"), ("0.50", "0.5"), ("5e-1", "0.5"),
        ("50E-2", "0.5"), ("0.999", "0.999"), ("0.0001", "0.0001"), ("1e-9", "1e-09"),
    ])
    func readsPlainDecimals(text: String, canonical: String) throws {
        let ratio = try CoreRatio(parsing: text)
        #expect(ratio.description == canonical)
        #expect(try CoreRatio(parsing: canonical) == ratio)
    }

    @Test(arguments: [
        "", "0", "0.0", "-0.5", "1", "1.0", "1.5", "2", "1e0", "0.99999999999999999999999",
        "1e-400",
        "50%", "half", "inf", "nan", "0x1p-1", "0x0.8", "0,5", " 0.5", "0.5 ", "1e", "e-1", ".",
        "+",
    ])
    func refusesWhatIsNotStrictlyBetweenZeroAndOne(text: String) {
        #expect(
            throws: ValueError(
                "\"\(text)\" is not a share of the cores; "
                    + "write a number between 0 and 1, such as \"0.5\" for half of them"
            )
        ) {
            try CoreRatio(parsing: text)
        }
    }

    @Test func refusesTextLongerThanAnyRatioNeeds() throws {
        let zeros = String(repeating: "0", count: 61)
        #expect(try CoreRatio(parsing: "0.5" + zeros).value == 0.5)
        #expect(throws: ValueError.self) { try CoreRatio(parsing: "0.5" + zeros + "0") }
    }
}
