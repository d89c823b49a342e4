// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import TrafficRedirect

// A log whose reader is gone must not end the run halfway.
_ = signal(SIGPIPE, SIG_IGN)
exit(InitCommand.run(arguments: Array(CommandLine.arguments.dropFirst())))
