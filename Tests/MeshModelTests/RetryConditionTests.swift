// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@Suite("Retry condition")
struct RetryConditionTests {
    @Test(
        arguments: [
            ("5xx", .serverError), ("gateway-error", .gatewayError),
            ("connect-failure", .connectFailure), ("reset", .reset), ("400", .status(400)),
            ("503", .status(503)), ("599", .status(599)),
        ] as [(String, RetryCondition)]
    )
    func readsWordsAndErrorCodes(text: String, condition: RetryCondition) throws {
        #expect(try RetryCondition(parsing: text) == condition)
        #expect(condition.description == text)
    }

    @Test(arguments: [
        "", "399", "600", "200", "0503", "+503", "503 ", "4xx", "5XXX", "5xx,reset", "retriable",
    ])
    func refusesOtherWords(text: String) {
        let message = refusal { () throws(ValueError) in try RetryCondition(parsing: text) }
        #expect(
            message?.hasPrefix(
                "\"\(text)\" is not a retry condition; write 5xx, gateway-error, "
                    + "connect-failure, reset or a status code from 400 to 599"
            ) == true
        )
    }

    @Test(arguments: [
        ("5XX", "; did you mean \"5xx\"?"), ("50x", "; did you mean \"5xx\"?"),
        ("gateway_error", "; did you mean \"gateway-error\"?"),
        ("connection-failure", "; did you mean \"connect-failure\"?"),
        ("rest", "; did you mean \"reset\"?"), ("always", ", for instance \"5xx\""),
    ])
    func guessesOrShowsAnExample(text: String, ending: String) {
        let message = refusal { () throws(ValueError) in try RetryCondition(parsing: text) }
        #expect(message?.hasSuffix(ending) == true, "\(message ?? "none")")
    }

    @Test(
        arguments: [
            ("", []), ("5xx", [.serverError]),
            ("5xx,connect-failure", [.serverError, .connectFailure]),
            (" reset , 409, ", [.reset, .status(409)]), ("5xx,5xx", [.serverError, .serverError]),
        ] as [(String, [RetryCondition])]
    )
    func readsListsInTheirOrder(text: String, conditions: [RetryCondition]) throws {
        #expect(try RetryCondition.list(parsing: text) == conditions)
    }

    @Test(arguments: ["5xx,,reset", "5xx,never", "5xx reset"])
    func refusesAListWithABadItem(text: String) {
        #expect(throws: ValueError.self) { try RetryCondition.list(parsing: text) }
    }

    @Test func matchesTheStatusesThatItNames() {
        let matched: [(RetryCondition, [Int])] = [
            (.serverError, [500, 502, 503, 504, 599]),
            (.gatewayError, [502, 503, 504]),
            (.status(409), [409]),
            (.connectFailure, []),
            (.reset, []),
        ]
        for (condition, expected) in matched {
            let statuses = [200, 404, 409, 499, 500, 501, 502, 503, 504, 505, 599, 600]
            let hits = statuses.filter { condition.matches(status: $0) }
            let inside = statuses.filter { status in
                expected.contains(status)
                    || condition == .serverError && [501, 505].contains(status)
            }
            #expect(hits == inside, "\(condition)")
        }
    }
}
