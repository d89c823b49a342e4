// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import ProxyRuntime

var words = Array(CommandLine.arguments.dropFirst())
// `meshctl proxy ARGS` runs this file with ARGS; by hand one may write the word too.
if words.first == "proxy" { words.removeFirst() }
exit(ProxyMain.run(arguments: words))
