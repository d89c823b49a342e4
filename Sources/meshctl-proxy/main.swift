// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import ProxyRuntime

exit(ProxyMain.run(arguments: Array(CommandLine.arguments.dropFirst())))
