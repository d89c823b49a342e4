// SPDX-License-Identifier: Apache-2.0

internal import MeshModel

/// Checks the variables against the table and reads them by their short names.
struct EnvironmentReader {
    typealias Finding = ProxyEnvironment.Finding

    private(set) var errors: [Finding] = []
    private(set) var warnings: [Finding] = []
    private(set) var withoutEffect: [Finding] = []
    /// Values by whole name, without the empty ones.
    private var texts: [String: String] = [:]

    /// Takes the values and checks every one of them.
    init(_ variables: [(name: String, value: String)], isStandalone: Bool) {
        var seen: Set<String> = []
        var unknownNames: [String] = []
        let rows = Dictionary(uniqueKeysWithValues: ProxyVariable.table.map { ($0.name, $0) })
        for (name, value) in variables
        where name.hasPrefix(ProxyVariable.prefix) && seen.insert(name).inserted {
            guard let row = rows[name] else {
                unknownNames.append(name)
                continue
            }
            let isVerbatim = row.type == .text || row.type == .certificates
            let text = isVerbatim ? value : Scalars.trimmed(value)
            if !text.isEmpty { texts[name] = text }
        }
        for row in ProxyVariable.table { check(row, isStandalone: isStandalone) }
        checkPairs()
        checkRivals()
        for name in unknownNames {
            warnings.append(Self.unknown(name))
            withoutEffect.append(Self.unknown(name))
        }
    }

    /// The names of the variables that were given, whether their values are good or not.
    var names: Set<String> { Set(texts.keys) }

    /// The value of a variable as it was given; nil for none.
    func text(_ shortName: String) -> String? {
        texts[ProxyVariable.prefix + shortName]
    }

    /// The value that was given, if it is good.
    func optional<Value>(
        _ shortName: String,
        _ parse: (String) throws(ValueError) -> Value
    ) -> Value? {
        guard let text = text(shortName) else { return nil }
        return try? parse(text)
    }

    /// The value that was given, if it is good, or the default of the table.
    func value<Value>(
        _ shortName: String,
        _ parse: (String) throws(ValueError) -> Value
    ) -> Value {
        if let value = optional(shortName, parse) { return value }
        let row = ProxyVariable.named(ProxyVariable.prefix + shortName)
        guard let text = row?.defaultText, let value = try? parse(text) else {
            preconditionFailure("the table has no good default for \(shortName)")
        }
        return value
    }

    /// A list, empty where none is given.
    func list<Value>(
        _ shortName: String,
        _ parse: (String) throws(ValueError) -> Value
    ) -> Value {
        guard let list = optional(shortName, parse) ?? (try? parse("")) else {
            preconditionFailure("an empty list is no good for \(shortName)")
        }
        return list
    }

    /// A duration that has a default.
    func nanoseconds(_ shortName: String) -> UInt64 {
        value(shortName, ProxyDuration.init(parsing:)).nanoseconds
    }

    /// A duration that 0 switches off, as does having no default.
    func optionalNanoseconds(_ shortName: String) -> UInt64? {
        let usual = ProxyVariable.named(ProxyVariable.prefix + shortName)?.defaultText
        let parse = ProxyDuration.init(parsing:)
        let nanos = (optional(shortName, parse) ?? usual.flatMap { try? parse($0) })?.nanoseconds
        return nanos == 0 ? nil : nanos
    }

    /// A number that has a default.
    func number(_ shortName: String) -> Int {
        let number = value(shortName) { text throws(ValueError) in
            try Scalars.number(text, in: 0...UInt64(UInt32.max))
        }
        return Int(number)
    }

    /// A small number from 1.
    func count(_ shortName: String) -> Int? {
        let number = optional(shortName) { text throws(ValueError) in
            try Scalars.number(text, in: 1...65535)
        }
        return number.map { Int($0) }
    }

    /// A service and its identity.
    func service(_ shortName: String) -> ControlService? {
        guard
            let address = optional(shortName + "_SVC_ADDR", ServiceAddress.init(parsing:))
        else { return nil }
        let identity = optional(shortName + "_SVC_NAME", Scalars.identityName)
        guard identity != nil || address.isLoopback else { return nil }
        return ControlService(address: address, identity: identity)
    }

    static func ports(_ text: String) throws(ValueError) -> PortList {
        try PortList(parsing: text)
    }

    static func logFormat(_ text: String) throws(ValueError) -> LogFormat {
        try Scalars.check(text, in: LogFormat.words)
        return LogFormat(rawValue: text) ?? .plain
    }
}

