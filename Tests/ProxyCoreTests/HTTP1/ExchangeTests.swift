// SPDX-License-Identifier: Apache-2.0

import ProxyCore
import Testing

/// What becomes of the two connections after a request and its response.
@Suite("HTTP/1 exchange")
struct ExchangeTests {
    /// A request without a body of its own.
    struct Case: CustomStringConvertible, Sendable {
        var request: String
        var response: String
        var client: Bool
        var server: Bool
        var isTunnel: Bool
        /// Whether the server then ends its connection.
        var ends: Bool
        var isWhole: Bool
        var body: Int

        var description: String { "\(request) -> \(response)".debugDescription }
    }

    /// Request; response, a bar for each CRLF; what is reused and how it ends; bytes of its body.
    private static let table = """
        GET 1.1;        1.1 200 |Content-Length: 2||ok;                    client server; 2
        GET 1.1;        1.1 200 |Content-Length: 0||;                      client server; 0
        GET 1.1;        1.1 200 |Transfer-Encoding: chunked||0||;          client server; 5
        // Either side may want to leave.
        GET 1.1 close;  1.1 200 |Content-Length: 0||;                      server;        0
        GET 1.1;        1.1 200 |Connection: close|Content-Length: 0||;    client;        0
        GET 1.1;        1.1 200 |Connection: x, CLOSE|Content-Length: 0||; client;        0
        // No length: the end of the connection is that of the body.
        GET 1.1;        1.1 200 ||ok;                                      ends;          2
        GET 1.1;        1.1 200 ||;                                        ends;          0
        GET 1.1;        1.1 205 ||;                                        ends;          0
        // No body, whatever the fields say.
        HEAD 1.1;       1.1 200 |Content-Length: 5||;                      client server; 0
        HEAD 1.1;       1.1 200 |Transfer-Encoding: chunked||;             client server; 0
        HEAD 1.1;       1.1 200 ||;                                        client server; 0
        GET 1.1;        1.1 204 ||;                                        client server; 0
        GET 1.1;        1.1 204 |Content-Length: 5||;                      client server; 0
        GET 1.1;        1.1 204 |Transfer-Encoding: chunked||;             client server; 0
        GET 1.1;        1.1 304 |Content-Length: 5||;                      client server; 0
        GET 1.1;        1.1 304 ||;                                        client server; 0
        // HTTP/1.0 of either side.
        GET 1.0;                   1.1 200 |Content-Length: 0||;           server;        0
        GET 1.0 keep-alive;        1.1 200 |Content-Length: 0||;           client server; 0
        GET 1.0 keep-alive;        1.1 200 ||;                             ends;          0
        GET 1.0 keep-alive, close; 1.1 200 |Content-Length: 0||;           server;        0
        HEAD 1.0 keep-alive;       1.1 200 |Transfer-Encoding: chunked||;  client server; 0
        GET 1.1;        1.0 200 |Content-Length: 0||;                      ;              0
        GET 1.1;        1.0 200 |Connection: keep-alive|Content-Length: 0||; server;      0
        // Interim responses change nothing.
        GET 1.1; 1.1 103 |Connection: close||+1.1 200 |Content-Length: 0||; client server; 0
        // Tunnels.
        GET 1.1 Upgrade; 1.1 101 ||;                                       tunnel client; 0
        GET 1.1 Upgrade; 1.1 200 |Content-Length: 0||;                     client server; 0
        CONNECT 1.1;    1.1 200 ||;                                        tunnel client; 0
        CONNECT 1.1;    1.1 299 |Content-Length: 5||;                      tunnel client; 0
        CONNECT 1.1;    1.1 300 |Content-Length: 2||no;                    client server; 2
        CONNECT 1.1;    1.1 199 ||+1.1 407 |Content-Length: 0||;           client server; 0
        // Cut off: the server left in the middle.
        GET 1.1;        1.1 200 |Content-Length: 5||hell;                  client cut;    4
        GET 1.1;        1.1 200 |Transfer-Encoding: chunked||0|;           client cut;    3
        GET 1.1;        1.1 200 |Transfer-Encoding: chunked||;             client cut;    0
        GET 1.1;        1.1 200 |Content-Le;                               client cut;    0
        GET 1.1;        1.1 100 ||;                                        client cut;    0
        """

    private static let cases = table.split(separator: "\n").compactMap { line -> Case? in
        let cells = line.split(separator: ";", omittingEmptySubsequences: false).map { cell in
            String(cell.drop { $0 == " " })
        }
        guard cells.count == 4, let body = Int(cells[3]) else { return nil }
        let words = cells[2].split(separator: " ")
        return Case(
            request: cells[0],
            response: "HTTP/"
                + cells[1].replacing("+", with: "HTTP/").replacing("|", with: "\r\n"),
            client: words.contains("client"),
            server: words.contains("server"),
            isTunnel: words.contains("tunnel"),
            ends: words.contains("ends") || words.contains("cut"),
            isWhole: !words.contains("cut") && !words.contains("tunnel"),
            body: body
        )
    }

    @Test func readsItsTable() { #expect(Self.cases.count == 36) }

    /// `GET 1.1 close`: method, version and what Connection says.
    private static func head(_ words: String, _ fields: String = "") throws -> RequestHead {
        let parts = words.split(separator: " ", maxSplits: 2)
        let target = parts[0] == "CONNECT" ? "a:80" : "/"
        let connection = parts.count > 2 ? "Connection: \(parts[2])\r\nUpgrade: websocket\r\n" : ""
        return try #require(
            HTTP1Laws.head(
                of: "\(parts[0]) \(target) HTTP/\(parts[1])\r\nHost: a\(target.dropFirst())\r\n"
                    + connection + fields + "\r\n"
            )
        )
    }

