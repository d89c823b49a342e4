// SPDX-License-Identifier: Apache-2.0

internal import MeshModel
internal import ProxyCore
internal import Synchronization

/// The proxy's log: one line an event, a constant message and fields, to stderr.
///
/// Overview: a thread of its own writes, so that a full pipe never holds up the data path; what
/// does not fit into the queue is counted and dropped. Of one cause there is one line a second,
/// which says how many there were beside it. The filter may be changed at any moment, for all
/// threads.
///
/// Invariant: messages and the names of fields are ours; values are quoted and escaped. Nobody
/// gives it a field of a request, a body, a token or a key.
final class ProxyLog: Sendable {
    enum Level: Int, Sendable {
        case error = 1
        case warn, info, debug
    }

    /// A name and a value; `direction`, `error`, `address`, `for` and `name` have values of ours or
    /// of our configuration, and tell causes apart.
    typealias Field = (key: String, value: String)

    /// LIMIT: half of the queue for the access log, so that requests leave room for what is wrong.
    private static let accessBytesMax = waitingBytesMax / 2
    /// LIMIT: 1 MiB of lines that wait; a burst of refusals, and nothing to a pod's memory.
    private static let waitingBytesMax = 1 << 20
    /// LIMIT: bytes of a field's value; a reason with two SPIFFE IDs of usual length fits.
    private static let valueBytesMax = 1024
    /// LIMIT: how long the end of the process waits for whoever reads the log.
    private static let patienceMillis: Int32 = 200
    /// How long lines wait for others, so that they are written together.
    private static let gatherMillis: Int32 = 100
    /// How many bytes do not wait any longer.
    private static let gatherBytesMax = 128 << 10

    private struct State {
        var filter: LogFilter
        var lines: [UInt8] = []
        var dropped = 0
        var causes = LogCauses()
        var isClosed = false
    }

    private let state: Mutex<State>
    private let isJSON: Bool
    private let startNanos = SystemCalls.monotonicNanos()
    /// The levels of the filter, of each target eight bits, so that asking for them costs nothing.
    private let levels = Atomic<UInt32>(0)
    /// Readable while lines wait, so that a silent log costs nothing; nil without descriptors, and
    /// then the thread looks ten times a second.
    private let waiting: Int32?
    /// Whether every event has a line: for a command that says a few things and ends.
    private let tellsAll: Bool

    init(_ filter: LogFilter, isJSON: Bool, tellsAll: Bool = false) {
        self.isJSON = isJSON
        self.tellsAll = tellsAll
        state = Mutex(State(filter: filter))
        waiting = try? WakeUps.makeEvent()
        setFilter(filter)
    }

    /// Which lines are written.
    var filter: LogFilter { state.withLock { $0.filter } }

    /// Changes which lines are written, from the next one on.
    func setFilter(_ filter: LogFilter) {
        var packed: UInt32 = 0
        for target in LogTarget.allCases {
            let level = LogLevel.allCases.firstIndex(of: filter.level(of: target.name)) ?? 0
            packed |= UInt32(level) << target.shift
        }
        state.withLock { state in
            state.filter = filter
            levels.store(packed, ordering: .relaxed)
        }
    }

    private func isEnabled(_ level: Level, _ target: LogTarget) -> Bool {
        level.rawValue <= levels.load(ordering: .relaxed) >> target.shift & 0xFF
    }

    // MARK: Writing

    /// Writes a line, now or in a second; `each` is for a few lines that no peer can bring about.
    func log(_ level: Level, _ message: String, _ fields: [Field] = [], each: Bool = false) {
        let target = LogTarget(fields)
        guard isEnabled(level, target) else { return }
        let event = LogCauses.Event(
            level: level,
            target: target,
            message: message,
            fields: fields
        )
        let now = SystemCalls.monotonicNanos()
        let isWorthWaking = state.withLock { state in
            if tellsAll || each { return append(event, 0, to: &state) }
            return switch state.causes.admit(event, now: now) {
            case .line(let unlogged): append(event, unlogged, to: &state)
            case .firstHeldBack: true
            case .heldBack: false
            }
        }
        if isWorthWaking, let waiting { WakeUps.raise(waiting) }
    }

    /// Writes a line of the access log, which ends with a line feed.
    func access(_ line: [UInt8]) {
        let isWorthWaking = state.withLock { state in
            append(line, atMost: Self.accessBytesMax, to: &state)
        }
        if isWorthWaking, let waiting { WakeUps.raise(waiting) }
    }

