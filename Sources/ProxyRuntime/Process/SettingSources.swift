// SPDX-License-Identifier: Apache-2.0

internal import MeshConfig
internal import MeshModel
internal import ProxyCore

/// Finds out where each setting of a proxy comes from.
///
/// The values are those that a start would go by: the same setup is made of them, once with all
/// that was written, and once without what comes before each source.
struct SettingSources {
    private let config: StandaloneConfig
    /// Where the keys of the file stand.
    private let lines: [String: Int]
    private let source: ConfigSource
    private let whole: ProxySetup
    private let withoutFlags: ProxySetup
    private let fileAlone: ProxySetup

    init(config: StandaloneConfig, lines: [String: Int], source: ConfigSource) {
        self.config = config
        self.lines = lines
        self.source = source
        let nothing = ProxyEnvironment([], isStandalone: true)
        whole = ProxySetup(config, source.environment, source.arguments)
        withoutFlags = ProxySetup(config, source.environment)
        fileAlone = ProxySetup(config, nothing)
    }

    var explanation: Explanation {
        let rows = Setting.all.map(row) + probeRows + serviceRows
        return Explanation([fileRow] + rows, withoutEffect: source.environment.withoutEffect)
    }

    /// The file itself.
    private var fileRow: Explanation.Row {
        let isFlag = source.arguments.config != nil
        let by: Explanation.Source =
            isFlag ? .flag("--config") : .environment([ConfigSource.variable])
        return Explanation.Row(isFlag ? "--config" : ConfigSource.variable, .init(source.path, by))
    }

    private func row(_ setting: Setting) -> Explanation.Row {
        var choices: [Explanation.Choice] = []
        if let flag = setting.flag, source.arguments.given.contains(flag) {
            choices.append(.init(setting.value(whole), .flag(flag)))
        }
        let variables = setting.variables.filter(source.environment.obeys)
        if !variables.isEmpty {
            choices.append(.init(setting.value(withoutFlags), .environment(variables)))
        }
        if let line = setting.key.flatMap({ lines[$0] }) {
            choices.append(.init(setting.value(fileAlone), .file(source.path, line: line)))
        }
        choices.append(.init(setting.value(whole), .builtIn))
        let others = choices.dropFirst().filter { $0.source != .builtIn }
        return Explanation.Row(setting.name, choices[0], over: Array(others))
    }

    // MARK: What only the file says

    private var probeRows: [Explanation.Row] {
        config.inbound.probes.enumerated().flatMap { index, probe in
            [("port", "\(probe.port)"), ("path", probe.path)].map { key, value in
                written("inbound.probes[\(index)].\(key)", value)
            }
        }
    }

    private var serviceRows: [Explanation.Row] {
        config.services.flatMap { service in
            let name = "services[\"\(service.name)\"]"
            let address = service.address.map { [written("\(name).address", "\($0)")] } ?? []
            let endpoints = service.endpoints.enumerated().flatMap { index, endpoint in
                let item = "\(name).endpoints[\(index)]"
                let identity = endpoint.identity.map { [written("\(item).identity", $0)] } ?? []
                return [written("\(item).address", "\(endpoint.address)")] + identity
            }
            let none = endpoints.isEmpty ? [written("\(name).endpoints", "none")] : []
            return address + endpoints + none
        }
    }

    private func written(_ name: String, _ value: String) -> Explanation.Row {
        let line = lines[name]
        return .init(
            name,
            .init(value, line.map { .file(source.path, line: $0) } ?? .builtIn)
        )
    }
}
