// SPDX-License-Identifier: Apache-2.0

/// A request's head, by the places of its parts.
public struct RequestHead: Equatable, Sendable {
    /// The methods that change how a message is read.
    public enum Method: Equatable, Sendable {
        /// Safe and without a body, as a rule; may be sent twice.
        case get
        /// Like `get`, and its response has no body.
        case head
        /// Its success makes a tunnel.
        case connect
        /// May be sent twice (RFC 9110 section 9.2.2): PUT, DELETE, OPTIONS, TRACE.
        case idempotent
        /// Everything else.
        case other
    }

    /// Where the request line begins; an empty line may precede it (RFC 9112 section 2.2).
    public var start: Int
    /// Where the body begins.
    public var end: Int
    /// Where the method is.
    public var methodRange: Range<Int>
    /// Which of those that matter it is.
    public var method: Method
    /// Where the target is, as the client wrote it.
    public var target: Range<Int>
    /// Whether the version is 1.0.
    public var isHTTP10: Bool
    /// How the end of its body is found.
    public var framing: BodyFraming
    /// Whether the client takes another response on this connection.
    public var keepsAlive: Bool
    /// Whether it asks to speak another protocol from then on; h2c does not count.
    public var asksUpgrade: Bool
    /// Where the host and its port are: in the target if it is absolute, else in Host.
    public var host: Range<Int>?
    /// Whether it is a gRPC call, whose errors look different.
    public var isGRPC: Bool

    /// Whether the request may be sent again when its connection was lost before any response: its
    /// method is idempotent (RFC 9110 section 9.2.2), and its body is sure to be kept until then.
    public var isRepeatable: Bool {
        guard method == .get || method == .head || method == .idempotent else { return false }
        return switch framing {
        case .none: true
        case .length(let count): count <= HTTP1Limits.repeatBodyBytesMax
        case .chunked, .untilClose: false
        }
    }
}

extension HeadParser {
    mutating func readRequest(_ bytes: Span<UInt8>) throws(Stop) -> RequestHead {
        let line = try RequestLine(bytes)
        let end = try readFields(bytes, from: line.end)
        let framing = try FramingFields(bytes, fields, kinds, isHTTP10: line.isHTTP10)
        // A server that reads one would take the next request for it.
        guard line.kind != .connect || framing.ofRequest == .none else {
            throw .refused(.connectWithBody)
        }
        let options = try ConnectionOptions(bytes, fields, kinds)
        hasNominations = options.hasNominations
        return RequestHead(
            start: line.method.lowerBound,
            end: end,
            methodRange: line.method,
            method: line.kind,
            target: line.target,
            isHTTP10: line.isHTTP10,
            framing: framing.ofRequest,
            keepsAlive: line.isHTTP10
                ? options.hasKeepAlive && !options.hasClose : !options.hasClose,
            asksUpgrade: !line.isHTTP10 && options.hasUpgrade && asksUpgrade(bytes),
            host: try RequestHost.find(bytes, line, fields),
            isGRPC: kinds.contains(.contentType) && isGRPC(bytes)
        )
    }

    /// HTTP/2 in the clear is not an upgrade that we pass on: what follows would pass unread
    /// (RFC 9113 section 3.1 has dropped it).
    private func asksUpgrade(_ bytes: Span<UInt8>) -> Bool {
        var asks = false
        var asksHTTP2 = false
        for field in fields where field.kind == .upgrade {
            ConnectionOptions.forEachToken(bytes, field.value) { bytes, token in
                asks = true
                asksHTTP2 = asksHTTP2 || FieldKind.isEqual(bytes, token, "h2c")
            }
        }
        return asks && !asksHTTP2
    }

    private func isGRPC(_ bytes: Span<UInt8>) -> Bool {
        let prefix: StaticString = "application/grpc"
        return fields.contains { field in
            field.kind == .contentType && field.value.count >= prefix.utf8CodeUnitCount
                && FieldKind.isEqual(
                    bytes,
                    field.valueStart..<field.valueStart + prefix.utf8CodeUnitCount,
                    prefix
                )
        }
    }
}
