// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// `meshctl proxy`.
struct ProxyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxy",
        abstract: "Run the proxy (the executable meshctl-proxy, from beside this one).",
        discussion: """
            EXAMPLES
              meshctl proxy --config proxy.yaml
              meshctl proxy --config proxy.yaml --check
              meshctl proxy --help
            """,
        helpNames: []
    )

    @Argument(parsing: .captureForPassthrough, help: "Passed on; --help lists them.")
    var arguments: [String] = []

    func run() throws { try Sibling.run("meshctl-proxy", arguments) }
}

/// `meshctl proxy-init`.
struct ProxyInitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxy-init",
        abstract: "Redirect a pod's traffic to the proxy (the executable meshctl-init).",
        discussion: """
            EXAMPLES
              meshctl proxy-init --proxy-uid 2102 --dry-run
              meshctl proxy-init --help
            """,
        helpNames: []
    )

    @Argument(parsing: .captureForPassthrough, help: "Passed on; --help lists them.")
    var arguments: [String] = []

    func run() throws { try Sibling.run("meshctl-init", arguments) }
}

/// An executable that is shipped beside this one.
///
/// They are files of their own because a sidecar shall not carry what the command links, and because
/// only the redirect may have the capabilities that its file carries.
enum Sibling {
    /// Becomes that executable; returns only to say why it could not.
    static func run(_ name: String, _ arguments: [String]) throws {
        do throws(SystemError) {
            let own = try Posix.resolved("/proc/self/exe")
            let folder = own.lastIndex(of: "/").map { String(own[...$0]) } ?? ""
            let path = folder + name
            do throws(SystemError) {
                try Posix.replaceProcess(with: path, arguments: [name] + arguments)
            } catch {
                Output.writeLine("meshctl: cannot run \(path): \(error)", to: .standardError)
            }
        } catch {
            Output.writeLine("meshctl: cannot find \(name): \(error)", to: .standardError)
        }
        throw ExitCode.failure
    }
}
