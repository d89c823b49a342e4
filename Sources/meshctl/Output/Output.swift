// SPDX-License-Identifier: Apache-2.0

/// The reader of our output is gone: nothing more can be said.
struct OutputClosed: Error {
    let exitCode: Int32
}

/// Where everything that the command says goes out: the payload to stdout, reports to stderr.
enum Output {
    enum Stream: Int32 {
        case standardOutput = 1
        case standardError = 2

        /// Whether colours are welcome: on a terminal, unless NO_COLOR (no-color.org) or TERM say
        /// no.
        var isColoured: Bool {
            Posix.isTerminal(rawValue) && (Posix.environment("NO_COLOR") ?? "").isEmpty
                && Posix.environment("TERM") != "dumb"
        }
    }

    /// Writes a payload to stdout.
    ///
    /// - Throws: `OutputClosed`: quietly when the reader is gone, with a message otherwise.
    static func write(_ bytes: [UInt8]) throws(OutputClosed) {
        do throws(SystemError) {
            try Posix.writeAll(bytes, to: Stream.standardOutput.rawValue)
        } catch {
            if error.isBrokenPipe { throw OutputClosed(exitCode: 0) }
            writeLine("meshctl: cannot write to stdout: \(error)", to: .standardError)
            throw OutputClosed(exitCode: 1)
        }
    }

    /// Writes a line; what cannot be said on stderr cannot be said at all.
    static func writeLine(_ text: String, to stream: Stream) {
        try? Posix.writeAll(Array((text + "\n").utf8), to: stream.rawValue)
    }
}
