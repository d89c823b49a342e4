// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import ProxyCore

/// Small files, and the streams of the process.
enum Files {
    /// A file's stamp; nil when it cannot be had.
    static func stamp(of path: String) -> FileStamp? {
        var info = stat()
        // SAFETY: the kernel writes one stat.
        guard unsafe stat(path, &info) == 0 else { return nil }
        return FileStamp(
            inode: UInt64(info.st_ino),
            size: Int(info.st_size),
            seconds: info.st_mtim.tv_sec,
            nanos: info.st_mtim.tv_nsec
        )
    }

    /// All bytes of a file of at most `limit`.
    static func read(_ path: String, limit: Int) throws(Errno) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Errno.current }
        defer { SystemCalls.close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            // SAFETY: the kernel writes at most `count` bytes.
            let count = unsafe chunk.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw Errno.current
            }
            if count == 0 { return bytes }
            guard bytes.count + count <= limit else { throw Errno(code: EFBIG) }
            bytes += chunk[0..<count]
        }
    }

    /// Writes all bytes to a stream; what cannot be said is lost.
    static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var offset = 0
        while offset < bytes.count {
            // SAFETY: the slice checks the range.
            let written = unsafe bytes[offset...].withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return }
            offset += written
        }
    }

    /// Writes all bytes to a stream that may be a full pipe.
    ///
    /// - Returns: false when a part was not taken in time; the rest is lost.
    static func write(_ bytes: [UInt8], to descriptor: Int32, patienceMillis: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            // SAFETY: the kernel reads and writes one pollfd.
            guard unsafe poll(&wanted, 1, patienceMillis) == 1 else { return false }
            // A pipe that can be written has room for so many (pipe(7), PIPE_BUF).
            write(Array(rest.prefix(4096)), to: descriptor)
            rest = rest.dropFirst(4096)
        }
        return true
    }

    /// Waits on this thread, which must have nothing else to do.
    static func pause(nanos: Int) {
        var time = timespec(tv_sec: nanos / 1_000_000_000, tv_nsec: nanos % 1_000_000_000)
        // SAFETY: the kernel reads one timespec.
        _ = unsafe nanosleep(&time, nil)
    }
}
