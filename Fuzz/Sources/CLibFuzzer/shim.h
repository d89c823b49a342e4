// SPDX-License-Identifier: Apache-2.0
// libFuzzer's driver, which -sanitize=fuzzer links; it has no header of its own for it.
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv,
                        int (*callback)(const uint8_t *data, size_t size));