extension EnvironmentReader {
    private mutating func check(_ row: ProxyVariable, isStandalone: Bool) {
        guard let text = texts[row.name] else {
            if row.isRequired, !isStandalone { reportMissing(row) }
            return
        }
        if case .ignored(let reason) = row.state {
            return withoutEffect.append(Finding(variable: row.name, message: reason))
        }
        do throws(ValueError) {
            try row.type.check(text)
        } catch {
            errors.append(Finding(variable: row.name, message: error.message))
            return
        }
        // A flag that is off asks for nothing.
        if case .notYet(let reason) = row.state, !(row.type == .flag && text == "false") {
            let finding = Finding(variable: row.name, message: reason)
            warnings.append(finding)
            withoutEffect.append(finding)
        }
    }

    private mutating func reportMissing(_ row: ProxyVariable) {
        if row.name.hasSuffix("_SVC_NAME") {
            let address = texts[row.name.dropLast("NAME".utf8.count) + "ADDR"]
            let parsed = address.flatMap { try? ServiceAddress(parsing: $0) }
            guard parsed?.isLoopback != true else { return }
        }
        var message = "is required and not set (\(row.summary))"
        if row.name == ProxyVariable.prefix + "IDENTITY_LOCAL_NAME",
            text("IDENTITY_SERVER_ID") != nil
        {
            message += "; IDENTITY_SERVER_ID is not implemented yet and cannot stand in for it"
        }
        errors.append(Finding(variable: row.name, message: message))
    }

    /// Of two variables that mean the same, one comes before the other; pods have both.
    private mutating func checkRivals() {
        for (winner, loser) in [
            ("OUTBOUND_LISTEN_ADDRS", "OUTBOUND_LISTEN_ADDR"), ("CORES_MIN", "CORES"),
            ("CORES_MAX", "CORES_MAX_RATIO"),
        ] where text(winner) != nil && text(loser) != nil {
            let reason = "\(ProxyVariable.prefix)\(winner) comes before it"
            let finding = Finding(variable: ProxyVariable.prefix + loser, message: reason)
            withoutEffect.append(finding)
        }
    }

    /// What two variables say together.
    private mutating func checkPairs() {
        for start in ["INBOUND_CONNECT_EXP_BACKOFF_", "OUTBOUND_CONNECT_EXP_BACKOFF_"] {
            let (least, most) = (text(start + "MIN"), text(start + "MAX"))
            if (least == nil) != (most == nil) {
                let (given, missing) = least == nil ? ("MAX", "MIN") : ("MIN", "MAX")
                let name = ProxyVariable.prefix + start
                let message = "is set without \(name)\(missing); set both or neither"
                errors.append(Finding(variable: name + given, message: message))
            }
            checkOrder([start + "MIN", start + "MAX"])
        }
        checkOrder(["INITIAL_TIMEOUT", "IDLE_TIMEOUT", "LIFETIME"].map { "CONTROL_STREAM_" + $0 })
        checkOrder(["IDENTITY_MIN_REFRESH", "IDENTITY_MAX_REFRESH"])
        checkOrder(["DNS_MIN_TTL", "DNS_MAX_TTL"])
        let policy = optional("INBOUND_DEFAULT_POLICY", InboundPolicy.init(parsing:))
        let isOfCluster = policy == .clusterAuthenticated || policy == .clusterUnauthenticated
        if isOfCluster, let policy, text("POLICY_CLUSTER_NETWORKS") == nil {
            let name = ProxyVariable.prefix + "POLICY_CLUSTER_NETWORKS"
            let message =
                "is required by the default policy \(policy) and not set; write the networks of "
                + "pods and nodes, such as \"10.0.0.0/8\""
            errors.append(Finding(variable: name, message: message))
        }
    }

    /// Checks that durations do not get shorter, as far as they are given and good.
    private mutating func checkOrder(_ shortNames: [String]) {
        var last: (name: String, text: String, nanoseconds: UInt64)?
        for shortName in shortNames {
            let name = ProxyVariable.prefix + shortName
            guard let text = texts[name], let value = try? ProxyDuration(parsing: text) else {
                continue
            }
            if let last, value.nanoseconds < last.nanoseconds {
                let message =
                    "\(ValueError.quote(text)) is shorter than \(last.name), which is "
                    + "\(ValueError.quote(last.text)); write at least as much"
                errors.append(Finding(variable: name, message: message))
            }
            last = (name, text, value.nanoseconds)
        }
    }

    /// The value of an unknown variable is not shown: it may be a secret under a mistyped name.
    private static func unknown(_ name: String) -> Finding {
        let shown = ValueError.quote(name).dropFirst().dropLast()
        let near = Suggestion.nearest(to: name, in: ProxyVariable.table.map(\.name))
        let hint = near.map { "; did you mean \($0)?" } ?? ""
        let message = "the proxy has no such variable" + hint
        return Finding(variable: String(shown), message: message)
    }
}
