// SPDX-License-Identifier: Apache-2.0

/// Text between the quotes of JSON (RFC 8259 section 7).
public enum JSONText {
    /// Quotes and escapes a text, so that what a peer says of itself can neither end the string nor
    /// move a terminal's cursor; what is longer than `bytesMax` is cut, and three dots tell.
    public static func quoted(_ text: String, bytesMax: Int = .max) -> String {
        var result = "\""
        // Most texts need nothing.
        if text.utf8.count <= bytesMax, text.utf8.allSatisfy(isPlain) {
            return result + text + "\""
        }
        for scalar in text.unicodeScalars {
            guard result.utf8.count < bytesMax else {
                result += "..."
                break
            }
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where isControl(scalar):
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        0x20..<0x7F ~= byte && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    /// Controls, and the separators and marks that turn lines or their direction around.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
