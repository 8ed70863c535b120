/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server of loopback.h: one connection at a time, one request each.
 */
#include "loopback.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hb/str.h"

/* Head and body of one request. */
static void read_request(int fd, struct buf *out)
{
    char part[4096];
    for (;;) {
        size_t end = str_find(buf_view(out), STR("\r\n\r\n"), 0);
        if (end != SIZE_MAX) {
            size_t at = str_find(buf_view(out), STR("Content-Length: "), 0);
            size_t length = at < end ? (size_t)atol(out->p + at + 16) : 0;
            if (out->n >= end + 4 + length)
                return;
        }
        ssize_t n = read(fd, part, sizeof part);
        if (n <= 0)
            return;
        buf_put(out, part, (size_t)n);
    }
}

static void send_all(int fd, const char *p, size_t n, size_t piece)
{
    for (size_t at = 0; at < n;) {
        size_t some = piece && piece < n - at ? piece : n - at;
        ssize_t sent = send(fd, p + at, some, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        at += (size_t)sent;
    }
}

static void reset(int fd)
{
    struct linger now = { 1, 0 };
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

static void answer(int fd, const struct loopback_reply *r)
{
    struct buf head = BUF_INIT;
    size_t length = r->length ? r->length : r->body ? strlen(r->body) : 0;
    if (!r->head) {
        reset(fd);
        return;
    }
    buf_printf(&head, "%s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", r->head,
               r->announce ? r->announce : length);
    send_all(fd, head.p, head.n, 0);
    if (length)
        send_all(fd, r->body, length, r->piece);
    buf_free(&head);
}

static void *serve(void *ctx)
{
    struct loopback *l = ctx;
    int one = 1;
    for (int fd; (fd = accept(l->listener, NULL, NULL)) >= 0; close(fd)) {
        if (l->served >= l->n)
            continue;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        read_request(fd, &l->requests[l->served]);
        answer(fd, &l->replies[l->served++]);
    }
    return NULL;
}

void loopback_start(struct loopback *l, const struct loopback_reply *replies, size_t n)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof a;
    assert(n <= LOOPBACK_MAX);
    *l = (struct loopback){ .replies = replies,
                            .n = n,
                            .listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    if (bind(l->listener, (struct sockaddr *)&a, sizeof a) != 0 || listen(l->listener, 8) != 0 ||
        getsockname(l->listener, (struct sockaddr *)&a, &size) != 0)
        abort();
    l->port = ntohs(a.sin_port);
    if (pthread_create(&l->thread, NULL, serve, l) != 0)
        abort();
}

void loopback_stop(struct loopback *l)
{
    shutdown(l->listener, SHUT_RDWR);
    pthread_join(l->thread, NULL);
    close(l->listener);
}

void loopback_free(struct loopback *l)
{
    for (size_t i = 0; i < LOOPBACK_MAX; i++)
        buf_free(&l->requests[i]);
}
