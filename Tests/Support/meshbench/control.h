// SPDX-License-Identifier: Apache-2.0
// The page that a load program shares with the bench: what it has done, and what it is to do.
//
// The bench reads the counters in the moment in which it reads the processes' CPU time, so that
// both are of the same stretch of time.
#ifndef MESHBENCH_CONTROL_H
#define MESHBENCH_CONTROL_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct control {
    _Atomic uint64_t is_under_way;  // every connection has had an answer, or carries bytes
    _Atomic uint64_t done;          // answers, or bytes that have arrived
    _Atomic uint64_t failed;        // connections that broke, and answers other than 200
    _Atomic uint64_t is_recording;  // set by the bench: latencies count
    _Atomic uint64_t is_over;       // set by the bench: print and end
};

static inline _Noreturn void fail(const char *what) {
    perror(what);
    exit(1);
}

static inline struct control *map_control(const char *path) {
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) fail(path);
    void *map = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (map == MAP_FAILED) fail("mmap");
    close(file);
    return map;
}

static inline struct sockaddr_in address_of(const char *host, const char *port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1) {
        fprintf(stderr, "%s is no IPv4 address\n", host);
        exit(2);
    }
    return address;
}

static inline int64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

#endif
