// SPDX-License-Identifier: Apache-2.0

/// What a line is about, by the names of Linkerd's modules that filters ask for.
enum LogTarget: UInt32, CaseIterable {
    case app, inbound, outbound

    /// What the field `direction` says, if it is there.
    init(_ fields: [ProxyLog.Field]) {
        switch fields.first(where: { $0.key == "direction" })?.value {
        case Direction.inbound.rawValue: self = .inbound
        case Direction.outbound.rawValue: self = .outbound
        default: self = .app
        }
    }

    var name: String {
        switch self {
        case .app: "linkerd_app"
        case .inbound: "linkerd_app_inbound"
        case .outbound: "linkerd_app_outbound"
        }
    }

    /// Where its level is among those of all targets.
    var shift: UInt32 { rawValue * 8 }
}
