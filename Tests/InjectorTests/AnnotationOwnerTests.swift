// SPDX-License-Identifier: Apache-2.0

import ManifestKit
import Testing

@testable import Injector

/// Every form that `metadata` and `annotations` may have before inject comes.
@Suite("Annotation owner")
struct AnnotationOwnerTests {
    struct Form: Sendable, CustomTestStringConvertible {
        let name: String
        let before: String
        let after: String
        var testDescription: String { name }

        init(_ name: String, _ before: String, _ after: String) {
            self.name = name
            self.before = before
            self.after = after
        }
    }

    static let mark = "linkerd.io/injected-annotations"
    static let on = "linkerd.io/inject: enabled"

    /// Lines below `template:`.
    static let reversible = [
        Form(
            "no metadata",
            "    spec: {}\n",
            "    metadata:\n      annotations:\n        \(on)\n    spec: {}\n"
        ),
        Form(
            "metadata of nothing",
            "    metadata:\n    spec: {}\n",
            "    metadata:\n      annotations:\n        \(on)\n        \(mark): metadata=\n"
                + "    spec: {}\n"
        ),
        Form(
            "metadata of nothing, last",
            "    spec: {}\n    metadata: # none\n",
            "    spec: {}\n    metadata: # none\n      annotations:\n        \(on)\n"
                + "        \(mark): metadata=\n"
        ),
        Form(
            "metadata null",
            "    metadata: null\n",
            "    metadata: {annotations: {\(on), \(mark): metadata=null}}\n"
        ),
        Form(
            "metadata tilde",
            "    metadata: ~\n    spec: {}\n",
            "    metadata: {annotations: {\(on), \(mark): metadata=~}}\n    spec: {}\n"
        ),
        Form(
            "metadata of braces",
            "    metadata: {}\n",
            "    metadata: {annotations: {\(on), \(mark): \"metadata={}\"}}\n"
        ),
        Form(
            "no annotations",
            "    metadata:\n      labels: {a: b}\n",
            "    metadata:\n      annotations:\n        \(on)\n      labels: {a: b}\n"
        ),
        Form(
            "no annotations in braces",
            "    metadata: {labels: {a: b}}\n",
            "    metadata: {annotations: {\(on)}, labels: {a: b}}\n"
        ),
        Form(
            "annotations",
            "    metadata:\n      annotations:\n        a: b # c\n",
            "    metadata:\n      annotations:\n        \(on)\n        a: b # c\n"
        ),
        Form(
            "annotations in braces",
            "    metadata:\n      annotations: { a: b, }\n",
            "    metadata:\n      annotations: { \(on), a: b, }\n"
        ),
        Form(
            "annotations with a merge key",
            "    x: &x {a: b}\n    metadata:\n      annotations:\n        <<: *x\n",
            "    x: &x {a: b}\n    metadata:\n      annotations:\n        \(on)\n        <<: *x\n"
        ),
        Form(
            "annotations with an anchor that nobody uses",
            "    metadata:\n      annotations: &x\n        a: b\n",
            "    metadata:\n      annotations: &x\n        \(on)\n        a: b\n"
        ),
        Form(
            "JSON",
            "    {\"metadata\":{\"annotations\":{\"a\":\"b\"}}}\n",
            "    {\"metadata\":{\"annotations\":{\"linkerd.io/inject\":\"enabled\",\"a\":\"b\"}}}\n"
        ),
        Form(
            "template in braces without metadata",
            "    {spec: {}}\n",
            "    {metadata: {annotations: {\(on)}}, spec: {}}\n"
        ),
    ]

    @Test(arguments: reversible)
    func addsAndTakesAway(form: Form) throws {
        let before = InjectorRun.deployment(form.before)
        let after = InjectorRun.deployment(form.after)
        #expect(try InjectorRun.injected(before) == after)
        #expect(try InjectorRun.injected(after) == after)
        #expect(try InjectorRun.uninjected(after) == before)
        #expect(try InjectorRun.uninjected(before) == before)
    }

    private static let key = "linkerd.io/injected-annotations: "

    /// The mark says how they were spelled.
    @Test(arguments: [
        Form(
            "nothing",
            "annotations:",
            "annotations:\n        \(on)\n        \(key)annotations="
        ),
        Form("null", "annotations: null", "annotations: {\(on), \(key)annotations=null}"),
        Form("tilde", "annotations: ~", "annotations: {\(on), \(key)annotations=~}"),
        Form("braces", "annotations: {}", "annotations: {\(on), \(key)\"annotations={}\"}"),
    ])
    func fillsEmptyAnnotations(form: Form) throws {
        func template(_ annotations: String) -> String {
            InjectorRun.deployment("    metadata:\n      labels: {a: b}\n      \(annotations)\n")
        }
        let after = template(form.after)
        #expect(try InjectorRun.injected(template(form.before)) == after)
        #expect(try InjectorRun.injected(after) == after)
        #expect(try InjectorRun.uninjected(after) == template(form.before))
    }

