// SPDX-License-Identifier: Apache-2.0

internal import ProxyCore

// Measures how long the parser takes for one head, and what it passes on: nanoseconds each, the
// best of several rounds. HeadBench COUNT [allocating] carries out so many requests instead, where
// its calls for memory are counted.

let small =
    "GET /api/v1/users/4711?expand=roles HTTP/1.1\r\nHost: users.shop.svc.cluster.local:8080\r\n"
    + "User-Agent: Go-http-client/1.1\r\nAccept: application/json\r\nAccept-Encoding: gzip\r\n"
    + "X-Request-Id: 5f3a9c2e71\r\nTraceparent: 00-ab\r\n\r\n"
let browser =
    "GET /catalogue/shoes?size=42&colour=blue HTTP/1.1\r\nHost: shop.example.com\r\n"
    + "Connection: keep-alive\r\nCache-Control: max-age=0\r\n"
    + "sec-ch-ua: \"Chromium\";v=\"128\", \"Not;A=Brand\";v=\"24\", \"Google Chrome\";v=\"128\"\r\n"
    + "sec-ch-ua-mobile: ?0\r\nsec-ch-ua-platform: \"Linux\"\r\nUpgrade-Insecure-Requests: 1\r\n"
    + "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    + "Chrome/128.0.0.0 Safari/537.36\r\n"
    + "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
    + "image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7\r\n"
    + "Sec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-User: ?1\r\n"
    + "Sec-Fetch-Dest: document\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
    + "Accept-Language: en-GB,en-US;q=0.9,en;q=0.8\r\n"
    + "Cookie: session=" + String(repeating: "0123456789abcdef", count: 10) + "\r\n\r\n"
let response =
    "HTTP/1.1 200 OK\r\nDate: Mon, 01 Sep 2025 12:00:00 GMT\r\nContent-Type: application/json\r\n"
    + "Content-Length: 512\r\nServer: gunicorn\r\n\r\n"

/// Nanoseconds of one call, in the fastest of eleven rounds.
func measure(_ rounds: Int, _ body: () -> Int) -> Double {
    let clock = ContinuousClock()
    var best = Duration.seconds(60)
    var sum = 0
    for _ in 0..<11 {
        let start = clock.now
        for _ in 0..<rounds { sum &+= body() }
        best = min(best, start.duration(to: clock.now))
    }
    precondition(sum > 0)
    return Double(best.components.attoseconds) / 1e9 / Double(rounds)
}

/// Measures all; in a function, since accesses to globals are checked while they run.
func run() {
    var parser = HeadParser()
    var output: [UInt8] = []
    output.reserveCapacity(4096)

    for (name, text) in [("small request", small), ("browser's request", browser)] {
        let bytes = Array(text.utf8)
        let read = measure(100_000) {
            guard case .head(let head) = parser.request(bytes.span) else { return 0 }
            return head.end
        }
        guard case .head(let head) = parser.request(bytes.span) else { preconditionFailure(name) }
        let forwarded = measure(100_000) {
            output.removeAll(keepingCapacity: true)
            parser.forward(
                head,
                of: bytes,
                base: 0,
                HeadForwarding(dropsMeshFields: true),
                into: &output
            )
            return output.count
        }
        print("\(name), \(bytes.count) bytes: read \(Int(read)) ns, passed on \(Int(forwarded)) ns")
    }
    let bytes = Array(response.utf8)
    let read = measure(100_000) {
        guard case .head(let head) = parser.response(bytes.span) else { return 0 }
        return head.end
    }
    print("response, \(bytes.count) bytes: read \(Int(read)) ns")
}

/// A request and its response, from the first byte to the last, as the proxy passes them on.
@inline(never)
func exchange(
    _ parser: inout HeadParser,
    _ asked: [UInt8],
    _ answered: [UInt8],
    _ body: [UInt8],
    into output: inout [UInt8]
) {
    output.removeAll(keepingCapacity: true)
    guard case .head(let request) = parser.request(asked.span) else { preconditionFailure() }
    var exchange = Exchange(request)
    parser.forward(
        request,
        of: asked,
        base: 0,
        HeadForwarding(dropsMeshFields: true, clientIdentity: "web.default.test"),
        into: &output
    )
    guard case .head(let head) = parser.response(answered.span),
        case .final = exchange.responseHead(head)
    else { preconditionFailure() }
    parser.forward(
        head,
        of: answered,
        base: 0,
        HeadForwarding(dropsMeshFields: true),
        .unsaid,
        into: &output
    )
    guard (try? exchange.responseBytes(body.span)) == body.count, exchange.isResponseComplete,
        exchange.reusesClient
    else { preconditionFailure() }
}

func carryOut(_ count: Int, allocating: Bool) {
    var parser = HeadParser()
    var output: [UInt8] = []
    output.reserveCapacity(4096)
    let (asked, answered) = (Array(small.utf8), Array(response.utf8))
    let body = [UInt8](repeating: 120, count: 512)
    let counter = MetricCounter()
    let histogram = MetricFamily.responseLatency.buckets.map { MetricHistogram($0) }
    // Once before, so that what is made for the first is no part of the others.
    exchange(&parser, asked, answered, body, into: &output)
    for index in 0..<count {
        exchange(&parser, asked, answered, body, into: &output)
        counter.add()
        histogram?.observe(nanos: UInt64(index))
        if allocating { precondition([Int](repeating: index, count: count).count == count) }
    }
    precondition(counter.count == count && !output.isEmpty)
}

if let count = CommandLine.arguments.dropFirst().first.flatMap({ Int($0) }) {
    carryOut(count, allocating: CommandLine.arguments.last == "allocating")
} else {
    run()
}
