// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// The system calls behind `ChildProcess`; nothing unsafe leaves this file.
enum Spawn {
    /// posix_spawn(3).
    static func start(_ command: ChildProcess.Command) throws(ChildProcess.StartError) -> Int32 {
        // SAFETY: both are initialised before any use, and destroyed once, at the end.
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }

        let writing = O_WRONLY | O_CREAT | O_TRUNC
        let streams = [
            (command.input, O_RDONLY), (command.output, writing), (command.report, writing),
        ]
        for (number, (stream, flags)) in streams.enumerated() {
            let target = Int32(number)
            // SAFETY: glibc copies the paths.
            switch stream {
            case .null:
                unsafe posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_RDWR, 0)
            case .file(let path):
                unsafe posix_spawn_file_actions_addopen(&actions, target, path, flags, 0o600)
            case .descriptor(let descriptor):
                unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, target)
            }
        }
        // What the tests have open would keep other tests' pipes and sockets open.
        unsafe posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        unsafe posix_spawn_file_actions_addchdir_np(&actions, command.folder)

        // A signal to the tests' group is not for it, and what they ignore or block it need not.
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
        // SAFETY: the sets are initialised by sigemptyset, and glibc copies them.
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigaddset(&signals, SIGPIPE)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)

        let variables = command.environment.map { "\($0.key)=\($0.value)" }.sorted()
        // SAFETY: copies that end with nil; they live until posix_spawn has read them.
        let arguments = unsafe copies([command.executable] + command.arguments)
        defer { unsafe free(arguments) }
        let environment = unsafe copies(variables)
        defer { unsafe free(environment) }
        var pid: pid_t = 0
        let code = unsafe posix_spawn(
            &pid,
            command.executable,
            &actions,
            &attributes,
            arguments,
            environment
        )
        guard code == 0 else {
            throw ChildProcess.StartError(executable: command.executable, code: code)
        }
        return pid
    }

    /// A thread for each child, which the tests have a few dozen of at once at most.
    static func waitApart(for child: ChildProcess) {
        // SAFETY: the thread takes over the one reference that passRetained has made.
        let context = unsafe Unmanaged.passRetained(child).toOpaque()
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread,
            nil,
            { context in
                if let context = unsafe context {
                    unsafe Unmanaged<ChildProcess>.fromOpaque(context).takeRetainedValue().reap()
                }
                return nil
            },
            context
        )
        precondition(code == 0, "no thread for a child process: errno \(code)")
        pthread_detach(thread)
    }

    /// Waits for its end and leaves its number taken.
    static func waitUntilEnded(_ pid: Int32) {
        // SAFETY: waitid fills the structure of this frame.
        var information = unsafe siginfo_t()
        while unsafe waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0,
            errno == EINTR
        {}
    }

    /// Its exit code; its number is free then.
    static func collect(_ pid: Int32) -> Int32 {
        var status: Int32 = 0
        // SAFETY: waitpid fills the integer of this frame.
        while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }

    private typealias Words = [UnsafeMutablePointer<CChar>?]

    // SAFETY: strdup returns nil or a copy that only `free` gives back.
    private static func copies(_ words: [String]) -> Words {
        var copies = unsafe words.map { unsafe strdup($0) }
        unsafe copies.append(nil)
        return unsafe copies
    }

    private static func free(_ words: Words) {
        unsafe words.forEach { unsafe Glibc.free($0) }
    }
}
