// SPDX-License-Identifier: Apache-2.0

public import MeshModel

/// How long clients that speak HTTP/1 may take, whichever side of the proxy they are on.
public struct TimeoutSettings: Equatable, Sendable {
    /// For a request's head, from its first byte on.
    public var head: GoDuration
    /// Without a byte of a request's body, or a byte of a response taken.
    public var stall: GoDuration
    /// Between two requests of a connection.
    public var idle: GoDuration

    /// Makes settings; what is not given is the default.
    ///
    /// A head is a few packets, so that ten seconds are long. Applications compute for a while in
    /// the middle of a body, and clients keep connections for minutes: it should be they who close.
    public init(
        head: GoDuration = GoDuration(nanoseconds: 10_000_000_000),
        stall: GoDuration = GoDuration(nanoseconds: 60_000_000_000),
        idle: GoDuration = GoDuration(nanoseconds: 600_000_000_000)
    ) {
        self.head = head
        self.stall = stall
        self.idle = idle
    }
}
