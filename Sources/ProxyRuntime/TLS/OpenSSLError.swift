// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// OpenSSL's queue of errors, which belongs to a thread.
enum OpenSSLError {
    /// The last error in words, and an empty queue.
    static func take() -> String {
        var text = "unknown"
        while true {
            let code = ERR_get_error()
            if code == 0 { return text }
            // SAFETY: the string is a constant of OpenSSL's, or nil.
            if let reason = unsafe ERR_reason_error_string(code) {
                text = unsafe String(cString: reason)
            }
        }
    }

    static func clear() { ERR_clear_error() }
}
