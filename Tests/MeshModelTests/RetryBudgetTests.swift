// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@Suite("Retry budget")
struct RetryBudgetTests {
    typealias Policy = RetryBudget.MethodPolicy

    private func budget(
        on conditions: [RetryCondition] = [.serverError],
        retries: Int = 3,
        _ policies: [Policy] = []
    ) throws(ValueError) -> RetryBudget {
        try RetryBudget(retryOn: conditions, numRetries: retries, perRetryPolicy: policies)
    }

    @Test func keepsWhatItIsMadeOf() throws {
        let policies = [Policy(method: "POST", numRetries: 1)]
        let budget = try budget(on: [.reset, .serverError, .status(409)], policies)
        #expect(budget.retryOn == [.reset, .serverError, .status(409)])
        #expect(budget.numRetries == 3)
        #expect(budget.perRetryPolicy == policies)
    }

    @Test func givesAMethodItsOwnNumber() throws {
        let budget = try budget(
            [Policy(method: "POST", numRetries: 1), Policy(method: "PURGE", numRetries: 0)]
        )
        let numbers = [("GET", 3), ("POST", 1), ("PURGE", 0), ("post", 3), ("", 3)]
        for (method, number) in numbers {
            #expect(budget.numRetries(forMethod: method) == number, "\(method)")
        }
    }

    @Test(arguments: [0, 1, 100])
    func takesBothEndsOfItsBounds(number: Int) throws {
        let policy = Policy(method: "GET", numRetries: number)
        let budget = try budget(retries: number, [policy])
        #expect(budget.numRetries == number)
        #expect(budget.perRetryPolicy == [policy])
    }

    @Test(arguments: [-1, 101, Int.min, Int.max])
    func namesTheNumberOutOfBounds(number: Int) {
        let wrong = "\(number) is not a number of retries from 0 to 100; write 3, for instance"
        #expect(throws: ValueError("v1.numRetries: \(wrong)")) { try budget(retries: number) }
        #expect(throws: ValueError("v1.perRetryPolicy[1].numRetries: \(wrong)")) {
            try budget([
                Policy(method: "GET", numRetries: 1), Policy(method: "POST", numRetries: number),
            ])
        }
    }

    @Test(arguments: [0, 65])
    func boundsTheNumberOfConditions(count: Int) {
        let conditions = (0..<count).map { RetryCondition.status(400 + $0) }
        #expect(
            throws: ValueError(
                "v1.retryOn must name 1 to 64 conditions, not \(count); write \"5xx\", for instance"
            )
        ) {
            try budget(on: conditions)
        }
    }

    @Test func takesAsManyConditionsAndMethodsAsItsBoundsSay() throws {
        let conditions = (0..<RetryBudget.conditionsMax).map { RetryCondition.status(400 + $0) }
        let policies = (0..<RetryBudget.methodPoliciesMax).map {
            Policy(method: "M\($0)", numRetries: $0)
        }
        let budget = try budget(on: conditions, policies)
        #expect(budget.retryOn.count == 64)
        #expect(budget.numRetries(forMethod: "M63") == 63)
        #expect(
            throws: ValueError(
                "v1.perRetryPolicy has 65 entries; at most 64 are allowed, one for each method"
            )
        ) {
            try self.budget(policies + [Policy(method: "GET", numRetries: 1)])
        }
    }

    @Test(arguments: [399, 600, 0, -1, 200])
    func refusesStatusesThatAreNoErrors(code: Int) {
        #expect(
            throws: ValueError(
                "v1.retryOn[1]: \(code) is not a status code from 400 to 599"
            )
        ) {
            try budget(on: [.serverError, .status(code)])
        }
    }

    @Test func refusesRepeats() {
        #expect(throws: ValueError("v1.retryOn[2]: \"5xx\" is there already; remove one")) {
            try budget(on: [.serverError, .reset, .serverError])
        }
        #expect(
            throws: ValueError(
                "v1.perRetryPolicy[1].condition: \"GET\" has a policy already; remove one"
            )
        ) {
            try budget([
                Policy(method: "GET", numRetries: 1), Policy(method: "GET", numRetries: 2),
            ])
        }
    }

    @Test(arguments: ["GET", "M-SEARCH", "UPDATEREDIRECTREF", "!#$%&'*+-.^_`|~", "purge", "Purge"])
    func takesEveryTokenAsAMethod(method: String) throws {
        let policy = Policy(method: method, numRetries: 1)
        #expect(try budget([policy]).perRetryPolicy == [policy])
    }

    @Test(arguments: ["", "GET POST", "GET,POST", "G\u{C9}T", "\"GET\"", "5xx;", "(GET)"])
    func refusesWhatIsNoMethod(method: String) {
        #expect(
            throws: ValueError(
                "v1.perRetryPolicy[0].condition: \(ValueError.quote(method)) "
                    + "is not an HTTP method; write one such as \"POST\""
            )
        ) {
            try budget([Policy(method: method, numRetries: 1)])
        }
    }

    @Test func boundsTheLengthOfAMethod() throws {
        let longest = String(repeating: "M", count: 32)
        #expect(try budget([Policy(method: longest, numRetries: 1)]).perRetryPolicy.count == 1)
        #expect(throws: ValueError.self) {
            try budget([Policy(method: longest + "M", numRetries: 1)])
        }
    }

    @Test(arguments: [("post", "POST"), ("Get", "GET"), ("dELETE", "DELETE")])
    func refusesCommonMethodsInSmallLetters(method: String, upper: String) {
        #expect(
            throws: ValueError(
                "v1.perRetryPolicy[0].condition: \"\(method)\" would match no request, "
                    + "because HTTP methods are case-sensitive; write \"\(upper)\""
            )
        ) {
            try budget([Policy(method: method, numRetries: 1)])
        }
    }
}
