// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Injector
internal import MeshModel

/// A value that a flag gives to an annotation.
struct FlagSetting {
    let flag: String
    let key: String
    let value: String

    /// Nothing when the flag was not given.
    ///
    /// `name` is the annotation's, after the usual prefix.
    init?(_ flag: String, _ value: String?, name: String? = nil, key: String? = nil) {
        guard let value else { return nil }
        self.flag = flag
        self.value = value
        self.key = key ?? AnnotationKey.configPrefix + (name ?? String(flag.dropFirst(2)))
    }

    func apply(to options: inout InjectOptions) throws {
        do throws(ValueError) {
            try options.set(key, to: value)
        } catch {
            throw ValidationError("\(flag): \(error.message)")
        }
    }
}
