// SPDX-License-Identifier: Apache-2.0
// The least that a sidecar can do: bytes from one socket to another, without a look at them.
//
//   relay plain|encrypt|decrypt HOST PORT SERVER_HOST SERVER_PORT [CERTIFICATES PEER_NAME]
//
// "encrypt" speaks mutual TLS 1.3 to the server, "decrypt" to the clients. One thread, one server
// connection for each client's, epoll by level, one OpenSSL call a piece. A proxy that knows what
// it carries does this and more, so what this costs is the floor.
#define _GNU_SOURCE
#include "control.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { buffer_bytes = 65536, events_max = 256, accepted_at_once = 64 };

struct pair;

// One socket of two. What could not be written to it yet is held beside it.
struct end {
    struct pair *pair;
    struct end *other;
    int fd;
    uint32_t armed, wanted;  // of epoll: what it has been told, and what TLS waits for
    bool is_connecting, is_shaking_hands, has_ended, was_told_end;
    SSL *tls;
    char *held;
    size_t held_start, held_count;
};

struct pair {
    struct end client, server;
    bool is_dead;
    struct pair *next_dead;
};

static int epoll, listener;
static struct sockaddr_in server_address;
static SSL_CTX *client_side, *server_side;  // TLS towards clients, and towards the server
static const char *peer_name;
static struct pair *dead;
static char buffer[buffer_bytes];

// What reading and writing say beside a count; 0 is the end of the stream.
enum { would_block = -1, broken = -2 };

static int judge_tls(struct end *end, int result) {
    switch (SSL_get_error(end->tls, result)) {
        case SSL_ERROR_WANT_READ: return would_block;
        case SSL_ERROR_WANT_WRITE: end->wanted |= EPOLLOUT; return would_block;
        case SSL_ERROR_ZERO_RETURN: return 0;
        default: ERR_clear_error(); return broken;
    }
}

static int read_some(struct end *end) {
    if (end->tls) {
        int count = SSL_read(end->tls, buffer, buffer_bytes);
        return count > 0 ? count : judge_tls(end, count);
    }
    ssize_t count = recv(end->fd, buffer, buffer_bytes, 0);
    return count >= 0 ? (int)count : errno == EAGAIN ? would_block : broken;
}

static int write_some(struct end *end, const char *bytes, size_t count) {
    if (end->tls) {
        int written = SSL_write(end->tls, bytes, (int)count);
        if (written > 0) return written;
        return judge_tls(end, written) == would_block ? would_block : broken;
    }
    ssize_t written = send(end->fd, bytes, count, MSG_NOSIGNAL);
    return written >= 0 ? (int)written : errno == EAGAIN ? would_block : broken;
}

static bool is_open(const struct end *end) {
    return !end->is_connecting && !end->is_shaking_hands;
}

static bool has_pending(const struct end *end) { return end->tls && SSL_has_pending(end->tls); }

// Connecting and shaking hands, one step. False when the end is broken.
static bool go_on_opening(struct end *end) {
    if (end->is_connecting) {
        int error = 0;
        socklen_t size = sizeof error;
        getsockopt(end->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error) return false;
        end->is_connecting = false;
    }
    if (end->is_shaking_hands) {
        int result = SSL_do_handshake(end->tls);
        if (result != 1) return judge_tls(end, result) == would_block;
        end->is_shaking_hands = false;
    }
    return true;
}

static bool write_held(struct end *end) {
    while (end->held_count) {
        int count = write_some(end, end->held + end->held_start, end->held_count);
        if (count == would_block) return true;
        if (count < 0) return false;
        end->held_start += (size_t)count;
        end->held_count -= (size_t)count;
    }
    if (end->other->has_ended && !end->was_told_end) {
        end->was_told_end = true;
        if (end->tls) SSL_shutdown(end->tls);
        shutdown(end->fd, SHUT_WR);
    }
    return true;
}

static bool hold(struct end *end, const char *bytes, size_t count) {
    if (!end->held && !(end->held = malloc(buffer_bytes))) return false;
    memcpy(end->held, bytes, count);
    end->held_start = 0;
    end->held_count = count;
    return true;
}

// Reads from one end, and writes to the other, as long as that takes all. What OpenSSL has read
// beyond a record raises no event, so it is asked for it.
static bool pass_on(struct end *from, bool is_readable) {
    struct end *to = from->other;
    while ((is_readable || has_pending(from)) && is_open(from) && is_open(to) &&
           !from->has_ended && !to->held_count) {
        is_readable = false;
        int count = read_some(from);
        if (count == would_block) return true;
        if (count == broken) return false;
        if (count == 0) {
            from->has_ended = true;
            return write_held(to);
        }
        int written = write_some(to, buffer, (size_t)count);
        if (written == broken) return false;
        size_t done = written > 0 ? (size_t)written : 0;
        if (done < (size_t)count && !hold(to, buffer + done, (size_t)count - done)) return false;
    }
    return true;
}

static void arm(struct end *end) {
    uint32_t events = end->wanted;
    end->wanted = 0;
    if (end->is_connecting) events |= EPOLLOUT;
    else if (end->is_shaking_hands) events |= EPOLLIN;
    else {
        if (!end->has_ended && !end->other->held_count && is_open(end->other)) events |= EPOLLIN;
        if (end->held_count) events |= EPOLLOUT;
    }
    if (events == end->armed) return;
    struct epoll_event event = {.events = events, .data.ptr = end};
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, end->fd, &event) != 0) fail("epoll_ctl");
    end->armed = events;
}

