// SPDX-License-Identifier: Apache-2.0

/// The checked value of `linkerd.io/proxy-retry-budget`: how often a workload's requests repeat.
///
/// Errors name the field by its path in the JSON, `v1.perRetryPolicy[0].condition`. Reading the
/// JSON is the Injector's work; a word of `retryOn` is read by ``RetryCondition/init(parsing:)``.
public struct RetryBudget: Hashable, Sendable {
    /// How often requests of one method may be repeated, in place of the general number.
    public struct MethodPolicy: Hashable, Sendable {
        /// The HTTP method, as on the wire; the field is called `condition`.
        public let method: String
        /// How many times, 0 for never.
        public let numRetries: Int

        /// Makes an unchecked policy; ``RetryBudget`` checks it.
        public init(method: String, numRetries: Int) {
            self.method = method
            self.numRetries = numRetries
        }
    }

    /// LIMIT: retries of one request.
    ///
    /// The mesh's budget caps a storm, but each retry also holds the request in the proxy's memory,
    /// and no timeout in use leaves room for more.
    public static let numRetriesBounds = 0...100

    /// LIMIT: policies; HTTP has some 40 registered methods, and lookup is a scan.
    public static let methodPoliciesMax = 64

    /// LIMIT: conditions; the four words and a code for every error in use.
    public static let conditionsMax = 64

    /// LIMIT: bytes of a method; the longest registered one has 17 (UPDATEREDIRECTREF).
    static let methodBytesMax = 32

    /// What is retried, in the order written; never empty, no repeats.
    public let retryOn: [RetryCondition]
    /// How many times a request may be sent again, 0 to 100.
    public let numRetries: Int
    /// The methods with a number of their own, each once.
    public let perRetryPolicy: [MethodPolicy]

    /// Checks the fields; the error names the first bad one by its path.
    public init(
        retryOn: [RetryCondition],
        numRetries: Int,
        perRetryPolicy: [MethodPolicy] = []
    ) throws(ValueError) {
        try Self.check(retryOn)
        try Self.check(numRetries: numRetries, path: "v1.numRetries")
        try Self.check(perRetryPolicy)
        self.retryOn = retryOn
        self.numRetries = numRetries
        self.perRetryPolicy = perRetryPolicy
    }

    /// How many times a request of `method` may be sent again; methods are case-sensitive.
    public func numRetries(forMethod method: String) -> Int {
        perRetryPolicy.first { $0.method == method }?.numRetries ?? numRetries
    }
}

extension RetryBudget {
    private static func check(_ conditions: [RetryCondition]) throws(ValueError) {
        guard (1...conditionsMax).contains(conditions.count) else {
            throw ValueError(
                "v1.retryOn must name 1 to \(conditionsMax) conditions, not \(conditions.count); "
                    + "write \"5xx\", for instance"
            )
        }
        var seen: Set<RetryCondition> = []
        for (index, condition) in conditions.enumerated() {
            let path = "v1.retryOn[\(index)]"
            if case .status(let code) = condition, !RetryCondition.statusCodes.contains(code) {
                throw ValueError("\(path): \(code) is not a status code from 400 to 599")
            }
            guard seen.insert(condition).inserted else {
                throw ValueError("\(path): \"\(condition)\" is there already; remove one")
            }
        }
    }

    private static func check(_ policies: [MethodPolicy]) throws(ValueError) {
        guard policies.count <= methodPoliciesMax else {
            throw ValueError(
                "v1.perRetryPolicy has \(policies.count) entries; "
                    + "at most \(methodPoliciesMax) are allowed, one for each method"
            )
        }
        var seen: Set<String> = []
        for (index, policy) in policies.enumerated() {
            let path = "v1.perRetryPolicy[\(index)]"
            try check(method: policy.method, path: "\(path).condition")
            try check(numRetries: policy.numRetries, path: "\(path).numRetries")
            guard seen.insert(policy.method).inserted else {
                throw ValueError(
                    "\(path).condition: \"\(policy.method)\" has a policy already; remove one"
                )
            }
        }
    }

    private static func check(numRetries: Int, path: String) throws(ValueError) {
        guard numRetriesBounds.contains(numRetries) else {
            throw ValueError(
                "\(path): \(numRetries) is not a number of retries from "
                    + "\(numRetriesBounds.lowerBound) to \(numRetriesBounds.upperBound); "
                    + "write 3, for instance"
            )
        }
    }

    /// A method is a token (RFC 9110, section 9.1); those of the registry are in capitals.
    private static func check(method: String, path: String) throws(ValueError) {
        guard
            (1...methodBytesMax).contains(method.utf8.count),
            method.utf8.allSatisfy({ byte in
                byte.isASCIIAlphanumeric || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            })
        else {
            throw ValueError(
                "\(path): \(ValueError.quote(method)) is not an HTTP method; "
                    + "write one such as \"POST\""
            )
        }
        // `post` is a token too, but no client sends it: the policy would silently never apply.
        let upper = method.uppercased()
        guard upper == method || !commonMethods.contains(upper) else {
            throw ValueError(
                "\(path): \(ValueError.quote(method)) would match no request, because HTTP "
                    + "methods are case-sensitive; write \"\(upper)\""
            )
        }
    }

    private static let commonMethods: Set<String> = [
        "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE",
    ]
}
