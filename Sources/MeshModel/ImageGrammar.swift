// SPDX-License-Identifier: Apache-2.0

/// The pieces of the distribution project's reference grammar (`reference/regexp.go`).
enum ImageGrammar {
    /// Checks `[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}`.
    static func checkTag(_ tag: Substring.UTF8View, of text: String) throws(ValueError) {
        let isTag =
            (1...128).contains(tag.count)
            && tag.allSatisfy { $0.isASCIIAlphanumeric || "_.-".utf8.contains($0) }
            && tag.first != UInt8(ascii: ".") && tag.first != UInt8(ascii: "-")
        guard isTag else {
            throw ValueError(
                "\(ValueError.quote(tag)) is not an image version; write at most 128 letters, "
                    + "digits, \"_\", \".\" and \"-\", such as \"v1.2.3\""
            )
        }
    }

    /// Checks `algorithm:hex`; only what the kubelet can verify (`go-digest`) is a digest.
    static func checkDigest(_ digest: Substring.UTF8View, of text: String) throws(ValueError) {
        let colon = digest.firstIndex(of: UInt8(ascii: ":")) ?? digest.endIndex
        let (algorithm, hex) = (digest[..<colon], digest[colon...].dropFirst())
        let length: Int? =
            switch algorithm.count < 8 ? String(Substring(algorithm)) : "" {
            case "sha256": 64
            case "sha384": 96
            case "sha512": 128
            default: nil
            }
        let isDigest = hex.count == length && hex.allSatisfy(isHexDigit)
        guard isDigest else {
            throw ValueError(
                "\(ValueError.quote(digest)) is not an image digest; "
                    + "write \"sha256:\" and 64 digits of 0-9 and a-f"
            )
        }
    }

    /// Whether the part before the first slash is a registry and not the start of the path.
    ///
    /// By Docker's rule it is one when it could not be a path: it has a dot, a port or capitals,
    /// or it is `localhost`.
    static func isRegistry(_ text: Substring.UTF8View) -> Bool {
        if text.first == UInt8(ascii: "[") { return isBracketedHost(text) }
        let colon = text.firstIndex(of: UInt8(ascii: ":")) ?? text.endIndex
        let (host, port) = (text[..<colon], text[colon...])
        guard port.isEmpty || isPort(port.dropFirst()) else { return false }
        let labels = host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return labels.allSatisfy(isHostLabel)
            && (labels.count > 1 || !port.isEmpty || host.elementsEqual("localhost".utf8)
                || host.contains(where: \.isASCIIUpper))
    }

    /// Whether `text` is runs of a-z and 0-9 joined by `.`, `_`, `__` or hyphens.
    static func isPathComponent(_ text: Substring.UTF8View) -> Bool {
        var separator = text.prefix(0)
        var rest = text
        while true {
            let run = rest.prefix { $0.isASCIILower || $0.isASCIIDigit }
            guard !run.isEmpty else { return false }
            rest = rest[run.endIndex...]
            guard !rest.isEmpty else { return true }
            separator = rest.prefix { !$0.isASCIILower && !$0.isASCIIDigit }
            rest = rest[separator.endIndex...]
            let isSeparator =
                separator.elementsEqual(".".utf8) || separator.elementsEqual("_".utf8)
                || separator.elementsEqual("__".utf8)
                || separator.allSatisfy { $0 == UInt8(ascii: "-") }
            guard isSeparator else { return false }
        }
    }

    /// Whether `text` is an image ID, 64 hexadecimal digits, which no name may look like.
    static func isImageID(_ text: Substring.UTF8View) -> Bool {
        text.count == 64 && text.allSatisfy(isHexDigit)
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        byte.hexDigitValue != nil && !byte.isASCIIUpper
    }

    private static func isBracketedHost(_ text: Substring.UTF8View) -> Bool {
        guard let close = text.firstIndex(of: UInt8(ascii: "]")) else { return false }
        let port = text[close...].dropFirst()
        guard
            case .v6 = IPAddress(text[..<close].dropFirst()),
            port.isEmpty || port.first == UInt8(ascii: ":") && isPort(port.dropFirst())
        else { return false }
        return true
    }

    private static func isPort(_ text: Substring.UTF8View) -> Bool {
        UInt64(digits: text, atMost: 65535) != nil
    }

    private static func isHostLabel(_ label: Substring.UTF8View) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return !label.isEmpty && label.first != hyphen && label.last != hyphen
            && label.allSatisfy { $0.isASCIIAlphanumeric || $0 == hyphen }
    }
}
