// SPDX-License-Identifier: Apache-2.0

internal import CLibFuzzer
internal import Glibc

// Any bytes at all, held to the laws of HTTP/1 heads and bodies. A trap is a finding.

/// What libFuzzer calls with each input; the name is its own.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // SAFETY: libFuzzer owns `count` bytes at `data` until this returns; they are copied here.
    let bytes = unsafe Array(UnsafeBufferPointer(start: data, count: count))
    guard let failure = HTTP1Laws(bytes).breach() else { return 0 }
    // A release build keeps the message of a trap to itself.
    let message = Array("\(failure)\n".utf8)
    // SAFETY: the array outlives the call.
    _ = unsafe write(STDERR_FILENO, message, message.count)
    preconditionFailure(failure)
}

var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe CommandLine.unsafeArgv
// SAFETY: both live as long as the process, and libFuzzer changes them only while it starts.
_ = unsafe withUnsafeMutablePointer(to: &arguments) { pointer in
    unsafe pointer.withMemoryRebound(
        to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?.self,
        capacity: 1
    ) { unsafe LLVMFuzzerRunDriver(&count, $0, { unsafe testOneInput($0, $1) }) }
}
