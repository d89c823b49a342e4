// SPDX-License-Identifier: Apache-2.0

internal import MeshModel

/// Readers for the values that have no type of their own.
enum Scalars {
    /// Reads decimal digits without a sign.
    static func number(_ text: String, in bounds: ClosedRange<UInt64>) throws(ValueError) -> UInt64
    {
        let isDigits = !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard isDigits, let value = UInt64(text), bounds.contains(value) else {
            throw ValueError(
                "\(ValueError.quote(text)) is not a whole number from \(bounds.lowerBound) to "
                    + "\(bounds.upperBound); write \"\(max(1, bounds.lowerBound))\", for instance"
            )
        }
        return value
    }

    /// Reads a number from 0 to 100 that may have a fraction.
    static func decimal(_ text: String) throws(ValueError) -> Double {
        // LIMIT: a Double has at most 17 significant digits and a 3 digit exponent.
        let isPlain =
            text.utf8.count <= 64 && text.utf8.allSatisfy { "0123456789.".utf8.contains($0) }
        guard isPlain, let value = Double(text), value <= 100 else {
            throw ValueError(
                "\(ValueError.quote(text)) is not a number from 0 to 100; "
                    + "write \"0.1\", for instance"
            )
        }
        return value
    }

    /// Reads a share of the cores: more than 0 and at most 1.
    static func ratio(_ text: String) throws(ValueError) -> Double {
        if let whole = try? decimal(text), whole == 1 { return 1 }
        return try CoreRatio(parsing: text).value
    }

    /// Reads `true` or `false`.
    static func flag(_ text: String) throws(ValueError) -> Bool {
        switch text {
        case "true": return true
        case "false": return false
        default:
            let isYes = ["1", "yes", "on", "enabled", "t"].contains(text.lowercased())
            let isTrue = isYes || Suggestion.nearest(to: text, in: ["true", "false"]) == "true"
            throw ValueError(
                "\(ValueError.quote(text)) is neither \"true\" nor \"false\"; "
                    + "write \"\(isTrue)\"\(isTrue ? "" : " or leave it out")"
            )
        }
    }

    /// Checks that the text is one of a few words.
    static func check(_ text: String, in words: [String]) throws(ValueError) {
        guard !words.contains(text) else { return }
        let list = words.joined(separator: " or ")
        let meant = Suggestion.nearest(to: text, in: words) ?? words.first ?? ""
        throw ValueError("\(ValueError.quote(text)) is not \(list); write \"\(meant)\"")
    }

    /// Reads a list of IP addresses.
    static func addresses(_ text: String) throws(ValueError) -> [IPAddress] {
        var addresses: [IPAddress] = []
        for item in try items(of: text, example: "10.0.0.1,fd00::1") {
            addresses.append(try IPAddress(parsing: item))
        }
        return addresses
    }

    /// Checks a list of DNS suffixes; `.` alone stands for every name.
    static func checkSuffixes(_ text: String) throws(ValueError) {
        for item in try items(of: text, example: "svc.cluster.local.") where item != "." {
            guard HostName.normalized(Array(item.utf8)) != nil else {
                throw ValueError(
                    "\(ValueError.quote(item)) is not the end of a DNS name; "
                        + "write \"svc.cluster.local.\", for instance, or \".\" for every name"
                )
            }
        }
    }

    /// Reads an identity; letter case does not count, so it is given in lower case.
    static func identityName(_ text: String) throws(ValueError) -> String {
        guard text.utf8.last != UInt8(ascii: "."),
            let name = HostName.normalized(Array(text.utf8))
        else {
            throw ValueError(
                "\(ValueError.quote(text)) is not a mesh identity; write a DNS name such as "
                    + "\"web.default.serviceaccount.identity.linkerd.cluster.local\""
            )
        }
        return name
    }

    /// Splits at commas; blank text is an empty list and one trailing comma is forgiven.
    static func items(of text: String, example: String) throws(ValueError) -> [String] {
        var items = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            .map { trimmed(String(Substring($0))) }
        if items.last?.isEmpty == true { items.removeLast() }
        guard !items.contains(where: \.isEmpty) else {
            throw ValueError(
                "\(ValueError.quote(text)) has an empty item between commas; "
                    + "write a list such as \"\(example)\""
            )
        }
        return items
    }

    /// The text without ASCII space at its ends, which templates like to leave.
    static func trimmed(_ text: String) -> String {
        let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
        var view = text.utf8.drop(while: isSpace)
        while let last = view.last, isSpace(last) { view.removeLast() }
        return String(Substring(view))
    }
}
