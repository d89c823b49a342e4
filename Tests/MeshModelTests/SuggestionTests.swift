// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import MeshModel

@Suite("Suggestion")
struct SuggestionTests {
    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("", "abc", 3), ("abc", "abc", 0), ("abc", "abd", 1),
        ("abc", "ac", 1), ("abc", "abxc", 1), ("abc", "acb", 1), ("abcd", "badc", 2),
        ("kitten", "sitting", 3), ("ca", "abc", 3), ("abc", "xyz", 3),
    ])
    func countsSlips(first: String, second: String, slips: Int) {
        let (first, second) = (Array(first.unicodeScalars), Array(second.unicodeScalars))
        #expect(Suggestion.slips(from: first, to: second) == slips)
        #expect(Suggestion.slips(from: second, to: first) == slips)
    }

    @Test(
        arguments: [
            ("on", ["no", "on!"], nil),
            ("ON", ["no", "on"], "on"),
            ("inof", ["info", "warn"], "info"),
            ("wrn", ["info", "warn"], "warn"),
            ("wrm", ["info", "warn"], nil),
            ("enabeld", ["enabled", "disabled"], "enabled"),
            ("enaaeld", ["enabled"], nil),
            ("JSON", ["json"], "json"),
            ("proxy-cpu-limt", ["proxy-cpu-limit", "proxy-cpu-request"], "proxy-cpu-limit"),
            ("abcdefghijkl", ["abcdefghiXYZ"], "abcdefghiXYZ"),
            ("abcdefghijkl", ["abcdefghWXYZ"], nil),
            ("abcdefghijkl", ["abcdefghijklmno"], "abcdefghijklmno"),
            ("abcdefghijkl", ["abcdefghijklmnop"], nil),
            ("abcdefghijklmnop", ["abcdefghijklmXYZ"], "abcdefghijklmXYZ"),
            ("abcdefghijklmnop", ["abcdefghijklWXYZ"], nil),
            ("", ["a"], nil),
            ("abc", [], nil),
        ] as [(String, [String], String?)]
    )
    func allowsOneSlipPerFourLettersAndThreeAtMost(
        word: String,
        candidates: [String],
        nearest: String?
    ) {
        #expect(Suggestion.nearest(to: word, in: candidates) == nearest)
    }

    @Test func prefersTheNearestThenTheAlphabeticallyFirst() {
        let candidates = ["cart", "bart", "dart"]
        #expect(Suggestion.nearest(to: "eart", in: candidates) == "bart")
        #expect(Suggestion.nearest(to: "eart", in: candidates.reversed()) == "bart")
        #expect(Suggestion.nearest(to: "dart", in: candidates) == "dart")
    }

    @Test func looksAtNoWordPastItsLimit() {
        let longest = String(repeating: "a", count: 128)
        #expect(Suggestion.nearest(to: longest, in: [longest]) == longest)
        #expect(Suggestion.nearest(to: longest + "a", in: [longest]) == nil)
        #expect(Suggestion.nearest(to: longest, in: [longest + "a"]) == nil)
    }
}
