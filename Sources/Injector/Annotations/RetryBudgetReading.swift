// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshModel

/// Reads the JSON of `linkerd.io/proxy-retry-budget`.
enum RetryBudgetReading {
    /// `{"v1": {"retryOn": ..., "numRetries": n, "perRetryPolicy": [{"condition": method,
    /// "numRetries": n}]}}`; `retryOn` is a word, a comma-separated list, a code or a JSON list.
    static func read(_ text: String) throws(ValueError) -> RetryBudget {
        let json = try JSONFields(parsing: text)
        let outer = try json.object(json.root, "the budget", keys: ["v1"])
        let version = try json.required("v1", of: outer, "the budget")
        let fields = try json.object(
            version,
            "v1",
            keys: ["retryOn", "numRetries", "perRetryPolicy"]
        )
        let retryOn = try conditions(json, json.required("retryOn", of: fields, "v1"))
        let count = try json.integer(
            json.required("numRetries", of: fields, "v1"),
            "v1.numRetries"
        )
        return try RetryBudget(
            retryOn: retryOn,
            numRetries: count,
            perRetryPolicy: policies(json, fields["perRetryPolicy"])
        )
    }

    private static func conditions(
        _ json: JSONFields,
        _ node: NodeID
    ) throws(ValueError) -> [RetryCondition] {
        guard json.manifest.kind(of: node) == .sequence else {
            return try RetryCondition.list(parsing: word(json, node, "v1.retryOn"))
        }
        var result: [RetryCondition] = []
        for (index, item) in try json.array(node, "v1.retryOn").enumerated() {
            let path = "v1.retryOn[\(index)]"
            do throws(ValueError) {
                result.append(try RetryCondition(parsing: word(json, item, path)))
            } catch {
                throw error.message.hasPrefix(path)
                    ? error : ValueError("\(path): \(error.message)")
            }
        }
        return result
    }

    /// A word, or a status code written as a number.
    private static func word(
        _ json: JSONFields,
        _ node: NodeID,
        _ path: String
    ) throws(ValueError) -> String {
        if case .integer(let digits) = json.manifest.typedValue(of: node) { return digits }
        return try json.string(node, path)
    }

    private static func policies(
        _ json: JSONFields,
        _ node: NodeID?
    ) throws(ValueError) -> [RetryBudget.MethodPolicy] {
        guard let node else { return [] }
        var result: [RetryBudget.MethodPolicy] = []
        for (index, item) in try json.array(node, "v1.perRetryPolicy").enumerated() {
            let path = "v1.perRetryPolicy[\(index)]"
            let fields = try json.object(item, path, keys: ["condition", "numRetries"])
            let method = try json.string(
                json.required("condition", of: fields, path),
                "\(path).condition"
            )
            let count = try json.integer(
                json.required("numRetries", of: fields, path),
                "\(path).numRetries"
            )
            result.append(RetryBudget.MethodPolicy(method: method, numRetries: count))
        }
        return result
    }
}
