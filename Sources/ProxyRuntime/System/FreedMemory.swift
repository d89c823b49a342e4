// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// Decides when memory that connections have freed goes back to the kernel.
///
/// The C library keeps it for the next connections, for ever: after a storm of them a proxy would
/// stay as large as it was at its worst. Giving back walks the whole heap, under the locks that the
/// workers need, and so is not done for every ebb.
struct FreedMemory {
    private var peak = 0

    /// LIMIT: connections that must have gone; by mutual TLS they took some 2 MiB.
    private static let goneMin = 100

    /// Takes note of how many connections are open now; true when it is time to give back.
    mutating func ebbed(open: Int) -> Bool {
        peak = max(peak, open)
        guard peak - open >= Self.goneMin, open <= peak / 2 else { return false }
        peak = open
        return true
    }

    /// Gives back what no object uses.
    static func giveBack() { _ = malloc_trim(0) }
}
