// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A TCP connection that is waited for; closed when nobody refers to it any more.
final class BlockingSocket {
    private let descriptor: Int32

    /// LIMIT: seconds that the other end may keep silent.
    private static let patienceSeconds = 10

    /// Connects to the first address of a host that takes the connection.
    init(host: String, port: String) throws(SystemError) {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        // SAFETY: getaddrinfo writes a list that is ours until it is freed, below on every path.
        let result = unsafe getaddrinfo(host, port, &hints, &found)
        guard result == 0 else {
            throw SystemError(code: result == EAI_SYSTEM ? errno : ENXIO)
        }
        defer { unsafe freeaddrinfo(found) }
        var failure = SystemError(code: ENXIO)
        var next = unsafe found
        while let address = unsafe next?.pointee {
            do throws(SystemError) {
                unsafe descriptor = try Self.connect(address)
                return
            } catch {
                failure = error
            }
            unsafe next = address.ai_next
        }
        throw failure
    }

    deinit { close(descriptor) }

    private static func connect(_ address: addrinfo) throws(SystemError) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = unsafe socket(address.ai_family, kind, 0)
        guard descriptor >= 0 else { throw SystemError(code: errno) }
        var patience = timeval(tv_sec: patienceSeconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            let size = socklen_t(MemoryLayout<timeval>.size)
            // SAFETY: the kernel reads one timeval. It holds for connect as well (socket(7)).
            _ = unsafe setsockopt(descriptor, SOL_SOCKET, option, &patience, size)
        }
        // SAFETY: the address belongs to getaddrinfo's list, which is still there.
        guard unsafe Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 else {
            let code = errno
            close(descriptor)
            throw SystemError(code: code == EINPROGRESS ? ETIMEDOUT : code)
        }
        return descriptor
    }

    func send(_ text: String) throws(SystemError) {
        try Posix.writeAll(Array(text.utf8), to: descriptor)
    }

    /// All bytes up to the end, or one more than `limit` when there are more.
    func receiveToEnd(limit: Int) throws(SystemError) -> [UInt8] {
        do throws(SystemError) {
            return try Posix.readAll(descriptor, limit: limit)
        } catch {
            throw SystemError(code: error.code == EAGAIN ? ETIMEDOUT : error.code)
        }
    }
}
