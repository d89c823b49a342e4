// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What the command may and may not do, by the rights that a container's runtime leaves it.
@Suite(
    "Rights of meshctl-init",
    .enabled("wants root that may make network namespaces, python3, setcap and setpriv") {
        await PodNetwork.isPossible()
    },
    .serialized,
    .timeLimit(.minutes(2))
)
struct CapabilityTests {
    /// As the pod spec asks for: nobody, two capabilities, no new privileges.
    private let nobody = [
        "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
        "--bounding-set=-all,+net_admin,+net_raw", "--no-new-privs",
    ]
    private let target = [(PodNetwork.Addresses.ipv4.pod, 8080)]
    private let redirected = ["proxy-in:4143 meant=10.77.0.1,8080"]
    private let closeWait = "/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_close_wait"

    /// Runs a body with a copy of the command whose file has the capabilities of the image's.
    private func withCapableFile(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/meshctl-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/meshctl-init"
        try FileManager.default.copyItem(atPath: try Program.meshctlInit(), toPath: path)
        let result = try await Program.run(["setcap", "cap_net_admin,cap_net_raw+ep", path])
        try #require(result.exitCode == 0, "\(result.log)")
        try await body(path)
    }

    @Test func nobodyRedirectsWithTheFilesCapabilities() async throws {
        try await withCapableFile { program in
            try await PodNetwork.with { network in
                let result = try await network.run(.pod, nobody + [program])
                #expect(result.exitCode == 0, "\(result.log)")
                #expect(try await network.connect(from: .peer, to: target) == redirected)
                let undone = try await network.run(.pod, nobody + [program, "--undo"])
                #expect(undone.exitCode == 0, "\(undone.log)")
                #expect(try await network.connect(from: .peer, to: target) == ["app:8080"])
            }
        }
    }

    /// The runtime gave the capabilities, but a process that is not root loses them at exec.
    @Test func nobodyFailsWithoutThemAndLeavesTheTable() async throws {
        try await PodNetwork.with { network in
            try await network.redirect()
            let program = try Program.meshctlInit()
            for flags in [["--undo"], ["-r", "1"]] {
                let result = try await network.run(.pod, nobody + [program] + flags)
                #expect(result.exitCode == 1)
                #expect(
                    result.log.hasPrefix("meshctl-init: error: nothing was changed: this process")
                )
                #expect(result.log.split(separator: "\n").count == 1, "\(result.log)")
                #expect(try await network.connect(from: .peer, to: target) == redirected)
            }
        }
    }

    @Test func rootSetsTheSysctlOfThePod() async throws {
        try await PodNetwork.with { network in
            try await network.redirect("--timeout-close-wait-secs", "77")
            let pod = try await network.run(.pod, ["cat", closeWait])
            #expect(pod.lines == ["77"])
            let peer = try await network.run(.peer, ["cat", closeWait])
            #expect(peer.lines != ["77"])
            #expect(try await network.connect(from: .peer, to: target) == redirected)
        }
    }

    /// The kernel lets NET_ADMIN do that, whoever has it.
    @Test func nobodySetsTheSysctlToo() async throws {
        try await withCapableFile { program in
            try await PodNetwork.with { network in
                let flags = ["--timeout-close-wait-secs", "77"]
                let result = try await network.run(.pod, nobody + [program] + flags)
                #expect(result.exitCode == 0, "\(result.log)")
                let pod = try await network.run(.pod, ["cat", closeWait])
                #expect(pod.lines == ["77"])
            }
        }
    }

    /// As it is in every container that is not privileged.
    @Test func redirectsNothingWhereSysctlsAreReadOnly() async throws {
        try await PodNetwork.with { network in
            let line = """
                mount --bind /proc/sys /proc/sys
                mount -o remount,ro,bind /proc/sys
                exec "$0" --timeout-close-wait-secs 77
                """
            let result = try await network.run(
                .pod,
                ["unshare", "--mount", "bash", "-euc", line, try Program.meshctlInit()]
            )
            #expect(result.exitCode == 1)
            #expect(
                result.log == """
                    meshctl-init: error: nothing was changed: cannot set \
                    net.netfilter.nf_conntrack_tcp_timeout_close_wait to 77: Read-only file system; \
                    in a container that is not privileged /proc/sys is read-only: set \
                    proxyInit.runAsRoot=true, or leave out --timeout-close-wait-secs

                    """
            )
            #expect(try await network.connect(from: .peer, to: target) == ["app:8080"])
        }
    }

    /// An image of nothing but this file and its libraries has no table of protocols or services.
    @Test func worksWithoutTheFilesOfADistribution() async throws {
        try await PodNetwork.with { network in
            let line = """
                for file in protocols services nsswitch.conf passwd group; do
                    if [[ -e /etc/$file ]]; then mount --bind /dev/null "/etc/$file"; fi
                done
                exec "$0"
                """
            let program = try Program.meshctlInit()
            let result = try await network.run(
                .pod,
                ["unshare", "--mount", "bash", "-euc", line, program]
            )
            #expect(result.exitCode == 0, "\(result.log)")
            #expect(try await network.connect(from: .peer, to: target) == redirected)
        }
    }
}
