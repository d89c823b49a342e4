// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import MeshModel

/// Catches a mistyped subcommand, which the argument parser calls an unexpected argument, and a
/// mistyped flag before it.
enum CommandWord {
    private static let flags = ["--help", "--version"]

    static func check(
        _ arguments: [String],
        subcommands: [any ParsableCommand.Type]
    ) throws {
        guard let word = arguments.first, !word.hasPrefix("---") else { return }
        if word.hasPrefix("--"), !flags.contains(word) {
            guard let near = Suggestion.nearest(to: word, in: flags) else { return }
            throw ValidationError(
                "Unknown option \(ValueError.quote(word)). Did you mean '\(near)'?"
            )
        }
        guard !word.hasPrefix("-"), !word.hasPrefix("_") else { return }
        let names = subcommands.map { $0._commandName } + ["help"]
        guard names.contains(word) else { throw unknown(word, names) }
        if word == "help", arguments.count > 1, !arguments[1].hasPrefix("-"),
            !names.contains(arguments[1])
        {
            throw unknown(arguments[1], names)
        }
    }

    private static func unknown(_ word: String, _ names: [String]) -> ValidationError {
        let near = Suggestion.nearest(to: word, in: names).map { " Did you mean '\($0)'?" } ?? ""
        return ValidationError(
            "Unknown command \(ValueError.quote(word)).\(near) "
                + "The commands are \(names.joined(separator: ", "))."
        )
    }
}
