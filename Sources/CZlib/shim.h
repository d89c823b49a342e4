// SPDX-License-Identifier: Apache-2.0
// What of zlib's interface is spelled as macros.
#pragma once
#include <stddef.h>
#include <zlib.h>

/// Writes all of the input as one gzip member (RFC 1952); returns its length, or 0 when it does not
/// fit or there is no memory.
static inline size_t cmesh_gzip(const unsigned char *input, size_t inputCount,
                                unsigned char *output, size_t outputCount) {
    z_stream stream = {0};
    size_t count = 0;
    // LIMIT: deflate's usual 32 KiB of window and 8 of memory, 256 KiB while it runs; 16 asks for
    // gzip's head and foot.
    if (inputCount > 0xFFFFFFFF || outputCount > 0xFFFFFFFF) return 0;
    if (deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
    stream.next_in = (unsigned char *)input;
    stream.avail_in = (unsigned int)inputCount;
    stream.next_out = output;
    stream.avail_out = (unsigned int)outputCount;
    if (deflate(&stream, Z_FINISH) == Z_STREAM_END) count = stream.total_out;
    deflateEnd(&stream);
    return count;
}
