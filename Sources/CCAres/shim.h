// SPDX-License-Identifier: Apache-2.0
// c-ares, the resolver.
#pragma once
#include <ares.h>
