// SPDX-License-Identifier: Apache-2.0

import MeshModel

@testable import Injector

/// Numbers that are the same on every machine for the same seed (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: 0..<values.count, using: &self)]
    }
}

/// A manifest without marks of inject's and without empty annotations, in any style that YAML has
/// for it.
struct RandomManifest {
    /// A value of the tree to be written.
    private indirect enum Tree {
        case text(String)
        case map([(key: String, value: Tree)])
        case list([Tree])
    }

    private(set) var text = ""
    private var random: SeededNumbers
    private var step = 2

    init(seed: UInt64) {
        random = SeededNumbers(seed: seed)
        let count = Int.random(in: 1...3, using: &random)
        for index in 0..<count {
            step = random.pick([1, 2, 2, 4, 7])
            if index > 0 || random.chance(30) { text += random.pick(["---\n", "--- # next\n"]) }
            if random.chance(20) { text += "# head é\n\n" }
            let object = object()
            text += random.chance(15) ? flow(object) + "\n" : block(object, indent: 0)
            if random.chance(20) { text += "# foot\n" }
            if random.chance(10) { text += "...\n" }
        }
        if random.chance(20) { while text.last == "\n" { text.removeLast() } }
        if random.chance(20) { text = text.replacing("\n", with: "\r\n") }
    }

    /// Flags for inject, some of them defaults.
    mutating func options() throws -> InjectOptions {
        var options = InjectOptions()
        options.isIngress = random.chance(20)
        for (name, values) in [
            ("proxy-log-level", ["debug", "linkerd[name=\"in\"]=trace", MeshDefaults.logFilter]),
            ("opaque-ports", ["3306", "1-9,db"]), ("proxy-cpu-limit", ["1", "100m", ""]),
            ("proxy-uid", ["2102", "3000"]),
        ] where random.chance(30) {
            try options.set("config.linkerd.io/" + name, to: random.pick(values))
        }
        return options
    }

    // MARK: Objects

    private mutating func object(depth: Int = 0) -> Tree {
        let head: (String, String) = random.pick([
            ("v1", "Pod"), ("apps/v1", "Deployment"), ("apps/v1", "StatefulSet"),
            ("batch/v1", "CronJob"), ("batch/v1", "Job"), ("v1", "Namespace"), ("v1", "Service"),
            ("v1", "List"), ("v1", "ConfigMap"), ("serving.knative.dev/v1", "Service"),
        ])
        var entries: [(key: String, value: Tree)] = [
            ("apiVersion", .text(head.0)), ("kind", .text(head.1)),
        ]
        switch head.1 {
        case "List":
            let count = depth < 2 ? Int.random(in: 0...2, using: &random) : 0
            entries.append(("items", .list((0..<count).map { _ in object(depth: depth + 1) })))
        case "CronJob":
            let job = Tree.map([("spec", .map([("template", template())]))])
            entries += metadata() + [("spec", .map([("jobTemplate", job)]))]
        case "Deployment", "StatefulSet", "Job":
            entries += metadata() + [("spec", .map([("template", template())]))]
        default:
            entries += metadata() + [("spec", spec())]
        }
        if random.chance(15) { entries.shuffle(using: &random) }
        return .map(entries)
    }

    private mutating func template() -> Tree {
        var entries = metadata() + [("spec", spec())]
        if random.chance(20) { entries.reverse() }
        return .map(entries)
    }

    private mutating func spec() -> Tree {
        random.chance(20)
            ? .text(random.pick(["{}", "{hostNetwork: true}"]))
            : .map([("containers", .list([.map([("name", .text("web")), ("args", args())])]))])
    }

    private mutating func args() -> Tree {
        .text(
            random.pick(["[]", "[a, 'b']", "|\n  text\n\n  more", "|+\n  kept\n\n", ">-\n  folded"])
        )
    }

    private mutating func metadata() -> [(key: String, value: Tree)] {
        if random.chance(15) { return [] }
        if random.chance(20) { return [("metadata", .text(random.pick(["", "~", "null", "{}"])))] }
        var entries: [(key: String, value: Tree)] = [("name", .text("web"))]
        if random.chance(40) { entries.append(("labels", .map([("app", .text("wéb"))]))) }
        if random.chance(50) { entries.append(("annotations", annotations())) }
        entries.shuffle(using: &random)
        return [("metadata", .map(entries))]
    }

    private mutating func annotations() -> Tree {
        var entries: [(key: String, value: Tree)] = [
            ("team", .text("shop # us")),
            ("note", .text(random.pick(["|\n  a\n  b", "\"x\\ty\"", "''"]))),
            ("config.linkerd.io/proxy-log-level", .text("info")),
        ]
        entries.shuffle(using: &random)
        return .map(Array(entries.prefix(Int.random(in: 1...3, using: &random))))
    }

    // MARK: Writing

    private mutating func block(_ tree: Tree, indent: Int, isItem: Bool = false) -> String {
        let margin = String(repeating: " ", count: indent)
        switch tree {
        case .map(let entries) where !entries.isEmpty:
            return entries.enumerated().map { index, entry in
                // The first key of an item stands behind its dash.
                let above = isItem && index == 0 ? "" : trivia(margin, entry.key)
                return above + margin + entry.key + ":" + field(entry.value, indent: indent)
            }.joined()
        case .list(let items) where !items.isEmpty:
            return items.map { item in
                let lines = block(item, indent: indent + 2, isItem: true)
                return margin + "- " + lines.dropFirst(indent + 2)
            }.joined()
        default:
            return margin + flow(tree) + "\n"
        }
    }

    /// What may stand above a key: nothing, mostly.
    private mutating func trivia(_ margin: String, _ key: String) -> String {
        guard random.chance(15) else { return "" }
        return random.pick([
            margin + "# about \(key)\n", "\n", "# at the margin\n", margin + "    # further in\n",
            "\n" + margin + "# after a blank line\n\n",
        ])
    }

    /// What follows a key and its colon.
    private mutating func field(_ value: Tree, indent: Int) -> String {
        switch value {
        case .text(let text):
            let margin = "\n" + String(repeating: " ", count: indent + step)
            let lines = text.replacing("\n  ", with: margin)
            return (lines.isEmpty ? "" : " ") + lines + "\n"
        case .map(let entries) where !entries.isEmpty && !random.chance(12):
            return "\n" + block(value, indent: indent + step)
        case .list(let items) where !items.isEmpty && !random.chance(12):
            return "\n" + block(value, indent: indent + random.pick([0, step]))
        default:
            return " " + flow(value) + "\n"
        }
    }

    private mutating func flow(_ tree: Tree) -> String {
        switch tree {
        case .map(let entries):
            "{" + entries.map { "\($0.key): " + flow($0.value) }.joined(separator: ", ") + "}"
        case .list(let items):
            "[" + items.map { flow($0) }.joined(separator: ", ") + "]"
        case .text(let text):
            switch text {
            case "": "null"
            case _ where text.contains("\n"): "\"block\""
            default: text.replacing(" #", with: "")
            }
        }
    }
}
