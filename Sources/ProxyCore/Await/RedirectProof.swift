// SPDX-License-Identifier: Apache-2.0

public import MeshModel

/// Decides whether one connection has proved that the pod's traffic is redirected: it was made to
/// an address that is not the pod's, and must end at our own listener, which alone knows the token.
public struct RedirectProof: Sendable {
    /// Why a connection proves nothing.
    public enum Failure: Error, Equatable, Sendable {
        /// Nobody answered in time.
        case silence
        /// Somebody without our token did.
        case stranger
        /// Somebody did who takes no connections there.
        case refused(String)
        /// There was no way to the address, for as long as there was time.
        case noRoute(String)

        /// Whether a redirect that exists cannot have led to this.
        ///
        /// A route may still come; a stranger's answer is final.
        public var isFinal: Bool {
            switch self {
            case .silence, .noRoute: false
            case .stranger, .refused: true
            }
        }
    }

    /// What the bytes so far say.
    public enum Verdict: Equatable, Sendable {
        case needsMore
        case proven
        case failed(Failure)
    }

    private let token: [UInt8]
    private var matched = 0

    /// Makes the proof for one connection.
    public init(token: [UInt8]) { self.token = token }

    /// Takes what the connection brought.
    public mutating func received(_ bytes: some Sequence<UInt8>) -> Verdict {
        for byte in bytes {
            guard matched < token.count, byte == token[matched] else { return .failed(.stranger) }
            matched += 1
        }
        return matched == token.count ? .proven : .needsMore
    }

    /// The other side has finished.
    public func ended() -> Verdict {
        !token.isEmpty && matched == token.count ? .proven : .failed(.stranger)
    }
}

extension RedirectProof.Failure {
    /// What it means, in one line: for the pod's events, where nobody sees more.
    public func explanation(of target: SocketAddress, listener: SocketAddress) -> String {
        let version = target.ip.bitWidth == 32 ? "IPv4" : "IPv6"
        let found =
            switch self {
            case .silence: "nobody answered at \(target)"
            case .stranger: "somebody else than this container answered at \(target)"
            case .refused(let reason): "\(target) could not be connected to (\(reason))"
            case .noRoute(let reason):
                "\(target) could not be tried (\(reason)): give --connect-addr an address that the "
                    + "pod has a route to"
            }
        return "the pod's outbound \(version) traffic is not redirected to port \(listener.port): "
            + found
    }
}
