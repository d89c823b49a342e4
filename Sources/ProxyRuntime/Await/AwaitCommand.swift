// SPDX-License-Identifier: Apache-2.0

internal import MeshModel
internal import ProxyCore

/// `meshctl-proxy await`: waits until the proxy of this pod is ready.
///
/// The classic form runs it as the proxy's postStart hook: the kubelet starts the next container
/// only when it has ended, and shows what it said where it fails.
enum AwaitCommand {
    static let word = "await"

    private static let help = """
        USAGE: meshctl-proxy await [--timeout DURATION] [--port PORT]

        Waits until the proxy of this pod is ready: until /ready at its admin port answers 200.

          --timeout DURATION  gives up after so long (default: 2m)
          --port PORT         the proxy's admin port (default: 4191)

        EXAMPLE
          meshctl-proxy await --timeout=2m --port=4191

        It asks at 127.0.0.1 and at [::1]. Exit codes: 0 ready, 1 not ready in time, 64 wrong usage.

        """

    /// The checked words of the command line.
    struct Arguments: Equatable {
        var timeout = GoDuration(nanoseconds: 120_000_000_000)
        var port = MeshDefaults.adminPort

        init(_ words: [String]) throws(ValueError) {
            for (name, value) in try FlagWords(names: ["--timeout", "--port"]).read(words) {
                if name == "--timeout" {
                    timeout = try FlagValue.wait(name, value)
                } else {
                    port = UInt16(try FlagValue.number(name, value, 1...65535))
                }
            }
        }
    }

    static func run(_ words: [String]) -> Int32 {
        if CommandOutput.asksForHelp(words) { return CommandOutput.print(help) }
        do throws(ValueError) {
            return run(try Arguments(words))
        } catch {
            return CommandOutput.refuse(word, error)
        }
    }

    private static func run(_ arguments: Arguments) -> Int32 {
        var wait = ReadinessWait(
            timeoutNanos: UInt64(arguments.timeout.nanoseconds),
            nowNanos: SystemCalls.monotonicNanos()
        )
        let addresses = [IPAddress.loopbackV4, .loopbackV6].map {
            SocketAddress(ip: $0, port: arguments.port)
        }
        var step = wait.next(nowNanos: SystemCalls.monotonicNanos())
        while true {
            switch step {
            case .ask(let untilNanos):
                guard let failure = ask(addresses, untilNanos) else { return 0 }
                step = wait.failed(failure, nowNanos: SystemCalls.monotonicNanos())
            case .pause(let untilNanos):
                Deadline.pause(until: untilNanos)
                step = wait.next(nowNanos: SystemCalls.monotonicNanos())
            case .giveUp(let failure):
                CommandOutput.complain(
                    word,
                    "the proxy was not ready within \(arguments.timeout): "
                        + "\(addresses[0]) \(failure.description); its log may say why"
                )
                return 1
            }
        }
    }

    /// Asks at the addresses in turn: the second counts only where the first cannot be connected.
    ///
    /// - Returns: why that came to nothing; nil when the proxy is ready.
    private static func ask(
        _ addresses: [SocketAddress],
        _ untilNanos: UInt64
    ) -> ReadinessWait.Failure? {
        var first: ReadinessWait.Failure?
        for address in addresses {
            guard let failure = ask(address, untilNanos) else { return nil }
            guard case .notConnected = failure else { return failure }
            first = first ?? failure
        }
        return first
    }

    private static func ask(
        _ address: SocketAddress,
        _ untilNanos: UInt64
    ) -> ReadinessWait.Failure? {
        var isConnected = false
        do throws(DeadlineSocket.Failure) {
            let socket = try DeadlineSocket(to: address, untilNanos: untilNanos)
            isConnected = true
            let request = "GET /ready HTTP/1.1\r\nHost: \(address)\r\nConnection: close\r\n\r\n"
            try socket.send(Array(request.utf8), untilNanos: untilNanos)
            return try answer(on: socket, untilNanos)
        } catch {
            switch error {
            case .timedOut: return .tooSlow
            case .broken(let errno): return isConnected ? .noAnswer : .notConnected("\(errno)")
            }
        }
    }

    private static func answer(
        on socket: DeadlineSocket,
        _ untilNanos: UInt64
    ) throws(DeadlineSocket.Failure) -> ReadinessWait.Failure? {
        var reply = ReadinessReply()
        // LIMIT: the status is within the first 13 bytes, and nothing else is wanted.
        var buffer = [UInt8](repeating: 0, count: 64)
        while true {
            let count = try socket.receive(into: &buffer, untilNanos: untilNanos)
            guard count > 0 else { return .noAnswer }
            switch reply.received(buffer[..<count]) {
            case .needsMore: continue
            case .status(200): return nil
            case .status(let code): return .status(code)
            case .notHTTP: return .notHTTP
            }
        }
    }
}

/// What the small commands write.
enum CommandOutput {
    /// A command line that is not understood (EX_USAGE in sysexits.h).
    static let usageCode: Int32 = 64

    static func asksForHelp(_ words: [String]) -> Bool {
        words.contains("--help") || words.contains("-h")
    }

    static func print(_ text: String) -> Int32 {
        Files.write(Array(text.utf8), to: 1)
        return 0
    }

    static func complain(_ command: String, _ message: String) {
        Files.write(Array("meshctl-proxy \(command): \(message)\n".utf8), to: 2)
    }

    static func refuse(_ command: String, _ error: ValueError) -> Int32 {
        complain(command, error.message)
        return usageCode
    }
}
