// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import MeshModel

/// Catches a mistyped subcommand, which the argument parser calls an unexpected argument.
enum CommandWord {
    static func check(
        _ arguments: [String],
        subcommands: [any ParsableCommand.Type]
    ) throws {
        guard let word = arguments.first, !word.hasPrefix("-") else { return }
        let names = subcommands.map { $0._commandName } + ["help"]
        guard !names.contains(word), !word.hasPrefix("_"), !word.hasPrefix("---") else { return }
        let near = Suggestion.nearest(to: word, in: names).map { " Did you mean '\($0)'?" } ?? ""
        throw ValidationError(
            "Unknown command \(ValueError.quote(word)).\(near) "
                + "The commands are \(names.joined(separator: ", "))."
        )
    }
}
