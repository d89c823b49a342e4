// SPDX-License-Identifier: Apache-2.0

/// A scalar as the Kubernetes API server sees it after YAML has been turned into JSON.
public enum TypedValue: Equatable, Sendable {
    /// A string.
    case string(String)
    /// A boolean, in any of the 22 spellings of YAML 1.1.
    case boolean(Bool)
    /// A whole number, in decimal digits, of any size.
    case integer(String)
    /// Another number, as it is written, underscores removed.
    case float(String)
    /// `.inf`, `-.inf` or `.nan`, which JSON cannot hold.
    case notFinite(String)
    /// Nothing, `~` or `null`.
    case null
    /// A mapping or a sequence.
    case collection

    /// The word for a message: `a number`, `true or false` and so on.
    public var typeName: String {
        switch self {
        case .string: "a string"
        case .boolean: "a boolean"
        case .integer, .float, .notFinite: "a number"
        case .null: "null"
        case .collection: "a collection"
        }
    }
}

extension Manifest {
    /// The word for what a node is, for a message; aliases followed.
    public func typeName(of node: NodeID) -> String {
        switch kind(of: resolve(node)) {
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .scalar, .alias: typedValue(of: node).typeName
        }
    }

    /// A node's value with its YAML 1.1 type, aliases followed.
    ///
    /// The rules are those of sigs.k8s.io/yaml (go-yaml v2), which reads what kubectl applies.
    public func typedValue(of node: NodeID) -> TypedValue {
        let node = resolve(node)
        let record = arena[node]
        guard record.kind == .scalar else { return .collection }
        let text = text(of: node)
        switch tag(of: node) {
        case nil:
            return record.style == .plain ? ScalarType.resolve(text) : .string(text)
        case "tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:bool",
            "tag:yaml.org,2002:null":
            return ScalarType.resolve(text)
        default:
            // go-yaml resolves no value whose tag is not one of its own.
            return .string(text)
        }
    }
}

/// The types that YAML 1.1 gives to unquoted words.
enum ScalarType {
    static let trueWords: Set<String> = [
        "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON",
    ]
    static let falseWords: Set<String> = [
        "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF",
    ]
    static let nullWords: Set<String> = ["", "~", "null", "Null", "NULL"]
    static let notFiniteWords: Set<String> = [
        ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF",
        ".nan", ".NaN", ".NAN",
    ]

    static func resolve(_ text: String) -> TypedValue {
        // LIMIT: no number of Kubernetes is longer; a longer run of digits stays a string.
        guard text.utf8.count <= 64 else { return .string(text) }
        if nullWords.contains(text) { return .null }
        if trueWords.contains(text) { return .boolean(true) }
        if falseWords.contains(text) { return .boolean(false) }
        if notFiniteWords.contains(text) { return .notFinite(text) }
        guard let first = text.utf8.first, isNumberStart(first) else { return .string(text) }
        let digits = text.filter { $0 != "_" }
        if let integer = integer(digits) { return .integer(integer) }
        if isFloat(digits) { return .float(digits) }
        return .string(text)
    }

    private static func isNumberStart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// The decimal digits of a whole number in base 10, 8 (`017`, `0o17`), 16 or 2; nil otherwise.
    private static func integer(_ text: String) -> String? {
        var body = Substring(text)
        var sign = ""
        if body.first == "+" || body.first == "-" {
            sign = body.first == "-" ? "-" : ""
            body = body.dropFirst()
        }
        guard let first = body.first, first.isASCII, first.isNumber else { return nil }
        func based(_ radix: Int, dropping count: Int) -> String? {
            let digits = body.dropFirst(count)
            guard !digits.isEmpty, digits.first != "+", digits.first != "-" else { return nil }
            return UInt64(digits, radix: radix).map { sign + String($0) }
        }
        if body.hasPrefix("0x") || body.hasPrefix("0X") { return based(16, dropping: 2) }
        if body.hasPrefix("0b") || body.hasPrefix("0B") { return based(2, dropping: 2) }
        if body.hasPrefix("0o") || body.hasPrefix("0O") { return based(8, dropping: 2) }
        guard body.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        if body.count > 1, first == "0" {
            // `08` is no octal number; go-yaml falls back to a float there, which JSON writes as 8.
            return based(8, dropping: 1) ?? decimal(body, sign)
        }
        return decimal(body, sign)
    }

    private static func decimal(_ digits: Substring, _ sign: String) -> String {
        let stripped = digits.drop { $0 == "0" }
        return stripped.isEmpty ? "0" : sign + stripped
    }

    /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, as go-yaml v2 has it.
    private static func isFloat(_ text: String) -> Bool {
        var bytes = Array(text.utf8)[...]
        func isDigit(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        func takeDigits() -> Int {
            let count = bytes.prefix(while: isDigit).count
            bytes = bytes.dropFirst(count)
            return count
        }
        func take(_ characters: String) -> Bool {
            guard let first = bytes.first, characters.utf8.contains(first) else { return false }
            bytes = bytes.dropFirst()
            return true
        }
        _ = take("+-")
        let whole = takeDigits()
        var fraction = 0
        if take(".") { fraction = takeDigits() }
        guard whole + fraction > 0 else { return false }
        if take("eE") {
            _ = take("+-")
            guard takeDigits() > 0 else { return false }
        }
        return bytes.isEmpty
    }
}
