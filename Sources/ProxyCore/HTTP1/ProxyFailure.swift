// SPDX-License-Identifier: Apache-2.0

/// Why the proxy answers a request itself.
///
/// Everything that is said of a failure comes from here: the status, the gRPC status, whether the
/// client's connection ends with it, and the words.
public enum ProxyFailure: Error, Equatable, Sendable {
    /// It is no request that we pass on.
    case request(HTTP1Refusal)
    /// Its head did not come in time.
    case headTimeout
    /// Its body stopped coming.
    case bodyTimeout
    /// The policy does not let the client in; the reason names what is missing.
    case unauthorized(String)
    /// `outgoing.allow` has no entry for the destination; the entry that would allow it.
    case notAllowed(missing: String)
    /// Nobody serves the destination.
    case noEndpoints(String)
    /// Too many requests are under way.
    case overloaded(requestsMax: Int)
    /// It would come back to the proxy.
    case loop(String)
    /// No connection to whoever serves it; what was tried.
    case connect(String)
    /// The same, because nobody answered in time.
    case connectTimeout(String)
    /// The connection broke before a response.
    case serverLeft(String)
    /// The same for a request that may be repeated, by a reset: the server had not read it all, or
    /// had not even taken the connection.
    case serverReset(String)
    /// What came is no response that we pass on.
    case response(HTTP1Refusal, from: String)
    /// No response came within the limit.
    case requestTimeout(setting: String)

    /// The status of the response.
    public var status: Int {
        switch self {
        case .request(let refusal): refusal.status
        case .headTimeout, .bodyTimeout: 408
        case .unauthorized, .notAllowed: 403
        case .overloaded: 503
        case .loop: 508
        case .connect, .serverLeft, .serverReset, .response: 502
        case .noEndpoints, .connectTimeout, .requestTimeout: 504
        }
    }

    /// The status of a gRPC call (https://grpc.io/docs/guides/status-codes).
    public var grpcStatus: Int {
        switch self {
        case .request, .response: 13
        case .headTimeout, .bodyTimeout, .noEndpoints, .connectTimeout, .requestTimeout: 4
        case .unauthorized, .notAllowed: 7
        case .overloaded, .connect, .serverLeft, .serverReset: 14
        case .loop: 10
        }
    }

    /// What failures are logged by.
    public enum Cause: String, Sendable, CaseIterable {
        case badRequest = "bad_request"
        case requestHeadTimeout = "request_head_timeout"
        case requestBodyTimeout = "request_body_timeout"
        case unauthorized
        case notAllowed = "not_allowed"
        case noEndpoints = "no_endpoints"
        case overloaded = "loadshed"
        case loop
        case connectError = "connect_error"
        case connectTimeout = "connect_timeout"
        case serverLeft = "server_left"
        case badResponse = "bad_response"
        case responseTimeout = "response_timeout"
    }

    /// The cause without its particulars.
    public var cause: Cause {
        switch self {
        case .request: .badRequest
        case .headTimeout: .requestHeadTimeout
        case .bodyTimeout: .requestBodyTimeout
        case .unauthorized: .unauthorized
        case .notAllowed: .notAllowed
        case .noEndpoints: .noEndpoints
        case .overloaded: .overloaded
        case .loop: .loop
        case .connect: .connectError
        case .connectTimeout: .connectTimeout
        case .serverLeft, .serverReset: .serverLeft
        case .response: .badResponse
        case .requestTimeout: .responseTimeout
        }
    }

    /// Whether the client's connection ends with the response.
    public var closesClient: Bool {
        switch self {
        case .unauthorized, .notAllowed, .requestTimeout: false
        case .request, .headTimeout, .bodyTimeout, .noEndpoints, .overloaded, .loop, .connect,
            .connectTimeout, .serverLeft, .serverReset, .response:
            true
        }
    }

    /// Whether the request has reached nobody, or might as well not have, so that another replica
    /// may be asked.
    public var isUnsent: Bool {
        switch self {
        case .overloaded, .connect, .connectTimeout, .serverReset: true
        case .request, .headTimeout, .bodyTimeout, .unauthorized, .notAllowed, .noEndpoints, .loop,
            .serverLeft, .response, .requestTimeout:
            false
        }
    }

    /// Whether the words name things behind the proxy, which strangers are not told.
    public var isInternal: Bool {
        switch self {
        case .request, .headTimeout, .bodyTimeout, .unauthorized, .notAllowed, .overloaded,
            .requestTimeout:
            false
        case .noEndpoints, .loop, .connect, .connectTimeout, .serverLeft, .serverReset, .response:
            true
        }
    }

