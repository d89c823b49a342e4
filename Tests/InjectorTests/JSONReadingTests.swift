// SPDX-License-Identifier: Apache-2.0

import ManifestKit
import MeshModel
import Testing

@testable import Injector

/// A value and the message that it is refused with.
private func message(_ read: () throws(ValueError) -> Void) -> String? {
    do throws(ValueError) {
        try read()
        return nil
    } catch {
        return error.message
    }
}

@Suite("Retry budget in JSON")
struct RetryBudgetReadingTests {
    @Test func isReadInFull() throws {
        let budget = try RetryBudgetReading.read(
            """
            {"v1": {"retryOn": "5xx", "numRetries": 3,
                    "perRetryPolicy": [{"condition": "POST", "numRetries": 1}]}}
            """
        )
        #expect(budget.retryOn.map(\.description) == ["5xx"])
        #expect(budget.numRetries == 3)
        #expect(budget.numRetries(forMethod: "POST") == 1)
        #expect(budget.numRetries(forMethod: "GET") == 3)
    }

    @Test(arguments: [
        ("\"5xx,reset\"", ["5xx", "reset"]),
        ("[\"gateway-error\", 429]", ["gateway-error", "429"]),
        ("503", ["503"]), ("\"connect-failure, 503\"", ["connect-failure", "503"]),
        ("[\"503\"]", ["503"]),
    ])
    func namesConditionsInSeveralForms(retryOn: String, conditions: [String]) throws {
        let text = "{\"v1\": {\"retryOn\": \(retryOn), \"numRetries\": 0}}"
        #expect(try RetryBudgetReading.read(text).retryOn.map(\.description) == conditions)
    }

    @Test(arguments: [
        ("{}", "the budget lacks \"v1\""),
        ("[]", "the budget must be an object, not a list"),
        ("5xx", "not JSON: "),
        ("{\"v2\": {}}", "the budget has no field \"v2\" (it may have v1)"),
        ("{\"v1\": 3}", "v1 must be an object, not a number"),
        ("{\"v1\": {}}", "v1 lacks \"retryOn\""),
        ("{\"v1\": {\"retryOn\": \"5xx\"}}", "v1 lacks \"numRetries\""),
        (
            "{\"v1\": {\"retryOn\": \"5xx\", \"numRetries\": 3, \"numRetries\": 4}}",
            "v1 has \"numRetries\" twice"
        ),
        (
            "{\"v1\": {\"retryOn\": \"5xx\", \"numRetires\": 3}}",
            "v1 has no field \"numRetires\"; did you mean \"numRetries\"?"
        ),
        (
            "{\"v1\": {\"retryOn\": \"5xx\", \"timeout\": 3}}",
            "v1 has no field \"timeout\" (it may have retryOn, numRetries, perRetryPolicy)"
        ),
        (
            "{\"v1\": {\"retryOn\": true, \"numRetries\": 3}}",
            "v1.retryOn must be a string, not a boolean"
        ),
        (
            "{\"v1\": {\"retryOn\": [[]], \"numRetries\": 3}}",
            "v1.retryOn[0] must be a string, not a list"
        ),
        (
            "{\"v1\": {\"retryOn\": \"5xx\", \"numRetries\": \"3\"}}",
            "v1.numRetries must be a whole number, not a string"
        ),
        (
            "{\"v1\": {\"retryOn\": \"5xx\", \"numRetries\": 1.5}}",
            "v1.numRetries must be a whole number, not a number"
        ),
        (
            "{\"v1\": {\"retryOn\": \"5xx\", \"numRetries\": 101}}",
            "v1.numRetries: 101 is not a number of retries from 0 to 100; write 3, for instance"
        ),
        (
            "{\"v1\": {\"retryOn\": [], \"numRetries\": 3}}",
            "v1.retryOn must name 1 to 64 conditions, not 0; write \"5xx\", for instance"
        ),
        (
            "{\"v1\": {\"retryOn\": [503, \"503\"], \"numRetries\": 3}}",
            "v1.retryOn[1]: \"503\" is there already; remove one"
        ),
        (
            "{\"v1\": {\"retryOn\": \"5xx\", \"numRetries\": 3, \"perRetryPolicy\": {}}}",
            "v1.perRetryPolicy must be a list, not an object"
        ),
        (
            "{\"v1\": {\"retryOn\": \"5xx\", \"numRetries\": 3, "
                + "\"perRetryPolicy\": [{\"condition\": \"POST\"}]}}",
            "v1.perRetryPolicy[0] lacks \"numRetries\""
        ),
        (
            "{\"v1\": {\"retryOn\": \"5xx\", \"numRetries\": 3, "
                + "\"perRetryPolicy\": [{\"condition\": \"post\", \"numRetries\": 1}]}}",
            "v1.perRetryPolicy[0].condition: \"post\" would match no request, because HTTP methods "
                + "are case-sensitive; write \"POST\""
        ),
    ])
    func isRefusedByField(text: String, expected: String) {
        let found = message { () throws(ValueError) in _ = try RetryBudgetReading.read(text) }
        if expected.hasSuffix(": ") {
            #expect(found?.hasPrefix(expected) == true)
        } else {
            #expect(found == expected)
        }
    }

