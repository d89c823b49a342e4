// SPDX-License-Identifier: Apache-2.0

import Testing

/// What the command says before it runs.
@Suite("meshctl-proxy's command line")
struct CommandLineTests {
    private func run(_ arguments: [String], in folder: TestFolder) throws -> (Int32, String) {
        let executable = try ProxyUnderTest.executable()
        let process = try TestProcess(executable, arguments, in: folder, name: "command")
        let code = try process.exitCode()
        return (code, try folder.text("command.err"))
    }

    @Test(arguments: [
        (["--confg", "a.yaml"], "unknown flag \"--confg\"; did you mean --config?"),
        (["--config", "a.yaml", "--frobnicate"], "unknown flag \"--frobnicate\"; see --help"),
        (
            [],
            "--config FILE is missing, and so is MESHCTL_PROXY_CONFIG: "
                + "there is no control plane yet that could stand in for it"
        ),
        (["--config"], "--config needs a value"),
        (
            ["--config", "a.yaml", "--threads", "0"],
            "--threads: \"0\" is not a number from 1 to 64"
        ),
        (["--config", "a.yaml", "--grace=-1"], "--grace: \"-1\" is not a number from 0 to 86400"),
        (["--config", "a.yaml", "--log-format", "xml"], "\"xml\" is not plain or json"),
        (["--config", "a.yaml", "--log-level", "loud"], "\"loud\" is not error, warn, info or"),
        (["--config", "a.yaml", "--check=yes"], "--check takes no value"),
        (["awiat"], "unknown command \"awiat\"; did you mean await?"),
        (["await-redirct"], "unknown command \"await-redirct\"; did you mean await-redirect?"),
        (["frobnicate"], "unknown command \"frobnicate\"; see --help"),
        (["proxy", "--confg", "a.yaml"], "unknown flag \"--confg\"; did you mean --config?"),
    ])
    func refusesWrongUsage(arguments: [String], message: String) throws {
        let (code, report) = try run(arguments, in: TestFolder())
        #expect(code == 64)
        #expect(report.hasPrefix("meshctl-proxy: "))
        #expect(report.contains(message))
    }

    @Test(arguments: [
        (["--help"], "USAGE: meshctl proxy --config FILE"), (["proxy", "-h"], "await-redirect"),
        (["await", "--help"], "USAGE: meshctl-proxy await "),
        (["await-redirect", "-h"], "USAGE: meshctl-proxy await-redirect "),
    ])
    func explainsItself(arguments: [String], text: String) throws {
        let folder = try TestFolder()
        let (code, report) = try run(arguments, in: folder)
        #expect(code == 0 && report == "")
        let page = try folder.text("command.out")
        #expect(page.contains(text))
        #expect(page.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }

    @Test(arguments: [
        ("inbound: {listenAdr: \":1\"}\n", "proxy.yaml:1:11: inbound has no key \"listenAdr\""),
        ("inbound:\n  defaultPolicy: maybe\n", "proxy.yaml:2:18: "),
        ("a: [\n", "proxy.yaml:2:1: "),
    ])
    func refusesABadFile(text: String, message: String) throws {
        let folder = try TestFolder()
        try folder.write("proxy.yaml", text)
        for flags in [[], ["--check"]] {
            let (code, report) = try run(["--config", "proxy.yaml"] + flags, in: folder)
            #expect(code == 1)
            #expect(report.contains(message), "\(report)")
        }
    }

    @Test func refusesAFileThatIsNotThere() throws {
        let (code, report) = try run(["--config", "none.yaml"], in: TestFolder())
        #expect(code == 1)
        #expect(report.contains("none.yaml: cannot be read: no such file or directory"))
    }

    @Test func checksAGoodFile() throws {
        let folder = try TestFolder()
        try folder.write("proxy.yaml", "inbound: {defaultPolicy: deny}\n")
        let (code, report) = try run(["--config", "proxy.yaml", "--check"], in: folder)
        #expect(code == 0)
        #expect(report == "")
    }
}
