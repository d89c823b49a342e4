// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Injector

/// `meshctl uninject`.
struct UninjectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "uninject",
        abstract: "Take out what inject has put into a manifest.",
        discussion: """
            Gives the file back as it was before inject. Annotations that you wrote yourself stay.

            EXAMPLES
              kubectl get deploy -o yaml | meshctl uninject - | kubectl apply -f -
              meshctl uninject --in-place deploy/
            """
    )

    @OptionGroup var files: FileFlags

    mutating func validate() throws { try files.check() }

    func run() throws {
        try ManifestRun(name: "uninject", flags: files, isStrict: false).execute {
            $0.map(Injector.uninject)
        }
    }
}
