// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// What the kernel or libnftables said, in words.
struct KernelError: Error, Equatable, CustomStringConvertible {
    /// The error number of a system call; nil where only words are known.
    let code: Int32?
    /// One line, as strerror(3) or libnftables has it.
    let description: String

    /// Whether there is no such file.
    var isMissingFile: Bool { code == ENOENT }

    /// Whether the reader of a pipe is gone.
    var isBrokenPipe: Bool { code == EPIPE }
}

/// What the command asks of the kernel, so that a test can answer in its place.
protocol KernelCalls {
    /// Goes to another network namespace, by its file, for the rest of the run.
    func enterNetwork(_ path: String) throws(KernelError)
    /// Hands one script to the kernel, which takes it whole or not at all.
    func apply(_ script: String) throws(KernelError)
    /// Reads a file of /proc.
    func read(_ path: String) throws(KernelError) -> String
    /// Writes to an existing file of /proc.
    func write(_ text: String, toFile path: String) throws(KernelError)
    /// Writes to an open descriptor: 1 for what was asked for, 2 for the log.
    func write(_ text: String, to descriptor: Int32) throws(KernelError)
}

/// What a pod has of IPv6.
enum IPv6Presence: Equatable {
    /// No address but the loopback's, or no IPv6 at all.
    case none
    /// An address on an interface that leads out of the pod.
    case present

    /// The kernel's list of IPv6 addresses; there is no such file where there is no IPv6.
    static let path = "/proc/net/if_inet6"

    /// Reads the kernel's list: address, index, prefix, scope, flags and interface, in columns.
    init(parsing list: String) {
        let isPresent = list.split(separator: "\n").contains { line in
            let fields = line.split(separator: " ")
            // Scope 0x10 is the host's own, `::1` (IPV6_ADDR_LOOPBACK in net/ipv6.h).
            return fields.count >= 4 && fields[3] != "10"
        }
        self = isPresent ? .present : .none
    }
}

/// The right to change a network: a bit in the sets that proc(5) shows.
enum NetAdminCapability {
    /// What the kernel says of this process.
    static let path = "/proc/self/status"
    /// CAP_NET_ADMIN in linux/capability.h.
    private static let bit: UInt64 = 1 << 12

    /// Whether the effective set of a status file has it; nil when the file does not say.
    static func isEffective(in status: String) -> Bool? {
        for line in status.split(separator: "\n") where line.hasPrefix("CapEff:") {
            let digits = line.dropFirst("CapEff:".count).drop { $0 == "\t" || $0 == " " }
            return UInt64(digits, radix: 16).map { $0 & bit != 0 }
        }
        return nil
    }
}
