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
        if let text = Self.text(of: "/proc/self/net/netstat"),
            let octets = NetworkOctets(parsing: text)
        {
            result.append(MetricReading(.networkReceived, octets.received))
            result.append(MetricReading(.networkSent, octets.sent))
        }
        return result
    }

    /// proc_pid_statm(5): pages of address space, pages in memory, and more.
    private static func statm() -> [Int] {
        text(of: "/proc/self/statm")?.split(separator: " ").compactMap { Int($0) } ?? []
    }

    private static func text(of path: String) -> String? {
        do throws(Errno) {
            // LIMIT: bytes of a file of the kernel's; its counters of the network have 4 KiB.
            return String(decoding: try Files.read(path, limit: 32 << 10), as: UTF8.self)
        } catch {
            return nil
        }
    }
}
