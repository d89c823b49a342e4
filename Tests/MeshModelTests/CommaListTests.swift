// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import MeshModel

@Suite("Comma list")
struct CommaListTests {
    private func items(of text: String) throws(ValueError) -> [String] {
        try CommaList.items(of: text, example: "25,587").map { String(Substring($0)) }
    }

    @Test(
        arguments: [
            ("", []), (" \n", []), ("a", ["a"]), ("a,b", ["a", "b"]), (" a , b ", ["a", "b"]),
            ("a,b,", ["a", "b"]), ("a,b, \n", ["a", "b"]), ("a b", ["a b"]), (",", nil),
            ("a,,b", nil), (",a", nil), ("a,,", nil), ("a, ,b", nil), (" , ", nil),
        ] as [(String, [String]?)]
    )
    func forgivesOneTrailingCommaOnly(text: String, expected: [String]?) throws {
        if let expected {
            #expect(try items(of: text) == expected)
        } else {
            #expect(
                throws: ValueError(
                    "\"\(text)\" has an empty item between commas; write a list such as \"25,587\""
                )
            ) {
                try items(of: text)
            }
        }
    }
}
