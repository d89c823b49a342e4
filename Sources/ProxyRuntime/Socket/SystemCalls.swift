// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import MeshModel

/// What a read or a write on a socket came to.
enum IOResult: Equatable {
    /// So many bytes, 1 or more.
    case bytes(Int)
    /// The peer has finished its direction.
    case end
    /// Later.
    case wouldBlock
    /// It is broken.
    case failed(Errno)
}

/// The kernel's calls on sockets.
///
/// EINTR is retried, EAGAIN is a value. Nothing unsafe leaves this file.
enum SystemCalls {
    // MARK: Reading and writing

    /// recv(2) into a buffer, from `start` to its end.
    static func receive(
        _ socket: Int32,
        into buffer: inout [UInt8],
        from start: Int = 0
    ) -> IOResult {
        // SAFETY: the kernel writes into the slice, whose bounds are checked.
        let result = unsafe buffer.withUnsafeMutableBytes { bytes in
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[start...])
            return retry { unsafe recv(socket, rest.baseAddress, rest.count, 0) }
        }
        return ioResult(result)
    }

    /// recv(2) with MSG_PEEK: the bytes stay in the socket.
    static func peek(_ socket: Int32, into buffer: inout [UInt8]) -> IOResult {
        // SAFETY: as in `receive`.
        let result = unsafe buffer.withUnsafeMutableBytes { bytes in
            retry { unsafe recv(socket, bytes.baseAddress, bytes.count, Int32(MSG_PEEK)) }
        }
        return ioResult(result)
    }

    /// Whether there is nothing to be read: no byte, no end and no error.
    static func isQuiet(_ socket: Int32) -> Bool {
        var byte: UInt8 = 0
        // SAFETY: the kernel writes at most the one byte.
        let count = retry { unsafe recv(socket, &byte, 1, Int32(MSG_PEEK)) }
        return count < 0 && errno == EAGAIN
    }

    /// send(2) of a range of a buffer, without SIGPIPE.
    static func send(_ socket: Int32, _ buffer: [UInt8], _ range: Range<Int>) -> IOResult {
        // SAFETY: the slice checks the range against the array's bounds.
        let result = unsafe buffer[range].withUnsafeBytes { bytes in
            retry {
                unsafe Glibc.send(
                    socket,
                    bytes.baseAddress,
                    bytes.count,
                    Int32(MSG_NOSIGNAL)
                )
            }
        }
        return result == 0 ? .bytes(0) : ioResult(result)
    }

    private static func ioResult(_ result: Int) -> IOResult {
        if result > 0 { return .bytes(result) }
        if result == 0 { return .end }
        let code = errno
        return code == EAGAIN || code == EWOULDBLOCK ? .wouldBlock : .failed(Errno(code: code))
    }

    /// FIN after what has been written.
    static func shutdownWrite(_ socket: Int32) { shutdown(socket, Int32(SHUT_WR)) }

    static func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }

    /// close(2) that sends RST, so that the peer does not take a broken stream for a whole one.
    static func reset(_ socket: Int32) {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setOption(socket, SOL_SOCKET, SO_LINGER, &linger)
        close(socket)
    }

    /// SIOCOUTQ (tcp(7)): bytes, an end counted as one, that the peer's kernel has not confirmed.
    static func unacknowledgedBytes(_ socket: Int32) -> Int {
        var count: Int32 = 0
        // SAFETY: the kernel writes one Int32. Of a broken socket nothing will be confirmed.
        return unsafe ioctl(socket, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
    }

    // MARK: Listening and connecting

    /// A listening socket.
    ///
    /// Several threads share a port; a second proxy could then take half of the connections
    /// without anybody noticing, so that a lone thread does not.
    static func listen(
        on address: SocketAddress,
        sharing: Bool,
        backlog: Int = 4096
    ) throws(Errno) -> Int32 {
        let socket = try makeSocket(for: address)
        var one: Int32 = 1
        setOption(socket, SOL_SOCKET, SO_REUSEADDR, &one)
        if sharing { setOption(socket, SOL_SOCKET, SO_REUSEPORT, &one) }
        let bound = unsafe withNative(address) { pointer, length in
            unsafe bind(socket, pointer, length)
        }
        guard bound == 0, Glibc.listen(socket, Int32(clamping: backlog)) == 0 else {
            let error = Errno.current
            close(socket)
            throw error
        }
        return socket
    }

    /// The next waiting connection; nil when there is none.
    static func accept(_ listener: Int32) throws(Errno) -> Int32? {
        while true {
            let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
            let socket = accept4(listener, nil, nil, flags)
            if socket >= 0 { return socket }
            switch errno {
            case EAGAIN: return nil
            // The peer left while it waited (accept(2)); the next may be there.
            case EINTR, ECONNABORTED, EPROTO, ENETDOWN, EHOSTDOWN, EHOSTUNREACH, ENETUNREACH:
                continue
            default: throw Errno.current
            }
        }
    }

    /// Starts to connect; the socket becomes writable when it is done.
    static func connect(to address: SocketAddress) throws(Errno) -> Int32 {
        let socket = try makeSocket(for: address)
        let result = unsafe withNative(address) { pointer, length in
            unsafe Glibc.connect(socket, pointer, length)
        }
        if result != 0, errno != EINPROGRESS {
            let error = Errno.current
            close(socket)
            throw error
        }
        return socket
    }

    private static func makeSocket(for address: SocketAddress) throws(Errno) -> Int32 {
        let family = address.ip.bitWidth == 32 ? AF_INET : AF_INET6
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { throw Errno.current }
        return descriptor
    }

    /// What became of a connect: nil for success.
    static func connectError(_ socket: Int32) -> Errno? {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        // SAFETY: the kernel writes one Int32 and its length.
        let result = unsafe getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &length)
        if result != 0 { return .current }
        return code == 0 ? nil : Errno(code: code)
    }

    // MARK: Options

    /// LIMIT: Linux's own bound (`MAX_TCP_KEEPIDLE`).
    private static let keepAliveSecondsMax: UInt64 = 32_767

    /// What every proxied connection has: no delay, and keep-alive and TCP_USER_TIMEOUT where
    /// given.
    static func tune(_ socket: Int32, _ tuning: SocketTuning) {
        var one: Int32 = 1
        setOption(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &one)
        if let nanos = tuning.keepAliveNanos {
            setOption(socket, SOL_SOCKET, SO_KEEPALIVE, &one)
            let whole = min(max(nanos / 1_000_000_000, 1), keepAliveSecondsMax)
            var seconds = Int32(clamping: whole)
            setOption(socket, Int32(IPPROTO_TCP), TCP_KEEPIDLE, &seconds)
            setOption(socket, Int32(IPPROTO_TCP), TCP_KEEPINTVL, &seconds)
        }
        if let nanos = tuning.userTimeoutNanos {
            // An unsigned int in tcp(7), but the kernel refuses what is negative as an int.
            var millis = Int32(clamping: max(nanos / 1_000_000, 1))
            setOption(socket, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &millis)
        }
    }

    private static func setOption<Value: BitwiseCopyable>(
        _ socket: Int32,
        _ level: Int32,
        _ name: Int32,
        _ value: inout Value
    ) {
        // SAFETY: the kernel reads as many bytes as the value has. A failure changes nothing that
        // the connection depends on.
        _ = unsafe setsockopt(socket, level, name, &value, socklen_t(MemoryLayout<Value>.size))
    }

    // MARK: Addresses

    /// Where a redirected connection was headed; nil when no redirect touched it.
    ///
    /// SO_ORIGINAL_DST and its IPv6 twin are both option 80 (linux/netfilter_ipv4.h). Which of them
    /// knows is a matter of the packets: a listener at `::` has IPv4 connections too.
    static func originalDestination(_ socket: Int32) -> SocketAddress? {
        guard let own = localAddress(socket) else { return nil }
        let isIPv4 = own.ip.bitWidth == 32
        let level = isIPv4 ? Int32(IPPROTO_IP) : Int32(IPPROTO_IPV6)
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // SAFETY: the kernel writes at most `length` bytes.
        guard unsafe getsockopt(socket, level, cmesh_so_original_dst, &storage, &length) == 0 else {
            return nil
        }
        return address(from: storage)
    }

    /// The address that a socket is bound to.
    static func localAddress(_ socket: Int32) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // SAFETY: sockaddr_storage holds every address; the kernel writes at most `length` bytes.
        let result = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(socket, $0, &length)
            }
        }
        return result == 0 ? address(from: storage) : nil
    }

    static func peerAddress(_ socket: Int32) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // SAFETY: as in `localAddress`.
        let result = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getpeername(socket, $0, &length)
            }
        }
        return result == 0 ? address(from: storage) : nil
    }

    /// An IPv4-mapped IPv6 address comes out as the IPv4 address that it is.
    private static func address(from storage: sockaddr_storage) -> SocketAddress? {
        var storage = storage
        switch Int32(storage.ss_family) {
        case AF_INET:
            // SAFETY: the family says that it is a sockaddr_in, which is smaller than the storage.
            let native = unsafe withUnsafeBytes(of: &storage) {
                unsafe $0.load(as: sockaddr_in.self)
            }
            return SocketAddress(
                ip: .v4(UInt32(bigEndian: native.sin_addr.s_addr)),
                port: UInt16(bigEndian: native.sin_port)
            )
        case AF_INET6:
            // SAFETY: as above, for sockaddr_in6.
            let native = unsafe withUnsafeBytes(of: &storage) {
                unsafe $0.load(as: sockaddr_in6.self)
            }
            var octets = native.sin6_addr
            // SAFETY: in6_addr is 16 bytes without padding.
            let value = unsafe withUnsafeBytes(of: &octets) {
                unsafe UInt128(bigEndian: $0.loadUnaligned(as: UInt128.self))
            }
            let isMapped = value >> 32 == 0xFFFF
            return SocketAddress(
                ip: isMapped ? .v4(UInt32(truncatingIfNeeded: value)) : .v6(value),
                port: UInt16(bigEndian: native.sin6_port)
            )
        default: return nil
        }
    }

    private static func withNative(
        _ address: SocketAddress,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        switch address.ip {
        case .v4(let value):
            var native = sockaddr_in()
            native.sin_family = sa_family_t(AF_INET)
            native.sin_port = address.port.bigEndian
            native.sin_addr.s_addr = value.bigEndian
            // SAFETY: every sockaddr_* starts as sockaddr does, and the length says how long it is.
            return unsafe withUnsafePointer(to: &native) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        case .v6(let high, let low):
            var native = sockaddr_in6()
            native.sin6_family = sa_family_t(AF_INET6)
            native.sin6_port = address.port.bigEndian
            // SAFETY: in6_addr is 16 bytes without padding.
            unsafe withUnsafeMutableBytes(of: &native.sin6_addr) {
                unsafe $0.storeBytes(
                    of: (UInt128(high) << 64 | UInt128(low)).bigEndian,
                    as: UInt128.self
                )
            }
            // SAFETY: as above.
            return unsafe withUnsafePointer(to: &native) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
        }
    }

    // MARK: Limits

    /// As many descriptors as the process may have: each connection takes two, and the soft limit
    /// is often the 1024 of select(2), which is not used here.
    static func raiseDescriptorLimit() {
        var limit = rlimit()
        // SAFETY: the kernel writes, then reads, one rlimit.
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return
        }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    // MARK: Time

    /// Nanoseconds of the clock that never jumps.
    static func monotonicNanos() -> UInt64 {
        var time = timespec()
        // SAFETY: the kernel writes one timespec.
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        // A time before the clock's start is some library's make-believe, and no reason to end.
        return UInt64(max(0, time.tv_sec)) * 1_000_000_000 + UInt64(max(0, time.tv_nsec))
    }

    /// Nanoseconds since 1970 by the clock of the machine, which may jump.
    static func unixNanos() -> UInt64 {
        var time = timespec()
        // SAFETY: the kernel writes one timespec.
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(max(0, time.tv_sec)) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private static func retry(_ call: () -> Int) -> Int {
        while true {
            let result = call()
            if result >= 0 || errno != EINTR { return result }
        }
    }
}
