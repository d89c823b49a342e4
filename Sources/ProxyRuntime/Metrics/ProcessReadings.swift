// SPDX-License-Identifier: Apache-2.0

internal import MeshModel
internal import ProxyCore

/// The metrics of the process itself, read when somebody asks for them.
struct ProcessReadings: Sendable {
    private let startMillis = ProcessFacts.unixMillis
    private let startNanos = SystemCalls.monotonicNanos()

    /// Reads them; what this system does not tell is left out.
    func readings() -> [MetricReading] {
        let version = TrafficLabels.escaped(MeshVersion.current)
        let upMicros = Int((SystemCalls.monotonicNanos() - startNanos) / 1000)
        var result = [
            MetricReading(.buildInfo, 1, labels: "version=\"\(version)\",vendor=\"meshctl\""),
            MetricReading(.processStart, startMillis, decimals: 3),
            MetricReading(.processUptime, upMicros, decimals: 6),
            MetricReading(.processCPU, ProcessFacts.processorNanos / 1000, decimals: 6),
        ]
        let pages = Self.statm()
        if pages.count >= 2 {
            result.append(MetricReading(.processVirtual, pages[0] * ProcessFacts.pageBytes))
            result.append(MetricReading(.processResident, pages[1] * ProcessFacts.pageBytes))
        }
        // The folder itself is open while it is read.
        if let count = ProcessFacts.entryCount(of: "/proc/self/fd") {
            result.append(MetricReading(.processOpenFiles, count - 1))
        }
        if let most = ProcessFacts.descriptorsMax {
            result.append(MetricReading(.processMaxFiles, most))
        }
        if let count = ProcessFacts.entryCount(of: "/proc/self/task") {
            result.append(MetricReading(.processThreads, count))
        }
        return result
    }

    /// proc_pid_statm(5): pages of address space, pages in memory, and more.
    private static func statm() -> [Int] {
        do throws(Errno) {
            // LIMIT: bytes of one line of seven numbers.
            let bytes = try Files.read("/proc/self/statm", limit: 256)
            return String(decoding: bytes, as: UTF8.self).split(separator: " ").compactMap {
                Int($0)
            }
        } catch {
            return []
        }
    }
}
