// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// An error number of the kernel's.
struct Errno: Error, Equatable, CustomStringConvertible {
    let code: Int32

    /// The last call's.
    static var current: Errno { Errno(code: errno) }

    /// No descriptor is left, for the process or for the system.
    var isOutOfDescriptors: Bool { code == EMFILE || code == ENFILE }

    /// There is no such file.
    var isMissingFile: Bool { code == ENOENT }

    /// The other side is there, and does not want the connection.
    var isRefusal: Bool { code == ECONNREFUSED || code == ECONNRESET }

    /// The other side did not answer.
    var isTimeout: Bool { code == ETIMEDOUT }

    /// This host has no such address, or nothing of that version of IP at all.
    var isMissingAddress: Bool { code == EADDRNOTAVAIL || code == EAFNOSUPPORT }
    /// The peer wants no more of the connection, or never took it.
    var isReset: Bool { code == ECONNRESET }

    /// As strerror(3) has it, for the codes that sockets give; it is not safe with threads.
    var description: String {
        switch code {
        case ECONNREFUSED: "connection refused"
        case ECONNRESET: "connection reset"
        case ETIMEDOUT: "timed out"
        case EHOSTUNREACH: "no route to host"
        case ENETUNREACH: "network unreachable"
        case EPIPE: "broken pipe"
        case EADDRINUSE: "address already in use"
        case EADDRNOTAVAIL: "no such address on this host"
        case EAFNOSUPPORT: "this version of IP is switched off"
        case EACCES, EPERM: "not permitted"
        case EMFILE: "no descriptors left in this process"
        case ENFILE: "no descriptors left in this system"
        case ENOENT: "no such file or directory"
        default: "error \(code)"
        }
    }
}
