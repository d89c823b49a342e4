// SPDX-License-Identifier: Apache-2.0

/// Makes up what objects are made of: metadata, pod templates, containers.
struct PodSketcher {
    var random: SeededGenerator
    /// Whether anchors and aliases may be used.
    var mayShare = true
    /// The anchors of the document so far, by what they hold.
    private var anchors: [String: [String]] = [:]
    private var anchorCount = 0

    init(random: SeededGenerator) { self.random = random }

    mutating func startDocument() { anchors = [:] }

    // MARK: Sharing

    /// The node itself, with an anchor, as an alias of an earlier one, or merged with one.
    private mutating func shared(_ node: Sketch, as use: String) -> Sketch {
        guard mayShare, random.chance(25) else { return node }
        if let known = anchors[use], !known.isEmpty, random.chance(60) {
            let alias = Sketch.word("*" + random.pick(known))
            guard case .mapping(let fields) = node, random.chance(50) else { return alias }
            let merge = Sketch.Field("<<", random.chance(80) ? alias : .sequence([alias]))
            return .mapping(random.chance(50) ? [merge] + fields : fields + [merge])
        }
        guard node.hasLines else { return node }
        anchorCount += 1
        let name = random.pick(["a", "common", "x-"]) + "\(anchorCount)"
        anchors[use, default: []].append(name)
        return .anchored(name, node)
    }

    // MARK: Metadata

    /// Nothing when there is none.
    mutating func metadata(isNamed: Bool, isPod: Bool) -> Sketch? {
        switch random.below(isNamed ? 40 : 12) {
        case 0: return nil
        case 1: return .null
        case 2: return .mapping([])
        default: break
        }
        var names = ["labels", "annotations"].filter { _ in random.chance(60) }
        if isNamed { names.append("name") }
        if random.chance(20) { names.append("namespace") }
        names.shuffle(using: &random)
        var fields: [Sketch.Field] = []
        for name in names {
            switch name {
            case "name":
                let text = random.pick(["web", "orders-db", "a", "kube-system"])
                fields.append(.init(name, .text(text)))
            case "namespace": fields.append(.init(name, .text("shop")))
            case "labels": fields.append(.init(name, shared(labels(), as: "labels")))
            default:
                fields.append(.init(name, shared(annotations(isPod: isPod), as: "annotations")))
            }
        }
        return random.chance(5) ? shared(.mapping(fields), as: "metadata") : .mapping(fields)
    }

    private mutating func labels() -> Sketch {
        if random.chance(25) { return random.pick([.null, .mapping([])]) }
        let pool: [Sketch.Field] = [
            .init("app", .text("web")), .init("app.kubernetes.io/name", .text("web")),
            .init("tier", .word("1")), .init("linkerd.io/workload-ns", .text("mine")),
            .init("pod-security.kubernetes.io/enforce", .text("restricted")),
        ]
        return .mapping(some(of: pool, likely: 35))
    }

    private mutating func annotations(isPod: Bool) -> Sketch {
        if random.chance(25) { return random.pick([.null, .mapping([])]) }
        var pool: [Sketch.Field] = [
            .init("team", .text("the web team")), .init("empty", .null), .init("quoted", .text("")),
            .init("description", .lines(["it is", "", "  two: lines", "# long"])),
            .init("json", .lines(["{\"a\": [1, 2]}"])), .init("ü", .text("für Käse")),
        ]
        var fields = some(of: pool, likely: 30)
        guard isPod, random.chance(40) else { return .mapping(fields) }
        pool = [
            .init("config.linkerd.io/proxy-log-level", .text("info")),
            .init("config.linkerd.io/skip-inbound-ports", .text("80,4000-4010")),
            .init("config.linkerd.io/proxy-cpu-limit", .lines(["100m"])),
            .init("linkerd.io/created-by", .text("me")),
            .init("kubectl.kubernetes.io/default-container", .text("app")),
            .init("config.linkerd.io/proxy-enable-native-sidecar", .text("false")),
        ]
        fields += some(of: pool, likely: 20)
        switch random.below(30) {
        case 0: fields.append(.init("linkerd.io/inject", .text("enabled")))
        case 1: fields.append(.init("linkerd.io/inject", .text("ingress")))
        case 2: fields.append(.init("linkerd.io/inject", .text("disabled")))
        case 3: fields.append(.init("config.linkerd.io/opaque-ports", .word("80")))
        case 4: fields.append(.init("config.linkerd.io/wrong", .text("1")))
        default: break
        }
        fields.shuffle(using: &random)
        return .mapping(fields)
    }

