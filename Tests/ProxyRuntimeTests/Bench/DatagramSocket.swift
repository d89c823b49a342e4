// SPDX-License-Identifier: Apache-2.0

import Glibc
import MeshModel

@testable import ProxyRuntime

/// A UDP socket of 127.0.0.1.
final class DatagramSocket: Sendable {
    let port: UInt16
    private let descriptor: Int32

    /// Who sent a datagram, to be answered.
    struct Sender {
        fileprivate var address: sockaddr_in
    }

    /// Binds a port; 0 lets the kernel choose.
    init(port: UInt16 = 0) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw BenchError("no UDP socket") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        // SAFETY: a sockaddr_in starts as a sockaddr does, and the length says how long it is.
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0, let own = SystemCalls.localAddress(descriptor) else {
            close(descriptor)
            throw BenchError("UDP port \(port) is taken")
        }
        self.descriptor = descriptor
        self.port = own.port
    }

    deinit { close(descriptor) }

    /// The next datagram; nil when none comes for so long.
    func receive(withinMillis millis: Int32) -> (bytes: [UInt8], sender: Sender)? {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        // SAFETY: the kernel reads and writes one pollfd.
        guard unsafe poll(&wanted, 1, millis) == 1 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        // SAFETY: the kernel writes at most as many bytes as buffer and address have.
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            unsafe withUnsafeMutablePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe recvfrom(descriptor, bytes.baseAddress, bytes.count, 0, $0, &length)
                }
            }
        }
        return count < 0 ? nil : (Array(buffer[..<count]), Sender(address: address))
    }

    /// Sends a datagram.
    func send(_ bytes: [UInt8], to sender: Sender) {
        var address = sender.address
        // SAFETY: the kernel reads the bytes and the address, each by its length.
        _ = unsafe bytes.withUnsafeBytes { bytes in
            unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe sendto(
                        descriptor,
                        bytes.baseAddress,
                        bytes.count,
                        0,
                        $0,
                        socklen_t(MemoryLayout<sockaddr_in>.size)
                    )
                }
            }
        }
    }
}
