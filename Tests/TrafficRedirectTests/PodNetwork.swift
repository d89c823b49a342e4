// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Synchronization
import Testing

/// What one run of a program left behind.
struct ProgramResult: Sendable {
    let exitCode: Int32
    let output: String
    let log: String

    var lines: [String] { output.split(separator: "\n").map(String.init) }
}

/// Runs programs without blocking a thread of the tests.
enum Program {
    /// The executable that was built beside the tests.
    static func meshctlInit() throws -> String { try built("meshctl-init") }

    static func built(_ name: String) throws -> String {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = URL(fileURLWithPath: tests).deletingLastPathComponent().path + "/" + name
        try #require(FileManager.default.isExecutableFile(atPath: path), "\(path) is not built")
        return path
    }

    /// Starts a program of PATH.
    static func start(
        _ arguments: [String],
        output: ChildProcess.Stream = .null,
        report: ChildProcess.Stream = .null
    ) throws -> ChildProcess {
        try ChildProcess(
            ChildProcess.Command(
                "/usr/bin/env",
                arguments,
                environment: [
                    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                    "LC_ALL": "C.UTF-8",
                ],
                output: output,
                report: report
            )
        )
    }

    static func run(_ arguments: [String]) async throws -> ProgramResult {
        let base = FileManager.default.temporaryDirectory.path + "/meshctl-" + UUID().uuidString
        let (output, report) = (base + ".out", base + ".err")
        defer {
            for path in [output, report] { try? FileManager.default.removeItem(atPath: path) }
        }
        let process = try start(arguments, output: .file(output), report: .file(report))
        return ProgramResult(
            exitCode: await process.exitCode(),
            output: try String(contentsOfFile: output, encoding: .utf8),
            log: try String(contentsOfFile: report, encoding: .utf8)
        )
    }
}

/// Two network namespaces, a pod's and a peer's, with a cable between them.
///
/// Nothing in them is connected to anything else. In both, small servers answer each connection
/// with their name and the address that the client meant: SO_ORIGINAL_DST.
final class PodNetwork: Sendable {
    /// The addresses of one IP version.
    struct Addresses: Sendable, CustomTestStringConvertible {
        let pod: String
        let peer: String
        /// The peer again, in another subnet.
        let farPeer: String
        let farSubnet: String
        let loopback: String
        var testDescription: String { pod }

        static let ipv4 = Addresses(
            pod: "10.77.0.1",
            peer: "10.77.0.2",
            farPeer: "10.77.1.2",
            farSubnet: "10.77.1.0/24",
            loopback: "127.0.0.1"
        )
        static let ipv6 = Addresses(
            pod: "fd77::1",
            peer: "fd77::2",
            farPeer: "fd77:0:0:1::2",
            farSubnet: "fd77:0:0:1::/64",
            loopback: "::1"
        )
    }

    /// A side of the cable.
    enum Side: String {
        case pod, peer
    }

    private let name: String
    private let servers = Mutex<[ChildProcess]>([])

    /// Makes the two namespaces, runs a body, and removes them whatever happened.
    static func with(_ body: (PodNetwork) async throws -> Void) async throws {
        await sweep.value
        let network = PodNetwork()
        do {
            try await network.make()
            try await body(network)
        } catch {
            await network.remove()
            throw error
        }
        await network.remove()
    }

    /// Whether this process may make namespaces, found out by making one.
    static func isPossible() async -> Bool {
        await probe.value
    }

    private static let probe = Task {
        let name = "\(prefix)\(getpid())-probe"
        let line = """
            command -v python3 && command -v setcap && command -v setpriv &&
                ip netns add "$0" && ip netns del "$0"
            """
        guard getuid() == 0 else { return false }
        return (try? await Program.run(["bash", "-c", line, name]))?.exitCode == 0
    }

    // MARK: In a namespace

    /// Runs a program in the pod's or the peer's namespace.
    func run(_ side: Side = .pod, _ arguments: [String]) async throws -> ProgramResult {
        try await Program.run(["ip", "netns", "exec", "\(name)-\(side)"] + arguments)
    }

    /// Redirects the pod's traffic, and wants it to work.
    func redirect(_ arguments: String...) async throws {
        let result = try await run(.pod, [try Program.meshctlInit()] + arguments)
        try #require(result.exitCode == 0, "\(result.log)")
    }

    /// Connects once to each target, and returns who answered.
    ///
    /// Of a proxy also what it takes for the original destination.
    func connect(
        from side: Side,
        as user: Int = 0,
        group: Int = 0,
        source: String = "",
        to targets: [(String, Int)]
    ) async throws -> [String] {
        let words = targets.map { "\($0.0),\($0.1)" }
        let command = ["python3", "-c", Self.client, "\(user)", "\(group)", source]
        let result = try await run(side, command + words)
        try #require(result.exitCode == 0, "\(result.log)")
        return result.lines.map { line in
            line.hasPrefix("proxy") ? line : String(line.prefix { $0 != " " })
        }
    }

