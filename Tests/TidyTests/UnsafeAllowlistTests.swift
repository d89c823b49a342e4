// SPDX-License-Identifier: Apache-2.0

import Testing

/// Which files may leave the safe part of the language.
///
/// Each wraps one foreign interface, says at each step why it is sound, and lets nothing unsafe
/// out through its signatures.
enum UnsafeAllowlist {
    /// Path and reason.
    static let files: [String: String] = [
        "Fuzz/Sources/FuzzHTTP1/main.swift": "libFuzzer's driver and its input",
        "Fuzz/Sources/FuzzInject/main.swift": "libFuzzer's driver and its input",
        "Fuzz/Sources/FuzzManifest/main.swift": "libFuzzer's driver and its input",
        "Sources/ManifestKit/Read/YAMLEventReader.swift": "libyaml's C parser",
        "Sources/ProxyCore/HTTP1/ByteRuns.swift": "loads of eight bytes, bounds checked",
        "Sources/ProxyRuntime/Admin/Gzip.swift": "zlib",
        "Sources/ProxyRuntime/Loop/Poller.swift": "epoll",
        "Sources/ProxyRuntime/Loop/Ring.swift": "io_uring",
        "Sources/ProxyRuntime/Loop/RingSocket.swift": "bytes of sockets, from and to io_uring",
        "Sources/ProxyRuntime/Names/DNSChannel.swift": "c-ares",
        "Sources/ProxyRuntime/Process/SystemThread.swift": "threads",
        "Sources/ProxyRuntime/Process/WorkerReactor.swift": "hands a loop to its thread",
        "Sources/ProxyRuntime/Socket/SystemCalls.swift": "system calls on sockets",
        "Sources/ProxyRuntime/System/Files.swift": "system calls on files",
        "Sources/ProxyRuntime/System/ProcessFacts.swift": "clocks, limits and /proc",
        "Sources/ProxyRuntime/System/SystemEnvironment.swift": "environ",
        "Sources/ProxyRuntime/System/WakeUps.swift": "eventfd, timerfd, signalfd",
        "Sources/ProxyRuntime/TLS/Certificate.swift": "OpenSSL's X.509",
        "Sources/ProxyRuntime/TLS/OpenSSLError.swift": "OpenSSL's error queue",
        "Sources/ProxyRuntime/TLS/TLSContext.swift": "OpenSSL's contexts",
        "Sources/ProxyRuntime/TLS/TLSSession.swift": "OpenSSL's sessions, over a BIO of ours",
        "Sources/TrafficRedirect/LinuxKernel.swift": "libnftables, and the system calls beside it",
        "Sources/meshctl/Diagnostics/BlockingSocket.swift": "sockets",
        "Sources/meshctl/Posix.swift": "system calls",
        "Tests/ProxyRuntimeTests/Bench/DatagramSocket.swift": "UDP, for a name server of tests",
        "Tests/Support/ChildProcess/Spawn.swift": "posix_spawn and waitid",
    ]

    /// The tokens that mark unsafe code.
    static func uses(in text: SwiftText) -> [SwiftText.Token] {
        var previous = ""
        return text.tokens.filter { token in
            defer { previous = token.text }
            let word = token.text
            return word == "unsafe" || word == "unsafeBitCast" || word == "unsafeDowncast"
                || word.hasPrefix("withUnsafe")
                || (word.hasPrefix("Unsafe") && word.hasSuffix("Pointer"))
                || (word == "unchecked" && previous == "@")
        }
    }

    static func saysWhyItIsSafe(_ text: SwiftText) -> Bool {
        text.comments.contains { text.string($0).hasPrefix("// SAFETY:") }
    }

    static func offences(
        in file: SourceFile,
        files: [String: String] = UnsafeAllowlist.files
    ) -> [Offence] {
        let uses = uses(in: file.text)
        guard files[file.path] != nil else {
            // One message: whoever forgot the row need not read of every line.
            return uses.prefix(1).map { first in
                file.offence(
                    at: first.offset,
                    "'\(first.text)' (first of \(uses.count)) outside the unsafe allowlist; use "
                        + "Span or Mutex, or argue for a row in UnsafeAllowlistTests.swift"
                )
            }
        }
        if uses.isEmpty {
            let message = "no longer unsafe; remove its row from UnsafeAllowlistTests.swift"
            return [file.offence(at: 0, message)]
        }
        if !saysWhyItIsSafe(file.text) {
            let message = "has no '// SAFETY:' comment; say above each unsafe step why it is sound"
            return uses.prefix(1).map { file.offence(at: $0.offset, message) }
        }
        return []
    }

    /// Rows whose file is gone.
    static func staleRows(
        among paths: [String],
        files: [String: String] = UnsafeAllowlist.files
    ) -> [Offence] {
        Set(files.keys).subtracting(paths).sorted().map { path in
            Offence(
                path: path,
                line: 1,
                message: "no such file; remove or rename its row in UnsafeAllowlistTests.swift"
            )
        }
    }
}

@Suite("Unsafe allowlist")
struct UnsafeAllowlistTests {
    private let allowed = ["Sources/A/Posix.swift": "system calls"]

    @Test func holdsAllUnsafeCode() throws {
        let repository = try Repository.current.get()
        expectNone(UnsafeAllowlist.staleRows(among: repository.paths))
        let files = repository.swiftFiles(in: [.sources, .tests, .fuzz])
        expectNone(files.flatMap { UnsafeAllowlist.offences(in: $0) })
    }

    @Test(arguments: [
        "unsafe close(3)", "let p: UnsafePointer<Int>", "func f(_: UnsafeMutableRawBufferPointer)",
        "final class C: @unchecked Sendable {}", "nonisolated(unsafe) var a = 1",
        "a.withUnsafeBytes { _ in }", "await withUnsafeContinuation { _ in }",
        "unowned(unsafe) let a",
        "unsafeBitCast(a, to: Int.self)", "\"\\(unsafe f())\"",
    ])
    func seesUnsafeCode(source: String) throws {
        let file = try SourceFile("let a = 1\n" + source, at: "Sources/A/Other.swift")
        let offences = UnsafeAllowlist.offences(in: file, files: allowed)
        #expect(offences.count == 1)
        #expect(offences.first?.line == 2)
    }

    @Test(arguments: [
        "// unsafe", "\"unsafe UnsafePointer\"", "/* @unchecked Sendable */", "let unsafeFiles = 1",
        "struct UnsafeRule {}", "let unchecked = 1",
    ])
    func leavesSafeCodeAlone(source: String) throws {
        let file = try SourceFile(source, at: "Sources/A/Other.swift")
        #expect(UnsafeAllowlist.offences(in: file, files: allowed) == [])
    }

    @Test(arguments: [
        ("// SAFETY: fd is open.\nunsafe close(fd)", true),
        ("unsafe close(fd)", false),
        ("let s = \"// SAFETY: no\"; unsafe close(fd)", false),
        ("// SAFETY: fd is open.\nclose(fd)", false),
    ])
    func wantsReasonsAndUsesInListedFiles(source: String, isFine: Bool) throws {
        let file = try SourceFile(source, at: "Sources/A/Posix.swift")
        #expect(UnsafeAllowlist.offences(in: file, files: allowed).isEmpty == isFine)
    }

    @Test func noticesARowWithoutItsFile() {
        #expect(UnsafeAllowlist.staleRows(among: ["Sources/A/B.swift"], files: allowed).count == 1)
        #expect(UnsafeAllowlist.staleRows(among: Array(allowed.keys), files: allowed) == [])
    }
}
