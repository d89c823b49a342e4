// SPDX-License-Identifier: Apache-2.0

internal import MeshConfig
internal import MeshModel
internal import ProxyCore

/// Keeps the addresses of the names that endpoints have up to date, on the first thread.
///
/// Responsibilities: it drives c-ares by this thread's reactor, so that nothing waits for a name
/// server, and says when there are other addresses.
/// What it does not do: connections never ask it; they have what the last snapshot says.
final class Resolver: SocketOwner {
    private let reactor: Reactor
    private let log: ProxyLog
    private let changed: () -> Void
    private var settings = DNSSettings()
    private var config = ResolverConfig()
    private var table: NameTable
    private var channel: DNSChannel?
    private var timer: Upkeep?
    private var tokens: [Int32: SocketToken] = [:]
    private var answers: [(NameAnswer, IPFamily, NameTable.Question)] = []
    private var failureLines = LinePace()
    private var startNanos: UInt64 = 0

    /// LIMIT: bytes of a resolv.conf; those of pods have some 200.
    private static let fileBytesMax = 64 << 10
    /// LIMIT: how long a proxy waits for names before it says that it is ready without them.
    private static let patienceNanos: UInt64 = 10_000_000_000

    /// `changed` is called when `addresses` have.
    init(_ reactor: Reactor, _ log: ProxyLog, changed: @escaping () -> Void) {
        self.reactor = reactor
        self.log = log
        self.changed = changed
        table = NameTable(ResolverConfig(), ttlNanos: 1...1)
    }

    /// What the names stand for.
    var addresses: [String: [IPAddress]] { table.addresses }

    /// Whether a connection to a name has got its chance.
    var isSettled: Bool {
        table.isSettled || SystemCalls.monotonicNanos() >= startNanos + Self.patienceNanos
    }

    /// Looks these names up from now on, and no others.
    ///
    /// Without names there are neither sockets nor c-ares.
    func use(_ names: Set<String>, _ settings: DNSSettings) throws(Errno) {
        if startNanos == 0 { startNanos = SystemCalls.monotonicNanos() }
        guard !names.isEmpty || timer != nil else { return }
        let config = read(settings)
        if channel == nil || settings != self.settings || config != self.config {
            (self.settings, self.config) = (settings, config)
            replaceChannel(names)
        } else {
            table.keep(names, now: SystemCalls.monotonicNanos())
        }
        try startTimer()
        advance()
    }

    /// Takes up a resolv.conf that has changed.
    func look() {
        guard timer != nil, channel == nil || read(settings) != config else { return }
        config = read(settings)
        replaceChannel(Set(table.addresses.keys))
        advance()
    }

    private func read(_ settings: DNSSettings) -> ResolverConfig {
        var config = ResolverConfig()
        do throws(Errno) {
            let bytes = try Files.read(settings.resolvConf, limit: Self.fileBytesMax)
            config = ResolverConfig(parsing: bytes)
        } catch {
            // As everybody does without the file: the machine's own server, no search domains.
            log.log(
                .debug,
                "no resolv.conf",
                [("path", settings.resolvConf), ("error", "\(error)")]
            )
        }
        if let servers = settings.servers { config.servers = servers }
        if config.servers.isEmpty { config.servers = [SocketAddress(ip: .loopbackV4, port: 53)] }
        return config
    }

    private func replaceChannel(_ names: Set<String>) {
        channel?.close()
        answers = []
        let nanos = [settings.ttlMin, settings.ttlMax].map { UInt64(clamping: $0.nanoseconds) }
        var next = NameTable(config, ttlNanos: nanos[0]...max(nanos[0], nanos[1]))
        next.keep(names, now: SystemCalls.monotonicNanos())
        next.inherit(from: table)
        table = next
        channel = DNSChannel(config, owner: self)
        if channel == nil { log.log(.error, "cannot look names up", [("error", "no memory")]) }
    }

    // MARK: Events

    private func startTimer() throws(Errno) {
        guard timer == nil else { return }
        let timer = try Upkeep { [weak self] _ in
            self?.channel?.passTime()
            self?.advance()
            return nil
        }
        self.timer = timer
        try timer.start(on: reactor, afterNanos: 1)
    }

    override func handle(_ events: SocketEvents, on token: SocketToken) {
        channel?.handle(events, on: token.descriptor)
        advance()
    }

    override func abandon() { channel?.close() }

    /// Takes the answers, asks what is to be asked, and sets the alarm.
    private func advance() {
        var isNew = false
        while true {
            while !answers.isEmpty {
                let (answer, family, question) = answers.removeFirst()
                let now = SystemCalls.monotonicNanos()
                isNew = act(table.received(answer, family, to: question, now: now)) || isNew
            }
            guard let question = table.nextQuestion(now: SystemCalls.monotonicNanos()) else {
                break
            }
            ask(question)
        }
        rearm()
        if isNew { changed() }
    }

    private func ask(_ question: NameTable.Question) {
        channel?.ask(question, .v4)
        channel?.ask(question, .v6)
    }

    private func rearm() {
        let now = SystemCalls.monotonicNanos()
        let due = table.nextDeadlineNanos.map { $0 > now ? $0 - now : 1 }
        // With nothing to wait for the alarm stays off.
        guard let next = [due, channel?.nextNanos].compactMap({ $0 }).min() else { return }
        timer?.wake(afterNanos: max(next, 1))
    }

    /// Returns whether there are other addresses now.
    private func act(_ step: NameTable.OnAnswer) -> Bool {
        switch step {
        case .none: return false
        case .ask(let question):
            ask(question)
            return false
        case .found(let question, let count, let isNew):
            if isNew {
                log.log(
                    .info,
                    "name resolved",
                    [("name", question.name), ("as", question.host), ("addresses", "\(count)")]
                )
            }
            return isNew
        case .missing(let question, let isNew):
            let tried = config.candidates(for: question.name).joined(separator: " ")
            report("no such name", question, ("tried", tried))
            return isNew
        case .failed(let question, let reason):
            let hasOld = table.addresses[question.name]?.isEmpty == false
            let message =
                hasOld ? "name not resolved, the last addresses stay" : "name not resolved"
            report(message, question, ("reason", reason))
            return false
        }
    }

    /// Warns; a storm of bad news is told one line a second, with the count of what was left out.
    private func report(_ message: String, _ question: NameTable.Question, _ field: ProxyLog.Field)
    {
        guard let held = failureLines.next(nowNanos: SystemCalls.monotonicNanos()) else { return }
        var fields: [ProxyLog.Field] = [("name", question.name), field]
        if held > 0 { fields.append(("others", "\(held)")) }
        log.log(.warn, message, fields)
    }
}

extension Resolver: DNSChannelOwner {
    func channelWants(_ events: SocketEvents, on descriptor: Int32) {
        if events.isEmpty {
            guard let token = tokens.removeValue(forKey: descriptor) else { return }
            reactor.forget(token)
        } else if let token = tokens[descriptor] {
            reactor.watch(token, for: events)
        } else {
            // Without the kernel's memory for it the question times out.
            tokens[descriptor] = try? reactor.watch(descriptor, self, for: events)
        }
    }

    func channelAnswered(_ answer: NameAnswer, _ family: IPFamily, _ question: NameTable.Question) {
        answers.append((answer, family, question))
    }
}
