// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@testable import ProxyRuntime

@Suite("Line pace")
struct LinePaceTests {
    @Test func letsOneLineASecondPass() {
        var pace = LinePace()
        #expect(pace.next(nowNanos: 5) == 0)
        for time in stride(from: UInt64(6), to: 1_000_000_005, by: 100_000_000) {
            #expect(pace.next(nowNanos: time) == nil)
        }
        #expect(pace.next(nowNanos: 1_000_000_005) == 10)
        #expect(pace.next(nowNanos: 9_000_000_005) == 0)
    }
}

@Suite("Choice of peers")
struct PeerChoiceTests {
    private func peers(_ ips: [IPAddress]) -> [Peer] {
        ips.map { Peer(address: SocketAddress(ip: $0, port: 80)) }
    }

    private func choice(_ ips: [IPAddress], turn: Int) -> [IPAddress] {
        Peer.choice(from: peers(ips), turn: turn, count: 3).map(\.address.ip)
    }

    @Test func startsWithTheOneWhoseTurnItIs() {
        let all: [IPAddress] = [.v4(1), .v4(2), .v4(3), .v4(4)]
        #expect(choice(all, turn: 0) == [.v4(1), .v4(2), .v4(3)])
        #expect(choice(all, turn: 7) == [.v4(4), .v4(1), .v4(2)])
        #expect(choice([.v4(1)], turn: 5) == [.v4(1)])
        #expect(choice([], turn: 5) == [])
    }

    @Test func hasBothFamiliesWhereThereAreBoth() {
        let all: [IPAddress] = [.v6(1), .v6(2), .v6(3), .v6(4), .v4(1)]
        for turn in 0..<5 {
            let families = Set(choice(all, turn: turn).map(\.bitWidth))
            #expect(families == [32, 128])
        }
        #expect(choice(all, turn: 0) == [.v6(1), .v6(2), .v4(1)])
    }
}