    @Test(arguments: ["{\"metadata\":,spec: {}}", "{metadata: {annotations: }}"])
    func refusesANullInBracesThatNoByteStandsFor(template: String) throws {
        let errors = try InjectorRun.inject(InjectorRun.deployment("    \(template)\n")).errors
        try #require(errors.count == 1)
        #expect(errors[0].code == .unsupported)
        #expect(errors[0].hint?.hasPrefix("write '") == true)
    }

    @Test(arguments: [
        Form(
            "annotations by alias",
            "x: &x {a: b}, metadata: {annotations: *x}",
            "'annotations' is an alias of line 7"
        ),
        Form("metadata by alias", "x: &x {a: b}, metadata: *x", "'metadata' is an alias of line 7"),
        Form(
            "metadata by merge key",
            "x: &x {metadata: {a: b}}, <<: *x",
            "'metadata' comes from a merge key"
        ),
        Form(
            "annotations used again",
            "metadata: {annotations: &x {a: b}}, x: *x",
            "'annotations' is used again by an alias in line 7"
        ),
    ])
    func refusesSharedPlaces(form: Form) throws {
        let errors = try InjectorRun.inject(InjectorRun.deployment("    {\(form.before)}\n")).errors
        try #require(errors.count == 1)
        #expect(errors[0].code == .sharedNode)
        #expect(errors[0].message == form.after + ", so an edit would reach more than this object")
    }

    @Test(arguments: [
        ("{metadata: {annotations: {a: b, a: c}}}", ManifestError.Code.duplicateKey),
        ("{metadata: {a: b, a: c}}", .duplicateKey),
        ("{metadata: {}, metadata: {}}", .duplicateKey),
        ("{metadata: [a]}", .badValue), ("{metadata: text}", .badValue),
        ("{metadata: \"\"}", .badValue),
        ("{metadata: {annotations: [a]}}", .badValue), ("{metadata: {annotations: 7}}", .badValue),
    ])
    func refusesPlacesThatAreNoPlace(template: String, code: ManifestError.Code) throws {
        let outcome = try InjectorRun.inject(InjectorRun.deployment("    \(template)\n"))
        #expect(outcome.errors.map(\.code) == [code])
        #expect(outcome.result.source.bytes == outcome.original.source.bytes)
    }

    @Test func writesNothingWhereAMergeKeySaysItAlready() throws {
        let text = InjectorRun.deployment(
            "    x: &x {\(Self.on)}\n    metadata:\n      annotations:\n        <<: *x\n"
        )
        #expect(try InjectorRun.injected(text) == text)
        #expect(try InjectorRun.uninjected(text) == text)
    }

    @Test func keepsQuotesOfTheFilesOwnKeys() throws {
        let text = InjectorRun.pod(annotations: "\"linkerd.io/inject\": 'enabled' # yes")
        var options = InjectOptions()
        options.isIngress = true
        let result = try InjectorRun.injected(text, options)
        #expect(result.contains("\"linkerd.io/inject\": "))
        #expect(result.contains("ingress"))
        #expect(result.contains(" # yes\n"))
    }

    @Test func takesTheWholeOfItsOwnAnnotationsAway() throws {
        func pod(_ metadata: String) -> String {
            "apiVersion: v1\nkind: Pod\nmetadata: \(metadata)\nspec: {}\n"
        }
        let text = pod("{annotations: {\(Self.on), \(Self.mark): \"metadata={}\"}}")
        #expect(try InjectorRun.uninjected(text) == pod("{}"))
        let named = pod("{annotations: {\(Self.on)}, name: web}")
        #expect(try InjectorRun.uninjected(named) == pod("{name: web}"))
    }

    @Test func readsOnlyStringsAsValues() throws {
        let manifest = try InjectorRun.manifest(
            InjectorRun.pod(annotations: "a: 7", "b: text", "c:", "d: 'true'", "e: [x]")
        )
        let object = try #require(manifest.objects().first)
        let owner = AnnotationOwner(manifest: manifest, node: object.node)
        #expect(
            ["a", "b", "c", "d", "e", "f"].map(owner.value) == ["", "text", "", "true", "", nil]
        )
        #expect(owner.position(of: "b") == Position(line: 7, column: 5))
        #expect(owner.position(of: "f") == nil)
    }
}
