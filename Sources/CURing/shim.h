// SPDX-License-Identifier: Apache-2.0
// What of liburing's interface is spelled as macros, and the few requests that the proxy makes.
#pragma once
#include <errno.h>
#include <liburing.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

/// One result: what was asked for, what came of it, and which buffer holds it (-1 for none).
struct cmesh_completion {
    uint64_t tag;
    int32_t result;
    int32_t buffer;
    bool has_more;
};

/// Makes a ring for the calling thread alone, whose completions come when it waits; 0 or -errno.
static inline int cmesh_ring_open(struct io_uring *ring, unsigned entries, unsigned completions) {
    struct io_uring_params params;
    memset(&params, 0, sizeof params);
    params.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                   IORING_SETUP_COOP_TASKRUN | IORING_SETUP_CQSIZE;
    params.cq_entries = completions;
    int result = io_uring_queue_init_params(entries, ring, &params);
    if (result < 0) return result;
    unsigned needed = IORING_FEAT_NODROP | IORING_FEAT_EXT_ARG | IORING_FEAT_CQE_SKIP;
    if ((params.features & needed) == needed) return 0;
    io_uring_queue_exit(ring);
    return -ENOSYS;
}

/// Gives the kernel a queue of buffers, which it fills in turn; NULL when it takes none.
static inline struct io_uring_buf_ring *cmesh_ring_add_buffers(struct io_uring *ring,
                                                               unsigned count) {
    size_t size = count * sizeof(struct io_uring_buf);
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return NULL;
    struct io_uring_buf_reg registration;
    memset(&registration, 0, sizeof registration);
    registration.ring_addr = (uintptr_t)memory;
    registration.ring_entries = count;
    if (io_uring_register_buf_ring(ring, &registration, 0) == 0) return memory;
    munmap(memory, size);
    return NULL;
}

/// Ends it: what was asked for and has not been done is given up.
static inline void cmesh_ring_close(struct io_uring *ring, struct io_uring_buf_ring *buffers,
                                    unsigned count) {
    io_uring_queue_exit(ring);
    if (buffers) munmap(buffers, count * sizeof(struct io_uring_buf));
}

/// Leaves one buffer to the kernel.
static inline void cmesh_ring_offer(struct io_uring_buf_ring *buffers, unsigned count,
                                    void *buffer, unsigned size, unsigned short index) {
    io_uring_buf_ring_add(buffers, buffer, size, index, io_uring_buf_ring_mask(count), 0);
    io_uring_buf_ring_advance(buffers, 1);
}

static inline struct io_uring_sqe *cmesh_ring_entry(struct io_uring *ring, uint64_t tag) {
    struct io_uring_sqe *entry = io_uring_get_sqe(ring);
    if (!entry) {
        io_uring_submit(ring);
        entry = io_uring_get_sqe(ring);
    }
    if (entry) io_uring_sqe_set_data64(entry, tag);
    return entry;
}

/// Asks for bytes of a socket, into whichever buffer is free when they come.
static inline bool cmesh_ring_receive(struct io_uring *ring, int socket, uint64_t tag) {
    struct io_uring_sqe *entry = cmesh_ring_entry(ring, tag);
    if (!entry) return false;
    io_uring_prep_recv(entry, socket, NULL, 0, 0);
    entry->user_data = tag;
    entry->ioprio = IORING_RECVSEND_POLL_FIRST;
    entry->flags |= IOSQE_BUFFER_SELECT;
    entry->buf_group = 0;
    return true;
}

/// Has bytes sent, all of them, as soon as the socket has room.
static inline bool cmesh_ring_send(struct io_uring *ring, int socket, const void *bytes,
                                   size_t count, uint64_t tag) {
    struct io_uring_sqe *entry = cmesh_ring_entry(ring, tag);
    if (!entry) return false;
    io_uring_prep_send(entry, socket, bytes, count, MSG_NOSIGNAL | MSG_WAITALL);
    entry->user_data = tag;
    return true;
}

/// Asks to be told once a descriptor is readable.
static inline bool cmesh_ring_poll(struct io_uring *ring, int descriptor, uint64_t tag) {
    struct io_uring_sqe *entry = cmesh_ring_entry(ring, tag);
    if (!entry) return false;
    io_uring_prep_poll_add(entry, descriptor, POLLIN);
    entry->user_data = tag;
    return true;
}

/// Makes what waits known to the kernel, and takes back whatever it has not done for a socket.
static inline void cmesh_ring_cancel(struct io_uring *ring, int socket, uint64_t tag) {
    struct io_uring_sqe *entry = cmesh_ring_entry(ring, tag);
    if (entry) {
        io_uring_prep_cancel_fd(entry, socket, IORING_ASYNC_CANCEL_ALL);
        entry->user_data = tag;
        entry->flags |= IOSQE_CQE_SKIP_SUCCESS;
    }
    io_uring_submit(ring);
}

/// Makes what waits known to the kernel and waits for a completion, at most so many nanoseconds;
/// for ever when they are negative.
static inline void cmesh_ring_wait(struct io_uring *ring, int64_t nanos) {
    if (nanos == 0 || io_uring_cq_ready(ring) > 0) {
        io_uring_submit_and_get_events(ring);
    } else if (nanos < 0) {
        io_uring_submit_and_wait(ring, 1);
    } else {
        struct __kernel_timespec time = {nanos / 1000000000, nanos % 1000000000};
        struct io_uring_cqe *first;
        io_uring_submit_and_wait_timeout(ring, &first, 1, &time, NULL);
    }
}

/// Takes the next completion.
static inline bool cmesh_ring_next(struct io_uring *ring, struct cmesh_completion *next) {
    unsigned head = *ring->cq.khead;
    if (head == io_uring_smp_load_acquire(ring->cq.ktail)) return false;
    const struct io_uring_cqe *entry = &ring->cq.cqes[head & *ring->cq.kring_mask];
    next->tag = entry->user_data;
    next->result = entry->res;
    bool has_buffer = entry->flags & IORING_CQE_F_BUFFER;
    next->buffer = has_buffer ? (int32_t)(entry->flags >> IORING_CQE_BUFFER_SHIFT) : -1;
    next->has_more = entry->flags & IORING_CQE_F_SOCK_NONEMPTY;
    io_uring_cq_advance(ring, 1);
    return true;
}

/// Whether a completion of that tag waits to be taken.
static inline bool cmesh_ring_holds(struct io_uring *ring, uint64_t tag) {
    unsigned tail = io_uring_smp_load_acquire(ring->cq.ktail);
    for (unsigned head = *ring->cq.khead; head != tail; head++)
        if (ring->cq.cqes[head & *ring->cq.kring_mask].user_data == tag) return true;
    return false;
}
