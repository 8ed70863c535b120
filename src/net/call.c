/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request with its repeats. What is decided stands in retry.c; here are the clock and the waiting.
 */
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "hb/ticks.h"
#include "net_int.h"

static double random_unit(void)
{
    uint32_t v = 0;
    if (getrandom(&v, sizeof v, 0) != sizeof v)
        v = 0;
    return v / 4294967296.0;
}

void net_uuid(char out[37])
{
    unsigned char b[16] = { 0 };
    struct buf text = BUF_INIT;
    if (getrandom(b, sizeof b, 0) != sizeof b)
        memset(b, 0x5A, sizeof b);
    b[6] = (unsigned char)(0x40 | (b[6] & 0x0F));
    b[8] = (unsigned char)(0x80 | (b[8] & 0x3F));
    for (size_t i = 0, at = 0; i < 5; i++) {
        static const size_t lengths[] = { 4, 2, 2, 2, 6 };
        if (i)
            buf_putc(&text, '-');
        buf_hex(&text, b + at, lengths[i]);
        at += lengths[i];
    }
    memcpy(out, buf_z(&text), 37);
    buf_free(&text);
}

struct str http_header(const struct http_reply *r, const char *name)
{
    struct str all = buf_view(&r->headers), want = str_z(name);
    for (size_t from = 0; from < all.n;) {
        size_t to = str_chr(all, '\n', from);
        struct str line = str_sub(all, from, to);
        size_t colon = str_chr(line, ':', 0);
        if (colon < line.n && str_eq_nocase(str_sub(line, 0, colon), want))
            return str_trim(str_sub(line, colon + 1, line.n));
        from = to + 1;
    }
    return STR("");
}

void http_reply_free(struct http_reply *r)
{
    buf_wipe(&r->body);
    buf_wipe(&r->headers);
    *r = (struct http_reply){ 0 };
}

bool net_pause(double seconds, const volatile int *stop, struct err *err)
{
    while (seconds > 0 || (stop && *stop)) {
        double step = seconds < 0.1 ? seconds : 0.1;
        if (stop && *stop)
            return err_set(err, ERR_INTERRUPT, "stopped by the user");
        nanosleep(&(struct timespec){ .tv_nsec = (long)(step * 1e9) }, NULL);
        seconds -= step;
    }
    return true;
}

static bool pause_for(const struct http_options *o, double seconds, int status, struct err *err)
{
    if (o->waiting && seconds >= 0.1)
        o->waiting(o->waiting_ctx, seconds, status);
    return net_pause(seconds, o->stop, err);
}

static struct retry_case case_of(const struct http_reply *r, enum net_failure failure)
{
    struct str ms = http_header(r, "retry-after-ms");
    return (struct retry_case){
        .tries = r->tries,
        .failure = failure,
        .status = r->status,
        .retry_after = http_header(r, "Retry-After"),
        .retry_after_ms = ms.n ? ms : http_header(r, "x-ms-retry-after-ms"),
        .date = http_header(r, "Date"),
        .now = TICKS_UNIX + (int64_t)time(NULL) * TICKS_SEC,
        .random = random_unit(),
    };
}

static bool may_ask(const struct http_options *o, const struct http_request *q, struct err *err)
{
    struct url u;
    if (q->link_local && url_parse(q->url, &u) && (url_is_loopback(&u) || url_is_link_local(&u)))
        return true;
    return url_check(q->url, o->allow_loopback, err);
}

bool http_call(struct http *h, const struct http_request *q, struct http_reply *out, struct err *err)
{
    const struct http_options *o = http_options_of(h);
    double spent = 0, wait;
    *out = (struct http_reply){ 0 };
    if (!may_ask(o, q, err))
        return false;
    for (int tries = 1;; tries++) {
        buf_clear(&out->body);
        buf_clear(&out->headers);
        out->status = 0;
        out->tries = tries;
        enum net_failure failure = http_try(h, q, out, err);
        struct retry_case c = case_of(out, failure);
        c.spent = spent;
        c.budget = q->retry_budget;
        c.gone = q->retry_gone;
        c.max = q->retry_max < 0 ? 0 : q->retry_max ? q->retry_max : RETRY_MAX;
        if (err->kind == ERR_INTERRUPT || !retry_decide(&c, &wait)) {
            if (failure != NET_OK && tries > 1)
                err_wrap(err, "after %d tries", tries);
            return failure == NET_OK;
        }
        if (!pause_for(o, wait, failure == NET_OK ? out->status : 0, err))
            return false;
        *err = (struct err)ERR_INIT;
        spent += wait;
    }
}