// Freed once the events of this turn, which may still point to it, have been seen.
static void end_pair(struct pair *pair) {
    close(pair->client.fd);
    close(pair->server.fd);
    pair->is_dead = true;
    pair->next_dead = dead;
    dead = pair;
}

static void free_dead(void) {
    while (dead) {
        struct pair *pair = dead;
        dead = pair->next_dead;
        SSL_free(pair->client.tls);
        SSL_free(pair->server.tls);
        free(pair->client.held);
        free(pair->server.held);
        free(pair);
    }
}

static bool handle(struct end *end, uint32_t events) {
    if (!is_open(end)) {
        if (!go_on_opening(end)) return false;
        // What came while the other end was not open, or with the end of the handshake.
        return !is_open(end) || (pass_on(end->other, false) && pass_on(end, false));
    }
    if (events & EPOLLOUT && !(write_held(end) && pass_on(end->other, false))) return false;
    if (events & (EPOLLIN | EPOLLERR | EPOLLHUP) && !pass_on(end, true)) return false;
    if (events & (EPOLLERR | EPOLLHUP) && end->has_ended) return false;
    return !(end->was_told_end && end->other->was_told_end);
}

static void set_up(struct pair *pair, struct end *end, struct end *other, int fd, SSL_CTX *tls) {
    *end = (struct end){.pair = pair, .other = other, .fd = fd};
    int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct epoll_event event = {.events = 0, .data.ptr = end};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
    if (!tls) return;
    if (!(end->tls = SSL_new(tls)) || SSL_set_fd(end->tls, fd) != 1) fail("SSL_new");
    end->is_shaking_hands = true;
    if (tls == client_side) {
        SSL_set_accept_state(end->tls);
        return;
    }
    SSL_set_connect_state(end->tls);
    SSL_set_tlsext_host_name(end->tls, peer_name);
    SSL_set1_host(end->tls, peer_name);
}

static void accept_some(void) {
    for (int left = accepted_at_once; left > 0; left--) {
        int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (client < 0) return;
        int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        struct pair *pair = calloc(1, sizeof *pair);
        if (server < 0 || !pair) fail("accepting");
        set_up(pair, &pair->client, &pair->server, client, client_side);
        set_up(pair, &pair->server, &pair->client, server, server_side);
        pair->server.is_connecting = true;
        if (connect(server, (struct sockaddr *)&server_address, sizeof server_address) != 0 &&
            errno != EINPROGRESS) {
            end_pair(pair);
            continue;
        }
        arm(&pair->client);
        arm(&pair->server);
    }
}

static SSL_CTX *context(const SSL_METHOD *method, const char *folder, int verification) {
    char path[3][512];
    const char *names[] = {"tls.crt", "tls.key", "ca.crt"};
    for (int at = 0; at < 3; at++) snprintf(path[at], sizeof path[at], "%s/%s", folder, names[at]);
    SSL_CTX *made = SSL_CTX_new(method);
    SSL_CTX_set_min_proto_version(made, TLS1_3_VERSION);
    if (SSL_CTX_set_ciphersuites(made, "TLS_AES_128_GCM_SHA256") != 1 ||
        SSL_CTX_use_certificate_chain_file(made, path[0]) != 1 ||
        SSL_CTX_use_PrivateKey_file(made, path[1], SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_load_verify_locations(made, path[2], NULL) != 1) {
        ERR_print_errors_fp(stderr);
        exit(1);
    }
    SSL_CTX_set_mode(made, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // A record's head and its body in one call of the kernel.
    SSL_CTX_set_read_ahead(made, 1);
    SSL_CTX_set_num_tickets(made, 0);
    SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(made, verification, NULL);
    return made;
}

static void listen_at(struct sockaddr_in address) {
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) fail("bind");
    if (listen(listener, 4096) != 0) fail("listen");
    struct epoll_event event = {.events = EPOLLIN};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0) fail("epoll_ctl");
}

int main(int argument_count, char **arguments) {
    bool encrypts = argument_count == 8 && strcmp(arguments[1], "encrypt") == 0;
    bool decrypts = argument_count == 8 && strcmp(arguments[1], "decrypt") == 0;
    if (!encrypts && !decrypts && !(argument_count == 6 && strcmp(arguments[1], "plain") == 0)) {
        fprintf(stderr, "usage: relay plain|encrypt|decrypt HOST PORT SERVER_HOST SERVER_PORT "
                        "[CERTIFICATES PEER_NAME]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    int demand = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    if (encrypts) server_side = context(TLS_client_method(), arguments[6], SSL_VERIFY_PEER);
    if (decrypts) client_side = context(TLS_server_method(), arguments[6], demand);
    peer_name = encrypts ? arguments[7] : NULL;
    server_address = address_of(arguments[4], arguments[5]);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    listen_at(address_of(arguments[2], arguments[3]));
    for (;;) {
        struct epoll_event events[events_max];
        int count = epoll_wait(epoll, events, events_max, -1);
        for (int at = 0; at < count; at++) {
            struct end *end = events[at].data.ptr;
            if (!end) {
                accept_some();
                continue;
            }
            if (end->pair->is_dead) continue;
            if (handle(end, events[at].events)) {
                arm(end);
                arm(end->other);
            } else {
                end_pair(end->pair);
            }
        }
        free_dead();
    }
}