    /// Where a namespace can be entered from outside (ip-netns(8)).
    func namespaceFile(_ side: Side) -> String { "/run/netns/\(name)-\(side)" }

    // MARK: Making and removing

    private init() { name = "\(Self.prefix)\(getpid())-\(UUID().uuidString.prefix(8))" }

    private static let prefix = "meshctl-test-"

    private func make() async throws {
        let result = try await Program.run(["bash", "-euc", Self.cable, "cable", name])
        try #require(result.exitCode == 0, "\(result.log)")
        let everywhere = ["0.0.0.0", "::"]
        try await serve(.pod, "proxy-in", everywhere, [4143])
        try await serve(.pod, "proxy-out", ["127.0.0.1", "::1"], [4140])
        try await serve(.pod, "app", everywhere, [80, 4191, 8080, 9090])
        try await serve(.peer, "peer", everywhere, [80, 3306, 8080])
    }

    /// Starts a server and waits until it says that it listens; `remove` ends it.
    private func serve(
        _ side: Side,
        _ name: String,
        _ addresses: [String],
        _ ports: [Int]
    ) async throws {
        let namespace = ["ip", "netns", "exec", "\(self.name)-\(side)"]
        let listeners = addresses.flatMap { address in ports.map { "\(address),\($0)" } }
        let line = Pipe()
        let server = try Program.start(
            namespace + ["python3", "-c", Self.server, name] + listeners,
            output: .descriptor(line.fileHandleForWriting.fileDescriptor)
        )
        servers.withLock { $0.append(server) }
        // Its end alone is left open then, so that a server that fails ends the wait.
        try line.fileHandleForWriting.close()
        try #require(!line.fileHandleForReading.availableData.isEmpty, "\(name) has ended")
    }

    private func remove() async {
        for server in servers.withLock({ $0 }) { server.signal(SIGKILL) }
        let line = "ip netns del \(name)-pod; ip netns del \(name)-peer"
        _ = try? await Program.run(["bash", "-c", line])
    }

    /// Removes what a run that was killed left behind, once.
    private static let sweep = Task {
        let line = """
            for path in /run/netns/\(prefix)*; do
                name=${path##*/}; rest=${name#\(prefix)}
                [[ -e $path && ! -e /proc/${rest%%-*} ]] && ip netns del "$name"
            done
            """
        _ = try? await Program.run(["bash", "-c", line])
    }
}

// MARK: Scripts

extension PodNetwork {
    fileprivate static let cable = """
        pod=$1-pod peer=$1-peer
        ip netns add $pod
        ip netns add $peer
        ip link add eth0 netns $pod type veth peer name eth0 netns $peer
        for each in $pod $peer; do
            ip -n $each link set lo up
            ip -n $each link set eth0 up
        done
        ip -n $pod address add 10.77.0.1/16 dev eth0
        ip -n $pod address add fd77::1/32 dev eth0 nodad
        for address in 10.77.0.2 10.77.1.2; do
            ip -n $peer address add $address/16 dev eth0
        done
        for address in fd77::2 fd77:0:0:1::2; do
            ip -n $peer address add $address/32 dev eth0 nodad
        done
        """

    /// Answers `name:port meant=address:port`; both IP versions call the option 80.
    fileprivate static let server = """
        import socket, struct, sys, threading

        def meant(connection, family):
            v6 = family == socket.AF_INET6
            try:
                level = socket.IPPROTO_IPV6 if v6 else socket.IPPROTO_IP
                raw = connection.getsockopt(level, 80, 28 if v6 else 16)
            except OSError as error:
                return error.strerror
            address = socket.inet_ntop(family, raw[8:24] if v6 else raw[4:8])
            return f"{address},{struct.unpack_from('!H', raw, 2)[0]}"

        def serve(listener, family, label):
            while True:
                connection, _ = listener.accept()
                with connection:
                    connection.sendall(f"{label} meant={meant(connection, family)}\\n".encode())

        for word in sys.argv[2:]:
            address, port = word.split(",")
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            listener = socket.socket(family, socket.SOCK_STREAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind((address, int(port)))
            listener.listen()
            label = f"{sys.argv[1]}:{port}"
            threading.Thread(target=serve, args=(listener, family, label), daemon=True).start()
        print("ready", flush=True)
        threading.Event().wait()
        """

    /// Becomes a user and a group, and prints what each target answers.
    ///
    /// A cable that was just plugged in has no route for a moment, so that is tried again.
    fileprivate static let client = """
        import errno, os, socket, sys, time

        user, group, source, *targets = sys.argv[1:]
        os.setgroups([])
        os.setgid(int(group))
        os.setuid(int(user))
        passing = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL)
        for target in targets:
            address, port = target.split(",")
            end = time.monotonic() + 10
            while True:
                try:
                    here = (source, 0) if source else None
                    with socket.create_connection((address, int(port)), 5, here) as connection:
                        print(connection.makefile().readline().strip())
                    break
                except OSError as error:
                    if error.errno not in passing or time.monotonic() > end:
                        print(f"{target} {error}")
                        break
        """
}