    /// Returns whether the log's thread should look.
    private func append(
        _ event: LogCauses.Event,
        _ unlogged: Int,
        to state: inout State
    ) -> Bool {
        let line = Array(text(event, unlogged).utf8) + [0x0A]
        return append(line, atMost: Self.waitingBytesMax, to: &state)
    }

    private func append(_ line: [UInt8], atMost bytesMax: Int, to state: inout State) -> Bool {
        let before = state.lines.count
        guard before + line.count <= bytesMax else {
            state.dropped += 1
            return false
        }
        state.lines += line
        return before == 0
            || (before < Self.gatherBytesMax && state.lines.count >= Self.gatherBytesMax)
    }

    /// Writes what waits, as far as anybody reads it; the log's own thread takes nothing more.
    ///
    /// A full pipe must not keep the process from ending.
    func close() {
        let taken = take(isLast: true)
        _ = Files.write(taken.lines, to: 2, patienceMillis: Self.patienceMillis)
    }

    /// Writes what waits, for a command that has no thread for it.
    func flush() { Files.write(take(isLast: false).lines, to: 2) }

    private func take(isLast: Bool) -> (lines: [UInt8], isHoldingBack: Bool, isClosed: Bool) {
        let now = isLast ? .max : SystemCalls.monotonicNanos()
        return state.withLock { state in
            guard !state.isClosed else { return ([], false, true) }
            for (event, unlogged) in state.causes.flush(now: now) {
                _ = append(event, unlogged, to: &state)
            }
            var lines = state.lines
            state.lines = []
            if state.dropped > 0 {
                let event = LogCauses.Event(
                    level: .warn,
                    target: .app,
                    message: "log lines dropped",
                    fields: [("count", "\(state.dropped)")]
                )
                lines += Array(text(event, 0).utf8) + [0x0A]
                state.dropped = 0
            }
            state.isClosed = isLast
            return (lines, state.causes.isHoldingBack, isLast)
        }
    }

    /// The log's own thread: writes what waits, as a rule at most ten times a second.
    func run() {
        var isHoldingBack = false
        while true {
            if let waiting {
                WakeUps.await(waiting, millis: isHoldingBack ? 1000 : -1)
                WakeUps.await(waiting, millis: Self.gatherMillis)
            } else {
                Files.pause(nanos: Int(Self.gatherMillis) * 1_000_000)
            }
            let taken = take(isLast: false)
            if taken.isClosed { return }
            isHoldingBack = taken.isHoldingBack
            Files.write(taken.lines, to: 2)
        }
    }

    // MARK: Lines

    private func text(_ event: LogCauses.Event, _ unlogged: Int) -> String {
        let more: [Field] = unlogged > 0 ? [("unlogged", "\(unlogged)")] : []
        return isJSON ? json(event, event.fields + more) : plain(event, event.fields + more)
    }

    private func plain(_ event: LogCauses.Event, _ fields: [Field]) -> String {
        let level = "\(event.level)".uppercased()
        let padding = level.utf8.count < 5 ? " " : ""
        var text = "\(uptime()) \(padding)\(level) \(event.target.name): \(event.message)"
        for field in fields { text += " \(field.key)=" + Self.quoted(field.value) }
        return text
    }

    private func json(_ event: LogCauses.Event, _ fields: [Field]) -> String {
        var text = "{\"timestamp\":\"\(uptime())\",\"level\":\"\("\(event.level)".uppercased())\","
        text += "\"fields\":{\"message\":\(Self.quoted(event.message))"
        for field in fields { text += ",\"\(field.key)\":" + Self.quoted(field.value) }
        return text + "},\"target\":\"\(event.target.name)\"}"
    }

    private static func quoted(_ text: String) -> String {
        JSONText.quoted(text, bytesMax: valueBytesMax)
    }

    /// Seconds since the start, as Linkerd's proxy shows them: `[ 10132.943961s]`.
    private func uptime() -> String {
        let micros = (SystemCalls.monotonicNanos() - startNanos) / 1000
        let seconds = String(micros / 1_000_000)
        let padding = String(repeating: " ", count: max(0, 6 - seconds.utf8.count))
        return "[\(padding)\(seconds).\(String(micros % 1_000_000 + 1_000_000).dropFirst())s]"
    }
}
