// SPDX-License-Identifier: Apache-2.0

/// One request of the access log, in Linkerd's fields.
public struct AccessRecord: Equatable, Sendable {
    /// Who connected.
    public var clientAddress = ""
    /// The identity that the client has proved; empty for none.
    public var clientID = ""
    /// The host that the client asked for.
    public var host = ""
    /// The method.
    public var method = ""
    /// The target, as the client wrote it.
    public var uri = ""
    /// The version of HTTP.
    public var version = ""
    /// What the client calls itself.
    public var userAgent = ""
    /// The trace that the request belongs to, or the number that somebody gave it; empty for none.
    public var traceID = ""
    /// When its first byte came.
    public var unixNanos: UInt64 = 0
    /// Bytes of the request's body that were passed on.
    public var requestBytes = 0
    /// Bytes of the response's body that were passed on.
    public var responseBytes = 0
    /// The status of the response; 0 when the client left before there was any.
    public var status = 0
    /// How long the proxy took to decide about the request and hand it on.
    public var processingNanos: UInt64 = 0
    /// How long it took until the response had ended.
    public var totalNanos: UInt64 = 0

    /// Makes one that says nothing.
    public init() {}

    /// The line, with its end.
    ///
    /// In JSON all but the status are strings, as Linkerd's are.
    public func line(_ format: AccessLogFormat) -> [UInt8] {
        let text =
            switch format {
            case .apache: apache
            case .json: json
            }
        return Array(text.utf8) + [0x0A]
    }

    private var apache: String {
        let identity = clientID.isEmpty ? "-" : Self.escaped(clientID)
        let request = Self.escaped("\(method) \(uri) \(version)")
        return "\(clientAddress) \(identity) - [\(UTCTime.text(unixNanos: unixNanos))] "
            + "\"\(request)\" \(status == 0 ? "-" : "\(status)") "
            + (responseBytes == 0 ? "-" : "\(responseBytes)")
    }

    private var json: String {
        let fields = [
            ("client.addr", clientAddress), ("client.id", clientID), ("host", host),
            ("method", method), ("processing_ns", "\(processingNanos)"),
            ("request_bytes", "\(requestBytes)"), ("response_bytes", "\(responseBytes)"),
            ("status", ""), ("timestamp", UTCTime.text(unixNanos: unixNanos)),
            ("total_ns", "\(totalNanos)"), ("trace_id", traceID), ("uri", uri),
            ("user_agent", userAgent), ("version", version),
        ]
        var text = "{"
        for (index, field) in fields.enumerated() {
            let value = field.0 == "status" ? "\(status)" : JSONText.quoted(field.1)
            text += "\(index == 0 ? "" : ",")\"\(field.0)\":\(value)"
        }
        return text + "}"
    }

    /// As Apache does it: quote and backslash with a backslash, what is no ASCII as `\xNN`.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                result += "\\" + String(Unicode.Scalar(byte))
            case 0x20..<0x7F: result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += (byte < 0x10 ? "\\x0" : "\\x") + String(byte, radix: 16)
            }
        }
        return result
    }
}
