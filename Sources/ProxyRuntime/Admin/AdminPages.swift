// SPDX-License-Identifier: Apache-2.0

internal import ProxyCore
internal import Synchronization

/// What the admin port has to show.
final class AdminPages: Sendable {
    private let ready = Atomic<Bool>(false)
    private let process = ProcessReadings()
    /// What all threads count.
    let series = SeriesBook()
    private let store: SnapshotStore

    init(_ store: SnapshotStore) { self.store = store }

    /// Whether traffic is welcome: from the first certificate until the signal to end.
    var isReady: Bool { ready.load(ordering: .relaxed) }

    func setReady(_ isReady: Bool) { ready.store(isReady, ordering: .relaxed) }

    /// All series as text.
    func metrics() -> String { series.text(process.readings() + certificate()) }

    /// Which certificate is in force: a rotation that nobody notices is one that has failed.
    private func certificate() -> [MetricReading] {
        guard let serial = store.snapshot.tls?.serialNumber else { return [] }
        return [MetricReading(.certificateInfo, 1, labels: "serial_number=\"\(serial)\"")]
    }
}
