// SPDX-License-Identifier: Apache-2.0

import MeshModel

/// Returns the message that `body` fails with, or nil when it gives a value.
func refusal<Value>(of body: () throws(ValueError) -> Value) -> String? {
    do throws(ValueError) {
        _ = try body()
        return nil
    } catch {
        return error.message
    }
}