    private mutating func some(of pool: [Sketch.Field], likely percent: Int) -> [Sketch.Field] {
        pool.filter { _ in random.chance(percent) }
    }

    // MARK: Pods

    mutating func cronJobSpec() -> Sketch {
        .mapping([
            .init("schedule", .text("*/5 * * * *")),
            .init("jobTemplate", .mapping([.init("spec", workloadSpec())])),
        ])
    }

    mutating func serviceSpec() -> Sketch {
        .mapping([.init("ports", .sequence([.mapping([.init("port", .word("80"))])]))])
    }

    mutating func workloadSpec() -> Sketch {
        var fields: [Sketch.Field] = []
        if random.chance(50) { fields.append(.init("replicas", .word("2"))) }
        if random.chance(50) {
            let labels = shared(self.labels(), as: "labels")
            fields.append(.init("selector", .mapping([.init("matchLabels", labels)])))
        }
        if random.chance(3) { return .mapping(fields) }
        fields.append(.init("template", template()))
        if random.chance(20) { fields.append(.init("paused", .word("true"))) }
        return .mapping(fields)
    }

    private mutating func template() -> Sketch {
        let isMetadataFirst = random.chance(85)
        var fields: [Sketch.Field] = []
        func add(_ name: String, _ value: Sketch?) {
            if let value { fields.append(.init(name, value)) }
        }
        if isMetadataFirst { add("metadata", metadata(isNamed: false, isPod: true)) }
        add("spec", random.chance(4) ? shared(podSpec(), as: "spec") : podSpec())
        if !isMetadataFirst { add("metadata", metadata(isNamed: false, isPod: true)) }
        return random.chance(3) ? shared(.mapping(fields), as: "template") : .mapping(fields)
    }

    mutating func podSpec() -> Sketch {
        var names = ["containers"]
        for name in ["initContainers", "volumes", "restartPolicy"] where random.chance(40) {
            names.append(name)
        }
        if random.chance(3) { names.append("hostNetwork") }
        names.shuffle(using: &random)
        var fields: [Sketch.Field] = []
        for name in names {
            switch name {
            case "restartPolicy": fields.append(.init(name, .text("Always")))
            case "hostNetwork": fields.append(.init(name, .word("true")))
            case "volumes": fields.append(.init(name, list { $0.volume() }))
            default: fields.append(.init(name, list { $0.container() }))
            }
        }
        return .mapping(fields)
    }

    private mutating func list(_ item: (inout PodSketcher) -> Sketch) -> Sketch {
        switch random.below(12) {
        case 0: return .null
        case 1: return .sequence([])
        default: return .sequence((0...random.pick([0, 0, 1, 2])).map { _ in item(&self) })
        }
    }

    private mutating func volume() -> Sketch {
        let name = random.chance(2) ? "linkerd-identity-token" : "data"
        return shared(
            .mapping([.init("name", .text(name)), .init("emptyDir", .mapping([]))]),
            as: "volume"
        )
    }

    private mutating func container() -> Sketch {
        var name = random.pick(["app", "app", "app", "migrate"])
        if random.chance(2) { name = random.pick(["linkerd-proxy", "linkerd-debug"]) }
        var fields: [Sketch.Field] = [
            .init("name", .text(name)), .init("image", .text("registry.example/app:1")),
        ]
        if random.chance(30) {
            let port = Sketch.mapping([.init("containerPort", .word("8080"))])
            fields.append(.init("ports", .sequence([port])))
        }
        if random.chance(25) {
            let script = Sketch.lines(["set -e", "", "exec app --x: y"])
            fields.append(.init("args", .sequence([.text("-c"), script])))
        }
        if random.chance(20) { fields.append(.init("resources", .mapping([]))) }
        if random.chance(10) { fields.append(.init("env", .null)) }
        if random.chance(20) { fields.shuffle(using: &random) }
        return shared(.mapping(fields), as: "container")
    }
}
