// SPDX-License-Identifier: Apache-2.0
// Bytes in one direction, as fast as they go:
//
//   stream serve CONTROL HOST PORT                   the other end of both
//   stream up|down CONTROL HOST PORT CONNECTIONS     sends to it, or has it send
//
// A connection's first byte says the direction, so that the client speaks first in both; it begins
// no request of HTTP. Whoever receives counts.
#define _GNU_SOURCE
#include "control.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { buffer_bytes = 131072, events_max = 64 };
// The first byte.
enum { up = 1, down = 2 };
// What the kernel tells with an event beside the descriptor.
enum role { listens, waits_for_word, sends, receives };

static struct control *control;
static int epoll;
static char buffer[buffer_bytes];

static void watch(int fd, enum role role, int operation) {
    struct epoll_event event = {
        .events = role == sends ? EPOLLOUT : EPOLLIN,
        .data.u64 = (uint64_t)role << 32 | (uint32_t)fd,
    };
    if (epoll_ctl(epoll, operation, fd, &event) != 0) fail("epoll_ctl");
}

static void accept_all(int listener) {
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        watch(fd, waits_for_word, EPOLL_CTL_ADD);
    }
}

// False when the connection is at its end.
static bool hear_word(int fd) {
    char word;
    ssize_t count = recv(fd, &word, 1, 0);
    if (count < 0 && errno == EAGAIN) return true;
    if (count != 1) return false;
    watch(fd, word == down ? sends : receives, EPOLL_CTL_MOD);
    return true;
}

static bool move_bytes(int fd, enum role role) {
    ssize_t count = role == sends ? send(fd, buffer, sizeof buffer, MSG_NOSIGNAL)
                                  : recv(fd, buffer, sizeof buffer, 0);
    if (count < 0 && errno == EAGAIN) return true;
    if (count <= 0) return false;
    if (role == receives) {
        atomic_fetch_add(&control->done, (uint64_t)count);
        control->is_under_way = 1;
    }
    return true;
}

static void listen_at(struct sockaddr_in address) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) fail("bind");
    if (listen(listener, 4096) != 0) fail("listen");
    watch(listener, listens, EPOLL_CTL_ADD);
}

static void connect_to(struct sockaddr_in address, char direction) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
    if (send(fd, &direction, 1, MSG_NOSIGNAL) != 1) fail("send");
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) fail("fcntl");
    watch(fd, direction == up ? sends : receives, EPOLL_CTL_ADD);
}

int main(int argument_count, char **arguments) {
    if (argument_count < 5) {
        fprintf(stderr, "usage: stream serve|up|down CONTROL HOST PORT [CONNECTIONS]\n");
        return 2;
    }
    bool serves = strcmp(arguments[1], "serve") == 0;
    control = map_control(arguments[2]);
    struct sockaddr_in address = address_of(arguments[3], arguments[4]);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (serves) listen_at(address);
    for (int left = serves ? 0 : atoi(arguments[5]); left > 0; left--) {
        connect_to(address, strcmp(arguments[1], "up") == 0 ? up : down);
    }
    while (serves || !control->is_over) {
        struct epoll_event events[events_max];
        int count = epoll_wait(epoll, events, events_max, 10);
        for (int at = 0; at < count; at++) {
            int fd = (int)(uint32_t)events[at].data.u64;
            enum role role = (enum role)(events[at].data.u64 >> 32);
            bool goes_on = true;
            if (role == listens) accept_all(fd);
            else if (role == waits_for_word) goes_on = hear_word(fd);
            else goes_on = move_bytes(fd, role);
            if (goes_on) continue;
            close(fd);
            // The bench ends the client; before that no stream may end.
            bool streamed = role == sends || role == receives;
            if (streamed && !control->is_over) atomic_fetch_add(&control->failed, 1);
        }
    }
    return 0;
}
