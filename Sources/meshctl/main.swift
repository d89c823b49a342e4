// SPDX-License-Identifier: Apache-2.0

Meshctl.run(arguments: Array(CommandLine.arguments.dropFirst()))
