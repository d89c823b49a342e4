// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The environment that the process was started with.
enum SystemEnvironment {
    /// All variables in order.
    static func variables() -> [(name: String, value: String)] {
        var result: [(name: String, value: String)] = []
        // SAFETY: environ ends with nil, its strings with NUL; no thread of ours changes it.
        var entry = unsafe environ
        while let text = unsafe entry.pointee {
            let pair = unsafe String(cString: text)
            if let equals = pair.firstIndex(of: "=") {
                result.append((String(pair[..<equals]), String(pair[pair.index(after: equals)...])))
            }
            unsafe entry += 1
        }
        return result
    }

    /// Whether colours are welcome on a stream: on a terminal, unless NO_COLOR (no-color.org) or
    /// TERM say no.
    static func takesColours(_ descriptor: Int32) -> Bool {
        let variables = Dictionary(variables()) { first, _ in first }
        return isatty(descriptor) == 1 && (variables["NO_COLOR"] ?? "").isEmpty
            && variables["TERM"] != "dumb"
    }

    /// The cores that this process may use.
    static var coreCount: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}
