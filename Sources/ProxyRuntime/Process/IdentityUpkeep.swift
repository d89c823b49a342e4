// SPDX-License-Identifier: Apache-2.0

internal import MeshConfig
internal import ProxyCore

/// Keeps the identity that is in force: of its files, the last ones that were good.
final class IdentityUpkeep {
    private let shard: MetricsShard
    private let log: ProxyLog
    private var loader: IdentityLoader?
    private(set) var tls: TLSContext?
    private var loaded: [FileStamp?] = []
    /// Why the files as they are now were not taken, so that it is said once.
    private var refusal: TLSError?

    init(_ files: IdentityFiles?, _ shard: MetricsShard, _ log: ProxyLog) {
        self.shard = shard
        self.log = log
        loader = files.map { IdentityLoader(files: $0) }
    }

    /// Whether it is there, or none is wanted.
    var isComplete: Bool { loader == nil || tls != nil }

    /// Takes changed files if they are good; keeps the old identity if they are not.
    ///
    /// - Returns: whether there is another one now.
    func look() -> Bool {
        guard let loader else { return false }
        let stamp = loader.stamp
        // Files that were refused are tried again: a certificate may have become valid since.
        guard stamp != loaded || refusal != nil || tls == nil else { return false }
        loaded = stamp
        let isFirst = tls == nil
        do throws(TLSError) {
            let loadedTLS = try loader.load()
            tls = loadedTLS
            refusal = nil
            count(loadedTLS)
            log.log(
                .info,
                isFirst ? "identity loaded" : "identity reloaded",
                [("name", loader.files.name)]
            )
            return true
        } catch {
            guard error != refusal else { return false }
            refusal = error
            shard.counter(.certificateRefreshes, "result=\"failure\"").add()
            // Without one the proxy is not ready, and nothing meshed passes.
            log.log(
                .error,
                isFirst ? "identity not loaded" : "identity not reloaded, the old one stays",
                [("reason", error.reason)]
            )
            return false
        }
    }

    /// Turns to other files, if they are good.
    func turn(to files: IdentityFiles?) throws(TLSError) {
        guard files != loader?.files else { return }
        let next = files.map { IdentityLoader(files: $0) }
        let stamp = next?.stamp ?? []
        let loadedTLS = try next?.load()
        (loader, tls, loaded, refusal) = (next, loadedTLS, stamp, nil)
        if let loadedTLS { count(loadedTLS) }
    }

    private func count(_ tls: TLSContext) {
        shard.counter(.certificateExpiry).set(tls.expiresAtSeconds)
        shard.counter(.certificateRefreshed).set(ProcessFacts.unixSeconds)
        shard.counter(.certificateRefreshes, "result=\"success\"").add()
    }
}
