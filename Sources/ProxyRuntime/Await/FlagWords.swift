// SPDX-License-Identifier: Apache-2.0

internal import MeshModel

/// Takes a command line apart: `--name value` and `--name=value`, and switches without a value.
struct FlagWords {
    /// Flags that take a value.
    let names: [String]
    /// Flags that take none.
    var switches: [String] = []

    /// The flags in their order; a switch comes with an empty value.
    func read(_ words: [String]) throws(ValueError) -> [(name: String, value: String)] {
        var found: [(name: String, value: String)] = []
        var rest = words[...]
        while let word = rest.popFirst() {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            if switches.contains(name) {
                guard parts.count == 1 else { throw ValueError("\(name) takes no value") }
                found.append((name, ""))
                continue
            }
            guard names.contains(name) else { throw unknown(word, name) }
            guard let value = parts.count > 1 ? String(parts[1]) : rest.popFirst() else {
                throw ValueError("\(name) needs a value")
            }
            found.append((name, value))
        }
        return found
    }

    private func unknown(_ word: String, _ name: String) -> ValueError {
        let near = Suggestion.nearest(to: name, in: names + switches + ["--help"])
        let what = word.hasPrefix("-") ? "unknown flag" : "unexpected argument"
        return ValueError(
            "\(what) \(ValueError.quote(word))"
                + (near.map { "; did you mean \($0)?" } ?? "; see --help")
        )
    }
}

/// The values that more than one command takes.
enum FlagValue {
    static func number(
        _ name: String,
        _ value: String,
        _ bounds: ClosedRange<Int>
    ) throws(ValueError) -> Int {
        guard let number = Int(value), bounds.contains(number) else {
            throw ValueError(
                "\(name): \(ValueError.quote(value)) is not a number from "
                    + "\(bounds.lowerBound) to \(bounds.upperBound)"
            )
        }
        return number
    }

    /// LIMIT: a day; who waits longer for a pod to start has been forgotten by the kubelet.
    static let waitSecondsMax: Int64 = 86_400

    /// A time to wait, in Go's spelling: `2m`.
    static func wait(_ name: String, _ value: String) throws(ValueError) -> GoDuration {
        let duration: GoDuration
        do throws(ValueError) {
            duration = try GoDuration(parsing: value)
        } catch {
            throw ValueError("\(name): \(error.message)")
        }
        guard duration.nanoseconds > 0, duration.wholeSeconds <= waitSecondsMax else {
            throw ValueError("\(name): \(ValueError.quote(value)) is not between 1ns and 24h")
        }
        return duration
    }

    static func address(_ name: String, _ value: String) throws(ValueError) -> SocketAddress {
        let address: SocketAddress
        do throws(ValueError) {
            address = try SocketAddress(parsing: value)
        } catch {
            throw ValueError("\(name): \(error.message)")
        }
        guard address.port != 0 else {
            throw ValueError("\(name): \(ValueError.quote(value)) has port 0, which is none")
        }
        return address
    }

    static func isJSON(_ name: String, _ value: String) throws(ValueError) -> Bool {
        guard value == "plain" || value == "json" else {
            throw ValueError("\(name): \(ValueError.quote(value)) is not plain or json")
        }
        return value == "json"
    }

    static func usesRings(_ name: String, _ value: String) throws(ValueError) -> Bool {
        guard value == "auto" || value == "epoll" else {
            throw ValueError("\(name): \(ValueError.quote(value)) is not auto or epoll")
        }
        return value == "auto"
    }

    static func logFilter(_ name: String, _ value: String) throws(ValueError) -> LogFilter {
        let levels: [LogLevel] = [.error, .warn, .info, .debug]
        guard let level = levels.first(where: { $0.rawValue == value }) else {
            throw ValueError(
                "\(name): \(ValueError.quote(value)) is not error, warn, info or debug"
            )
        }
        return LogFilter(level)
    }
}
