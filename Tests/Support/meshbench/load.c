// SPDX-License-Identifier: Apache-2.0
// A client of HTTP/1 that measures:
//
//   load CONTROL HOST PORT CONNECTIONS RATE keep|close
//
// RATE 0 is the closed loop: a connection asks again as soon as it is answered. Any other is the
// open loop: so many requests a second fall due, whatever becomes of those before, and latency is
// counted from the moment in which one fell due, not from that in which it found a connection. A
// client that waits for slow answers would otherwise leave out the requests that suffer from them.
// With "close" each request has a connection of its own, which the latency includes.
#define _GNU_SOURCE
#include "control.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>

enum {
    // LIMIT: an answer with its head; the application says 1 KiB.
    answer_bytes_max = 16384,
    // LIMIT: latencies that are kept, 20 s of 200,000 a second.
    latencies_max = 4000000,
    // LIMIT: requests that are due and wait for a connection; a run that is so far behind has failed.
    waiting_max = 1 << 20,
    events_max = 256
};

struct connection {
    int fd;
    bool is_asking, is_connecting, has_answered;
    int64_t due;
    size_t received, expected;  // expected: 0 until the head is there
    char answer[answer_bytes_max];
};

static struct control *control;
static struct sockaddr_in server;
static struct connection *connections;
static int connection_count, epoll, answered_count;
static bool closes;
static char request[256];
static size_t request_bytes;
static int *idle;  // a stack of connections that are free
static int idle_count;
static int64_t *waiting;  // a ring of the moments in which requests fell due
static uint64_t waiting_head, waiting_tail;
static uint32_t *latencies;
static size_t latency_count;

static void watch(int index, uint32_t events, int operation) {
    struct epoll_event event = {.events = events, .data.u32 = (uint32_t)index};
    if (epoll_ctl(epoll, operation, connections[index].fd, &event) != 0) fail("epoll_ctl");
}