    @Test func namesTheItemThatIsNoCondition() {
        let found = message { () throws(ValueError) in
            _ = try RetryBudgetReading.read(
                "{\"v1\": {\"retryOn\": [\"5xx\", \"5x\"], \"numRetries\": 3}}"
            )
        }
        #expect(found?.hasPrefix("v1.retryOn[1]: \"5x\" is not a retry condition") == true)
    }
}

@Suite("Environment in JSON")
struct EnvironmentReadingTests {
    @Test func isReadInOrder() throws {
        let variables = try EnvironmentReading.read(
            """
            [{"name": "B", "value": "1"}, {"name": "A"},
             {"name": "C.d-e", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]
            """
        )
        #expect(variables.map(\.name) == ["B", "A", "C.d-e"])
        let reference = NewNode.mapping([
            NewEntry("fieldRef", .mapping([NewEntry("fieldPath", .string("metadata.name"))]))
        ])
        #expect(
            variables.map(\.node) == [
                .mapping([NewEntry("name", .string("B")), NewEntry("value", .string("1"))]),
                .mapping([NewEntry("name", .string("A"))]),
                .mapping([NewEntry("name", .string("C.d-e")), NewEntry("valueFrom", reference)]),
            ]
        )
    }

    @Test(arguments: [
        ("{}", "the list must be a list, not an object"),
        ("[1]", "[0] must be an object, not a number"),
        ("[{}]", "[0] lacks \"name\""),
        (
            "[{\"name\": \"A\", \"vlaue\": \"1\"}]",
            "[0] has no field \"vlaue\"; did you mean \"value\"?"
        ),
        ("[{\"name\": 1}]", "[0].name must be a string, not a number"),
        ("[{\"name\": \"A\", \"value\": 1}]", "[0].value must be a string, not a number"),
        ("[{\"name\": \"\"}]", "[0].name: \"\" is no name of a variable"),
        ("[{\"name\": \"1A\"}]", "[0].name: \"1A\" is no name of a variable"),
        ("[{\"name\": \"A B\"}]", "[0].name: \"A B\" is no name of a variable"),
        ("[{\"name\": \"..A\"}]", "[0].name: \"..A\" is no name of a variable"),
        ("[{\"name\": \"A\"}, {\"name\": \"A\"}]", "[1].name: \"A\" is there already; remove one"),
        (
            "[{\"name\": \"A\", \"value\": \"1\", \"valueFrom\": {\"fieldRef\": {}}}]",
            "[0] has both value and valueFrom; keep one"
        ),
        ("[{\"name\": \"A\", \"valueFrom\": {}}]", "[0].valueFrom must name one source"),
        (
            "[{\"name\": \"A\", \"valueFrom\": {\"fieldref\": {}}}]",
            "[0].valueFrom has no field \"fieldref\"; did you mean \"fieldRef\"?"
        ),
    ])
    func isRefusedByPath(text: String, expected: String) {
        let found = message { () throws(ValueError) in _ = try EnvironmentReading.read(text) }
        #expect(found == expected)
    }

    @Test func isBounded() throws {
        func list(_ count: Int) -> String {
            "[" + (0..<count).map { "{\"name\": \"A\($0)\"}" }.joined(separator: ",") + "]"
        }
        #expect(try EnvironmentReading.read(list(256)).count == 256)
        let found = message { () throws(ValueError) in _ = try EnvironmentReading.read(list(257)) }
        #expect(found == "the list has 257 variables; at most 256 may be")
    }

    @Test(arguments: ["", "[", "[] []", "nope"])
    func isRefusedWhenItIsNoJSON(text: String) {
        let found = message { () throws(ValueError) in _ = try EnvironmentReading.read(text) }
        #expect(found?.hasPrefix("not JSON: ") == true)
    }
}
