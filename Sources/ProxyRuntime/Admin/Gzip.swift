// SPDX-License-Identifier: Apache-2.0

internal import CZlib

/// Compresses answers of the admin port.
enum Gzip {
    /// The bytes as gzip; nil when that would not make them fewer.
    static func compressed(_ bytes: [UInt8]) -> [UInt8]? {
        let result = unsafe [UInt8](unsafeUninitializedCapacity: bytes.count) { output, count in
            // SAFETY: both are used inside the closures, with their own counts.
            unsafe count = bytes.withUnsafeBufferPointer { input in
                unsafe cmesh_gzip(
                    input.baseAddress,
                    input.count,
                    output.baseAddress,
                    output.count
                )
            }
        }
        return result.isEmpty ? nil : result
    }
}
