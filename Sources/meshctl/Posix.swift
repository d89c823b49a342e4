// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// An error of a system call, in words.
struct SystemError: Error, Equatable, CustomStringConvertible {
    let code: Int32

    /// Whether the reader of a pipe is gone.
    var isBrokenPipe: Bool { code == EPIPE }

    /// As strerror(3) has it.
    var description: String { Posix.message(for: code) }
}

/// The system calls that the command makes.
///
/// Each retries EINTR and returns what the kernel said; nothing unsafe leaves this file.
enum Posix {
    /// A write to a pipe whose reader is gone then fails with EPIPE instead of ending the process.
    static func ignoreBrokenPipe() {
        _ = signal(SIGPIPE, SIG_IGN)
    }

    static func exit(_ code: Int32) -> Never { Glibc.exit(code) }

    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    static func environment(_ name: String) -> String? {
        // SAFETY: getenv returns nil or a string that ends with NUL; no thread sets variables here.
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    static func message(for code: Int32) -> String {
        // SAFETY: strerror returns a string that ends with NUL; this process has one thread.
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }

    /// execv(3): this process goes on as another program; returns only when it cannot.
    static func replaceProcess(
        with path: String,
        arguments: [String]
    ) throws(SystemError) -> Never {
        // What this process ignores, the other would too.
        _ = signal(SIGPIPE, SIG_DFL)
        // SAFETY: the copies and the nil at their end live until execv has read them; a failure
        // ends the process soon after.
        var words = unsafe arguments.map { unsafe strdup($0) }
        unsafe words.append(nil)
        unsafe execv(path, words)
        throw SystemError(code: errno)
    }

    // MARK: Reading

    /// All bytes up to the end, or one more than `limit` when there are more.
    static func readAll(_ descriptor: Int32, limit: Int) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count <= limit {
            // LIMIT: 256 KiB a call, four times a pipe's default capacity.
            let chunkMax = min(256 << 10, limit + 1 - bytes.count)
            var failure: Int32 = 0
            let chunk = unsafe [UInt8](unsafeUninitializedCapacity: chunkMax) { buffer, count in
                let start = buffer.baseAddress
                // SAFETY: read writes at most `chunkMax` bytes, the buffer's capacity.
                let result = retry { unsafe read(descriptor, start, chunkMax) }
                count = max(result, 0)
                if result < 0 { failure = errno }
            }
            guard failure == 0 else { throw SystemError(code: failure) }
            if chunk.isEmpty { return bytes }
            bytes += chunk
        }
        return bytes
    }

    /// The bytes of a file, read as `readAll` does.
    static func readFile(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
        let descriptor = retry { unsafe Int(open(path, O_RDONLY | O_CLOEXEC)) }
        guard descriptor >= 0 else { throw SystemError(code: errno) }
        defer { close(Int32(descriptor)) }
        return try readAll(Int32(descriptor), limit: limit)
    }

    // MARK: Writing

    static func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(SystemError) {
        var offset = 0
        while offset < bytes.count {
            // SAFETY: the pointer is used inside the closure, within the array's bounds.
            let written = unsafe bytes.withUnsafeBytes { buffer in
                retry {
                    unsafe write(
                        descriptor,
                        buffer.baseAddress?.advanced(by: offset),
                        buffer.count - offset
                    )
                }
            }
            guard written >= 0 else { throw SystemError(code: errno) }
            offset += written
        }
    }

    /// Writes a new file beside `path`, with its mode and owner, and returns its path.
    static func writeSibling(of path: String, _ bytes: [UInt8]) throws(SystemError) -> String {
        var info = stat()
        guard unsafe stat(path, &info) == 0 else { throw SystemError(code: errno) }
        var template = Array((path + ".meshctl-XXXXXX").utf8CString)
        // SAFETY: mkstemp changes the six X of a string that ends with NUL, in place.
        let descriptor = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.map { unsafe mkstemp($0) } ?? -1
        }
        guard descriptor >= 0 else { throw SystemError(code: errno) }
        let name = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
        defer { close(descriptor) }
        do throws(SystemError) {
            try writeAll(bytes, to: descriptor)
            // Only root may give a file away; the mode is set last, as chown drops bits of it.
            _ = fchown(descriptor, info.st_uid, info.st_gid)
            guard fchmod(descriptor, info.st_mode & 0o7777) == 0, fsync(descriptor) == 0 else {
                throw SystemError(code: errno)
            }
        } catch {
            remove(name)
            throw error
        }
        return name
    }

    /// rename(2): the new file is there at once, or the old one still is.
    static func rename(_ old: String, to new: String) throws(SystemError) {
        guard unsafe Glibc.rename(old, new) == 0 else { throw SystemError(code: errno) }
    }

    static func remove(_ path: String) { _ = unsafe unlink(path) }

    /// The path without links, as realpath(3) finds it.
    static func resolved(_ path: String) throws(SystemError) -> String {
        // SAFETY: with a nil buffer realpath allocates the result, which is freed here.
        guard let pointer = unsafe realpath(path, nil) else { throw SystemError(code: errno) }
        defer { unsafe free(pointer) }
        return unsafe String(cString: pointer)
    }

    // MARK: Folders

    /// What a path leads to, links followed.
    enum Kind { case file, folder }

    static func kind(of path: String) throws(SystemError) -> Kind {
        var info = stat()
        guard unsafe stat(path, &info) == 0 else { throw SystemError(code: errno) }
        return info.st_mode & S_IFMT == S_IFDIR ? .folder : .file
    }

    /// Whether a path is a symbolic link.
    static func isLink(_ path: String) -> Bool {
        var info = stat()
        return unsafe lstat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFLNK
    }

    /// The names in a folder, sorted by their bytes, without `.` and `..`.
    static func names(in folder: String) throws(SystemError) -> [String] {
        // SAFETY: the stream is closed on every path and not used after that.
        guard let stream = unsafe opendir(folder) else { throw SystemError(code: errno) }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            // SAFETY: d_name ends with NUL inside the entry, which lives until the next readdir.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe String(
                    cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self)
                )
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func retry(_ call: () -> Int) -> Int {
        while true {
            let result = call()
            if result >= 0 || errno != EINTR { return result }
        }
    }
}
