// SPDX-License-Identifier: Apache-2.0
// c-ares, the resolver.
#pragma once
// First, so that the structures of sockets are CLinux's alone: whichever module declares them has to
// be imported by every file that uses them.
#include "../CLinux/shim.h"
#include <ares.h>
