// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A temporary folder of one test's own.
final class TestFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/mesh-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func path(_ name: String) -> String { path + "/" + name }

    func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
    }

    /// Writes to the file where it stands, which others see half written.
    func write(_ name: String, _ bytes: [UInt8], atomically: Bool) throws {
        let url = URL(fileURLWithPath: path(name))
        try Data(bytes).write(to: url, options: atomically ? .atomic : [])
    }

    func read(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path(name))))
    }

    func text(_ name: String) throws -> String {
        String(decoding: try read(name), as: UTF8.self)
    }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(
            atPath: path(name),
            withIntermediateDirectories: true
        )
    }

    /// rename(2): the new file is there at once, or not at all.
    func rename(_ old: String, to new: String) throws {
        try TestProcess.run("/bin/mv", ["-T", old, new], in: self)
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: path(name),
            withDestinationPath: target
        )
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(name)) }
}
