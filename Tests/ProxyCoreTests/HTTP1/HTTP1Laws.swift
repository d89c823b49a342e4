// SPDX-License-Identifier: Apache-2.0

import ProxyCore

/// What must hold of any bytes at all that a peer sends.
///
/// The fuzz target builds this file as well, so it uses nothing but what is public.
struct HTTP1Laws {
    private let bytes: [UInt8]

    /// Looks at some bytes.
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// What is broken; nil when all holds.
    ///
    /// The bytes are cut at every place when there are few, else at some.
    func breach() -> String? {
        requestBreach() ?? responseBreach("GET / HTTP/1.1") ?? responseBreach("HEAD / HTTP/1.0")
            ?? scanBreach() ?? forwardingBreach()
    }

    private var cuts: [[Int]] {
        guard bytes.count > 1 else { return [] }
        let step = max(1, bytes.count / 128)
        let each = Array(1..<bytes.count)
        return stride(from: 1, to: bytes.count, by: step).map { [$0] } + [each]
            + [2, 3, 7].map { size in each.filter { $0 % size == 0 } }
    }

    // MARK: Pieces

    private func requestBreach() -> String? {
        let whole = WireReader.outcome(of: bytes)
        for places in cuts {
            let cut = WireReader.outcome(of: bytes, cutAt: places)
            guard cut != whole, !waitsForAnEnd(cut, whole) else { continue }
            return "requests cut at \(places.prefix(3)): \(cut), whole: \(whole)"
        }
        return nil
    }

    /// A head without an end may be refused early, or be waited for: nothing is passed on.
    private func waitsForAnEnd(_ cut: WireReader.Outcome, _ whole: WireReader.Outcome) -> Bool {
        guard case .refused = whole.state, cut.state == .inHead || cut.state == .between else {
            return false
        }
        let read = whole.messages.reduce(0) { $0 + $1.head.count + $1.body.count }
        return cut.messages == whole.messages
            && !HeadParser.mayHaveEnded(bytes.span.extracting(read...), from: 0)
    }

    private func responseBreach(_ line: String) -> String? {
        guard let request = Self.head(of: line + "\r\nHost: a\r\n\r\n") else {
            return "\(line) is refused"
        }
        let whole = WireReader.outcome(of: bytes, to: request)
        for places in cuts {
            let cut = WireReader.outcome(of: bytes, cutAt: places, to: request)
            guard cut != whole else { continue }
            return "responses to \(line) cut at \(places.prefix(3)): \(cut), whole: \(whole)"
        }
        return nil
    }

    /// The head of a request that is right.
    static func head(of text: String) -> RequestHead? {
        var parser = HeadParser()
        let bytes = Array(text.utf8)
        guard case .head(let head) = parser.request(bytes.span) else { return nil }
        return head
    }

    // MARK: Detection

    private func scanBreach() -> String? {
        var answer = ProtocolScan.needsMore
        for count in 0...min(bytes.count, 512) {
            let next = ProtocolScan.of(bytes.span.extracting(first: count))
            guard answer == .needsMore || next == answer else {
                return "detection: \(answer) became \(next) at \(count)"
            }
            answer = next
        }
        var parser = HeadParser()
        let scan = ProtocolScan.of(bytes.span)
        guard case .head(let head) = parser.request(bytes.span) else { return nil }
        let isFine = scan == .http1 || head.methodRange.count > 24
        return isFine ? nil : "a request is detected as \(scan)"
    }

    // MARK: Passing on

    /// What is passed on is read by the next hop as it was read here.
    private func forwardingBreach() -> String? {
        var parser = HeadParser()
        guard case .head(let head) = parser.request(bytes.span) else { return nil }
        var output: [UInt8] = []
        let rules = HeadForwarding(dropsMeshFields: true, clientIdentity: "a.b")
        parser.forward(head, of: bytes, base: 0, rules, into: &output)
        var next = HeadParser()
        let step = next.request(output.span)
        // What is added may be the field, or the byte, that is one too many.
        if step == .refused(.tooManyFields) || step == .refused(.headTooLarge) { return nil }
        guard case .head(let read) = step, read.end == output.count else {
            return "what is passed on is not read: \(step)"
        }
        let isSame =
            read.method == head.method && read.framing == head.framing && read.isGRPC == head.isGRPC
            && output[read.methodRange] == bytes[head.methodRange]
            && output[read.target] == bytes[head.target]
            && read.host.map { output[$0] } == head.host.map { bytes[$0] }
            && read.asksUpgrade == head.asksUpgrade && read.keepsAlive
        guard isSame else { return "\(head) is passed on as \(read)" }
        var again: [UInt8] = []
        next.forward(read, of: output, base: 0, rules, into: &again)
        return again == output ? nil : "passing on twice changes more"
    }
}
