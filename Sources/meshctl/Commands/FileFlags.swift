// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// What inject and uninject read, and where the result goes.
struct FileFlags: ParsableArguments {
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case yaml, json
    }

    enum ReportFormat: String, CaseIterable, ExpressibleByArgument {
        case text, json
    }

    @Argument(
        help: ArgumentHelp(
            "A file, a directory (all .yaml, .yml and .json in it), or - for stdin.",
            valueName: "path"
        ),
        completion: .file()
    )
    var paths: [String] = []

    @Option(
        name: .shortAndLong,
        help: "yaml keeps the file's own form; json is a line a document."
    )
    var output: Format = .yaml

    @Flag(help: "Show a unified diff instead of the manifest.")
    var diff = false

    @Flag(help: "Write the result back to the files that change, each at once.")
    var inPlace = false

    @Option(help: "How the report on stderr looks.")
    var report: ReportFormat = .text

    @Flag(help: "Report what was checked and what was set.")
    var verbose = false

    /// What goes together and what does not.
    func check() throws {
        guard !paths.isEmpty else {
            throw ValidationError("Missing a path: name a file or a directory, or - for stdin.")
        }
        guard paths.count(where: { $0 == "-" }) < 2 else {
            throw ValidationError("Stdin can be read only once: name - once.")
        }
        if inPlace, paths.contains("-") {
            throw ValidationError("--in-place cannot write stdin back: name the file.")
        }
        if diff, inPlace || output == .json {
            throw ValidationError(
                "--diff shows what would change: leave out --in-place and -o json."
            )
        }
        if inPlace, output != .yaml {
            throw ValidationError("--in-place keeps each file's form: leave out -o.")
        }
    }
}
