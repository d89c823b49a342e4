// SPDX-License-Identifier: Apache-2.0

import ManifestKit
import MeshConfig

/// A good file that has every key.
let fullFile = """
    # Everything.
    proxy:
      listenAddr: "127.0.0.2:4150"
      proxy:
        outbound:
          request: {timeout: 1.5s}
          allow: [kubernetes, "k8s:default/users-api", "ip:192.168.1.77/24"]
    identity:
      name: vm-1.example.org
      certificate: certs/tls.crt
      key: /etc/mesh/tls.key
      trustRoots: ca.crt
    inbound:
      listenAddr: ":4243"
      adminListenAddr: "[::1]:4291"
      defaultPolicy: cluster-authenticated
      clusterNetworks: [10.0.0.0/8, "fd00::/8"]
      opaquePorts: "25,3306,8000-8010"
      forwardTo: ":8080"
      probes:
      - {port: 8080, path: "/healthz?full=1"}
      - {port: "9000", path: /ready}
    services:
      users-api.default.svc.cluster.local:
        address: 10.96.0.7:80
        endpoints:
        - &first
          address: 10.1.0.5:80
          identity: &id default.default.serviceaccount.identity.linkerd.cluster.local
        - {<<: *first, address: "10.1.0.6:80"}
        - address: "[fd00::5]:80"
      legacy: {address: 10.96.0.8:5432, endpoints: [{address: 10.2.0.1:5432}]}
      nobody: {endpoints: []}
      partner:
        endpoints: [{address: 10.3.0.1:443, identity: spiffe://example.org/partner}]
      named: {endpoints: [{address: "DB.example.org.:5432"}, {address: "db:5432"}]}
    dns:
      servers: [10.96.0.10, "[fd00::a]:5353"]
      resolvConf: resolv.conf
      minTTL: 2s
      maxTTL: 10m
    timeouts: {head: 2s, stall: 1m30s, idle: 5m}

    """

/// What a standalone file means.
func readFile(_ text: String) -> (config: StandaloneConfig?, errors: [ManifestError]) {
    do throws(ManifestError) {
        let manifest = try Manifest(name: "mesh.yaml", bytes: Array(text.utf8))
        return StandaloneFile.read(manifest, folder: "/etc/mesh")
    } catch {
        return (nil, [error])
    }
}

/// Everything that is wrong with a standalone file: `line:column: message`, then `| hint`.
func complaints(_ text: String) -> [String] {
    let (config, errors) = readFile(text)
    return (config == nil) == errors.isEmpty ? ["both or neither"] : errors.map(oneLine)
}

/// An error in one line, without the name of the file.
func oneLine(_ error: ManifestError) -> String {
    let place = error.position.map { "\($0): " } ?? ""
    return place + error.message + (error.hint.map { " | \($0)" } ?? "")
}
