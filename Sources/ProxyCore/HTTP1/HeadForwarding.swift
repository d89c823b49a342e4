// SPDX-License-Identifier: Apache-2.0

/// Which fields of a head are changed on its way; all other bytes stay as they are.
public struct HeadForwarding: Sendable {
    /// Whether fields of the mesh are dropped: they come from where anybody may write them.
    public var dropsMeshFields: Bool
    /// The identity that the client has proved, for `l5d-client-id`; nil to say nothing.
    public var clientIdentity: String?

    /// Makes the rules of one direction.
    public init(dropsMeshFields: Bool, clientIdentity: String? = nil) {
        self.dropsMeshFields = dropsMeshFields
        self.clientIdentity = clientIdentity
    }

    /// What is said of the connection to the next hop.
    public enum Connection: Sendable {
        /// Nothing: it stays open, as HTTP/1.1 has it.
        case unsaid
        case close
        case keepAlive
        case upgrade

        fileprivate var line: String {
            switch self {
            case .unsaid: ""
            case .close: "connection: close\r\n"
            case .keepAlive: "connection: keep-alive\r\n"
            case .upgrade: "connection: upgrade\r\n"
            }
        }
    }
}

extension HeadParser {
    /// Appends a request's head as the next hop gets it; the parser has read it last, from
    /// `base` on.
    public func forward(
        _ head: RequestHead,
        of bytes: [UInt8],
        base: Int,
        _ rules: HeadForwarding,
        into output: inout [UInt8]
    ) {
        let first = fields.first?.nameStart ?? head.end - 2
        output += bytes[base + head.start..<base + first]
        copyFields(bytes, base, rules, keepsUpgrade: head.asksUpgrade, into: &output)
        if let identity = rules.clientIdentity {
            output += "l5d-client-id: ".utf8
            output += identity.utf8
            output += "\r\n".utf8
        }
        // The next hop's connection is ours, whatever the client does with its own.
        let connection: HeadForwarding.Connection = head.isHTTP10 ? .keepAlive : .unsaid
        output += (head.asksUpgrade ? .upgrade : connection).line.utf8
        output += "\r\n".utf8
    }

    /// Appends a response's head as the client gets it.
    public func forward(
        _ head: ResponseHead,
        of bytes: [UInt8],
        base: Int,
        _ rules: HeadForwarding,
        _ connection: HeadForwarding.Connection,
        into output: inout [UInt8]
    ) {
        let first = fields.first?.nameStart ?? head.end - 2
        output += bytes[base..<base + first]
        copyFields(bytes, base, rules, keepsUpgrade: head.status == 101, into: &output)
        output += connection.line.utf8
        output += "\r\n".utf8
    }

    /// Copies runs of lines that stay.
    private func copyFields(
        _ bytes: [UInt8],
        _ base: Int,
        _ rules: HeadForwarding,
        keepsUpgrade: Bool,
        into output: inout [UInt8]
    ) {
        guard var runStart = fields.first?.nameStart else { return }
        var runEnd = runStart
        for field in fields {
            if isDropped(field, bytes, base, rules, keepsUpgrade) {
                output += bytes[base + runStart..<base + runEnd]
                runStart = field.lineEnd
            }
            runEnd = field.lineEnd
        }
        if runStart < runEnd { output += bytes[base + runStart..<base + runEnd] }
    }

    private func isDropped(
        _ field: HeadField,
        _ bytes: [UInt8],
        _ base: Int,
        _ rules: HeadForwarding,
        _ keepsUpgrade: Bool
    ) -> Bool {
        switch field.kind {
        case .connection, .hopByHop, .unsent: true
        case .upgrade: !keepsUpgrade
        case .meshOnly: rules.dropsMeshFields
        case .contentLength, .contentType, .host, .transferEncoding, .protected, .framingAlias:
            false
        case .other:
            hasNominations
                && ConnectionOptions.nominates(
                    bytes.span.extracting(base...),
                    fields,
                    field.nameStart..<field.nameEnd
                )
        }
    }
}
