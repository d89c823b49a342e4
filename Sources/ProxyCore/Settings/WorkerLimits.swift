// SPDX-License-Identifier: Apache-2.0

/// How many worker threads a proxy may have.
public struct WorkerLimits: Equatable, Sendable {
    /// The least number, unless the machine has fewer cores.
    public var workersMin: Int
    /// The most; nil when it was not given.
    public var workersMax: Int?
    /// The most, as a share of the cores; ``workersMax`` goes before it.
    public var ratioMax: Double?

    /// Makes limits.
    public init(workersMin: Int = 1, workersMax: Int? = nil, ratioMax: Double? = nil) {
        self.workersMin = workersMin
        self.workersMax = workersMax
        self.ratioMax = ratioMax
    }

    /// The number of workers on a machine where this many cores are available.
    ///
    /// As in Linkerd: the most that is allowed, one where nothing is said, at least the least, and
    /// never more than there are cores.
    public func workerCount(availableCores: Int) -> Int {
        let share = ratioMax.map { Int((Double(availableCores) * $0).rounded()) }
        let wanted = max(workersMin, workersMax ?? share ?? 1)
        return max(1, min(availableCores, wanted))
    }
}
