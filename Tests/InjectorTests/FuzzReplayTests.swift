// SPDX-License-Identifier: Apache-2.0

import Foundation
import Injector
import ManifestKit
import Testing

/// The inputs of `Fixtures/fuzz`: each broke a fuzz target once, and was made small by hand.
@Suite("Fuzz replay")
struct FuzzReplayTests {
    private static let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent()  // InjectorTests
        .deletingLastPathComponent()  // Tests
        .deletingLastPathComponent()
        .appendingPathComponent("Fixtures/fuzz").path

    /// Sorted; none when the folder is missing, which a test notices.
    private static let names =
        (try? FileManager.default.contentsOfDirectory(atPath: folder))?.sorted() ?? []

    /// Without it the other could pass because it looked at nothing.
    @Test func findsItsInputs() {
        #expect(Self.names.count >= 12)
    }

    /// Refused or accepted, it breaks no law in any form.
    @Test(arguments: names)
    func breaksNoLaw(name: String) throws {
        let file = URL(fileURLWithPath: Self.folder).appendingPathComponent(name)
        let bytes = Array(try Data(contentsOf: file))
        guard let manifest = try? Manifest(name: name, bytes: bytes) else { return }
        for form in InjectForm.allCases {
            var options = try form.options()
            try options.set("config.linkerd.io/proxy-log-level", to: "trace")
            let others: [InjectForm] = form == .annotated ? [.ingress, .native] : [.annotated]
            for other in others {
                let breach = InjectLaws(manifest).breach(options, after: try other.options())
                #expect(breach == nil, "\(form) after \(other)")
            }
        }
    }
}
