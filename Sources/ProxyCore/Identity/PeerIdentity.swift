// SPDX-License-Identifier: Apache-2.0

/// Mesh identities as certificates carry them: subject alternative names (RFC 5280 4.2.1.6).
///
/// The caller has verified the chain and gives the names of the leaf in their order. DNS names and
/// URIs never stand for each other: a DNS identity has no colon and a URI must have one.
public enum PeerIdentity {
    /// Returns the identity of a peer: its first DNS name, else its first URI; nil for none.
    ///
    /// DNS names are given in lower case. Those with a trailing dot, as in Linkerd, and wildcards
    /// name nobody; neither does a name with bytes that no host name has, such as NUL.
    public static func name(dnsNames: [String], uris: [String]) -> String? {
        for name in dnsNames where isDNSIdentity(name) {
            return String(decoding: name.utf8.map(HostName.lowercased), as: UTF8.self)
        }
        return uris.first(where: isURIIdentity)
    }

    /// Whether one of the names is exactly `expected`; in DNS names letter case does not count.
    ///
    /// All names count, not only the first: a server may have a DNS name beside its SPIFFE ID.
    public static func matches(expected: String, dnsNames: [String], uris: [String]) -> Bool {
        if isURIIdentity(expected) {
            // By bytes: `==` of strings takes different Unicode spellings for the same text.
            return uris.contains { $0.utf8.elementsEqual(expected.utf8) }
        }
        guard isDNSIdentity(expected) else { return false }
        return dnsNames.contains { name in
            name.utf8.elementsEqual(expected.utf8) {
                HostName.lowercased($0) == HostName.lowercased($1)
            }
        }
    }

    private static func isDNSIdentity(_ name: String) -> Bool {
        HostName.isValid(Array(name.utf8)[...])
    }

    /// A scheme, a colon and something after it, in printable ASCII (RFC 3986 section 2).
    private static func isURIIdentity(_ uri: String) -> Bool {
        guard let colon = uri.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
        return colon > uri.utf8.startIndex && uri.utf8.index(after: colon) < uri.utf8.endIndex
            && uri.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
