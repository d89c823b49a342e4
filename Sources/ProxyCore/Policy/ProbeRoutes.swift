// SPDX-License-Identifier: Apache-2.0

public import MeshModel

/// The requests about health that a pod answers, whoever asks: a kubelet has no identity, and a pod
/// that cannot be asked is restarted.
///
/// As with Linkerd's probe routes, only GET of exactly these paths is meant. Nothing is decoded or
/// shortened: a spelling that is not listed has no exception, whatever the application makes of it.
public struct ProbeRoutes: Sendable {
    private let paths: [UInt16: [[UInt8]]]

    /// Makes the exceptions; without any there are none.
    public init(_ routes: [ProbeRoute] = []) {
        paths = Dictionary(grouping: routes, by: \.port.value).mapValues { routes in
            routes.map { Array($0.path.utf8) }
        }
    }

    /// Whether a request is one of them: `bytes` are those that its head was read from.
    ///
    /// One that has a body or asks for another protocol is none: more than a question about health
    /// could pass with it.
    public func contains(_ head: RequestHead, of bytes: Span<UInt8>, port: UInt16) -> Bool {
        guard let paths = paths[port], head.method == .get, head.framing == .none,
            !head.asksUpgrade
        else { return false }
        var end = head.target.lowerBound
        while end < head.target.upperBound, bytes[end] != UInt8(ascii: "?") { end += 1 }
        return paths.contains { path in
            guard path.count == end - head.target.lowerBound else { return false }
            for (offset, byte) in path.enumerated()
            where bytes[head.target.lowerBound + offset] != byte { return false }
            return true
        }
    }
}
