// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshModel

/// One walk of inject over a manifest: decides about each object and collects the edits.
struct InjectPass {
    let manifest: Manifest
    let options: InjectOptions
    private(set) var edit: ManifestEdit
    private(set) var entries: [ReportEntry] = []
    private(set) var errors: [ManifestError] = []
    /// For each pod that gets the whole sidecar, what the webhook would answer.
    private(set) var patches: [PodPatch] = []
    /// The mark that an earlier run left in the object that is being visited, and that is gone.
    private var stripped = InjectMark()

    init(manifest: Manifest, options: InjectOptions) {
        self.manifest = manifest
        self.options = options
        edit = ManifestEdit(manifest)
    }

    mutating func visit(_ object: ManifestObject, stripped: InjectMark) {
        self.stripped = stripped
        do throws(ManifestError) {
            entries.append(try entry(for: object))
        } catch {
            errors.append(error)
        }
    }

    private mutating func entry(for object: ManifestObject) throws(ManifestError) -> ReportEntry {
        switch object.role {
        case .workload(let path): return try workload(object, path)
        case .namespace: return try namespace(object)
        case .service: return try service(object)
        case .list, .other:
            return ReportEntry(object, in: manifest, .skipped(reason(forOther: object)))
        }
    }

    // MARK: Workloads

    private mutating func workload(
        _ object: ManifestObject,
        _ path: [String]
    ) throws(ManifestError) -> ReportEntry {
        var entry = ReportEntry(object, in: manifest, .injected)
        guard let template = PodTemplate(of: object, in: manifest) else {
            entry.result = .skipped(.noTemplate)
            return entry
        }
        let owner = AnnotationOwner(manifest: manifest, node: template.node)
        let own = AnnotationOwner(manifest: manifest, node: object.node)
        let decision = PodDecision(template: template, annotations: owner)
        entry.passedChecks = decision.passedChecks
        let advice = WorkloadAdvice(object: object, template: template, options: options)
        if let reason = decision.skipReason {
            entry.result = .skipped(reason)
            // What is wrong with annotations that nobody will read is no reason to refuse.
            entry.warnings =
                AnnotationCheck(owner: owner).errors().map(finding) + advice.misplaced()
            return entry
        }
        check(owner, &entry)
        var flags = options.podAnnotations
        if !path.isEmpty, let budget = carriedBudget(from: own, &entry) { flags.append(budget) }
        entry.warnings += advice.all()
        noteOverruled(flags, by: owner, &entry)
        if let sidecar = options.sidecar {
            guard !template.containers(in: "containers").isEmpty else {
                entry.result = .skipped(.noContainers)
                return entry
            }
            let settings = SidecarSettings(
                annotations: owner,
                flags: flags,
                options: sidecar,
                isIngress: mode(of: owner) == InjectMode.ingress.rawValue
            )
            try addSidecar(to: object, template, path, settings, &entry)
        } else if let node = try manifest.editableMapping(at: path, of: object) {
            let wanted = [Annotation(AnnotationKey.inject, mode(of: owner))] + flags
            let changed = try AnnotationOwner(manifest: manifest, node: node).set(
                wanted,
                remembering: stripped.ofMetadata,
                in: &edit
            )
            note(changed, &entry)
        }
        return entry
    }

    private mutating func addSidecar(
        to object: ManifestObject,
        _ template: PodTemplate,
        _ path: [String],
        _ settings: SidecarSettings,
        _ entry: inout ReportEntry
    ) throws(ManifestError) {
        let advice = SidecarAdvice(object: object, template: template, settings: settings)
        errors += advice.errors()
        entry.warnings += advice.warnings()
        let owner = PodOwner(
            kind: object.kind,
            name: object.name,
            namespace: object.namespace ?? ""
        )
        let change = PodChange(template: template, owner: owner, settings: settings)
        guard let node = try manifest.editableMapping(at: path, of: object) else { return }
        let changed = try change.apply(
            to: node,
            remembering: stripped.ofMetadata,
            in: &edit,
            of: manifest
        )
        note(changed, &entry)
        patches.append(PodPatch(entry: entry, operations: change.jsonPatch(of: template)))
    }

    /// `enabled`, or `ingress` where the author or a flag says so.
    private func mode(of owner: AnnotationOwner) -> String {
        let isIngress =
            options.isIngress || owner.value(AnnotationKey.inject) == InjectMode.ingress.rawValue
        return (isIngress ? InjectMode.ingress : .enabled).rawValue
    }

