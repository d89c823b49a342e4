// SPDX-License-Identifier: Apache-2.0

import Testing

/// What the command says before it runs.
@Suite("meshctl-proxy's command line")
struct CommandLineTests {
    private func run(
        _ arguments: [String],
        in folder: TestFolder,
        environment: [String: String] = [:]
    ) throws -> (Int32, String) {
        let executable = try ProxyUnderTest.executable()
        let process = try TestProcess(
            executable,
            arguments,
            in: folder,
            name: "command",
            environment: environment
        )
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
        (["--config", "a.yaml", "--io", "aio"], "--io: \"aio\" is not auto or epoll"),
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

    /// A variable comes before the file's key that means the same, and changes nothing else.
    @Test func explainsWhereSettingsComeFrom() throws {
        let folder = try TestFolder()
        try folder.write(
            "proxy.yaml",
            "proxy: {listenAddr: \":5140\"}\ninbound: {defaultPolicy: deny}\n"
        )
        let (code, report) = try run(
            ["--config", "proxy.yaml", "--explain", "--threads", "3"],
            in: folder,
            environment: [
                "LINKERD2_PROXY_CORES": "2", "LINKERD2_PROXY_INBOUND_DEFAULT_POLICY": "audit",
                "LINKERD2_PROXY_IDENTITY_TOKEN_FILE": "/run/token",
            ]
        )
        #expect(code == 0)
        #expect(report == "")
        let lines = try folder.text("command.out").split(separator: "\n").map {
            $0.split(separator: " ").joined(separator: " ")
        }
        for line in [
            "proxy.listenAddr 127.0.0.1:5140 proxy.yaml:1",
            "inbound.listenAddr 0.0.0.0:4143 default",
            "inbound.defaultPolicy audit LINKERD2_PROXY_INBOUND_DEFAULT_POLICY",
            "not deny proxy.yaml:2", "LINKERD2_PROXY_CORES 3 --threads", "not 2 environment",
        ] {
            #expect(lines.contains(line), "\(line) is not in \(lines)")
        }
        #expect(lines.contains { $0.hasPrefix("LINKERD2_PROXY_IDENTITY_TOKEN_FILE there is no") })
    }

    @Test func explainsAsJSON() throws {
        let folder = try TestFolder()
        try folder.write("proxy.yaml", "{}\n")
        let (code, _) = try run(
            ["--config", "proxy.yaml", "--explain", "-o", "json"],
            in: folder
        )
        #expect(code == 0)
        let text = try folder.text("command.out")
        #expect(text.hasPrefix("{\"settings\":[\n{\"name\":\"--config\","))
        #expect(text.contains("{\"name\":\"timeouts.head\",\"value\":\"10s\",\"source\""))
    }

    @Test(arguments: [
        (["--explain", "-o", "yaml"], "", 64, "-o: \"yaml\" is not table or json"),
        (["-o", "json"], "", 64, "-o is for --explain alone"),
        (["--explain"], "nonsense", 64, "LINKERD2_PROXY_INBOUND_DEFAULT_POLICY"),
        (["--explain"], "", 1, "proxy.yaml:1:11: inbound has no key \"listenAdr\""),
    ])
    func explainsNothingThatWouldNotStart(
        flags: [String],
        policy: String,
        expected: Int32,
        message: String
    ) throws {
        let folder = try TestFolder()
        try folder.write("proxy.yaml", "inbound: {listenAdr: \":1\"}\n")
        let variable = ["LINKERD2_PROXY_INBOUND_DEFAULT_POLICY": policy]
        let (code, report) = try run(
            ["--config", "proxy.yaml"] + flags,
            in: folder,
            environment: policy.isEmpty ? [:] : variable
        )
        #expect(code == expected)
        #expect(report.contains(message), "\(report)")
    }

    @Test func checksAGoodFile() throws {
        let folder = try TestFolder()
        try folder.write("proxy.yaml", "inbound: {defaultPolicy: deny}\n")
        let (code, report) = try run(["--config", "proxy.yaml", "--check"], in: folder)
        #expect(code == 0)
        #expect(report == "")
    }
}
