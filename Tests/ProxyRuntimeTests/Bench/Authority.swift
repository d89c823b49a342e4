// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A certificate authority of the `openssl` command, and what it issues.
struct Authority: Sendable {
    /// What a certificate says; nil leaves the part out.
    struct Request: Sendable {
        /// The value of the extension in OpenSSL's configuration language.
        var names: String?
        var usage: String? = "serverAuth,clientAuth"
        var key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        /// YYYYMMDDHHMMSSZ.
        var from = "20200101000000Z"
        var to = "21000101000000Z"
        var isAuthority = false
        /// More lines of extensions.
        var extra = ""

        init(dns: String?) { names = dns.map { "DNS:" + $0 } }
    }

    let folder: TestFolder
    let name: String

    static let openssl = "/usr/bin/openssl"

    /// Makes a self-signed one; its files are NAME.crt and NAME.key.
    init(in folder: TestFolder, name: String = "ca") throws {
        self.folder = folder
        self.name = name
        try TestProcess.run(
            Self.openssl,
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", "\(name).key", "-out", "\(name).crt", "-subj", "/CN=\(name)",
                "-days", "3650", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
            ],
            in: folder
        )
    }

    private init(issuedAs name: String, in folder: TestFolder) {
        self.folder = folder
        self.name = name
    }

    /// Issues NAME.crt and NAME.key; the chain behind it is left to the caller.
    func issue(_ file: String, _ request: Request) throws {
        var lines = ["basicConstraints=critical,CA:\(request.isAuthority ? "TRUE" : "FALSE")"]
        if let names = request.names { lines.append("subjectAltName=\(names)") }
        if let usage = request.usage { lines.append("extendedKeyUsage=\(usage)") }
        lines.append(request.extra)
        // `openssl ca` is the one command of OpenSSL 3.0 that takes both dates.
        try folder.write("\(file).index", "")
        try folder.write("\(file).cnf", Self.configuration(file))
        try folder.write("\(file).ext", lines.joined(separator: "\n") + "\n")
        try TestProcess.run(
            Self.openssl,
            ["req", "-new", "-nodes", "-keyout", "\(file).key", "-out", "\(file).csr"]
                + ["-subj", "/CN=\(file)"] + request.key,
            in: folder
        )
        try TestProcess.run(
            Self.openssl,
            [
                "ca", "-batch", "-notext", "-config", "\(file).cnf", "-in", "\(file).csr",
                "-out", "\(file).crt", "-cert", "\(name).crt", "-keyfile", "\(name).key",
                "-startdate", request.from, "-enddate", request.to, "-extfile", "\(file).ext",
            ],
            in: folder
        )
    }

    /// Issues the certificate of another authority.
    func issueAuthority(_ file: String) throws -> Authority {
        var request = Request(dns: nil)
        request.usage = nil
        request.isAuthority = true
        try issue(file, request)
        return Authority(issuedAs: file, in: folder)
    }

    private static func configuration(_ file: String) -> String {
        """
        [ca]
        default_ca = it
        [it]
        database = \(file).index
        new_certs_dir = .
        rand_serial = yes
        default_md = sha256
        policy = any
        unique_subject = no
        [any]
        commonName = optional

        """
    }
}

/// The identities that most tests need, made once.
enum Identities {
    static let web = "web.default.serviceaccount.identity.linkerd.cluster.local"
    static let api = "api.default.serviceaccount.identity.linkerd.cluster.local"

    private static let shared = Result {
        let authority = try Authority(in: TestFolder())
        try authority.issue("web", .init(dns: web))
        try authority.issue("api", .init(dns: api))
        return authority
    }

    static func authority() throws -> Authority { try shared.get() }

    /// Copies files into a test's own folder.
    static func copy(_ names: [String], to folder: TestFolder) throws {
        let source = try authority().folder
        for name in names { try folder.write(name, try source.read(name)) }
    }
}
