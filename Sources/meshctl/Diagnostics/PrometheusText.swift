// SPDX-License-Identifier: Apache-2.0

/// One line of a page of metrics.
struct MetricSample: Equatable {
    let name: String
    let labels: [String: String]
    let value: Double
}

/// Reads Prometheus' text format (version 0.0.4), which is what proxies show.
enum PrometheusText {
    /// All samples of a page in order.
    ///
    /// - Throws: the number of the first line that is none, which says that this is another page.
    static func samples(of page: [UInt8]) throws(BadLine) -> [MetricSample] {
        var result: [MetricSample] = []
        var number = 0
        for line in page.split(separator: 0x0A, omittingEmptySubsequences: false) {
            number += 1
            guard let first = line.first, first != UInt8(ascii: "#"), first != 0x0D else {
                continue
            }
            guard let sample = sample(of: line) else { throw BadLine(number: number) }
            result.append(sample)
        }
        return result
    }

    struct BadLine: Error, Equatable {
        let number: Int
    }

    private static func sample(of line: ArraySlice<UInt8>) -> MetricSample? {
        var rest = line
        let name = String(decoding: rest.prefix { $0 != 0x7B && $0 != 0x20 }, as: UTF8.self)
        rest = rest.dropFirst(name.utf8.count)
        var labels: [String: String] = [:]
        if rest.first == 0x7B {
            rest.removeFirst()
            while let first = rest.first, first != 0x7D {
                guard let (key, value) = label(&rest) else { return nil }
                labels[key] = value
                if rest.first == 0x2C { rest.removeFirst() }
            }
            guard rest.popFirst() == 0x7D else { return nil }
        }
        // A time may follow the value.
        let words = rest.split(separator: 0x20)
        guard !name.isEmpty, let word = words.first, words.count <= 2,
            let value = number(String(decoding: word, as: UTF8.self))
        else { return nil }
        return MetricSample(name: name, labels: labels, value: value)
    }

    /// `name="value"`, with `\\`, `\"` and `\n` for what cannot stand there.
    private static func label(_ rest: inout ArraySlice<UInt8>) -> (key: String, value: String)? {
        let key = rest.prefix { $0 != 0x3D }
        rest = rest.dropFirst(key.count)
        guard rest.popFirst() == 0x3D, rest.popFirst() == 0x22 else { return nil }
        var value: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case 0x22:
                return (
                    String(decoding: key, as: UTF8.self), String(decoding: value, as: UTF8.self)
                )
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst() else { return nil }
                value.append(escaped == UInt8(ascii: "n") ? 0x0A : escaped)
            default: value.append(byte)
            }
        }
        return nil
    }

    private static func number(_ text: String) -> Double? {
        switch text {
        case "+Inf": .infinity
        case "-Inf": -.infinity
        case "NaN": .nan
        default: Double(text)
        }
    }
}
