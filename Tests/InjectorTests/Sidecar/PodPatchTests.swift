// SPDX-License-Identifier: Apache-2.0

import Foundation
import Injector
import ManifestKit
import Testing

/// The webhook's patch and the command's file say the same.
@Suite("Pod patch")
struct PodPatchTests {
    @Test(arguments: SidecarReinjectionTests.sources, SidecarReinjectionTests.Form.allCases)
    func makesThePodThatTheCommandWrites(source: String, form: SidecarReinjectionTests.Form) throws
    {
        let pod = try MeshedPod(source, form.options())
        guard form != .annotated else {
            #expect(pod.outcome.patches.isEmpty)
            return
        }
        let patch = try #require(pod.outcome.patches.first)
        let before = try json(of: pod.outcome.original)
        let operations = try JSONSerialization.jsonObject(
            with: Data(DocumentWriter.json(patch.operations).utf8)
        )
        let after = try JSONPatch.apply(try #require(operations as? [[String: Any]]), to: before)
        let written = try withoutMark(try json(of: pod.outcome.result))
        #expect(try withoutMark(after) == written)
    }

    private func json(of manifest: Manifest) throws -> [String: Any] {
        let root = try #require(manifest.documents.first?.root)
        let object = try JSONSerialization.jsonObject(with: Data(manifest.json(of: root).utf8))
        return try #require(object as? [String: Any])
    }

    /// A pod in the cluster needs no mark for uninject: there is no file to give back.
    private func withoutMark(_ pod: [String: Any]) throws -> String {
        var pod = pod
        var metadata = pod["metadata"] as? [String: Any] ?? [:]
        var annotations = metadata["annotations"] as? [String: Any] ?? [:]
        annotations["linkerd.io/injected-annotations"] = nil
        metadata["annotations"] = annotations
        pod["metadata"] = metadata
        let data = try JSONSerialization.data(withJSONObject: pod, options: [.sortedKeys])
        return String(decoding: data, as: UTF8.self)
    }
}

/// RFC 6902, as far as `add` goes.
enum JSONPatch {
    struct Refused: Error {
        let path: String
    }

    static func apply(
        _ operations: [[String: Any]],
        to object: [String: Any]
    ) throws -> [String: Any] {
        var root: Any = object
        for operation in operations {
            guard operation["op"] as? String == "add", let path = operation["path"] as? String,
                let value = operation["value"]
            else { throw Refused(path: "\(operation)") }
            let steps = path.split(separator: "/").map {
                String($0).replacing("~1", with: "/").replacing("~0", with: "~")
            }
            root = try add(value, at: steps[...], in: root, path)
        }
        guard let result = root as? [String: Any] else { throw Refused(path: "") }
        return result
    }

    private static func add(
        _ value: Any,
        at steps: ArraySlice<String>,
        in node: Any,
        _ path: String
    ) throws -> Any {
        guard let step = steps.first else { return value }
        let rest = steps.dropFirst()
        if let object = node as? [String: Any] {
            var copy = object
            if rest.isEmpty {
                copy[step] = value
            } else {
                guard let child = object[step] else { throw Refused(path: path) }
                copy[step] = try add(value, at: rest, in: child, path)
            }
            return copy
        }
        guard let list = node as? [Any], rest.isEmpty else { throw Refused(path: path) }
        let index = step == "-" ? list.count : Int(step) ?? -1
        guard (0...list.count).contains(index) else { throw Refused(path: path) }
        var copy = list
        copy.insert(value, at: index)
        return copy
    }
}
