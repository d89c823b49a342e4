// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// The proxy's log: one line an event, a constant message and fields, to stderr.
///
/// A thread of its own writes, so that a full pipe never holds up the data path; what does not fit
/// into the queue is counted and dropped.
final class ProxyLog: Sendable {
    enum Level: Int, Comparable, Sendable {
        case error, warn, info, debug

        static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    typealias Field = (key: String, value: String)

    private struct State {
        var lines: [[UInt8]] = []
        var bytes = 0
        var dropped = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let isJSON: Bool
    private let level: Level
    /// Readable while lines wait, so that a silent log costs nothing; nil without descriptors, and
    /// then the thread looks ten times a second.
    private let waiting: Int32?
    /// LIMIT: 1 MiB of lines that wait; a burst of refusals, and nothing to a pod's memory.
    private static let waitingBytesMax = 1 << 20
    /// LIMIT: bytes of a field's value; a reason with two SPIFFE IDs of usual length fits.
    private static let valueBytesMax = 1024
    /// LIMIT: how long the end of the process waits for whoever reads the log.
    private static let patienceMillis: Int32 = 200

    init(level: Level, isJSON: Bool) {
        self.level = level
        self.isJSON = isJSON
        waiting = try? WakeUps.makeEvent()
    }

    func log(_ level: Level, _ message: String, _ fields: [Field] = []) {
        guard level <= self.level else { return }
        let line = self.line(level, message, fields)
        let isFirst = state.withLock { state in
            guard state.bytes + line.count <= Self.waitingBytesMax else {
                state.dropped += 1
                return false
            }
            state.lines.append(line)
            state.bytes += line.count
            return state.lines.count == 1
        }
        if isFirst, let waiting { WakeUps.raise(waiting) }
    }

    /// Writes what waits, as far as anybody reads it; the log's own thread takes nothing more.
    ///
    /// A full pipe must not keep the process from ending.
    func close() {
        let (lines, _) = take(last: true)
        for line in lines {
            guard Files.write(line, to: 2, patienceMillis: Self.patienceMillis) else { return }
        }
    }

    /// Writes what waits, for a command that has no thread for it.
    func flush() {
        for line in take(last: false).lines { Files.write(line, to: 2) }
    }

    private func take(last: Bool) -> (lines: [[UInt8]], isClosed: Bool) {
        state.withLock { state in
            guard !state.isClosed else { return ([], true) }
            var lines = state.lines
            if state.dropped > 0 {
                let count = ("count", "\(state.dropped)")
                lines.append(line(.warn, "log lines dropped", [count]))
            }
            state = State(isClosed: last)
            return (lines, last)
        }
    }

    /// The log's own thread: writes what waits, at most ten times a second.
    func run() {
        while true {
            let (lines, isClosed) = take(last: false)
            if isClosed { return }
            for line in lines { Files.write(line, to: 2) }
            Files.pause(nanos: 100_000_000)
            if let waiting { WakeUps.await(waiting) }
        }
    }

    private func line(_ level: Level, _ message: String, _ fields: [Field]) -> [UInt8] {
        let text = isJSON ? json(level, message, fields) : plain(level, message, fields)
        return Array(text.utf8) + [0x0A]
    }

    private func plain(_ level: Level, _ message: String, _ fields: [Field]) -> String {
        var text = "[\(Self.uptime())] \("\(level)".uppercased()) \(message)"
        for field in fields { text += " \(field.key)=" + jsonString(field.value) }
        return text
    }

    private func json(_ level: Level, _ message: String, _ fields: [Field]) -> String {
        let all =
            [("timestamp", Self.uptime()), ("level", "\(level)"), ("message", message)] + fields
        return "{" + all.map { "\"\($0.0)\":" + jsonString($0.1) }.joined(separator: ",") + "}"
    }

    /// What a peer says of itself can neither end the string nor move a terminal's cursor.
    private func jsonString(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            guard result.utf8.count < Self.valueBytesMax else {
                result += "..."
                break
            }
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// Seconds of the monotonic clock, as Linkerd's proxy shows them.
    private static func uptime() -> String {
        let millis = SystemCalls.monotonicNanos() / 1_000_000
        let fraction = String(millis % 1000 + 1000).dropFirst()
        return "\(millis / 1000).\(fraction)s"
    }
}
