// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@Suite("Go bool")
struct GoBoolTests {
    @Test(arguments: ["1", "t", "T", "TRUE", "true", "True"])
    func readsTrue(text: String) throws {
        let bool = try GoBool(parsing: text)
        #expect(bool.value)
        #expect(bool.description == "true")
    }

    @Test(arguments: ["0", "f", "F", "FALSE", "false", "False"])
    func readsFalse(text: String) throws {
        let bool = try GoBool(parsing: text)
        #expect(!bool.value)
        #expect(bool.description == "false")
    }

    @Test(arguments: [
        "", "yes", "no", "on", "off", "enabled", "tRUE", "fAlse", " true", "true ", "2", "00",
        "ｔ",
    ])
    func refusesAllElse(text: String) {
        #expect(
            throws: ValueError(
                "\"\(text)\" is not a boolean; write \"true\" or \"false\""
            )
        ) {
            try GoBool(parsing: text)
        }
    }
}
