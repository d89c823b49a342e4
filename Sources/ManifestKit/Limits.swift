// SPDX-License-Identifier: Apache-2.0

/// Bounds on what a manifest may ask of us.
///
/// Everything past them is refused, never truncated.
public struct Limits: Sendable {
    /// LIMIT: 32 MiB a source.
    ///
    /// etcd holds 1.5 MiB an object, so this is some twenty of the largest.
    public var sourceBytesMax = 32 << 20
    /// LIMIT: nesting of collections.
    ///
    /// CRD schemas, the deepest in use, stay under 100.
    public var depthMax = 256
    /// LIMIT: nodes after all aliases are expanded, as every consumer of the manifest will expand
    /// them.
    ///
    /// Only documents with aliases are counted; "billion laughs" has 10^9.
    public var expandedNodesMax = 4_000_000

    /// The limits that the command line uses.
    public static let standard = Limits()

    /// Makes the standard limits, to be changed by the caller.
    public init() {}
}
