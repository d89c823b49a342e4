// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// Decides when memory that connections have freed goes back to the kernel.
///
/// The C library keeps it for the next connections, for ever: after a storm of them a proxy would
/// stay as large as it was at its worst. Giving back walks the whole heap, under the locks that the
/// workers need, and so is not done for every ebb.
struct FreedMemory {
    private var peak = 0

    /// LIMIT: connections that must have gone; by mutual TLS they took some 600 KiB, a twentieth of
    /// a small proxy.
    private static let goneMin = 32

    /// Takes note of how many connections are open now, and how many were at most since the last
    /// time; true when it is time to give back.
    mutating func ebbed(open: Int, sinceLast: Int) -> Bool {
        peak = max(peak, open, sinceLast)
        guard peak - open >= Self.goneMin, open <= peak / 2 else { return false }
        peak = open
        return true
    }

    /// Gives back what no object uses, and the code that the start or the storm needed.
    static func giveBack(_ workers: [Mailbox]) {
        _ = malloc_trim(0)
        // What lies at the end of a thread's own heap only that thread can give back.
        for worker in workers { worker.post { _ in cmesh_trim_end_of_heap() } }
        unmapCode()
    }

    /// Lets go of the pages of the executable's code; what still runs is back at once.
    ///
    /// They are the file's and cost no memory of their own, but they count as the process's: two
    /// thirds of a proxy at rest would be code that read its files and will not run again.
    static func unmapCode() { cmesh_unmap_code() }
}
