// SPDX-License-Identifier: Apache-2.0

import Foundation
import MeshModel
import ProxyCore

/// A TLS client or server that is not ours: the `openssl` command.
final class TLSPeer: Sendable {
    private let process: TestProcess
    private let folder: TestFolder
    private let name: String
    /// Kept open: at an end of its input, s_server leaves its clients.
    private let input: FileHandle?

    private init(
        _ arguments: [String],
        in folder: TestFolder,
        name: String,
        input: FileHandle?,
        keepingOpen kept: FileHandle? = nil
    ) throws {
        self.folder = folder
        self.name = name
        self.input = kept
        process = try TestProcess(
            Authority.openssl,
            arguments,
            in: folder,
            name: name,
            input: input
        )
    }

    /// A certificate, its key, and what belongs behind it, by their names in the folder.
    struct Files {
        var certificate = "web"
        var chain: String?

        var flags: [String] {
            ["-cert", certificate + ".crt", "-key", certificate + ".key"]
                + (chain.map { ["-cert_chain", $0] } ?? [])
        }
    }

    /// The bytes that go in front of an application's.
    static func header(port: UInt16) -> [UInt8] {
        TransportHeader(port: port, name: nil, sessionProtocol: nil).encoded()
    }

    /// `openssl s_client`, which sends some bytes and then listens; nil files show none.
    convenience init(
        connectingTo address: SocketAddress,
        in folder: TestFolder,
        as files: Files? = Files(),
        serverName: String = Identities.api,
        alpn: String? = "transport.l5d.io/v1",
        flags: [String] = [],
        sending bytes: [UInt8]
    ) throws {
        let name = "peer-" + UUID().uuidString
        try folder.write(name + ".in", bytes)
        var arguments = ["s_client", "-quiet", "-connect", "\(address)"]
        arguments += ["-servername", serverName] + flags
        if let alpn { arguments += ["-alpn", alpn] }
        if let files { arguments += files.flags }
        let input = FileHandle(forReadingAtPath: folder.path(name + ".in"))
        try self.init(arguments, in: folder, name: name, input: input)
    }

    /// `openssl s_server`, which asks for a client's certificate and writes what it receives.
    convenience init(
        listeningOn address: SocketAddress,
        in folder: TestFolder,
        as files: Files,
        alpn: String? = "transport.l5d.io/v1",
        flags: [String] = []
    ) throws {
        let name = "peer-" + UUID().uuidString
        var arguments = ["s_server", "-accept", "\(address)", "-Verify", "5", "-CAfile", "ca.crt"]
        arguments += files.flags + flags
        if let alpn { arguments += ["-alpn", alpn] }
        let pipe = Pipe()
        try self.init(
            arguments,
            in: folder,
            name: name,
            input: pipe.fileHandleForReading,
            keepingOpen: pipe.fileHandleForWriting
        )
        try Wait.until("s_server listens") {
            guard process.isRunning else { throw BenchError(try report()) }
            return try folder.text(name + ".out").contains("ACCEPT")
        }
    }

    /// All that it received, once it has ended.
    func output() throws -> String {
        _ = try process.exitCode()
        return try folder.text(name + ".out")
    }

    /// What it has received so far.
    func outputSoFar() throws -> String { try folder.text(name + ".out") }

    private func report() throws -> String { try folder.text(name + ".err") }
}

/// Stands between a TLS client and a proxy, to cut the client's first flight in other ways.
///
/// Handshake messages are hashed without their records (RFC 8446 section 4.4.1), so that neither
/// end can tell.
final class HelloRelay: Sendable {
    private let listener: TestListener
    var address: SocketAddress { listener.address }
    private let proxy: SocketAddress

    init(to proxy: SocketAddress) throws {
        listener = try TestListener()
        self.proxy = proxy
    }

    /// Takes the client's ClientHello, sends it on in the pieces that `cut` makes of it, each a
    /// segment of its own, and then passes everything both ways.
    func pass(to upstream: TestSocket? = nil, _ cut: ([UInt8]) -> [[UInt8]]) throws {
        let client = try listener.accept()
        let server = try upstream ?? TestSocket.connect(to: proxy)
        let start = try client.receive(5)
        let rest = try client.receive(Int(start[3]) << 8 | Int(start[4]))
        for piece in cut(start + rest) { try server.send(piece) }
        for (from, to) in [(client, server), (server, client)] {
            _ = try Background {
                while let bytes = try from.receiveSome() { try to.send(bytes) }
                to.finish()
            }
        }
    }
}
