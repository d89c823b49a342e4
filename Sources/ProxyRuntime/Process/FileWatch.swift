// SPDX-License-Identifier: Apache-2.0

/// Tells when a file has changed and is whole.
///
/// A file that takes the place of another, or a link that leads elsewhere, is whole at once. One
/// that is written where it stands looks like a shorter one meanwhile, and a shorter file may well
/// be a good one: it must have been left alone between two looks.
struct FileWatch {
    enum Look: Equatable {
        /// It is as it was, or is not there.
        case same
        /// Look again soon.
        case changing
        /// Read it; then say with `took` what has been read.
        case changed(Files.Stamp)
    }

    /// What was read last.
    private var taken: Files.Stamp?
    private var last: Files.Stamp?

    init(taken: Files.Stamp?) {
        self.taken = taken
        last = taken
    }

    mutating func look(_ stamp: Files.Stamp?) -> Look {
        defer { last = stamp }
        // A file that is gone is about to come back, or was meant to go: nothing new to take.
        guard let stamp, stamp != taken else { return .same }
        return stamp == last ? .changed(stamp) : .changing
    }

    mutating func took(_ stamp: Files.Stamp) { taken = stamp }
}
