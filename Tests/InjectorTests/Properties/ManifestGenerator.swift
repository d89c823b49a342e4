// SPDX-License-Identifier: Apache-2.0

/// Makes manifests up: of every kind that inject knows and some it does not, in every style.
struct ManifestGenerator {
    private var random: SeededGenerator
    private var pods: PodSketcher

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        pods = PodSketcher(random: SeededGenerator(seed: random.next()))
    }

    /// One manifest.
    mutating func manifest() -> String {
        let style = SketchStyle(&random)
        let text = random.chance(15) ? json(style) : yaml(style)
        return broken(text, style)
    }

    // MARK: Documents

    private mutating func yaml(_ style: SketchStyle) -> String {
        var writer = BlockSketchWriter(style, SeededGenerator(seed: random.next()))
        if random.chance(8) {
            writer.line(random.pick(["%YAML 1.1", "%YAML 1.2", "# head\n%TAG !e! tag:e.example:"]))
            writer.line("---")
        } else if random.chance(30) {
            writer.line(random.pick(["---", "--- # first", "# Copyright\n---"]))
        }
        let count = random.pick([1, 1, 1, 1, 1, 1, 2, 3])
        for index in 0..<count {
            if index > 0 { writer.line(random.pick(["---", "---", "--- # next", "...\n---"])) }
            if random.chance(4) { continue }
            writer.document(object())
        }
        if random.chance(8) { writer.line(random.pick(["---", "...", "# end"])) }
        return writer.lines.joined(separator: "\n")
    }

    private mutating func json(_ style: SketchStyle) -> String {
        var writer = FlowSketchWriter(style, SeededGenerator(seed: random.next()))
        writer.isJSON = true
        pods.mayShare = false
        let count = random.pick([1, 1, 1, 2])
        return (0..<count).map { _ in writer.text(of: object(), indent: -1) }
            .joined(separator: random.pick(["", "\n", "\n\n"]))
    }

    /// The text with the style's line breaks.
    private mutating func broken(_ text: String, _ style: SketchStyle) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar == "\n" {
                result += random.pick(style.lineBreaks)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return style.hasFinalBreak ? result + random.pick(style.lineBreaks) : result
    }

    // MARK: Objects

    private mutating func object() -> Sketch {
        pods.startDocument()
        return object(depth: 0)
    }

    private mutating func object(depth: Int) -> Sketch {
        switch random.below(depth == 0 ? 24 : 20) {
        case 0..<10:
            let kind = random.pick(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"])
            return object("apps/v1", kind) { $0.workloadSpec() }
        case 10, 11: return object("v1", "Pod") { $0.podSpec() }
        case 12, 13: return object("batch/v1", "CronJob") { $0.cronJobSpec() }
        case 14: return object("batch/v1", "Job") { $0.workloadSpec() }
        case 15, 16: return object("v1", "Namespace", spec: nil)
        case 17, 18: return object("v1", "Service") { $0.serviceSpec() }
        case 19: return other()
        default: return list()
        }
    }

    private mutating func list() -> Sketch {
        let items = (0..<random.below(3)).map { _ in object(depth: 1) }
        var fields = [
            Sketch.Field("apiVersion", .text("v1")), Sketch.Field("kind", .text("List")),
            Sketch.Field("items", .sequence(items)),
        ]
        if random.chance(20) { fields.append(.init("metadata", .mapping([]))) }
        return .mapping(fields)
    }

    private mutating func other() -> Sketch {
        switch random.below(4) {
        case 0: return .null
        case 1: return .mapping([.init("a", .word("1"))])
        case 2: return object("serving.knative.dev/v1", "Service") { $0.workloadSpec() }
        default:
            return .mapping([
                .init("apiVersion", .text("v1")), .init("kind", .text("ConfigMap")),
                .init(
                    "data",
                    .mapping([.init("run.sh", .lines(["#!/bin/sh", "", "  exec x: y"]))])
                ),
            ])
        }
    }

    /// Fields in any order, made in the order in which they are written, so that an alias comes
    /// after its anchor.
    private mutating func object(
        _ apiVersion: String,
        _ kind: String,
        spec: ((inout PodSketcher) -> Sketch)?
    ) -> Sketch {
        var names = ["apiVersion", "kind", "metadata"] + (spec == nil ? [] : ["spec"])
        if random.chance(10) { names.append("status") }
        if random.chance(30) { names.shuffle(using: &random) }
        let isPod = kind == "Pod" || kind == "Namespace"
        var fields: [Sketch.Field] = []
        for name in names {
            switch name {
            case "apiVersion": fields.append(.init(name, .text(apiVersion)))
            case "kind": fields.append(.init(name, .text(kind)))
            case "metadata":
                if let metadata = pods.metadata(isNamed: true, isPod: isPod) {
                    fields.append(.init(name, metadata))
                }
            case "spec":
                if let spec { fields.append(.init(name, spec(&pods))) }
            default: fields.append(.init(name, .mapping([])))
            }
        }
        return .mapping(fields)
    }

    private mutating func object(
        _ apiVersion: String,
        _ kind: String,
        _ spec: @escaping (inout PodSketcher) -> Sketch
    ) -> Sketch {
        object(apiVersion, kind, spec: spec)
    }
}