    /// The value of the label `error`, in Linkerd's words where it has one; nil for what the policy
    /// denies, which is counted as that.
    public var errorLabel: String? {
        switch self {
        case .request: "invalid request"
        case .headTimeout, .bodyTimeout: "request timeout"
        case .unauthorized: nil
        case .notAllowed: "forbidden"
        case .noEndpoints: "failfast"
        case .overloaded: "loadshed"
        case .loop: "gateway loop"
        case .connect, .connectTimeout, .serverLeft, .serverReset: "i/o"
        case .response: "invalid response"
        case .requestTimeout: "response timeout"
        }
    }

    /// The value of the label `error` of routes, in Linkerd's words.
    public var routeErrorLabel: String {
        switch self {
        case .noEndpoints: "FAIL_FAST"
        case .overloaded: "LOAD_SHED"
        case .requestTimeout: "RESPONSE_HEADERS_TIMEOUT"
        case .headTimeout, .bodyTimeout: "REQUEST_TIMEOUT"
        case .connect, .connectTimeout, .serverLeft, .serverReset: "IO"
        case .request, .unauthorized, .notAllowed, .loop, .response: "UNKNOWN"
        }
    }

    /// Cause, target and what was tried, in one line.
    public var reason: String {
        switch self {
        case .request(let refusal): refusal.reason
        case .headTimeout: "the request's head did not come in time"
        case .bodyTimeout: "the request's body stopped coming"
        case .unauthorized(let reason): reason
        case .notAllowed(let entry): "outgoing.allow has no entry for it, such as \(entry)"
        case .noEndpoints(let target): "nobody serves \(target)"
        case .overloaded(let count): "more than \(count) requests are under way"
        case .loop(let target): "\(target) is this proxy itself"
        case .connect(let tried), .connectTimeout(let tried): "cannot connect: \(tried)"
        case .serverLeft(let target), .serverReset(let target):
            "\(target) closed the connection before its response"
        case .response(let refusal, let target): "\(target) answers badly: \(refusal.reason)"
        case .requestTimeout(let setting): "no response within \(setting)"
        }
    }

    fileprivate var phrase: String {
        switch status {
        case 400: "Bad Request"
        case 403: "Forbidden"
        case 408: "Request Timeout"
        case 414: "URI Too Long"
        case 431: "Request Header Fields Too Large"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        case 508: "Loop Detected"
        default: preconditionFailure("no failure has the status \(status)")
        }
    }
}

extension ProxyFailure {
    /// Appends the response to a request that failed.
    ///
    /// gRPC takes its status from a field; HTTP's is 200 then. `informs` says whether the client is
    /// told more than the status; `tellsProxy`, that it is a proxy that may ask another replica;
    /// `hasErrorField`, whether the words have a field of their own.
    public func writeResponse(
        isGRPC: Bool,
        closes: Bool,
        informs: Bool,
        tellsProxy: Bool,
        hasErrorField: Bool = true,
        into output: inout [UInt8]
    ) {
        let words = Self.fieldValue(informs || !isInternal ? reason : "unavailable")
        if isGRPC {
            output += "HTTP/1.1 200 OK\r\ncontent-type: application/grpc\r\n".utf8
            output += "grpc-status: \(grpcStatus)\r\ngrpc-message: \(Self.percent(words))\r\n".utf8
        } else {
            output += "HTTP/1.1 \(status) \(phrase)\r\n".utf8
        }
        output += "content-length: 0\r\n".utf8
        if hasErrorField { output += "l5d-proxy-error: \(words)\r\n".utf8 }
        if tellsProxy, isUnsent { output += "l5d-proxy-unsent: true\r\n".utf8 }
        if closes {
            output += "connection: close\r\nl5d-proxy-connection: close\r\n".utf8
        }
        output += "\r\n".utf8
    }

    /// LIMIT: bytes of a reason in a field; three endpoints that were tried, and why, fit.
    private static let wordsMax = 512

    /// Words may repeat an identity of a peer: nothing in them may end the field.
    private static func fieldValue(_ text: String) -> String {
        String(
            decoding: text.utf8.prefix(wordsMax).map { 0x20..<0x7F ~= $0 ? $0 : 0x3F },
            as: UTF8.self
        )
    }

    /// gRPC percent-encodes its message.
    private static func percent(_ text: String) -> String {
        text.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%25")
    }
}
