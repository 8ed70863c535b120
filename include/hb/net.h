/* layer: net */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP: one request and its reply, whole or read while it arrives, with repeats where they help.
 *
 * libcurl does the work; its library is loaded by the first http_open, so that commands without a network
 * start as fast as before. Redirects are never followed: a reply of 3xx is handed back as it is. TLS is 1.2
 * or newer and always verified. Plain http is for loopback addresses, and only when the caller allows it.
 *
 * Errors: ERR_CONNECT; ERR_INTERRUPT when *stop became non-zero. No header and no body is ever part of one.
 */
#ifndef HB_NET_H
#define HB_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/buf.h"
#include "hb/err.h"
#include "hb/secret.h"
#include "hb/str.h"

/* -- addresses (url.c) -- */

struct url {
    bool https;
    struct str host; /* without brackets */
    uint16_t port;
    struct str path; /* with the query; "" or begins with a slash */
};
/* http:// and https:// only; no user name, no fragment, no blank, no control character. */
bool url_parse(struct str text, struct url *out);
/* 127.0.0.0/8 and ::1 as numbers: a name could be pointed elsewhere. */
bool url_is_loopback(const struct url *u);
/* 169.254.0.0/16 as a number. */
bool url_is_link_local(const struct url *u);
/* May this address be asked, and be shown a secret? https always, http to loopback when allowed. */
bool url_check(struct str text, bool allow_loopback, struct err *err);
/* Every byte but letters, digits and - . _ ~ as %XX. */
void url_put_escaped(struct buf *out, struct str text);
/* Both with exactly one slash between them. */
struct str url_join(struct arena *a, struct str base, const char *path);

/* -- when to ask again (retry.c): pure -- */

enum net_failure {
    NET_OK,
    NET_NO_CONNECTION, /* nothing was sent, or nothing came back */
    NET_BROKEN,        /* the reply broke off, or could not be decoded */
    NET_TIMEOUT,
    NET_FATAL, /* certificate, address, size: the same again would give the same */
};
enum { RETRY_MAX = 3 };
struct retry_case {
    int tries;                /* so far, at least 1 */
    enum net_failure failure; /* else status counts */
    int status;
    struct str retry_after, retry_after_ms, date; /* headers, or empty */
    int64_t now;                                  /* ticks of our own clock, when the service tells no date */
    double spent, budget;                         /* seconds waited, and at most to be waited */
    double random;                                /* in [0, 1) */
    int max;                                      /* repeats at most */
    bool gone;                                    /* 404 and 410 pass too */
};
/* True: ask again after *wait seconds. */
bool retry_decide(const struct retry_case *c, double *wait);

/* -- requests (http.c, call.c) -- */

struct http;

struct http_options {
    bool allow_loopback;      /* http:// to loopback */
    const char *ca_file;      /* NULL: the system's */
    const char *ca_dir;       /* NULL: the system's */
    const volatile int *stop; /* may be NULL */
    /* Before a wait of some seconds; may be NULL. */
    void (*waiting)(void *ctx, double seconds, int status);
    void *waiting_ctx;
};
struct http *http_open(const struct http_options *o, struct err *err);
void http_close(struct http *h); /* NULL is allowed */
/* Of libcurl, which is loaded for it, like 7.88.1; NULL when it cannot be. */
const char *http_library_version(void);

struct http_reply {
    int status;
    int tries;
    struct buf body;    /* decoded */
    struct buf headers; /* lines of the last reply, as sent */
};

/* A body while it arrives. */
struct http_stream;
/* The next bytes, decoded, at least one; none at the end. The view lives until the next call. False: the reply broke
 * off, *err says how. */
bool http_read(struct http_stream *s, struct str *bytes, struct err *err);

struct http_request {
    const char *method; /* GET, POST */
    struct str url;
    const char *const *headers; /* "Name: value" */
    size_t nheaders;
    struct str bearer;         /* a token for the Authorization header, or empty */
    const char *secret_header; /* one more header that holds a secret, or NULL */
    struct str body;           /* of a POST */
    double
        timeout; /* seconds until a try's reply begins; what then stands still as long, or for a minute, is over too */
    double retry_budget; /* seconds of waiting between tries */
    int retry_max;       /* repeats; 0: RETRY_MAX; negative: none */
    bool retry_gone;     /* 404 and 410 pass too: of a metadata service */
    size_t max_body;     /* more is an error */
    bool link_local; /* the metadata service of the machine: http to 169.254.0.0/16 or loopback, no proxy */
    /*
     * Reads the body of a 200 while it arrives, to its end; NULL: it is collected in reply.body. It is called anew for
     * every try, and says NET_OK, NET_BROKEN (not whole: ask again) or NET_FATAL, with *err.
     */
    enum net_failure (*read)(void *ctx, const struct http_reply *head, struct http_stream *s,
                             struct err *err);
    void *read_ctx;
};

/* False: no whole reply was had, *err says why. A reply of any status is true. */
bool http_call(struct http *h, const struct http_request *q, struct http_reply *out, struct err *err);
/* A header of the reply, trimmed; the first of that name; empty when there is none. */
struct str http_header(const struct http_reply *r, const char *name);
void http_reply_free(struct http_reply *r); /* overwrites: replies hold tokens and secrets */

/* Sleeps in steps. False and ERR_INTERRUPT when *stop (may be NULL) becomes non-zero. */
bool net_pause(double seconds, const volatile int *stop, struct err *err);
/* A random id, 36 characters and NUL. */
void net_uuid(char out[37]);

#endif
