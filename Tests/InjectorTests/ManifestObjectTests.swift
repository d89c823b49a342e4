// SPDX-License-Identifier: Apache-2.0

import ManifestKit
import Testing

@testable import Injector

@Suite("Objects of a manifest")
struct ManifestObjectTests {
    private func kinds(_ text: String) throws -> [String] {
        try InjectorRun.manifest(text).objects().map { $0.kind + "/" + $0.name }
    }

    @Test func standInDocumentsAndNestedLists() throws {
        let text = """
            {apiVersion: v1, kind: Pod, metadata: {name: a}}
            ---
            apiVersion: v1
            kind: List
            items:
            - {apiVersion: v1, kind: Pod, metadata: {name: b}}
            - apiVersion: v1
              kind: List
              items:
              - {apiVersion: v1, kind: Pod, metadata: {generateName: c-}}
            - {apiVersion: apps/v1, kind: DeploymentList, items: []}
            - null
            """
        #expect(try kinds(text) == ["Pod/a", "Pod/b", "Pod/c-", "DeploymentList/", "/"])
    }

    @Test(arguments: ["", "# words\n", "---\n---\n", "--- # words\n...\n", "null\n", "~"])
    func areNoneInEmptyDocuments(text: String) throws {
        #expect(try kinds(text) == [])
    }

    @Test(arguments: [
        "{apiVersion: v1, kind: List}", "{apiVersion: v1, kind: List, items: }",
        "{apiVersion: v1, kind: List, items: {}}",
    ])
    func includeAListWithoutItemsItself(text: String) throws {
        #expect(try kinds(text) == ["List/"])
    }

    @Test func doNotIncludeAnEmptyList() throws {
        #expect(try kinds("{apiVersion: v1, kind: List, items: []}") == [])
    }

    @Test func areNamedByStringsOnly() throws {
        #expect(try kinds("{apiVersion: v1, kind: Pod, metadata: {name: 7}}") == ["Pod/"])
        #expect(try kinds("{apiVersion: v1, kind: [Pod], metadata: x}") == ["/"])
    }

    @Test func areReadThroughAliasesAndMergeKeys() throws {
        let text = """
            x: &kind Pod
            y: &meta {name: a}
            apiVersion: v1
            kind: *kind
            metadata:
              <<: *meta
            """
        #expect(try kinds(text) == ["Pod/a"])
    }

    @Test(arguments: [
        "{apiVersion: v1, kind: List, x: &l [{apiVersion: v1, kind: Pod}], items: *l}",
        "{x: &l {items: [{apiVersion: v1, kind: Pod}]}, apiVersion: v1, kind: List, <<: *l}",
    ])
    func behindAnAliasAreNamedAsMissed(text: String) throws {
        let entry = try InjectorRun.entry(text)
        #expect(entry.result == .skipped(.sharedList))
        #expect(entry.isMissed)
    }

    @Test func ofAListByAliasAreRefused() throws {
        let text = """
            apiVersion: v1
            kind: List
            items:
            - &pod {apiVersion: v1, kind: Pod}
            - *pod
            """
        let errors = try InjectorRun.inject(text).errors
        #expect(errors.map(\.code) == [.sharedNode, .sharedNode])
        #expect(errors.map(\.position?.line) == [4, 5])
    }
}