static void open_connection(int index) {
    struct connection *one = &connections[index];
    one->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (one->fd < 0) fail("socket");
    int yes = 1;
    setsockopt(one->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    one->is_connecting = connect(one->fd, (struct sockaddr *)&server, sizeof server) != 0;
    if (one->is_connecting && errno != EINPROGRESS) fail("connect");
    watch(index, one->is_connecting ? EPOLLOUT : EPOLLIN, EPOLL_CTL_ADD);
}

static void send_request(struct connection *one) {
    // A request fits into any socket's empty buffer.
    if (send(one->fd, request, request_bytes, MSG_NOSIGNAL) != (ssize_t)request_bytes) {
        atomic_fetch_add(&control->failed, 1);
    }
}

static void ask(int index, int64_t due) {
    struct connection *one = &connections[index];
    one->is_asking = true;
    one->due = due;
    one->received = one->expected = 0;
    if (one->fd < 0) open_connection(index);
    if (!one->is_connecting) send_request(one);
}

static void become_idle(int index) {
    connections[index].is_asking = false;
    idle[idle_count++] = index;
}

static void close_connection(int index) {
    close(connections[index].fd);
    connections[index].fd = -1;
    connections[index].is_connecting = false;
}

static void broke(int index) {
    atomic_fetch_add(&control->failed, 1);
    bool was_asking = connections[index].is_asking;
    close_connection(index);
    if (was_asking) become_idle(index);
}

// Whether the whole answer has been received.
static bool is_complete(struct connection *one) {
    if (one->expected == 0) {
        one->answer[one->received] = 0;
        char *end = strstr(one->answer, "\r\n\r\n");
        if (!end) return false;
        char *length = strcasestr(one->answer, "\r\ncontent-length:");
        if (!length || length > end) {
            fprintf(stderr, "an answer without Content-Length:\n%.300s\n", one->answer);
            exit(1);
        }
        one->expected = (size_t)(end + 4 - one->answer) + strtoul(length + 17, NULL, 10);
        if (one->expected >= answer_bytes_max) fail("the answer is too long");
    }
    return one->received >= one->expected;
}

static void note_answer(int index) {
    struct connection *one = &connections[index];
    bool is_good = strncmp(one->answer, "HTTP/1.1 200", 12) == 0;
    atomic_fetch_add(is_good ? &control->done : &control->failed, 1);
    if (!one->has_answered) {
        one->has_answered = true;
        if (++answered_count == connection_count) control->is_under_way = 1;
    }
    if (control->is_recording && latency_count < latencies_max) {
        int64_t nanos = nanoseconds() - one->due;
        latencies[latency_count++] = nanos < UINT32_MAX ? (uint32_t)nanos : UINT32_MAX;
    }
    if (closes) close_connection(index);
    become_idle(index);
}

static void handle(int index, uint32_t events) {
    struct connection *one = &connections[index];
    if (one->fd < 0) return;
    if (one->is_connecting) {
        if (events & (EPOLLERR | EPOLLHUP)) return broke(index);
        one->is_connecting = false;
        watch(index, EPOLLIN, EPOLL_CTL_MOD);
        return send_request(one);
    }
    size_t room = answer_bytes_max - 1 - one->received;
    ssize_t count = recv(one->fd, one->answer + one->received, room, 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0 || !one->is_asking) return broke(index);
    one->received += (size_t)count;
    if (is_complete(one)) note_answer(index);
}

static int compare(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

static double percentile(double part) {
    if (latency_count == 0) return 0;
    return latencies[(size_t)((double)(latency_count - 1) * part)] / 1000.0;
}

static void print(void) {
    qsort(latencies, latency_count, sizeof *latencies, compare);
    printf("{\"latencies\": %zu, \"p50_us\": %.1f, \"p90_us\": %.1f, \"p99_us\": %.1f, "
           "\"p999_us\": %.1f, \"max_us\": %.1f}\n",
           latency_count, percentile(0.5), percentile(0.9), percentile(0.99), percentile(0.999),
           percentile(1));
}

static void run(double rate) {
    int64_t gap = rate > 0 ? (int64_t)(1e9 / rate) : 0;
    int64_t next_due = nanoseconds();
    // The first request of each connection is of no schedule: it shows that the way is open.
    for (int index = 0; index < connection_count; index++) ask(index, next_due);
    while (!control->is_over) {
        int64_t now = nanoseconds();
        if (gap && !control->is_under_way) {
            next_due = now;
        } else if (gap) {
            for (; next_due <= now; next_due += gap) {
                if (waiting_tail - waiting_head == waiting_max) fail("the server is far behind");
                waiting[waiting_tail++ % waiting_max] = next_due;
            }
            while (idle_count && waiting_head < waiting_tail) {
                ask(idle[--idle_count], waiting[waiting_head++ % waiting_max]);
            }
        } else {
            while (idle_count) ask(idle[--idle_count], nanoseconds());
        }
        // The page is looked at a hundred times a second at least.
        int64_t pause = gap && control->is_under_way ? next_due - nanoseconds() : 10000000;
        if (pause > 10000000) pause = 10000000;
        struct timespec timeout = {.tv_nsec = pause > 0 ? pause : 0};
        struct epoll_event events[events_max];
        int count = epoll_pwait2(epoll, events, events_max, &timeout, NULL);
        for (int at = 0; at < count; at++) handle((int)events[at].data.u32, events[at].events);
    }
}

int main(int argument_count, char **arguments) {
    if (argument_count != 7) {
        fprintf(stderr, "usage: load CONTROL HOST PORT CONNECTIONS RATE keep|close\n");
        return 2;
    }
    control = map_control(arguments[1]);
    server = address_of(arguments[2], arguments[3]);
    connection_count = atoi(arguments[4]);
    closes = strcmp(arguments[6], "close") == 0;
    request_bytes = (size_t)snprintf(
        request, sizeof request,
        "GET / HTTP/1.1\r\nHost: %s\r\nUser-Agent: meshbench\r\nAccept: */*\r\n%s\r\n",
        arguments[2], closes ? "Connection: close\r\n" : "");
    // The kernel may otherwise end a pause 50 us late, to save on timers.
    prctl(PR_SET_TIMERSLACK, 1);
    connections = calloc((size_t)connection_count, sizeof *connections);
    idle = calloc((size_t)connection_count, sizeof *idle);
    waiting = calloc(waiting_max, sizeof *waiting);
    latencies = calloc(latencies_max, sizeof *latencies);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!connections || !idle || !waiting || !latencies || epoll < 0) fail("setting up");
    for (int index = 0; index < connection_count; index++) connections[index].fd = -1;
    run(atof(arguments[5]));
    print();
    return 0;
}
