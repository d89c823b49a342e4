// SPDX-License-Identifier: Apache-2.0

public import MeshModel

/// The trust roots as PEM text, which no message and no log shows.
public struct TrustAnchors: Hashable, Sendable, CustomStringConvertible,
    CustomDebugStringConvertible
{
    /// The text.
    public let pem: String

    /// Takes text that holds whole certificates; whether they are good ones is for the TLS stack.
    ///
    /// A private key among them is refused: it is nothing that each pod should have.
    public init(pem: String) throws(ValueError) {
        var beginCount = 0
        var endCount = 0
        for line in pem.utf8.split(separator: 0x0A) {
            let text = Scalars.trimmed(String(Substring(line.prefix(80))))
            if text == "-----BEGIN CERTIFICATE-----" { beginCount += 1 }
            if text == "-----END CERTIFICATE-----" { endCount += 1 }
            if text.hasPrefix("-----BEGIN "), text.hasSuffix("PRIVATE KEY-----") {
                throw ValueError(
                    "\(pem.utf8.count) bytes that hold a private key; give certificates only, "
                        + "and treat that key as known to others"
                )
            }
        }
        guard beginCount > 0, beginCount == endCount else {
            throw ValueError(
                "\(pem.utf8.count) bytes that are not whole PEM certificates; give text from "
                    + "\"-----BEGIN CERTIFICATE-----\" to \"-----END CERTIFICATE-----\""
            )
        }
        self.pem = pem
    }

    /// The size, not the text.
    public var description: String { "\(pem.utf8.count) bytes" }
    /// The size, not the text.
    public var debugDescription: String { description }
}
