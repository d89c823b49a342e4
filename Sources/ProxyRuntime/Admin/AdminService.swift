// SPDX-License-Identifier: Apache-2.0

internal import MeshModel
internal import ProxyCore

/// The pages of the admin port, and who may have them.
///
/// Probes and metrics are for everybody who can reach the port, as in Linkerd; what changes the
/// proxy, or says how it is set up, is for its own machine.
final class AdminService {
    private let pages: AdminPages
    private let log: ProxyLog
    private let environment: [(name: String, value: String)]
    /// Begins to leave; nil where nobody may ask for it.
    private let shutDown: (() -> Void)?

    private enum Page: String {
        case live = "/live"
        case ready = "/ready"
        case metrics = "/metrics"
        case logLevel = "/proxy-log-level"
        case environment = "/env.json"
        case shutdown = "/shutdown"

        var methods: [String] {
            switch self {
            case .live, .ready, .metrics, .environment: ["GET", "HEAD"]
            case .logLevel: ["GET", "HEAD", "PUT"]
            case .shutdown: ["POST"]
            }
        }

        var isForOwnMachine: Bool {
            switch self {
            case .live, .ready, .metrics: false
            case .logLevel, .environment, .shutdown: true
            }
        }
    }

    init(
        _ pages: AdminPages,
        _ log: ProxyLog,
        environment: [(name: String, value: String)],
        shutDown: (() -> Void)?
    ) {
        self.pages = pages
        self.log = log
        self.environment = environment
        self.shutDown = shutDown
    }

    /// Answers a request; a client without an address is a stranger.
    func respond(to request: AdminRequest, from client: SocketAddress?) -> AdminResponse {
        guard let page = Page(rawValue: request.path), page != .shutdown || shutDown != nil else {
            return AdminResponse(status: 404, body: "no such page\n")
        }
        guard page.methods.contains(request.method) else {
            return AdminResponse(
                status: 405,
                body: "only \(page.methods.joined(separator: ", "))\n",
                allow: page.methods
            )
        }
        guard !page.isForOwnMachine || client?.ip.unmapped.isLoopback == true else {
            return AdminResponse(status: 403, body: "only for clients at a loopback address\n")
        }
        switch page {
        case .live: return AdminResponse(status: 200, body: "live\n")
        case .ready:
            return pages.isReady
                ? AdminResponse(status: 200, body: "ready\n")
                : AdminResponse(status: 503, body: "not ready\n")
        case .metrics:
            let type = "text/plain; version=0.0.4"
            return AdminResponse(status: 200, body: pages.metrics(), contentType: type)
        case .logLevel where request.method == "PUT": return setLogLevel(request.body)
        case .logLevel: return AdminResponse(status: 200, body: "\(log.filter)\n")
        case .environment: return showEnvironment(request)
        case .shutdown:
            shutDown?()
            return AdminResponse(status: 200, body: "shutting down\n")
        }
    }

    private func setLogLevel(_ body: [UInt8]) -> AdminResponse {
        // What a shell leaves at the end of a line.
        let isSpace = { (byte: UInt8) in byte == 0x20 || 0x09...0x0D ~= byte }
        var text = body[...].drop(while: isSpace)
        while let last = text.last, isSpace(last) { text.removeLast() }
        do throws(ValueError) {
            let filter = try LogFilter(parsing: String(decoding: text, as: UTF8.self))
            log.log(.info, "log level changed", [("from", "\(log.filter)"), ("to", "\(filter)")])
            log.setFilter(filter)
            return AdminResponse(status: 204, body: "")
        } catch {
            return AdminResponse(status: 400, body: error.message + "\n")
        }
    }

    /// All variables, or those that the query names.
    private func showEnvironment(_ request: AdminRequest) -> AdminResponse {
        guard request.acceptsJSON else {
            return AdminResponse(status: 406, body: "only application/json\n")
        }
        let names = request.query.map { $0.split(separator: "&").map { String($0) } }
        guard names?.contains(where: { $0.contains("=") }) != true else {
            return AdminResponse(
                status: 400,
                body: "write the names of variables alone, as in /env.json?HOSTNAME&PATH\n"
            )
        }
        return AdminResponse(
            status: 200,
            body: EnvironmentPage.json(environment, only: names?.isEmpty == true ? nil : names),
            contentType: "application/json"
        )
    }
}
