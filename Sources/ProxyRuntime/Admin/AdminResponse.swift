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

    func text(withBody: Bool) -> String {
        var text = "HTTP/1.1 \(status) \(Self.reasons[status] ?? "Error")\r\n"
        // An answer without content has no length either (RFC 9110 section 8.6).
        if status != 204 {
            text += "content-type: \(contentType)\r\ncontent-length: \(body.utf8.count)\r\n"
        }
        if !allow.isEmpty { text += "allow: \(allow.joined(separator: ", "))\r\n" }
        return text + "connection: close\r\n\r\n" + (withBody ? body : "")
    }
}
