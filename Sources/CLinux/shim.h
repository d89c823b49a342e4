// SPDX-License-Identifier: Apache-2.0
// What of the kernel's interface the Glibc module leaves out, or spells as macros.
#pragma once
#include <errno.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

int accept4(int, struct sockaddr *, socklen_t *, int);
int pipe2(int[2], int);
int setns(int, int);
int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *, const char *);
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);

// sched.h has it for _GNU_SOURCE alone.
static const int cmesh_clone_newnet = 0x40000000;

// linux/netfilter_ipv4.h and linux/netfilter_ipv6/ip6_tables.h clash with netinet/in.h.
static const int cmesh_so_original_dst = 80;

// The linker's names for where the executable and the end of its code lie in memory.
extern const char __executable_start[], etext[];

/// Unmaps the executable's code, which the kernel maps again page by page where it still runs.
/// It is the file's, never written to; only a debugger's breakpoints get lost.
static inline void cmesh_unmap_code(void) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t start = ((uintptr_t)__executable_start + page - 1) / page * page;
    uintptr_t end = (uintptr_t)etext / page * page;
    if (start < end) madvise((void *)start, end - start, MADV_DONTNEED);
}

/// Frees a block that is large enough for the C library to look at the end of this thread's heap,
/// and to give that back: malloc_trim(3) does so for the first thread's alone.
static inline void cmesh_trim_end_of_heap(void) {
    // LIMIT: above 64 KiB it looks, below 128 KiB it does not take the block from the kernel.
    void *block = malloc(96 << 10);
    // Without this the compiler would leave both calls out.
    __asm__ volatile("" : : "r"(block) : "memory");
    free(block);
}
