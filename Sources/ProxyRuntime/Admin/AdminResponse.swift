// SPDX-License-Identifier: Apache-2.0

/// An answer of the admin port.
struct AdminResponse: Error, Equatable {
    let status: Int
    let body: String
    var contentType = "text/plain"
    /// The methods that a page takes, for an answer that says so.
    var allow: [String] = []

    static let badRequest = AdminResponse(status: 400, body: "bad request\n")
    static let headTooLarge = AdminResponse(status: 431, body: "the head is too long\n")

    private static let reasons = [
        200: "OK", 204: "No Content", 400: "Bad Request", 403: "Forbidden", 404: "Not Found",
        405: "Method Not Allowed", 406: "Not Acceptable", 411: "Length Required",
        413: "Content Too Large", 431: "Request Header Fields Too Large",
        503: "Service Unavailable",
    ]

    /// LIMIT: bytes of a body below which it is not worth compressing: it fits one packet.
    private static let gzipBytesMin = 1400

    func bytes(withBody: Bool, gzip: Bool) -> [UInt8] {
        var content = Array(body.utf8)
        var head = "HTTP/1.1 \(status) \(Self.reasons[status] ?? "Error")\r\n"
        if gzip, content.count >= Self.gzipBytesMin, let compressed = Gzip.compressed(content) {
            content = compressed
            head += "content-encoding: gzip\r\n"
        }
        // An answer without content has no length either (RFC 9110 section 8.6).
        if status != 204 {
            head += "content-type: \(contentType)\r\ncontent-length: \(content.count)\r\n"
        }
        if !allow.isEmpty { head += "allow: \(allow.joined(separator: ", "))\r\n" }
        head += "vary: accept-encoding\r\nconnection: close\r\n\r\n"
        return Array(head.utf8) + (withBody ? content : [])
    }
}
