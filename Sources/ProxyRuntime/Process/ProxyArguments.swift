// SPDX-License-Identifier: Apache-2.0

internal import MeshModel
internal import ProxyCore

/// The checked words of a command line.
struct ProxyArguments {
    /// What is done with the settings.
    enum Purpose: Equatable {
        case run
        /// Say what is wrong with them.
        case check
        /// Show them and where they come from.
        case explain(asJSON: Bool)
    }

    private(set) var purpose = Purpose.run
    private(set) var config: String?
    /// The flags that were there.
    private(set) var given: Set<String> = []
    private var threads: Int?
    private var graceNanos: UInt64?
    private var logFormat: LogFormat?
    private var logFilter: LogFilter?
    private var usesRings: Bool?

    private static let flags = FlagWords(
        names: ["--config", "--threads", "--grace", "--log-format", "--log-level", "--io", "-o"],
        switches: ["--check", "--explain"]
    )

    /// No words at all.
    init() {}

    init(_ words: [String]) throws(ValueError) {
        var output: String?
        for (name, value) in try Self.flags.read(words) {
            given.insert(name)
            switch name {
            case "--check": purpose = .check
            case "--explain": break
            case "--config": config = value
            case "--threads": threads = try FlagValue.number(name, value, 1...64)
            case "--grace":
                graceNanos = UInt64(try FlagValue.number(name, value, 0...86_400)) * 1_000_000_000
            case "--log-format":
                logFormat = try FlagValue.isJSON(name, value) ? .json : .plain
            case "--io": usesRings = try FlagValue.usesRings(name, value)
            case "--log-level": logFilter = try FlagValue.logFilter(name, value)
            default: output = value
            }
        }
        try setPurpose(output)
    }

    private mutating func setPurpose(_ output: String?) throws(ValueError) {
        guard given.contains("--explain") else {
            guard output == nil else { throw ValueError("-o is for --explain alone") }
            return
        }
        guard output == nil || output == "json" || output == "table" else {
            throw ValueError("-o: \(ValueError.quote(output ?? "")) is not table or json")
        }
        purpose = .explain(asJSON: output == "json")
    }

    /// Flags come before the environment.
    func apply(to setup: inout ProxySetup) {
        if let threads { setup.threads = threads }
        if let graceNanos { setup.graceNanos = graceNanos }
        if let logFormat { setup.logFormat = logFormat }
        if let logFilter { setup.logFilter = logFilter }
        if let usesRings { setup.usesRings = usesRings }
    }
}
