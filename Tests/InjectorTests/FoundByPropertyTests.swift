// SPDX-License-Identifier: Apache-2.0

import Injector
import ManifestKit
import Testing

/// The smallest manifests that broke one of the laws of `InjectLaws` once.
@Suite("Found by properties")
struct FoundByPropertyTests {
    private static let head = "apiVersion: apps/v1\nkind: Deployment\n"

    /// Each with the law that it broke.
    static let sources: [String] = [
        // The key's column is not the entry's: new lines went into the last container.
        head + "spec:\n  template:\n    spec:\n      ? containers\n      :\n      - name: a\n",
        head + "spec:\n  template:\n    ? spec\n    : containers:\n      - name: a\n",
        head + "? spec\n: template:\n    spec:\n      containers:\n      - name: a\n",
        // At the end of a file without a line break, two removals met in one place.
        "kind: Namespace\napiVersion: v1",
        "kind: Namespace\r\napiVersion: v1",
        "kind: Pod\rspec:\r  containers:\r  - name: a\rapiVersion: v1\rmetadata:",
        // What metadata was before was forgotten by a second run in another form.
        head + "spec:\n  template:\n    metadata:\n    spec:\n      containers:\n      - name: a\n",
        head + "spec:\n  template:\n    metadata: {annotations: null}\n    spec:\n",
        // Settings of a second run went above the merge of what was an alias.
        head + "metadata:\n  labels: &a\n    b: c\nspec:\n  template:\n    metadata:\n"
            + "      annotations: *a # d\n    spec:\n      containers:\n      - name: e\n",
        // A place in a line that had changed was not found again.
        "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, spec: {containers: "
            + "[{name: a}]}}, {apiVersion: v1, kind: Pod, metadata: {name: b}}]}\r",
        // A scalar in block style was quoted as if it stood in braces.
        "apiVersion: v1\nkind: Namespace\nmetadata:\n  labels: {}\n",
    ]

    @Test(arguments: sources, InjectForm.allCases)
    func keepsTheLaws(source: String, form: InjectForm) throws {
        let manifest = try Manifest(name: "x", bytes: Array(source.utf8))
        var options = try form.options()
        try options.set("config.linkerd.io/proxy-log-level", to: "trace")
        #expect(Injector.inject(manifest, options: options).errors == [])
        for other in form == .annotated ? [InjectForm.ingress, .native] : [.annotated] {
            let breach = InjectLaws(manifest).breach(options, after: try other.options())
            #expect(breach == nil, "after \(other)")
        }
    }

    /// What cannot be taken back is refused, and says so.
    @Test(arguments: [
        // An alias on a line of its own.
        (
            "apiVersion: v1\nkind: Pod\nmetadata:\n  labels: &a\n    b: c\n"
                + "  annotations:\n    *a\n",
            ManifestError.Code.unsupported
        ),
        // A text whose value would get a line break.
        (
            "apiVersion: v1\nkind: Pod\nspec:\n"
                + "  containers:\n  - name: a\n    args:\n    - |\n      b",
            .unsupported
        ),
        // Keys without a colon, and nothing that has a type.
        (
            "apiVersion: v1\nkind: Pod\n? metadata\nspec:\n  containers:\n  - name: a\n",
            .unsupported
        ),
        ("{apiVersion: v1, kind: Pod, metadata}\n", .unsupported),
        ("apiVersion: v1\nkind: Pod\nmetadata: !!null\n", .unsupported),
        ("apiVersion: v1\nkind: Pod\nmetadata:\n  annotations: &a # b\n", .unsupported),
        ("apiVersion: v1\nkind: Pod\nmetadata: &a null\n", .unsupported),
        ("{apiVersion: v1, kind: Pod, metadata: &a }\n", .unsupported),
        ("{apiVersion: v1, kind: Pod, 'metadata':}\n", .unsupported),
        // Names by which uninject knows what is the mesh's.
        ("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: linkerd-debug\n", .badValue),
        (
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n  volumes:\n"
                + "  - name: linkerd-identity-token\n",
            .badValue
        ),
    ])
    func isRefused(source: String, code: ManifestError.Code) throws {
        let manifest = try Manifest(name: "x", bytes: Array(source.utf8))
        let codes = try InjectForm.allCases.flatMap { form in
            let options = try form.options()
            #expect(InjectLaws(manifest).breach(options, after: options) == nil)
            return Injector.inject(manifest, options: options).errors.map(\.code)
        }
        #expect(!codes.isEmpty)
        #expect(Set(codes).isSubset(of: [code]))
    }

    @Test func aMarkIsWrittenWithoutQuotesWhereItNeedsNone() throws {
        let source = "apiVersion: v1\nkind: Namespace\nmetadata:\n  labels: {}\n"
        let manifest = try Manifest(name: "x", bytes: Array(source.utf8))
        let once = Injector.inject(manifest, options: InjectOptions())
        var options = InjectOptions()
        try options.set("config.linkerd.io/proxy-log-level", to: "trace")
        let twice = Injector.inject(once.result, options: options)
        let text = String(decoding: twice.result.source.bytes, as: UTF8.self)
        #expect(text.contains(": config.linkerd.io/proxy-log-level,labels={}\n"))
    }
}
