// SPDX-License-Identifier: Apache-2.0

internal import ProxyCore

/// The bytes of a request that have been sent on, as long as they may have to be sent again.
struct KeptRequest {
    /// Whether the request may be repeated although a server may have acted on it.
    private(set) var isIdempotent = false
    private var isKept = false
    private var sent: [UInt8] = []

    /// What was sent; nil when it was too much, or was answered.
    var bytes: [UInt8]? { isKept ? sent : nil }

    /// Begins with a request; one that cannot be repeated is kept only where it may move to another
    /// endpoint that has not seen it.
    mutating func begin(isIdempotent: Bool, mayMove: Bool) {
        self.isIdempotent = isIdempotent
        isKept = isIdempotent || mayMove
        sent.removeAll(keepingCapacity: true)
    }

    mutating func append(_ bytes: [UInt8], _ range: Range<Int>) {
        guard isKept else { return }
        guard sent.count + range.count <= HTTP1Limits.repeatBytesMax else { return forget() }
        sent += bytes[range]
    }

    /// Lets go of the bytes: the request is being answered.
    mutating func forget() {
        isKept = false
        // A large one is not kept for the whole life of the connection.
        sent.removeAll(keepingCapacity: sent.count <= 4096)
    }
}
