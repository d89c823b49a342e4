// SPDX-License-Identifier: Apache-2.0

/// What makes the proxy send a request again.
public enum RetryCondition: Hashable, Sendable, CustomStringConvertible {
    /// `5xx`: any status from 500 to 599.
    case serverError
    /// `gateway-error`: 502, 503 or 504.
    case gatewayError
    /// `connect-failure`: no connection to the server could be made.
    case connectFailure
    /// `reset`: the connection or stream ended before a response.
    case reset
    /// One status code, 400 to 599.
    case status(Int)

    /// The status codes that may be named: the errors.
    static let statusCodes = 400...599

    private static let words = ["5xx", "gateway-error", "connect-failure", "reset"]

    /// Reads one word of `retryOn`, or a status code from 400 to 599.
    public init(parsing text: String) throws(ValueError) {
        switch text {
        case "5xx": self = .serverError
        case "gateway-error": self = .gatewayError
        case "connect-failure": self = .connectFailure
        case "reset": self = .reset
        default:
            let code = UInt64(digits: text.utf8, atMost: 599).map { Int($0) }
            guard let code, text.utf8.count == 3, Self.statusCodes.contains(code) else {
                throw Self.unknown(text)
            }
            self = .status(code)
        }
    }

    /// Reads a comma-separated list, the form of Envoy's `retry_on`: `5xx,connect-failure`.
    public static func list(parsing text: String) throws(ValueError) -> [RetryCondition] {
        var conditions: [RetryCondition] = []
        for item in try CommaList.items(of: text, example: "5xx,connect-failure") {
            conditions.append(try RetryCondition(parsing: String(Substring(item))))
        }
        return conditions
    }

    /// Whether a response with this status is to be retried.
    public func matches(status: Int) -> Bool {
        switch self {
        case .serverError: (500...599).contains(status)
        case .gatewayError: (502...504).contains(status)
        case .status(let code): code == status
        case .connectFailure, .reset: false
        }
    }

    /// The word or code as it is written.
    public var description: String {
        switch self {
        case .serverError: "5xx"
        case .gatewayError: "gateway-error"
        case .connectFailure: "connect-failure"
        case .reset: "reset"
        case .status(let code): "\(code)"
        }
    }

    private static func unknown(_ text: String) -> ValueError {
        let near = Suggestion.nearest(to: text, in: words)
        return ValueError(
            "\(ValueError.quote(text)) is not a retry condition; write "
                + "\(Choice.listed(words + ["a status code from 400 to 599"]))"
                + (near.map { "; did you mean \"\($0)\"?" } ?? ", for instance \"5xx\"")
        )
    }
}
