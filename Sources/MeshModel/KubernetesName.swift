// SPDX-License-Identifier: Apache-2.0

/// The name grammars of Kubernetes that users write (apimachinery `util/validation`).
public enum KubernetesName {
    /// Checks a DNS-1123 label: a namespace, service or container name (1 to 63 bytes).
    public static func validateLabel(_ name: String) throws(ValueError) {
        guard name.utf8.count <= 63, isLabel(name[...].utf8) else {
            throw ValueError(
                "\(ValueError.quote(name)) is not a Kubernetes name; write at most 63 of "
                    + "a-z, 0-9 and \"-\", with a letter or digit at both ends, such as \"webapp\""
            )
        }
    }

    /// Checks a DNS-1123 subdomain: labels joined by dots, 1 to 253 bytes in all.
    ///
    /// As in Kubernetes, a single label of it may be longer than 63 bytes.
    public static func validateSubdomain(_ name: String) throws(ValueError) {
        let dot = UInt8(ascii: ".")
        guard
            name.utf8.count <= 253,
            name[...].utf8.split(separator: dot, omittingEmptySubsequences: false)
                .allSatisfy(isLabel)
        else {
            throw ValueError(
                "\(ValueError.quote(name)) is not a DNS name; write lower-case labels of a-z, 0-9 "
                    + "and \"-\" joined by dots, such as \"cluster.local\""
            )
        }
    }

    /// Checks the name of a container port: an IANA service name (RFC 6335, section 5.1).
    public static func validatePortName(_ name: String) throws(ValueError) {
        guard isPortName(name[...].utf8) else {
            throw ValueError(
                "\(ValueError.quote(name)) is not a port name; write at most 15 of a-z, 0-9 and "
                    + "single \"-\", with at least one letter, such as \"http\""
            )
        }
    }

    /// Whether `name` is 1 to 15 of a-z, 0-9 and single inner hyphens, with a letter among them.
    static func isPortName(_ name: Substring.UTF8View) -> Bool {
        guard name.count <= 15, isLabel(name), name.contains(where: \.isASCIILower) else {
            return false
        }
        let hyphen = UInt8(ascii: "-")
        return !zip(name, name.dropFirst()).contains { $0 == hyphen && $1 == hyphen }
    }

    private static func isLabel(_ name: Substring.UTF8View) -> Bool {
        guard let first = name.first, let last = name.last else { return false }
        let hyphen = UInt8(ascii: "-")
        return first != hyphen && last != hyphen
            && name.allSatisfy { $0.isASCIILower || $0.isASCIIDigit || $0 == hyphen }
    }
}
