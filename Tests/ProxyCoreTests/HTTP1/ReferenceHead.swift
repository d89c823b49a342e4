// SPDX-License-Identifier: Apache-2.0

import ProxyCore

/// What a request's head says, read slowly and so that it can be held against the RFC's text: whole
/// lines, lists of texts, regular expressions.
struct ReferenceHead: Equatable {
    var method: String
    var target: String
    var host: String?
    var framing: BodyFraming
    var keepsAlive: Bool
    var asksUpgrade: Bool
    var byteCount: Int

    enum Answer: Equatable {
        /// There is no empty line yet: to wait and to refuse are both right.
        case unfinished
        case refused
        case head(ReferenceHead)
    }

    private enum Wrong: Error { case wrong }

    static func read(_ bytes: [UInt8]) -> Answer {
        let text = HTTP1Form.text(bytes).unicodeScalars
        let lines = lines(Array(text))
        let skipped = lines.first == "" ? 1 : 0
        guard let end = lines.dropFirst(skipped).firstIndex(of: "") else { return .unfinished }
        do throws(Wrong) {
            var head = try read(Array(lines[skipped..<end]))
            head.byteCount = lines[...end].reduce(0) { $0 + $1.unicodeScalars.count + 2 }
            return .head(head)
        } catch {
            return .refused
        }
    }

    /// The lines that end with CRLF.
    private static func lines(_ text: [Unicode.Scalar]) -> [String] {
        var lines: [String] = []
        var line = ""
        var index = 0
        while index < text.count {
            if text[index] == "\r", index + 1 < text.count, text[index + 1] == "\n" {
                lines.append(line)
                line = ""
                index += 2
            } else {
                line.unicodeScalars.append(text[index])
                index += 1
            }
        }
        return lines
    }

    private static func need(_ condition: Bool) throws(Wrong) {
        if !condition { throw .wrong }
    }

    private static func matches(_ text: String, _ pattern: Regex<Substring>) -> Bool {
        text.wholeMatch(of: pattern.matchingSemantics(.unicodeScalar)) != nil
    }

    private static let tokenBytes = Set("!#$%&'*+-.^_`|~".unicodeScalars)

    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.unicodeScalars.allSatisfy { scalar in
                tokenBytes.contains(scalar) || ("a"..."z").contains(scalar)
                    || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
            }
    }

    private static func split(
        _ text: String,
        _ separator: Unicode.Scalar,
        max: Int = .max
    )
        -> [String]
    {
        text.unicodeScalars
            .split(separator: separator, maxSplits: max, omittingEmptySubsequences: false)
            .map { String($0) }
    }

    private static func trimmed(_ text: String) -> String {
        var view = Substring(text).unicodeScalars
        while let first = view.first, " \t".unicodeScalars.contains(first) { view.removeFirst() }
        while let last = view.last, " \t".unicodeScalars.contains(last) { view.removeLast() }
        return String(view)
    }

    private static func list(_ values: [String]) -> [String] {
        values.flatMap { split($0, ",") }.map { trimmed($0).lowercased() }.filter { !$0.isEmpty }
    }

    private static func read(_ lines: [String]) throws(Wrong) -> ReferenceHead {
        try need(!lines.isEmpty)
        let words = split(lines[0], " ")
        try need(words.count == 3 && isToken(words[0]) && words[0].unicodeScalars.count <= 32)
        try need(["HTTP/1.0", "HTTP/1.1"].contains(words[2]))
        let isOld = words[2] == "HTTP/1.0"
        try need(matches(words[1], /[^\u{0}-\u{20}\u{7F}#]+/))
        var fields: [String: [String]] = [:]
        for line in lines.dropFirst() {
            let parts = split(line, ":", max: 1)
            try need(parts.count == 2 && isToken(parts[0]))
            try need(matches(parts[1], /[^\u{0}-\u{8}\u{A}-\u{1F}\u{7F}]*/))
            fields[parts[0].lowercased(), default: []].append(trimmed(parts[1]))
        }
        let options = list(fields["connection", default: []])
        let upgrades = list(fields["upgrade", default: []])
        let framing = try framing(fields, isOld)
        try need(words[0] != "CONNECT" || framing == .none)
        let keeps = isOld ? options.contains("keep-alive") : true
        return ReferenceHead(
            method: words[0],
            target: words[1],
            host: try host(words[0], words[1], fields["host", default: []], isOld),
            framing: framing,
            keepsAlive: keeps && !options.contains("close"),
            asksUpgrade: !isOld && options.contains("upgrade") && !upgrades.isEmpty
                && !upgrades.contains("h2c"),
            byteCount: 0
        )
    }

    private static func framing(
        _ fields: [String: [String]],
        _ isOld: Bool
    ) throws(Wrong) -> BodyFraming {
        try need(fields["content_length"] == nil && fields["transfer_encoding"] == nil)
        let lengths = fields["content-length", default: []]
        let codings = fields["transfer-encoding", default: []]
        try need(lengths.count + codings.count <= 1)
        if let coding = codings.first {
            try need(coding.lowercased() == "chunked" && !isOld)
            return .chunked
        }
        guard let length = lengths.first else { return .none }
        try need(matches(length, /0|[1-9][0-9]{0,17}/))
        guard let count = UInt64(length) else { throw .wrong }
        return count == 0 ? .none : .length(count)
    }

    private static func isAuthority(_ text: String, needsPort: Bool = false) -> Bool {
        let isFine = matches(
            text,
            /(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\-._~!$&'()*+;=%]+)(?::[0-9]{0,5})?/
        )
        return isFine && (!needsPort || matches(text, /[^\u{0}]*:[0-9]+/))
    }

    private static func host(
        _ method: String,
        _ target: String,
        _ hosts: [String],
        _ isOld: Bool
    ) throws(Wrong) -> String? {
        try need(hosts.count <= 1 && hosts.allSatisfy { isAuthority($0) })
        try need(isOld || hosts.count == 1)
        if method == "CONNECT" {
            try need(isAuthority(target, needsPort: true))
            try need(hosts.allSatisfy { bare($0, "443") == bare(target, "443") })
            return target
        }
        if target.hasPrefix("/") || (target == "*" && method == "OPTIONS") { return hosts.first }
        let lower = target.lowercased()
        guard let scheme = ["http://", "https://"].first(where: lower.hasPrefix) else {
            throw .wrong
        }
        let rest = String(target.dropFirst(scheme.count))
        let authority = split(split(rest, "/")[0], "?")[0]
        try need(isAuthority(authority))
        let port = scheme == "https://" ? "443" : "80"
        try need(hosts.allSatisfy { bare($0, port) == bare(authority, port) })
        return authority
    }

    private static func bare(_ authority: String, _ port: String) -> String {
        let lower = authority.lowercased()
        for end in [":", ":" + port] where lower.hasSuffix(end) {
            return String(lower.dropLast(end.count))
        }
        return lower
    }
}
