// SPDX-License-Identifier: Apache-2.0

/// Bytes that a socket has not taken yet.
///
/// Without bytes it holds no memory. Its bound is its writers': a stream is not read while the
/// other side's buffer holds anything, so it never grows past one read and what TLS adds to it.
struct OutputBuffer {
    private var bytes: [UInt8] = []
    private var start = 0

    var isEmpty: Bool { start == bytes.count }
    var count: Int { bytes.count - start }

    mutating func append(_ more: some Collection<UInt8>) {
        if isEmpty { removeAll() }
        bytes += more
    }

    /// Offers the bytes to `send` until it takes no more.
    ///
    /// - Returns: the last result; `.bytes` when all are gone.
    mutating func drain(_ send: ([UInt8], Range<Int>) -> IOResult) -> IOResult {
        while !isEmpty {
            let result = send(bytes, start..<bytes.count)
            guard case .bytes(let count) = result else { return result }
            start += count
        }
        removeAll()
        return .bytes(0)
    }

    private mutating func removeAll() {
        bytes = []
        start = 0
    }
}
