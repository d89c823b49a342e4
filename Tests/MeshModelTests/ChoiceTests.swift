// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import MeshModel

@Suite("Choice")
struct ChoiceTests {
    @Test(arguments: [
        ([], ""), (["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c"),
        (["", "json"], "\"\" or json"),
    ])
    func listsWordsForAPerson(words: [String], text: String) {
        #expect(Choice.listed(words) == text)
    }

    @Test(arguments: [
        ("enable", "enabled"), ("true", "enabled"), ("Yes", "enabled"), ("ON", "enabled"),
        ("1", "enabled"), ("disable", "disabled"), ("False", "disabled"), ("no", "disabled"),
        ("off", "disabled"), ("0", "disabled"), ("ENABLED", "enabled"), ("enabeld", "enabled"),
        ("disabled ", "disabled"),
    ])
    func guessesTheWordBehindASlip(text: String, meant: String) {
        #expect(
            throws: ValueError(
                "\"\(text)\" is not one of enabled or disabled; did you mean \"\(meant)\"?"
            )
        ) {
            try Choice.check(text, in: ["enabled", "disabled"])
        }
    }

    @Test(arguments: ["", "maybe", "true or false", "nothing at all"])
    func showsAnExampleWhereItHasNoGuess(text: String) {
        #expect(
            throws: ValueError(
                "\"\(text)\" is not one of enabled or disabled; write \"enabled\", for instance"
            )
        ) {
            try Choice.check(text, in: ["enabled", "disabled"])
        }
    }

    @Test func guessesNoBooleanWhereThereIsNone() {
        #expect(
            throws: ValueError(
                "\"true\" is not one of plain or json; write \"plain\", for instance"
            )
        ) {
            try Choice.check("true", in: ["plain", "json"])
        }
    }

    @Test(arguments: ["enabled", "disabled"])
    func takesEachWord(text: String) {
        #expect(throws: Never.self) { try Choice.check(text, in: ["enabled", "disabled"]) }
    }
}
