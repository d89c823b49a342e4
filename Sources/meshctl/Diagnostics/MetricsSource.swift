// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import MeshModel

/// A page of metrics that the user named, `NAME=` in front of it if it is to have a name.
struct MetricsSource {
    enum Place: Equatable {
        case url(PlainURL)
        case file(String)
    }

    /// LIMIT: bytes of a page; a proxy's stays below ten million.
    static let pageBytesMax = 64 << 20

    let name: String
    let place: Place

    /// - Throws: what is wrong with the address.
    init(url text: String) throws {
        let (name, rest) = Self.split(text)
        guard let url = PlainURL(rest) else {
            throw ValidationError(
                "\(ValueError.quote(rest)) is no address like http://127.0.0.1:4191/metrics."
            )
        }
        self.name = name ?? url.authority
        place = .url(url)
    }

    init(file text: String) {
        let (name, rest) = Self.split(text)
        self.name = name ?? (rest == "-" ? "<stdin>" : rest)
        place = .file(rest)
    }

    private static func split(_ text: String) -> (name: String?, rest: String) {
        guard let equals = text.firstIndex(of: "="), equals > text.startIndex,
            text[..<equals].utf8.allSatisfy({ isNameByte($0) })
        else { return (nil, text) }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }

    /// What names of pods and of their owners are made of.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// - Throws: why there is no page, in words.
    func read() throws(ValueError) -> [UInt8] {
        let path: String
        switch place {
        case .url(let url): return try PlainHTTP.get(url, limit: Self.pageBytesMax)
        case .file(let named): path = named
        }
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes =
                try path == "-"
                ? Posix.readAll(0, limit: Self.pageBytesMax)
                : Posix.readFile(path, limit: Self.pageBytesMax)
        } catch {
            throw ValueError("\(name): cannot be read: \(error)")
        }
        guard bytes.count <= Self.pageBytesMax else { throw ValueError("\(name): is too large") }
        return bytes
    }
}
