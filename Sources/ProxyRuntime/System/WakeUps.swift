// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import CURing  // it has sigset_t too, and is asked first
internal import Glibc

/// Descriptors that become readable for a reason of ours: other threads, time, signals.
enum WakeUps {
    /// eventfd(2).
    static func makeEvent() throws(Errno) -> Int32 {
        try checked(eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC)))
    }

    static func raise(_ event: Int32) { eventfd_write(event, 1) }

    /// Waits until an event is raised, on a thread that has nothing else to do; -1 is for ever.
    static func await(_ event: Int32, millis: Int32) {
        var wanted = pollfd(fd: event, events: Int16(POLLIN), revents: 0)
        // SAFETY: the kernel reads and writes one pollfd.
        while unsafe poll(&wanted, 1, millis) < 0, errno == EINTR {}
        _ = acknowledge(event)
    }

    /// timerfd_create(2), on the clock that never jumps.
    static func makeTimer() throws(Errno) -> Int32 {
        try checked(timerfd_create(CLOCK_MONOTONIC, Int32(TFD_NONBLOCK | TFD_CLOEXEC)))
    }

    static func set(_ timer: Int32, afterNanos: UInt64) {
        var spec = itimerspec()
        spec.it_value.tv_sec = Int(afterNanos / 1_000_000_000)
        spec.it_value.tv_nsec = Int(afterNanos % 1_000_000_000)
        // SAFETY: the kernel reads one itimerspec.
        _ = unsafe timerfd_settime(timer, 0, &spec, nil)
    }

    /// SIGTERM and SIGINT to be read instead of delivered, for this thread and those that it
    /// starts; and no SIGPIPE: a write to a socket whose peer is gone is an error.
    static func takeSignals() throws(Errno) -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        var set = sigset_t()
        // SAFETY: the calls write the set on this frame; signalfd copies it.
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGTERM)
        unsafe sigaddset(&set, SIGINT)
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        return try checked(unsafe signalfd(-1, &set, Int32(SFD_NONBLOCK | SFD_CLOEXEC)))
    }

    /// Reads once, so that the descriptor is quiet again.
    ///
    /// - Returns: whether there was anything: for signals, one of them.
    static func acknowledge(_ descriptor: Int32) -> Bool {
        // The largest thing to be read is one signalfd_siginfo.
        var bytes = [UInt8](repeating: 0, count: MemoryLayout<signalfd_siginfo>.size)
        // SAFETY: the kernel writes at most `count` bytes.
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe read(descriptor, buffer.baseAddress, buffer.count)
        }
        return count > 0
    }

    private static func checked(_ descriptor: Int32) throws(Errno) -> Int32 {
        guard descriptor >= 0 else { throw Errno.current }
        return descriptor
    }
}
