// SPDX-License-Identifier: Apache-2.0

/// A request by which a kubelet asks whether a pod is well: GET of one path at one port.
public struct ProbeRoute: Hashable, Sendable {
    /// The port of the application that the kubelet asks.
    public let port: PortNumber
    /// The path, without a query.
    public let path: String

    /// LIMIT: bytes of a path; the longest of real manifests have a few dozen.
    public static let pathBytesMax = 2048

    /// Makes a route from the `path` of a pod's `httpGet`, whose query is left out: an answer about
    /// health depends on none.
    public init(port: PortNumber, path: String) throws(ValueError) {
        guard path.utf8.first == UInt8(ascii: "/") else {
            throw ValueError(
                "\(ValueError.quote(path)) is no path; write one that begins with \"/\", "
                    + "such as \"/healthz\""
            )
        }
        guard path.utf8.count <= Self.pathBytesMax else {
            throw ValueError(
                "\(ValueError.quote(path)) has \(path.utf8.count) bytes; "
                    + "a path has at most \(Self.pathBytesMax)"
            )
        }
        // A kubelet sends other bytes percent-encoded, and so they must be written.
        guard path.utf8.allSatisfy({ 0x21..<0x7F ~= $0 && $0 != UInt8(ascii: "#") }) else {
            throw ValueError(
                "\(ValueError.quote(path)) holds a byte that no request target has; "
                    + "write it percent-encoded, such as %20 for a space"
            )
        }
        self.port = port
        self.path = String(path.prefix { $0 != "?" })
    }
}
