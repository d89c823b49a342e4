// SPDX-License-Identifier: Apache-2.0

import Foundation
import ProxyCore

/// One line of `Fixtures/http1`: bytes that a peer may send, and what becomes of them.
struct HTTP1Form: Decodable, CustomStringConvertible, Sendable {
    /// A message that is read; only what the line gives is compared.
    struct Message: Decodable, Sendable {
        var method: String?
        var target: String?
        var host: String?
        var status: Int?
        var body: Int
    }

    var name: String
    /// The clause that decides.
    var clause: String
    var side: String
    /// Of a response: the method, and perhaps the version, of the request.
    var to: String?
    var bytes: [Piece]
    /// Of the legal ones.
    var messages: [Message]?
    /// Whether the peer then ends its connection.
    var ended: Bool?
    /// Of the refused ones: which ``HTTP1Refusal``, and the status that it gives.
    var refusal: String?
    var status: Int?

    /// A text, one byte a character, or a text so many times.
    enum Piece: Decodable, Sendable {
        case once(String)
        case times(String, Int)

        init(from decoder: any Decoder) throws {
            if let text = try? decoder.singleValueContainer().decode(String.self) {
                self = .once(text)
                return
            }
            var list = try decoder.unkeyedContainer()
            self = .times(try list.decode(String.self), try list.decode(Int.self))
        }

        var bytes: [UInt8] {
            switch self {
            case .once(let text): HTTP1Form.bytes(text)
            case .times(let text, let count):
                Array(repeatElement(HTTP1Form.bytes(text), count: count).joined())
            }
        }
    }

    var description: String { name }

    var wire: [UInt8] { bytes.flatMap(\.bytes) }

    /// The request that a response answers.
    var request: RequestHead? {
        guard side == "response" else { return nil }
        let words = (to ?? "GET").split(separator: " ")
        let target = words[0] == "CONNECT" ? "a:80" : "/"
        let version = words.count > 1 ? words[1] : "1.1"
        return HTTP1Laws.head(
            of: "\(words[0]) \(target) HTTP/\(version)\r\nHost: a\(target.dropFirst())\r\n\r\n"
        )
    }

    static func bytes(_ text: String) -> [UInt8] {
        text.unicodeScalars.map { UInt8($0.value) }
    }

    static func text(_ bytes: some Sequence<UInt8>) -> String {
        String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }

    /// The lines of a file; none when it cannot be read, which a test notices.
    private static func forms(_ file: String) -> [HTTP1Form] {
        let url = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent()  // HTTP1
            .deletingLastPathComponent()  // ProxyCoreTests
            .deletingLastPathComponent()  // Tests
            .deletingLastPathComponent()
            .appendingPathComponent("Fixtures/http1").appendingPathComponent(file)
        guard let text = try? Data(contentsOf: url) else { return [] }
        return text.split(separator: UInt8(ascii: "\n")).compactMap {
            try? JSONDecoder().decode(HTTP1Form.self, from: Data($0))
        }
    }

    static let refused = forms("refused.jsonl")
    static let accepted = forms("accepted.jsonl")
}
