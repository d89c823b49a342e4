// SPDX-License-Identifier: Apache-2.0

import Foundation
import MeshModel
import Synchronization
import Testing

/// Addresses of 127.0.0.0/8 that no other test has: each proxy gets one, with the usual ports.
enum LoopbackAddresses {
    private static let base = UInt32.random(in: 16...239) << 16 | UInt32.random(in: 0...255) << 8
    private static let used = Atomic<UInt32>(0)

    static func next() -> IPAddress {
        let index = used.add(1, ordering: .relaxed).newValue
        // Not the first and the last of an octet, only for the looks of it.
        return .v4(127 << 24 | (base &+ index / 250 << 8) & 0xFF_FF00 | (index % 250 + 1))
    }
}

/// A `meshctl-proxy` that runs.
final class ProxyUnderTest: Sendable {
    /// Where its listeners are: 4140 outbound, 4143 inbound, 4191 admin.
    let ip: IPAddress
    let process: TestProcess
    private let folder: TestFolder
    private let name: String

    static func executable() throws -> String {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folder = URL(fileURLWithPath: tests).deletingLastPathComponent().path
        let path = folder + "/meshctl-proxy"
        try #require(FileManager.default.isExecutableFile(atPath: path), "\(path) is not built")
        return path
    }

    /// Starts it with a configuration; waits until it is ready if it is to become so.
    init(
        _ config: ProxyConfig,
        in folder: TestFolder,
        name: String,
        flags: [String] = [],
        limits: [String] = [],
        report: FileHandle? = nil,
        environment: [String: String] = [:],
        awaitsReady: Bool = true
    ) throws {
        ip = config.ip
        self.folder = folder
        self.name = name
        try folder.write("\(name).yaml", config.text)
        let command = [try Self.executable(), "--config", "\(name).yaml"] + flags
        process = try TestProcess(
            limits.isEmpty ? command[0] : "/usr/bin/prlimit",
            limits.isEmpty ? Array(command.dropFirst()) : limits + command,
            in: folder,
            name: name,
            report: report,
            environment: Self.whole(environment, config)
        )
        let wanted = awaitsReady ? "/ready" : "/live"
        do {
            try Wait.until("\(name) answers \(wanted)") {
                guard process.isRunning else { throw BenchError("it ended") }
                return try status(of: wanted) == 200
            }
        } catch {
            throw BenchError("\(name): \(error)\n" + (try log()))
        }
    }

    /// Variables of Linkerd's come before the file, in all they are about.
    private static func whole(
        _ environment: [String: String],
        _ config: ProxyConfig
    ) -> [String: String] {
        guard environment.keys.contains(where: { $0.hasPrefix("LINKERD2_PROXY_") }) else {
            return environment
        }
        let listeners = [
            "LINKERD2_PROXY_INBOUND_LISTEN_ADDR": "\(config.ip):4143",
            "LINKERD2_PROXY_OUTBOUND_LISTEN_ADDR": "\(config.ip):4140",
            "LINKERD2_PROXY_ADMIN_LISTEN_ADDR": "\(config.ip):4191",
        ]
        return listeners.merging(environment) { $1 }
    }

    var inbound: SocketAddress { SocketAddress(ip: ip, port: 4143) }
    var outbound: SocketAddress { SocketAddress(ip: ip, port: 4140) }
    var admin: SocketAddress { SocketAddress(ip: ip, port: 4191) }

    // MARK: The admin port

    /// A page, or nothing while nobody listens.
    private func get(_ path: String) throws -> String? {
        guard let socket = try? TestSocket.connect(to: admin) else { return nil }
        return try ask("GET \(path) HTTP/1.1\r\nHost: admin\r\n\r\n", on: socket)
    }

    /// The whole answer to a whole request.
    func ask(_ request: String, on connected: TestSocket? = nil) throws -> String {
        let socket = try connected ?? TestSocket.connect(to: admin)
        try socket.send(request)
        return String(decoding: try socket.receiveToEnd(), as: UTF8.self)
    }

    func status(of path: String) throws -> Int? {
        try get(path).flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) }
    }

    /// The value of one line of /metrics; 0 when it is not there.
    func metric(_ line: String) throws -> Int {
        let page = try get("/metrics") ?? ""
        let found = page.split(separator: "\n").first { $0.hasPrefix(line + " ") }
        return found.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? 0
    }

    /// The values of all lines of a family that have these labels, together.
    func total(_ family: String, _ labels: String...) throws -> Int {
        let page = try get("/metrics") ?? ""
        return page.split(separator: "\n").reduce(0) { total, line in
            guard line.hasPrefix(family + "{"), labels.allSatisfy({ line.contains($0) }) else {
                return total
            }
            return total + (line.split(separator: " ").last.flatMap { Int($0) } ?? 0)
        }
    }

    func refusals(_ direction: String, _ error: String) throws -> Int {
        try total("\(direction)_tcp_errors_total", "error=\"\(error)\"")
    }

    func openConnections(_ direction: String) throws -> Int {
        try total("tcp_open_connections", "direction=\"\(direction)\"", "peer=\"src\"")
    }

    // MARK: The log

    func log() throws -> String { try folder.text("\(name).err") }

    func logLines(_ part: String) throws -> [Substring] {
        try log().split(separator: "\n").filter { $0.contains(part) }
    }

    func awaitLog(_ part: String, within seconds: Double = Wait.secondsMax) throws {
        do {
            try Wait.until("\"\(part)\" in the log", within: seconds) {
                try log().contains(part)
            }
        } catch {
            throw BenchError("\(error):\n" + (try log()))
        }
    }
}
