// SPDX-License-Identifier: Apache-2.0

/// The grammar of a mesh identity: what a certificate of the mesh says about its owner.
public enum IdentityName {
    /// LIMIT: the longest SPIFFE ID (SPIFFE-ID, section 2.3), and of its trust domain.
    private static let spiffeBytesMax = 2048
    private static let trustDomainBytesMax = 255

    /// Checks a DNS name (Linkerd's own form) or a SPIFFE ID of a workload.
    ///
    /// An IP address has the shape of a DNS name but never stands in a certificate as one.
    public static func validate(_ text: String) throws(ValueError) {
        let bytes = text[...].utf8
        let scheme = "spiffe://".utf8
        if bytes.starts(with: scheme) {
            guard bytes.count <= spiffeBytesMax, isWorkload(bytes.dropFirst(scheme.count)) else {
                throw ValueError(
                    "\(ValueError.quote(text)) is not the SPIFFE ID of a workload; "
                        + "write a trust domain and a path, such as \"spiffe://example.org/webapp\""
                )
            }
            return
        }
        guard (try? KubernetesName.validateSubdomain(text)) != nil, IPAddress(bytes) == nil else {
            throw ValueError(
                "\(ValueError.quote(text)) is not a mesh identity; write a DNS name such as "
                    + "\"webapp.default.serviceaccount.identity.linkerd.cluster.local\" "
                    + "or a SPIFFE ID such as \"spiffe://example.org/webapp\""
            )
        }
    }

    /// `trust-domain/path/segments`, with at least one segment (SPIFFE-ID, sections 2.1 and 2.2).
    private static func isWorkload(_ text: Substring.UTF8View) -> Bool {
        let slash = UInt8(ascii: "/")
        let parts = text.split(separator: slash, omittingEmptySubsequences: false)
        guard parts.count > 1, let domain = parts.first else { return false }
        return !domain.isEmpty && domain.count <= trustDomainBytesMax
            && domain.allSatisfy { isPathByte($0) && !$0.isASCIIUpper }
            && parts.dropFirst().allSatisfy(isSegment)
    }

    private static func isSegment(_ text: Substring.UTF8View) -> Bool {
        let isDots = text.elementsEqual(".".utf8) || text.elementsEqual("..".utf8)
        return !text.isEmpty && !isDots && text.allSatisfy(isPathByte)
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        byte.isASCIIAlphanumeric || "._-".utf8.contains(byte)
    }
}
