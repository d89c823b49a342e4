// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A thread of the system's, for a loop that ends with the process.
enum SystemThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a thread that runs `body`; it is never joined.
    static func start(_ body: @escaping @Sendable () -> Void) throws(Errno) {
        var thread = pthread_t()
        let argument = unsafe Unmanaged.passRetained(Body(body)).toOpaque()
        // SAFETY: the retained body is taken over, once, by the thread that is made here.
        let code = unsafe pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            argument
        )
        guard code == 0 else {
            unsafe Unmanaged<Body>.fromOpaque(argument).release()
            throw Errno(code: code)
        }
        pthread_detach(thread)
    }
}