    @Test(arguments: cases)
    func reuses(_ given: Case) throws {
        let request = try Self.head(given.request)
        let bytes = Array(given.response.utf8)
        for places in [[], Array(1..<bytes.count)] {
            var reader = WireReader(responsesTo: request)
            var start = 0
            for place in places + [bytes.count] {
                reader.take(Array(bytes[start..<place]))
                start = place
            }
            if given.ends {
                let isWhole = reader.end()
                #expect(isWhole == given.isWhole)
            }
            let taken = reader.exchange
            let exchange = try #require(taken)
            #expect(exchange.isResponseComplete == given.isWhole)
            #expect(exchange.reusesClient == given.client)
            #expect(exchange.reusesServer == given.server)
            let (last, state) = (reader.messages.last, reader.state)
            #expect((last?.meaning == .tunnel) == given.isTunnel)
            #expect((last?.body.count ?? 0) == given.body)
            #expect(state == .done(extraBytes: 0) || given.ends)
        }
    }

    @Test(arguments: ["GET 1.1", "CONNECT 1.1", "GET 1.0 Upgrade"])
    func refusesSwitchesNobodyAskedFor(words: String) throws {
        var exchange = Exchange(try Self.head(words))
        #expect(try exchange.responseHead(Self.response(101)) == .refused(.switchWithoutUpgrade))
    }

    private static func response(
        _ status: Int,
        _ field: String = "Content-Length: 0"
    ) throws -> ResponseHead {
        var parser = HeadParser()
        let bytes = Array("HTTP/1.1 \(status) \r\n\(field)\r\n\r\n".utf8)
        guard case .head(let head) = parser.response(bytes.span) else { throw Unexpected() }
        return head
    }

    private struct Unexpected: Error {}

    private enum Side { case request, response }

    /// So many of the bytes belong to a side's message.
    private func expect(
        _ count: Int,
        of bytes: [UInt8],
        _ side: Side,
        _ exchange: inout Exchange
    ) throws {
        let taken =
            side == .request
            ? try exchange.requestBytes(bytes.span) : try exchange.responseBytes(bytes.span)
        #expect(taken == count)
    }

    @Test func boundsInterimResponses() throws {
        var exchange = Exchange(try Self.head("GET 1.1"))
        for _ in 0..<32 { #expect(try exchange.responseHead(Self.response(103)) == .interim) }
        #expect(try exchange.responseHead(Self.response(100)) == .refused(.tooManyInterimResponses))
        #expect(!exchange.hasResponse)
    }

    @Test func refusesChunksForHTTP10() throws {
        var exchange = Exchange(try Self.head("GET 1.0"))
        #expect(
            try exchange.responseHead(Self.response(200, "Transfer-Encoding: chunked"))
                == .refused(.responseToHTTP10Chunked)
        )
        var head = Exchange(try Self.head("GET 1.0"))
        #expect(try head.responseHead(Self.response(304, "Transfer-Encoding: chunked")) == .final)
    }

    /// An answer before the end of the upload: the client is told at once that it ends there.
    @Test func earlyResponsesEndTheClient() throws {
        var exchange = Exchange(try Self.head("POST 1.1", "Content-Length: 5\r\n"))
        #expect(!exchange.isRequestComplete)
        try expect(2, of: [1, 2], .request, &exchange)
        #expect(try exchange.responseHead(Self.response(200, "Content-Length: 1")) == .final)
        #expect(!exchange.reusesClient)
        try expect(1, of: [1, 2], .response, &exchange)
        #expect(exchange.isResponseComplete)
        #expect(!exchange.isComplete)
        #expect(!exchange.reusesServer)
        // The rest of it still goes through, and the server may be used again.
        try expect(3, of: [3, 4, 5, 6], .request, &exchange)
        #expect(exchange.isComplete)
        #expect(exchange.reusesServer)
        #expect(!exchange.reusesClient)
    }

    @Test func countsExactly() throws {
        var exchange = Exchange(try Self.head("POST 1.1", "Content-Length: 5\r\n"))
        try expect(0, of: [], .request, &exchange)
        try expect(5, of: [UInt8](repeating: 0, count: 9), .request, &exchange)
        #expect(exchange.isRequestComplete)
        try expect(0, of: [1], .request, &exchange)
        try expect(0, of: [1], .response, &exchange)
        #expect(!exchange.hasResponse)
    }

    @Test func closesOnRequest() throws {
        var exchange = Exchange(try Self.head("GET 1.1"))
        #expect(exchange.reusesClient)
        #expect(!exchange.reusesServer)
        exchange.closeClient()
        #expect(try exchange.responseHead(Self.response(200)) == .final)
        #expect(!exchange.reusesClient)
        #expect(exchange.reusesServer)
    }

    @Test(arguments: [
        ("GET", true), ("HEAD", true), ("PUT", true), ("DELETE", true), ("OPTIONS", true),
        ("TRACE", true), ("POST", false), ("PATCH", false), ("CONNECT", false), ("get", false),
        ("LOCK", false),
    ])
    func onlyIdempotentRequestsAreRepeated(method: String, isRepeatable: Bool) throws {
        #expect(try Self.head("\(method) 1.1").isRepeatable == isRepeatable)
        guard method != "CONNECT" else { return }
        let sized = try Self.head("\(method) 1.1", "Content-Length: 1\r\n")
        #expect(sized.isRepeatable == isRepeatable)
        #expect(try !Self.head("\(method) 1.1", "Transfer-Encoding: chunked\r\n").isRepeatable)
    }
}
