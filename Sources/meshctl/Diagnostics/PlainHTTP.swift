// SPDX-License-Identifier: Apache-2.0

internal import MeshModel

/// An address of the form `http://HOST[:PORT][/PATH]`.
struct PlainURL: Equatable {
    /// The host as it is looked up, without the brackets of IPv6.
    let host: String
    let port: String
    let path: String
    /// Host and port as they stood there.
    let authority: String

    init?(_ text: String) {
        guard text.hasPrefix("http://") else { return nil }
        let rest = text.dropFirst("http://".count)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let tail = rest[end...]
        authority = String(rest[..<end])
        path = (tail.first == "/" ? "" : "/") + tail
        // Nothing that could end the request's line or the field of the host.
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        var host = authority
        var port = "80"
        let bracket = authority.lastIndex(of: "]") ?? authority.startIndex
        if let colon = authority.lastIndex(of: ":"),
            colon > bracket || bracket == authority.startIndex
        {
            host = String(authority[..<colon])
            port = String(authority[authority.index(after: colon)...])
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty, !host.contains("@"), let number = UInt16(port), number > 0 else {
            return nil
        }
        self.host = host
        self.port = port
    }
}

/// The little of HTTP that a page of metrics takes: one request, one answer, the end.
enum PlainHTTP {
    /// The body of the answer.
    ///
    /// - Throws: what the system or the server says instead.
    static func get(_ url: PlainURL, limit: Int) throws(ValueError) -> [UInt8] {
        let answer: [UInt8]
        do throws(SystemError) {
            let socket = try BlockingSocket(host: url.host, port: url.port)
            // Of HTTP/1.0 the end of the connection is the end of the answer: nothing is chunked.
            try socket.send(
                "GET \(url.path) HTTP/1.0\r\nhost: \(url.authority)\r\n"
                    + "user-agent: meshctl/\(MeshVersion.current)\r\n\r\n"
            )
            answer = try socket.receiveToEnd(limit: limit)
        } catch {
            throw ValueError("\(url.authority): \(error)")
        }
        guard answer.count <= limit else { throw ValueError("\(url.authority): too many bytes") }
        return try body(of: answer, from: url)
    }

    static func body(of answer: [UInt8], from url: PlainURL) throws(ValueError) -> [UInt8] {
        let separator = Array("\r\n\r\n".utf8)
        guard answer.starts(with: "HTTP/1.".utf8),
            let end = answer.indices.first(where: { answer[$0...].starts(with: separator) })
        else { throw ValueError("\(url.authority): does not answer with HTTP") }
        let lines = String(decoding: answer[..<end], as: UTF8.self).split(separator: "\r\n")
        let status = lines.first?.split(separator: " ").dropFirst().first ?? ""
        guard status == "200" else {
            throw ValueError("\(url.authority)\(url.path): answers with status \(status)")
        }
        let body = Array(answer[(end + 4)...])
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "content-length" else { continue }
            guard Int(parts[1].filter { $0 != " " }) == body.count else {
                throw ValueError("\(url.authority): the answer was cut off")
            }
        }
        return body
    }
}
