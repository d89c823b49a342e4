// SPDX-License-Identifier: Apache-2.0

public import MeshModel

/// What the question for a name's addresses of one family came to.
public enum NameAnswer: Equatable, Sendable {
    /// These, for so many seconds.
    case addresses([IPAddress], ttlSeconds: UInt32)
    /// There is no such name, or it has no such address.
    case none
    /// Nobody knows: no answer, or one that makes no sense.
    case failed(String)

    var addresses: [IPAddress] {
        if case .addresses(let addresses, _) = self { addresses } else { [] }
    }

    var ttlSeconds: UInt32 {
        if case .addresses(_, let seconds) = self { seconds } else { .max }
    }

    var failure: String? {
        if case .failed(let reason) = self { reason } else { nil }
    }
}

/// A version of IP.
public enum IPFamily: Sendable {
    /// Asked for by `A`.
    case v4
    /// Asked for by `AAAA`.
    case v6

    /// The family of an address.
    public init(of address: IPAddress) { self = address.bitWidth == 32 ? .v4 : .v6 }
}
