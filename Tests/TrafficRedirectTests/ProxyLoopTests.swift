// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Testing

/// A proxy whose outbound port can be reached from everywhere, which the file refuses and a pod's
/// environment can say: a connection there is headed for the proxy, and going on would never end.
@Suite(
    "Loops of the proxy in the kernel",
    .enabled("wants root that may make network namespaces, python3, setcap and setpriv") {
        await PodNetwork.isPossible()
    },
    .serialized,
    .timeLimit(.minutes(1))
)
struct ProxyLoopTests {
    @Test func aConnectionToTheOutboundPortItselfEndsThere() async throws {
        try await PodNetwork.with { network in
            try await network.redirect(
                "--outgoing-proxy-port",
                "4150",
                "--incoming-proxy-port",
                "4153",
                "--inbound-ports-to-ignore",
                "4151"
            )
            let program = try Program.built("meshctl-proxy")
            let result = try await network.run(.pod, ["bash", "-euc", Self.script, program])
            #expect(result.exitCode == 0, "\(result.log)")
            // A connection that is refused at once is not counted as one that was opened.
            let counts = result.lines.compactMap { Int($0) }
            #expect(counts.count == 8, "\(result.output)\n\(result.log)")
            #expect(counts.allSatisfy { (0...2).contains($0) }, "\(result.output)\n\(result.log)")
        }
    }

    /// Runs the proxy as its user, tries each way to it, and prints how many connections it saw.
    private static let script = """
        folder=$(mktemp -d)
        chmod 755 $folder
        echo 'inbound: {defaultPolicy: all-unauthenticated}' >$folder/proxy.yaml
        cp "$0" $folder/meshctl-proxy
        export LINKERD2_PROXY_OUTBOUND_LISTEN_ADDRS=[::]:4150
        export LINKERD2_PROXY_INBOUND_LISTEN_ADDR=[::]:4153
        export LINKERD2_PROXY_ADMIN_LISTEN_ADDR=127.0.0.1:4151
        timeout 45 setpriv --reuid 2102 --regid 2102 --clear-groups \\
            $folder/meshctl-proxy --config $folder/proxy.yaml 2>$folder/log &
        proxy=$!
        trap 'kill $proxy || true; cat $folder/log >&2; rm -r $folder' EXIT
        page() { curl -sS -m 5 http://127.0.0.1:4151/$1; }
        until page ready >/dev/null 2>&1; do kill -0 $proxy; sleep 0.02; done
        accepted='^tcp_open_total[{]peer="src"'
        count() { page metrics | awk "/$accepted/"' { sum += $2 } END { print sum + 0 }'; }
        for host in 127.0.0.1 10.77.0.1 '[::1]' '[fd77::1]'; do
            for port in 4150 4153; do
                before=$(count)
                curl -sSf -m 3 -o /dev/null http://$host:$port >&2 && exit 3
                echo $(($(count) - before))
            done
        done
        """
}
