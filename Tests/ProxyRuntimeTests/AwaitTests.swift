// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Synchronization
import Testing

@testable import ProxyRuntime

/// `meshctl-proxy await` against whatever may listen at an admin port.
@Suite("meshctl-proxy await")
struct AwaitTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func start(
        _ arguments: [String],
        command: String = "await"
    ) throws -> TestProcess {
        let executable = try ProxyUnderTest.executable()
        return try TestProcess(executable, [command] + arguments, in: folder, name: command)
    }

    /// A server at 127.0.0.1 that answers each connection in the same way until it is closed.
    private func serve(
        _ body: @escaping @Sendable (TestSocket) throws -> Void
    ) throws -> (port: UInt16, stop: TestSwitch) {
        let listener = try TestListener()
        let stop = TestSwitch()
        _ = try Background<Void> {
            while !stop.isOn {
                guard let socket = try? listener.accept(within: 0.05) else { continue }
                try? body(socket)
            }
        }
        return (listener.address.port, stop)
    }

    @Test func endsAsSoonAsTheProxyIsReady() throws {
        // The page is asked for over 127.0.0.1, so that the real proxy has to be there.
        let ready = TestSwitch()
        let (port, stop) = try serve { socket in
            let head = String(decoding: try socket.receiveSome() ?? [], as: UTF8.self)
            let isAsked = head.hasPrefix("GET /ready HTTP/1.1\r\nHost: 127.0.0.1:")
            let status = ready.isOn && isAsked ? "200 OK" : "503 Service Unavailable"
            try socket.send("HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n")
        }
        defer { stop.turnOn() }
        let process = try start(["--timeout=2m", "--port=\(port)"])
        Files.pause(nanos: 300_000_000)
        #expect(process.isRunning)
        let start = Wait.now()
        ready.turnOn()
        #expect(try process.exitCode() == 0)
        #expect(Wait.now() - start < 5)
        #expect(try folder.text("await.err") == "")
    }

    @Test func waitsForAProxyThatHasNotStarted() throws {
        // The port of tcpmux, which no machine has had for decades.
        let process = try start(["--timeout=300ms", "--port=1"])
        #expect(try process.exitCode() == 1)
        let text = try folder.text("await.err")
        #expect(text.hasPrefix("meshctl-proxy await: the proxy was not ready within 300ms: "))
        #expect(text.contains("cannot be connected to (connection refused)"), "\(text)")
    }

    @Test(arguments: [
        ("HTTP/1.1 503 Service Unavailable\r\n\r\n", "answers 503: the proxy has no certificate"),
        ("HTTP/1.1 302 Found\r\n\r\n", "answers 302, which the proxy never does"),
        ("-ERR unknown command\r\n", "does not answer in HTTP"),
        ("", "ends the connection without an answer"),
    ])
    func saysWhatItMet(answer: String, message: String) throws {
        let (port, stop) = try serve { socket in
            _ = try socket.receiveSome()
            try socket.send(answer)
        }
        defer { stop.turnOn() }
        let process = try start(["--timeout", "400ms", "--port", "\(port)"])
        #expect(try process.exitCode() == 1)
        let text = try folder.text("await.err")
        #expect(text.contains("127.0.0.1:\(port) \(message)"), "\(text)")
        #expect(text.split(separator: "\n").count == 1)
    }

    /// Neither silence, nor a byte now and then, nor a flood keeps it beyond its time.
    @Test(arguments: ["silence", "drip", "flood"])
    func endsInTimeWhateverComes(manner: String) throws {
        let (port, stop) = try serve { socket in
            switch manner {
            case "silence": _ = try socket.receiveToEnd()
            case "drip":
                for _ in 0..<100 {
                    try socket.send("H")
                    Files.pause(nanos: 50_000_000)
                }
            default: _ = try socket.sendWhatFits(atMost: 64 << 20)
            }
        }
        defer { stop.turnOn() }
        let start = Wait.now()
        let process = try self.start(["--timeout=1500ms", "--port=\(port)"])
        #expect(try process.exitCode() == 1)
        #expect((1.4..<10).contains(Wait.now() - start))
        let text = try folder.text("await.err")
        let expected =
            manner == "silence" ? "accepts connections and does not answer" : "not answer in HTTP"
        #expect(text.contains(expected), "\(text)")
    }

    @Test(arguments: [
        (["--prot=1"], "unknown flag \"--prot=1\"; did you mean --port?"),
        (["--port=0"], "--port: \"0\" is not a number from 1 to 65535"),
        (["--port=65536"], "--port: \"65536\" is not a number from 1 to 65535"),
        (["--timeout=2"], "--timeout: "), (["--timeout=0"], "is not between 1ns and 24h"),
        (["--timeout=-1s"], "is not between 1ns and 24h"), (["--timeout"], "--timeout needs a"),
        (["--timeout=25h"], "is not between 1ns and 24h"),
        (["--", "sh"], "unknown flag \"--\"; see --help"),
        (["sh"], "unexpected argument \"sh\"; see --help"),
    ])
    func refusesWrongUsage(arguments: [String], message: String) throws {
        let process = try start(arguments)
        #expect(try process.exitCode() == 64)
        let text = try folder.text("await.err")
        #expect(text.hasPrefix("meshctl-proxy await: ") && text.contains(message), "\(text)")
    }
}

extension AwaitTests {
    private static let fiveAddresses = [String](repeating: "--connect-addr=1.1.1.1:1", count: 5)

    /// What it does, rather than says, is in the redirect tests, which have rules of the kernel.
    @Test(arguments: [
        (["--listen-adr=:1"], "unknown flag \"--listen-adr=:1\"; did you mean --listen-addr?"),
        (["--listen-addr", "4140"], "--listen-addr: \"4140\" is not an address with a port"),
        (["--listen-addr", "0.0.0.0:0"], "--listen-addr: \"0.0.0.0:0\" has port 0"),
        (["--connect-addr", "fd00::1:20001"], "needs its IPv6 address in brackets"),
        (["--connect-addr", "example.com:80"], "does not start with an IP address"),
        (AwaitTests.fiveAddresses, "--connect-addr is given 5 times, and at most 4 are tried"),
        (["--timeout", "10"], "--timeout: "), (["--log-format=xml"], "\"xml\" is not plain or"),
        (["--log-level=trace"], "\"trace\" is not error, warn, info or debug"),
        (["now"], "unexpected argument \"now\"; see --help"),
    ])
    func awaitRedirectRefusesWrongUsage(arguments: [String], message: String) throws {
        let process = try start(arguments, command: "await-redirect")
        #expect(try process.exitCode() == 64)
        let text = try folder.text("await-redirect.err")
        #expect(text.hasPrefix("meshctl-proxy await-redirect: "))
        #expect(text.contains(message), "\(text)")
    }
}

/// Something that one thread turns on and another looks at.
final class TestSwitch: Sendable {
    private let state = Atomic<Bool>(false)
    var isOn: Bool { state.load(ordering: .relaxed) }
    func turnOn() { state.store(true, ordering: .relaxed) }
}
