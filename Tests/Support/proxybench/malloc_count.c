// SPDX-License-Identifier: Apache-2.0
// Preloaded into a program: counts each thread's calls for memory, in a file that others can read.
//
// MALLOC_COUNT_FILE names the file, which has room for `rows`. A call counts as Swift's when it
// comes out of the Swift runtime's libraries, and as C's otherwise: of OpenSSL, libyaml, libc.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// The C library's own, past this one.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

struct row {
    uint64_t thread, swift_calls, c_calls;
};

enum {
    // LIMIT: threads that are counted; a proxy has three and its workers. More share the last row.
    rows = 64,
    // LIMIT: libraries of Swift's that are told apart; the proxy loads two.
    ranges = 16
};

static struct row *table;
static _Atomic int rows_taken;
static struct { uintptr_t start, end; } swift_code[ranges];
static int swift_code_count;
static __thread struct row *own __attribute__((tls_model("initial-exec")));

static void count(uintptr_t caller) {
    if (!table) return;
    if (!own) {
        int index = atomic_fetch_add(&rows_taken, 1);
        own = &table[index < rows ? index : rows - 1];
        own->thread = (uint64_t)gettid();
    }
    for (int index = 0; index < swift_code_count; index++) {
        if (caller >= swift_code[index].start && caller < swift_code[index].end) {
            own->swift_calls++;
            return;
        }
    }
    own->c_calls++;
}

static int note_library(struct dl_phdr_info *info, size_t size, void *unused) {
    (void)size, (void)unused;
    const char *slash = strrchr(info->dlpi_name, '/');
    if (!slash || strncmp(slash, "/libswift", 9) != 0) return 0;
    for (int index = 0; index < info->dlpi_phnum; index++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[index];
        if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X)) continue;
        if (swift_code_count == ranges) abort();
        uintptr_t start = info->dlpi_addr + segment->p_vaddr;
        swift_code[swift_code_count].start = start;
        swift_code[swift_code_count++].end = start + segment->p_memsz;
    }
    return 0;
}

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("MALLOC_COUNT_FILE");
    if (!path) return;
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) abort();
    void *map = mmap(NULL, rows * sizeof(struct row), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (map == MAP_FAILED) abort();
    close(file);
    dl_iterate_phdr(note_library, NULL);
    // A child would count into its parent's rows.
    unsetenv("MALLOC_COUNT_FILE");
    table = map;
}

#define CALLER ((uintptr_t)__builtin_return_address(0))

void *malloc(size_t size) {
    count(CALLER);
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count(CALLER);
    return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size) {
    count(CALLER);
    return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
    count(CALLER);
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count(CALLER);
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
    count(CALLER);
    void *memory = __libc_memalign(alignment, size);
    if (!memory) return ENOMEM;
    *result = memory;
    return 0;
}
