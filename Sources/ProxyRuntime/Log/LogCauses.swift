// SPDX-License-Identifier: Apache-2.0

internal import ProxyCore

/// What was logged lately, by its cause, so that a thousand events a second are one line.
struct LogCauses {
    struct Event {
        var level: ProxyLog.Level
        var target: LogTarget
        var message: String
        var fields: [ProxyLog.Field]
    }

    enum Verdict {
        /// A line is due; so many before it had none.
        case line(unlogged: Int)
        /// None, and a line about it will be due in a second.
        case firstHeldBack
        case heldBack
    }

    /// Nothing that a peer says of itself is part of it.
    private struct Cause: Hashable {
        var target: LogTarget
        var message: String
        /// What tells events of one message apart, and comes from us or our configuration.
        var details: [String]

        static let detailKeys: Set<String> = ["address", "error", "for", "name"]
    }

    private struct Notice {
        var throttle = NoticeThrottle()
        /// The last one that has no line yet.
        var heldBack: Event?
        var lastNanos: UInt64 = 0
    }

    private var notices: [Cause: Notice] = [:]
    /// LIMIT: causes that are remembered; the messages, each with the errors of the kernel.
    private static let causesMax = 256

    var isHoldingBack: Bool { notices.values.contains { $0.heldBack != nil } }

    /// Takes note of an event.
    mutating func admit(_ event: Event, now: UInt64) -> Verdict {
        let details = event.fields.filter { Cause.detailKeys.contains($0.key) }.map(\.value)
        var cause = Cause(target: event.target, message: event.message, details: details)
        if notices[cause] == nil, notices.count >= Self.causesMax {
            forgetQuiet(now)
            // Still too many: what is new shares a line with its like.
            if notices.count >= Self.causesMax { cause.details = [] }
        }
        var notice = notices[cause, default: Notice()]
        defer { notices[cause] = notice }
        notice.lastNanos = now
        if let unlogged = notice.throttle.admit(now: now) {
            notice.heldBack = nil
            return .line(unlogged: unlogged)
        }
        defer { notice.heldBack = event }
        return notice.heldBack == nil ? .firstHeldBack : .heldBack
    }

    /// The last ones of what was held back, as far as a line about it is due, and how many were
    /// beside it.
    mutating func flush(now: UInt64) -> [(event: Event, unlogged: Int)] {
        var due: [(event: Event, unlogged: Int)] = []
        for (cause, var notice) in notices {
            guard let event = notice.heldBack, let count = notice.throttle.flush(now: now) else {
                continue
            }
            notice.heldBack = nil
            notices[cause] = notice
            due.append((event, count - 1))
        }
        return due
    }

    private mutating func forgetQuiet(_ now: UInt64) {
        notices = notices.filter { _, notice in
            notice.heldBack != nil || now < notice.lastNanos + NoticeThrottle.intervalNanos
        }
    }
}
