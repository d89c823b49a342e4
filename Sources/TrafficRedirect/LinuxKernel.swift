// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import CNFTables
internal import Glibc

/// The kernel of this machine, in the network namespace of this process.
///
/// libnftables and three system calls; nothing unsafe leaves this file.
struct LinuxKernel: KernelCalls {
    /// LIMIT: bytes read of a file of /proc: 400 times a line of if_inet6, and a status file has
    /// some 1,500.
    private static let fileBytesMax = 32 << 10

    /// Runs a script through libnftables, as one transaction of netlink.
    func apply(_ script: String) throws(KernelError) {
        // SAFETY: the context is freed on every path below, once, and not used after that.
        guard let context = unsafe nft_ctx_new(UInt32(NFT_CTX_DEFAULT)) else {
            throw KernelError(code: nil, description: "libnftables has no memory for a context")
        }
        defer { unsafe nft_ctx_free(context) }
        // Into buffers, so that only our own lines are in the log.
        // SAFETY: the context is the live one from above.
        guard
            unsafe nft_ctx_buffer_output(context) == 0,
            unsafe nft_ctx_buffer_error(context) == 0
        else {
            throw KernelError(code: nil, description: "libnftables has no memory for its buffers")
        }
        // SAFETY: the string ends with NUL and lives until the call returns.
        guard unsafe nft_run_cmd_from_buffer(context, script) != 0 else { return }
        // SAFETY: the buffer ends with NUL and belongs to the context, which is still alive.
        let text = unsafe nft_ctx_get_error_buffer(context).map { unsafe String(cString: $0) }
        // The lines after the first repeat the script and point into it.
        let line = text?.split(separator: "\n").first.map(String.init)
        throw KernelError(code: nil, description: line ?? "libnftables gave no reason")
    }

    /// setns(2): this process has one thread, which is thus in the other namespace, as are its
    /// netlink sockets and the files of /proc/net and /proc/sys/net.
    func enterNetwork(_ path: String) throws(KernelError) {
        let descriptor = try open(path, O_RDONLY)
        defer { close(descriptor) }
        guard setns(descriptor, cmesh_clone_newnet) == 0 else { throw error(errno) }
    }

    /// Reads a file from its start, at most 32 KiB.
    func read(_ path: String) throws(KernelError) -> String {
        let descriptor = try open(path, O_RDONLY)
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while bytes.count < Self.fileBytesMax {
            let room = Self.fileBytesMax - bytes.count
            var failure: Int32 = 0
            bytes += unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                let start = buffer.baseAddress
                // SAFETY: read writes at most `room` bytes, the buffer's capacity.
                let result = retry { unsafe Glibc.read(descriptor, start, room) }
                count = max(result, 0)
                if result < 0 { failure = errno }
            }
            guard failure == 0 else { throw error(failure) }
            if Self.fileBytesMax - bytes.count == room { break }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Writes in one call, as a file of /proc/sys wants it.
    func write(_ text: String, toFile path: String) throws(KernelError) {
        let descriptor = try open(path, O_WRONLY)
        defer { close(descriptor) }
        try write(text, to: descriptor)
    }

    /// Writes all of a text.
    func write(_ text: String, to descriptor: Int32) throws(KernelError) {
        let bytes = Array(text.utf8)
        var offset = 0
        while offset < bytes.count {
            // SAFETY: the pointer is used inside the closure, within the array's bounds.
            let written = unsafe bytes.withUnsafeBytes { buffer in
                retry {
                    let start = unsafe buffer.baseAddress?.advanced(by: offset)
                    return unsafe Glibc.write(descriptor, start, buffer.count - offset)
                }
            }
            guard written >= 0 else { throw error(errno) }
            offset += written
        }
    }

    private func open(_ path: String, _ flags: Int32) throws(KernelError) -> Int32 {
        // SAFETY: the path ends with NUL and lives until the call returns.
        let descriptor = retry { unsafe Int(Glibc.open(path, flags | O_CLOEXEC)) }
        guard descriptor >= 0 else { throw error(errno) }
        return Int32(descriptor)
    }

    private func error(_ code: Int32) -> KernelError {
        // SAFETY: strerror returns a string that ends with NUL; this process has one thread.
        guard let text = unsafe strerror(code) else {
            return KernelError(code: code, description: "error \(code)")
        }
        return KernelError(code: code, description: unsafe String(cString: text))
    }

    private func retry(_ call: () -> Int) -> Int {
        while true {
            let result = call()
            if result >= 0 || errno != EINTR { return result }
        }
    }
}
