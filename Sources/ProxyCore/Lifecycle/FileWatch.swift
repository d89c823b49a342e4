// SPDX-License-Identifier: Apache-2.0

/// Decides when a file that changes is looked at, and when it is read.
///
/// Overview: a file that takes the place of another, or a link that leads elsewhere, is whole: it
/// is read as soon as a second look finds it as it was. One that is written where it stands looks
/// like a shorter one meanwhile, and a shorter file may well be a good one: it is read when it has
/// been left alone for a while.
///
/// Invariants: a change is read within a second, however often others follow it; and reading takes
/// at most half of the time of whoever reads.
///
/// It does no I/O and reads no clock. What has been read in the middle of a change may be refused;
/// the next look asks for it again.
public struct FileWatch: Sendable {
    /// What to do with the file after a look at it.
    public enum Look: Equatable, Sendable {
        /// It is as it was, or is not there.
        case same
        /// It has changed, and is not to be read yet.
        case changing
        /// Read it; then say with ``took(_:start:now:)`` what has been read.
        case due(FileStamp)
    }

    /// A change that has not been read.
    private struct Change {
        var stamp: FileStamp
        /// When it was first seen to differ from what was read.
        let sinceNanos: UInt64
        /// When it was last seen to differ from itself.
        var movedNanos: UInt64
        /// Whether the bytes of one file have changed, and not which file it is.
        var isWriting: Bool
    }

    /// What was read last.
    private var taken: FileStamp?
    private var change: Change?
    /// Until when it is looked at often.
    private var busyUntilNanos: UInt64 = 0
    private var notBeforeNanos: UInt64 = 0

    /// Between looks at a file that has been left alone for long.
    public static let calmNanos: UInt64 = 500_000_000
    /// Between looks at one that has just changed: several for each of ten changes a second.
    static let busyNanos: UInt64 = 20_000_000
    /// How long after a change another one is likely.
    static let busySpanNanos: UInt64 = 2_000_000_000
    /// How long a file that is written must have been left alone.
    static let restNanos: UInt64 = 250_000_000
    /// LIMIT: how long a file that is written is waited for; with the looks before and after, less
    /// than a second.
    static let writingNanosMax: UInt64 = 450_000_000
    /// LIMIT: the same for one that is replaced; more than ten a second are not each read.
    static let replacingNanosMax: UInt64 = 100_000_000
    /// LIMIT: a pause as long as so many readings follows each, so that a large file that changes
    /// all the time leaves the thread half of its time for its other work.
    static let pauseFactor: UInt64 = 1

    /// Begins with what has been read already; nil for nothing.
    public init(taken: FileStamp?) { self.taken = taken }

    /// Takes note of what the file looks like now; nil when it is not there.
    public mutating func look(_ stamp: FileStamp?, now: UInt64) -> Look {
        // A file that is gone is about to come back, or was meant to go: nothing new to take.
        guard let stamp, stamp != taken else {
            change = nil
            return .same
        }
        note(stamp, now)
        guard let change, now >= dueNanos(change) else { return .changing }
        return .due(stamp)
    }

    /// A file has been read, good or bad, which took from `start` to `now`.
    ///
    /// `stamp` is nil when it was not the same before and after: then it is read again.
    public mutating func took(_ stamp: FileStamp?, start: UInt64, now: UInt64) {
        notBeforeNanos = now + Self.pauseFactor * (now - start)
        guard let stamp else { return }
        taken = stamp
        change = nil
    }

    /// Whether it differs from what was read last.
    public var isChanging: Bool { change != nil }

    /// After how long to look again.
    public func pauseNanos(now: UInt64) -> UInt64 {
        change != nil || now < busyUntilNanos ? Self.busyNanos : Self.calmNanos
    }

    private mutating func note(_ stamp: FileStamp, _ now: UInt64) {
        let last = change?.stamp ?? taken
        guard stamp != change?.stamp else { return }
        change = Change(
            stamp: stamp,
            sinceNanos: change?.sinceNanos ?? now,
            movedNanos: now,
            isWriting: stamp.inode == last?.inode
        )
        busyUntilNanos = now + Self.busySpanNanos
    }

    private func dueNanos(_ change: Change) -> UInt64 {
        let due =
            change.isWriting
            ? min(change.movedNanos + Self.restNanos, change.sinceNanos + Self.writingNanosMax)
            : min(change.movedNanos + Self.busyNanos, change.sinceNanos + Self.replacingNanosMax)
        return max(due, notBeforeNanos)
    }
}
