// SPDX-License-Identifier: Apache-2.0

internal import MeshModel

/// What one run of `meshctl-init` is to do.
struct InitInvocation: Equatable, Sendable {
    /// The one thing that a run does.
    enum Action: Equatable, Sendable {
        /// Replaces the rules.
        case redirect
        /// Takes the rules away.
        case undo
        /// Shows the flags.
        case help
        /// Shows the version.
        case version
    }

    /// What to do.
    var action = Action.redirect
    /// What the rules are made from.
    var options = RedirectOptions()
    /// The network namespace that is entered first; nil for the one that the process is in.
    var networkNamespace: String?
    /// Whether the script is printed and nothing is changed.
    var isDryRun = false
    /// How long the kernel remembers connections that only the other side closed.
    var closeWaitSeconds: UInt32?
    /// How lines of the log are written.
    var logFormat = InitLog.Format.plain
    /// The least level that is logged.
    var logLevel = InitLog.Level.info
    /// The flags of Linkerd's that were given and mean nothing here, each once.
    var flagsWithoutEffect: [String] = []

    /// Notes a flag that means nothing here.
    mutating func noteNoEffect(of flag: String) {
        if !flagsWithoutEffect.contains(flag) { flagsWithoutEffect.append(flag) }
    }
}

/// Arguments that ask for nothing we can do; the exit code is 64.
struct UsageError: Error, Equatable, CustomStringConvertible {
    /// One line that says what is wrong and what to write.
    let description: String
}

/// Reads the arguments of `meshctl-init`, as Linkerd's flag package does.
///
/// `--flag value`, `--flag=value`, `-f value`, `-f=value`, `-fvalue`, and of several letters
/// in one (`-wp 4143`) all but the last without a value. A boolean takes its value after `=` only.
/// Of a repeated flag the last counts, but lists grow.
struct InitFlagParser {
    /// LIMIT: all the flags there are, each given ten times.
    static let argumentsMax = 256
    /// LIMIT: 1,024 ranges of IPv6 addresses at their longest have 50 KB; the kernel's own bound
    /// is 128 KiB an argument.
    static let argumentBytesMax = 64 << 10

    private var rest: ArraySlice<String>
    private var invocation = InitInvocation()

    /// Reads arguments without the command's own name.
    static func parse(_ arguments: [String]) throws(UsageError) -> InitInvocation {
        guard arguments.count <= argumentsMax else {
            throw UsageError(
                description: "\(arguments.count) arguments, and at most \(argumentsMax) are read"
            )
        }
        for argument in arguments where argument.utf8.count > argumentBytesMax {
            throw UsageError(
                description: "argument \(ValueError.quote(argument)) is too long; at most "
                    + "\(argumentBytesMax) bytes are read"
            )
        }
        var parser = InitFlagParser(rest: arguments[...])
        return try parser.run()
    }

    private init(rest: ArraySlice<String>) { self.rest = rest }

    private mutating func run() throws(UsageError) -> InitInvocation {
        while let argument = rest.popFirst() {
            if argument == "--" {
                guard let word = rest.first else { break }
                throw unexpected(word)
            } else if argument.hasPrefix("--") {
                try readLong(argument.dropFirst(2))
            } else if argument.hasPrefix("-"), argument != "-" {
                try readShort(argument.dropFirst())
            } else {
                throw unexpected(argument)
            }
            // Whoever asks for help need not get the rest right.
            if invocation.action == .help || invocation.action == .version { return invocation }
        }
        guard invocation.options.incomingPort != invocation.options.outgoingPort else {
            throw UsageError(
                description: "--incoming-proxy-port and --outgoing-proxy-port are both "
                    + "\(invocation.options.incomingPort); the proxy listens on two ports"
            )
        }
        return invocation
    }

    private mutating func readLong(_ text: Substring) throws(UsageError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts.first ?? "")
        guard let flag = InitFlag.table.first(where: { $0.name == name }) else {
            throw unknown("--" + name)
        }
        try read(flag, as: "--" + name, attached: parts.count == 2 ? parts[1] : nil)
    }

    private mutating func readShort(_ text: Substring) throws(UsageError) {
        var letters = text
        while let letter = letters.popFirst() {
            guard let flag = InitFlag.table.first(where: { $0.short == letter }) else {
                throw unknown("-\(letter)")
            }
            let isLast = letters.isEmpty
            if flag.takesValue || letters.first == "=" {
                let value = letters.first == "=" ? letters.dropFirst() : letters
                try read(flag, as: "-\(letter)", attached: isLast ? nil : value)
                return
            }
            try read(flag, as: "-\(letter)", attached: nil)
        }
    }

    private mutating func read(
        _ flag: InitFlag,
        as spelling: String,
        attached: Substring?
    ) throws(UsageError) {
        let value: String
        if let attached {
            value = String(attached)
        } else if !flag.takesValue {
            value = "true"
        } else if let next = rest.popFirst() {
            value = next
        } else {
            throw UsageError(
                description: "\(spelling) needs a value; write \(spelling) \(flag.value ?? "")"
            )
        }
        do {
            try flag.apply(&invocation, value)
        } catch {
            throw UsageError(description: "\(spelling): \(error)")
        }
    }

    private func unknown(_ flag: String) -> UsageError {
        let near = Suggestion.nearest(to: flag, in: InitFlag.table.map { "--" + $0.name })
        let hint = near.map { "did you mean \($0)?" } ?? "--help lists all flags"
        return UsageError(description: "unknown flag \(ValueError.quote(flag)); \(hint)")
    }

    private func unexpected(_ word: String) -> UsageError {
        let isBoolean = (try? GoBool(parsing: word)) != nil
        let hint = isBoolean ? "; a boolean's value goes after =, as in --ipv6=false" : ""
        return UsageError(
            description:
                "unexpected argument \(ValueError.quote(word)); only flags are taken\(hint)"
        )
    }
}