    /// The retry budget of a workload's own annotations, which its pods must carry to be heard.
    private mutating func carriedBudget(
        from own: AnnotationOwner,
        _ entry: inout ReportEntry
    ) -> Annotation? {
        guard let text = own.value(AnnotationKey.proxyRetryBudget) else { return nil }
        let wrong = AnnotationCheck(owner: own).errors(of: AnnotationKey.proxyRetryBudget)
        guard wrong.isEmpty else {
            report(wrong, &entry)
            return nil
        }
        return Annotation(AnnotationKey.proxyRetryBudget, text)
    }

    // MARK: Namespaces and services

    private mutating func namespace(_ object: ManifestObject) throws(ManifestError) -> ReportEntry {
        var entry = ReportEntry(object, in: manifest, .annotated)
        let owner = AnnotationOwner(manifest: manifest, node: object.node)
        if let reason = NamespaceDecision(object: object, annotations: owner).skipReason {
            entry.result = .skipped(reason)
            entry.warnings = AnnotationCheck(owner: owner).errors().map(finding)
            return entry
        }
        check(owner, &entry)
        let wanted =
            [Annotation(AnnotationKey.inject, mode(of: owner))] + options.namespaceAnnotations
        noteOverruled(wanted, by: owner, &entry)
        entry.warnings += options.unheardOnNamespaces.map { key in
            Finding(
                "\(key) is not set here: pods do not inherit it from their namespace",
                at: entry.position
            )
        }
        guard let node = try manifest.editableMapping(at: [], of: object) else { return entry }
        note(try AnnotationOwner(manifest: manifest, node: node).set(wanted, in: &edit), &entry)
        return entry
    }

    private mutating func service(_ object: ManifestObject) throws(ManifestError) -> ReportEntry {
        let wanted = options.serviceAnnotations
        var entry = ReportEntry(object, in: manifest, .annotated)
        let owner = AnnotationOwner(manifest: manifest, node: object.node)
        check(owner, &entry)
        if wanted.isEmpty { entry.result = .skipped(.nothingToAnnotate) }
        guard !wanted.isEmpty || !owner.mark.keys.isEmpty else { return entry }
        noteOverruled(wanted, by: owner, &entry)
        guard let node = try manifest.editableMapping(at: [], of: object) else { return entry }
        note(try AnnotationOwner(manifest: manifest, node: node).set(wanted, in: &edit), &entry)
        // What an earlier run wrote is gone, and nothing came in its place.
        if wanted.isEmpty { entry.result = .uninjected }
        return entry
    }

    private func reason(forOther object: ManifestObject) -> SkipReason {
        if object.kind.isEmpty { return .noKind }
        if object.role == .list, let items = manifest.value(at: ["items"], in: object.node),
            manifest.count(of: items) > 0
        {
            return .sharedList
        }
        if let kind = ObjectRole.kindWithOtherCase(object.kind),
            ObjectRole(apiVersion: object.apiVersion, kind: kind) != .other
        {
            return .misspelledKind(meant: kind)
        }
        let containers = manifest.value(
            at: ["spec", "template", "spec", "containers"],
            in: object.node
        )
        return .unsupportedKind(hasTemplate: containers != nil)
    }

    // MARK: Findings

    private mutating func check(_ owner: AnnotationOwner, _ entry: inout ReportEntry) {
        let check = AnnotationCheck(owner: owner)
        report(check.errors(), &entry)
        entry.warnings += check.warnings()
    }

    private mutating func report(_ wrong: [ManifestError], _ entry: inout ReportEntry) {
        if options.isLenient {
            entry.warnings += wrong.map(finding)
        } else {
            errors += wrong
        }
    }

    private func finding(_ error: ManifestError) -> Finding {
        Finding(error.message + (error.hint.map { "; \($0)" } ?? ""), at: error.position)
    }

    /// The file's own annotation wins over a flag, in the pod and in what we write.
    private func noteOverruled(
        _ wanted: [Annotation],
        by owner: AnnotationOwner,
        _ entry: inout ReportEntry
    ) {
        let ours = owner.mark.keys
        for annotation in wanted where annotation.key != AnnotationKey.inject {
            guard let value = owner.value(annotation.key), !ours.contains(annotation.key),
                AnnotationCatalog.spec(forKey: annotation.key)
                    .map({ (try? $0.canonical(value)) != (try? $0.canonical(annotation.value)) })
                    ?? true
            else { continue }
            entry.warnings.append(
                Finding(
                    "\(annotation.key) stays \(ValueError.quote(value)), as the manifest has it; "
                        + "\(ValueError.quote(annotation.value)) is not used",
                    at: owner.position(of: annotation.key)
                )
            )
        }
    }

    private func note(_ changed: [Annotation], _ entry: inout ReportEntry) {
        entry.additions = changed.map { "\($0.key): \($0.value)" }
    }
}
