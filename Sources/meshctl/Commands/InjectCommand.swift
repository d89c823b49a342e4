// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Injector
internal import ManifestKit

/// `meshctl inject`.
struct InjectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inject",
        abstract: "Mark workloads for the mesh; every other byte of the file stays.",
        discussion: """
            Reads Kubernetes manifests and writes them to stdout with the annotations
            that make the mesh add its proxy to the pods. The report goes to stderr.
            If anything is wrong, nothing is written and every error is listed.

            EXAMPLES
              meshctl inject webapp.yaml | kubectl apply -f -
              kubectl get deploy -o yaml | meshctl inject - | kubectl apply -f -
              meshctl inject --diff --proxy-log-level debug deploy/
              meshctl inject --in-place --skip-outbound-ports 3306 deploy/
              meshctl inject --manual --identity-trust-anchors-file ca.crt webapp.yaml
            """
    )

    @OptionGroup var files: FileFlags
    @OptionGroup(title: "Proxy") var proxy: ProxyFlags
    @OptionGroup(title: "Injection") var injection: InjectionFlags
    @OptionGroup(title: "Whole sidecar") var sidecar: SidecarFlags

    mutating func validate() throws {
        try files.check()
        if sidecar.jsonPatch, files.diff || files.inPlace || files.output != .yaml {
            throw ValidationError("--json-patch goes to stdout alone: leave out other outputs.")
        }
        _ = try options()
    }

    func run() throws {
        var options = try options()
        let (sidecar, errors) = sidecar.options()
        options.sidecar = sidecar
        var run = ManifestRun(name: "inject", flags: files, isStrict: injection.strict)
        run.notes = proxy.notes
        run.printsPatches = self.sidecar.jsonPatch
        try run.execute(after: errors) { manifests in
            options.sidecar?.enforcedPodSecurity = PodSecurity.enforced(in: manifests)
            return manifests.map { Injector.inject($0, options: options) }
        }
    }

    /// What the flags ask for.
    private func options() throws -> InjectOptions {
        var options = InjectOptions()
        options.isIngress = injection.ingress
        options.isLenient = injection.lenient
        for setting in proxy.settings + injection.settings { try setting.apply(to: &options) }
        return options
    }
}
