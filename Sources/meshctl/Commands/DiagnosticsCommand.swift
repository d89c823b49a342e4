// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import MeshModel

/// `meshctl diagnostics`.
struct DiagnosticsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diagnostics",
        abstract: "Look into running proxies.",
        subcommands: [ProxyMetricsCommand.self, GoldenCommand.self],
        aliases: ["dg"]
    )
}

/// Which proxies are asked.
struct MetricsFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A proxy's metrics, http://127.0.0.1:4191/metrics; NAME= in front names the proxy.",
            valueName: "url"
        )
    )
    var url: [String] = []

    @Option(
        help: ArgumentHelp(
            "The same from a file, or - for stdin.",
            valueName: "file"
        ),
        completion: .file()
    )
    var file: [String] = []

    func check() throws {
        guard !url.isEmpty || !file.isEmpty else {
            throw ValidationError("Name a proxy: --url http://127.0.0.1:4191/metrics, or --file.")
        }
        guard try sources().count(where: { $0.place == .file("-") }) < 2 else {
            throw ValidationError("Stdin can be read only once: name - once.")
        }
    }

    private func sources() throws -> [MetricsSource] {
        try url.map { try MetricsSource(url: $0) } + file.map { MetricsSource(file: $0) }
    }

    /// Reads all, says which cannot be read, and returns whether there was none of these.
    func forEach(_ work: (MetricsSource, [UInt8]) throws(ValueError) -> Void) throws -> Bool {
        var isWhole = true
        for source in try sources() {
            do throws(ValueError) {
                try work(source, try source.read())
            } catch {
                isWhole = false
                Output.writeLine("meshctl: \(error.message)", to: .standardError)
            }
        }
        return isWhole
    }
}

/// `meshctl diagnostics proxy-metrics`.
struct ProxyMetricsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxy-metrics",
        abstract: "Print the metrics of proxies as they show them.",
        discussion: """
            EXAMPLES
              meshctl diagnostics proxy-metrics --url http://127.0.0.1:4191/metrics
              meshctl diagnostics proxy-metrics --url web=http://10.1.0.7:4191/metrics
            """
    )

    @OptionGroup var from: MetricsFlags

    mutating func validate() throws { try from.check() }

    func run() throws {
        var pages: [UInt8] = []
        let isWhole = try from.forEach { source, page in
            pages += "#\n# PROXY \(source.name)\n#\n".utf8
            pages += page
        }
        try Output.write(pages)
        if !isWhole { throw ExitCode.failure }
    }
}

/// `meshctl diagnostics golden`.
struct GoldenCommand: ParsableCommand {
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case table, json
    }

    static let configuration = CommandConfiguration(
        commandName: "golden",
        abstract: "Show who talks to whom through proxies, how safely and how well.",
        discussion: """
            A row for each edge of a proxy: whether it is mutual TLS of the mesh or why it is not,
            which part of the responses were no failure (5xx is one), and within how many
            milliseconds 50, 95 and 99 % of them had ended, all since the proxy started.

            EXAMPLES
              meshctl diagnostics golden --url http://127.0.0.1:4191/metrics
              curl -s http://10.1.0.7:4191/metrics | meshctl diagnostics golden --file web=-
            """
    )

    @OptionGroup var from: MetricsFlags

    @Option(name: .shortAndLong, help: "table is for people, json for scripts.")
    var output: Format = .table

    mutating func validate() throws { try from.check() }

    func run() throws {
        var proxies: [(name: String, edges: [GoldenEdge])] = []
        let isWhole = try from.forEach { source, page throws(ValueError) in
            do throws(PrometheusText.BadLine) {
                let samples = try PrometheusText.samples(of: page)
                proxies.append((source.name, GoldenEdge.edges(of: samples)))
            } catch {
                throw ValueError("\(source.name): line \(error.number) is none of metrics")
            }
        }
        switch output {
        case .table: try Output.write(Array(GoldenTable.text(proxies).utf8))
        case .json: try Output.write(try GoldenJSON.text(proxies))
        }
        if !isWhole { throw ExitCode.failure }
    }
}
