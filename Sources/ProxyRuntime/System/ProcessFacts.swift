// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// What the kernel knows of this process.
enum ProcessFacts {
    /// Unix time, in whole seconds.
    static var unixSeconds: Int { nanos(CLOCK_REALTIME) / 1_000_000_000 }

    /// Unix time in milliseconds.
    static var unixMillis: Int { nanos(CLOCK_REALTIME) / 1_000_000 }

    /// Time on a processor, of all threads, the kernel's work for them included.
    static var processorNanos: Int { nanos(CLOCK_PROCESS_CPUTIME_ID) }

    /// How many descriptors may be open; nil for as many as one likes.
    static var descriptorsMax: Int? {
        var limit = rlimit()
        // SAFETY: the kernel writes one rlimit.
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return nil
        }
        return Int(exactly: limit.rlim_cur)
    }

    static var pageBytes: Int { sysconf(Int32(_SC_PAGESIZE)) }

    /// How many entries a folder has, without `.` and `..`; nil when it cannot be read.
    static func entryCount(of folder: String) -> Int? {
        // SAFETY: the stream is closed on every path and not used after that.
        guard let stream = unsafe opendir(folder) else { return nil }
        defer { unsafe closedir(stream) }
        var count = -2
        while unsafe readdir(stream) != nil { count += 1 }
        return max(0, count)
    }

    private static func nanos(_ clock: clockid_t) -> Int {
        var time = timespec()
        // SAFETY: the kernel writes one timespec.
        guard unsafe clock_gettime(clock, &time) == 0 else { return 0 }
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
