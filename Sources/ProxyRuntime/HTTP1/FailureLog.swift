// SPDX-License-Identifier: Apache-2.0

internal import MeshModel
internal import ProxyCore

/// Says which requests the proxy answered itself or cut off, for all threads.
final class FailureLog: Sendable {
    private let log: ProxyLog

    init(_ log: ProxyLog) { self.log = log }

    func note(
        _ failure: ProxyFailure,
        _ direction: Direction,
        client: SocketAddress?,
        to destination: SocketAddress
    ) {
        log.log(
            .info,
            "request failed",
            [
                ("direction", direction.rawValue), ("client", client.map { "\($0)" } ?? "unknown"),
                ("to", "\(destination)"), ("status", "\(failure.status)"),
                ("error", failure.cause.rawValue), ("reason", failure.reason),
            ]
        )
    }
}
