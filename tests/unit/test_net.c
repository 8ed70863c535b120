/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses, the decision about another try, and requests against a server on this machine.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hb/net.h"
#include "hb/ticks.h"
#include "loopback.h"

/* -- addresses -- */

static void addresses_mean_one_host(void **state)
{
    static const char *const good[] = { "https://a.example", "https://a.example:8443/x?y=1",
                                        "http://127.0.0.1:1/", "https://[::1]:2/z" };
    static const char *const bad[] = { "ftp://a.example",         "https://",
                                       "https://a@b.example",     "https://a.example/#x",
                                       "https://a.example/ b",    "https://a.example:0",
                                       "https://a.example:70000", "https://a.example\\@b",
                                       "https://[::2]/",          "//a.example",
                                       "https:/a.example" };
    struct url u;
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(url_parse(str_z(good[i]), &u));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(url_parse(str_z(bad[i]), &u));
}

static void only_loopback_may_be_plain(void **state)
{
    static const char *const plain[] = { "http://127.0.0.1:80", "http://127.1.2.3", "http://[::1]:80" };
    static const char *const never[] = {
        "http://localhost", "http://127.0.0.1.example", "http://0127.0.0.1",
        "http://127.1",     "http://10.0.0.1",          "http://2130706433"
    };
    struct err err = ERR_INIT;
    (void)state;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        assert_true(url_check(str_z(plain[i]), true, &err));
        assert_false(url_check(str_z(plain[i]), false, &err));
    }
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        assert_false(url_check(str_z(never[i]), true, &err));
    struct url u;
    assert_true(url_parse(STR("http://169.254.169.254/x"), &u) && url_is_link_local(&u));
    assert_true(url_parse(STR("http://169.255.1.1/x"), &u) && !url_is_link_local(&u));
}

static void values_are_escaped(void **state)
{
    struct buf b = BUF_INIT;
    (void)state;
    url_put_escaped(&b, STR("a~B9-._ +/&=%\xC3\xA9"));
    assert_string_equal(buf_z(&b), "a~B9-._%20%2B%2F%26%3D%25%C3%A9");
    buf_free(&b);
}

/* -- the decision -- */

static struct retry_case http_case(int status)
{
    return (
        struct retry_case){ .tries = 1, .status = status, .budget = 100, .random = 0.5, .max = RETRY_MAX };
}

static void what_passes_is_asked_again(void **state)
{
    static const int again[] = { 408, 429, 500, 502, 503, 504 },
                     final[] = { 200, 204, 301, 307, 400, 401, 403, 404, 410, 413, 501, 505 };
    double wait;
    (void)state;
    for (size_t i = 0; i < sizeof again / sizeof *again; i++) {
        struct retry_case c = http_case(again[i]);
        assert_true(retry_decide(&c, &wait));
    }
    for (size_t i = 0; i < sizeof final / sizeof *final; i++) {
        struct retry_case c = http_case(final[i]);
        assert_false(retry_decide(&c, &wait));
    }
    struct retry_case gone = http_case(410);
    gone.gone = true;
    assert_true(retry_decide(&gone, &wait));
    struct retry_case slow = http_case(504);
    slow.tries = 2;
    assert_false(retry_decide(&slow, &wait));
    struct retry_case many = http_case(503);
    many.tries = 4;
    assert_false(retry_decide(&many, &wait));
}

static void failures_differ(void **state)
{
    double wait;
    (void)state;
    struct retry_case c = http_case(0);
    c.failure = NET_NO_CONNECTION;
    c.tries = 3;
    assert_true(retry_decide(&c, &wait));
    c.failure = NET_BROKEN;
    assert_false(retry_decide(&c, &wait));
    c.tries = 1;
    assert_true(retry_decide(&c, &wait));
    c.failure = NET_TIMEOUT;
    assert_false(retry_decide(&c, &wait));
    c.failure = NET_FATAL;
    assert_false(retry_decide(&c, &wait));
}

static void the_service_says_how_long(void **state)
{
    double wait;
    int64_t now;
    (void)state;
    struct retry_case c = http_case(429);
    c.retry_after = STR("12");
    assert_true(retry_decide(&c, &wait));
    assert_true(fabs(wait - (12)) < 0.001);
    c.retry_after_ms = STR("1500");
    assert_true(retry_decide(&c, &wait));
    assert_true(fabs(wait - (1.5)) < 0.001);
    c = http_case(503);
    c.retry_after = STR("Tue, 24 Nov 2026 19:00:30 GMT");
    c.date = STR("Tue, 24 Nov 2026 19:00:00 GMT");
    assert_true(retry_decide(&c, &wait));
    assert_true(fabs(wait - (30)) < 0.001);
    c.date = STR("");
    assert_true(ticks_parse_iso(STR("2026-11-24T19:00:10Z"), &now));
    c.now = now;
    assert_true(retry_decide(&c, &wait));
    assert_true(fabs(wait - (20)) < 0.001);
    c.retry_after = STR("Tue, 24 Nov 2020 19:00:30 GMT");
    assert_true(retry_decide(&c, &wait));
    assert_true(fabs(wait - (0)) < 0.001);
    c.retry_after = STR("3600");
    assert_false(retry_decide(&c, &wait)); /* beyond the budget */
    c.retry_after = STR("-5");
    assert_true(retry_decide(&c, &wait));
    assert_true(fabs(wait - (0.8)) < 0.001); /* nonsense: our own wait */
    c = http_case(500);
    c.tries = 3;
    c.random = 0;
    assert_true(retry_decide(&c, &wait));
    assert_true(fabs(wait - (3.2 * 0.75)) < 0.001);
}

/* -- requests -- */

struct seen {
    struct loopback server;
    struct http *http;
    struct arena *arena;
    struct http_request request;
    struct http_reply reply;
    struct err err;
    double waited;
    int waits;
};

static void on_wait(void *ctx, double seconds, int status)
{
    struct seen *s = ctx;
    (void)status;
    s->waited += seconds;
    s->waits++;
}

static bool ask(struct seen *s, const struct loopback_reply *replies, size_t n)
{
    struct http_options o = { .allow_loopback = true, .waiting = on_wait, .waiting_ctx = s };
    loopback_start(&s->server, replies, n);
    s->arena = arena_new(0, "test");
    s->http = http_open(&o, &s->err);
    assert_non_null(s->http);
    s->request.method = s->request.method ? s->request.method : "POST";
    s->request.url = arena_strf(s->arena, "http://127.0.0.1:%u/x", s->server.port);
    s->request.timeout = 5;
    s->request.retry_budget = 20;
    s->request.max_body = s->request.max_body ? s->request.max_body : 1 << 20;
    bool ok = http_call(s->http, &s->request, &s->reply, &s->err);
    loopback_stop(&s->server);
    return ok;
}

static void done(struct seen *s)
{
    http_reply_free(&s->reply);
    http_close(s->http);
    loopback_free(&s->server);
    arena_free(s->arena);
}

static void a_reply_is_collected(void **state)
{
    struct loopback_reply r[] = { { .head = "HTTP/1.1 200 OK\r\nX-One: a \r\nx-two: b", .body = "hello" } };
    struct seen s = { .request = { .bearer = STR_INIT("tok-1"), .body = STR_INIT("{}") } };
    (void)state;
    assert_true(ask(&s, r, 1));
    assert_int_equal(s.reply.status, 200);
    assert_string_equal(buf_z(&s.reply.body), "hello");
    assert_true(str_eqz(http_header(&s.reply, "x-one"), "a"));
    assert_true(str_eqz(http_header(&s.reply, "X-Two"), "b"));
    assert_non_null(strstr(buf_z(&s.server.requests[0]), "Authorization: Bearer tok-1\r\n"));
    assert_non_null(strstr(buf_z(&s.server.requests[0]), "\r\n\r\n{}"));
    done(&s);
}

static void a_redirect_is_not_followed(void **state)
{
    struct loopback_reply r[] = { { .head = "HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:9/" },
                                  { .head = "HTTP/1.1 200 OK", .body = "never" } };
    struct seen s = { .request = { .bearer = STR_INIT("tok-1") } };
    (void)state;
    assert_true(ask(&s, r, 2));
    assert_int_equal(s.reply.status, 307);
    assert_int_equal(s.server.served, 1);
    done(&s);
}

static void passing_faults_are_waited_out(void **state)
{
    struct loopback_reply r[] = { { .head = "HTTP/1.1 429 Slow\r\nretry-after-ms: 120", .body = "{}" },
                                  { .head = NULL },
                                  { .head = "HTTP/1.1 200 OK", .body = "yes" } };
    struct seen s = { 0 };
    (void)state;
    assert_true(ask(&s, r, 3));
    assert_int_equal(s.reply.tries, 3);
    assert_string_equal(buf_z(&s.reply.body), "yes");
    assert_int_equal(s.waits, 2);
    done(&s);
}

static void a_body_that_breaks_is_asked_for_once_more(void **state)
{
    struct loopback_reply r[] = { { .head = "HTTP/1.1 200 OK", .body = "half", .announce = 8 },
                                  { .head = "HTTP/1.1 200 OK", .body = "half", .announce = 8 },
                                  { .head = "HTTP/1.1 200 OK", .body = "never" } };
    struct seen s = { 0 };
    (void)state;
    assert_false(ask(&s, r, 3));
    assert_int_equal(s.err.kind, ERR_CONNECT);
    assert_int_equal(s.server.served, 2);
    done(&s);
}

static void too_much_is_refused(void **state)
{
    struct loopback_reply r[] = { { .head = "HTTP/1.1 200 OK", .body = "0123456789" } };
    struct seen s = { .request = { .max_body = 5 } };
    (void)state;
    assert_false(ask(&s, r, 1));
    assert_non_null(strstr(s.err.text, "larger than"));
    done(&s);
}

/* Reads to the end, and calls the first try broken. */
static enum net_failure read_twice(void *ctx, const struct http_reply *head, struct http_stream *in,
                                   struct err *err)
{
    struct buf *all = ctx;
    struct str bytes;
    buf_clear(all);
    do {
        if (!http_read(in, &bytes, err))
            return NET_BROKEN;
        buf_str(all, bytes);
    } while (bytes.n);
    if (head->tries == 1) {
        err_set(err, ERR_CONNECT, "not whole");
        return NET_BROKEN;
    }
    return NET_OK;
}

static void a_reader_gets_every_byte_of_every_try(void **state)
{
    struct buf all = BUF_INIT;
    struct loopback_reply r[] = { { .head = "HTTP/1.1 200 OK", .body = "first try", .piece = 2 },
                                  { .head = "HTTP/1.1 200 OK", .body = "second try", .piece = 3 } };
    struct seen s = { .request = { .read = read_twice, .read_ctx = &all } };
    (void)state;
    assert_true(ask(&s, r, 2));
    assert_string_equal(buf_z(&all), "second try");
    assert_int_equal(s.reply.body.n, 0);
    buf_free(&all);
    done(&s);
}

static void plain_http_goes_nowhere_unless_allowed(void **state)
{
    struct err err = ERR_INIT;
    struct http_options o = { 0 };
    struct http *h = http_open(&o, &err);
    struct http_reply reply;
    struct http_request q = {
        .method = "GET", .url = STR("http://127.0.0.1:1/"), .timeout = 1, .max_body = 100
    };
    (void)state;
    assert_false(http_call(h, &q, &reply, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    q.url = STR("http://10.0.0.1/");
    q.link_local = true;
    assert_false(http_call(h, &q, &reply, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    http_close(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_mean_one_host),
        cmocka_unit_test(only_loopback_may_be_plain),
        cmocka_unit_test(values_are_escaped),
        cmocka_unit_test(what_passes_is_asked_again),
        cmocka_unit_test(failures_differ),
        cmocka_unit_test(the_service_says_how_long),
        cmocka_unit_test(a_reply_is_collected),
        cmocka_unit_test(a_redirect_is_not_followed),
        cmocka_unit_test(passing_faults_are_waited_out),
        cmocka_unit_test(a_body_that_breaks_is_asked_for_once_more),
        cmocka_unit_test(too_much_is_refused),
        cmocka_unit_test(a_reader_gets_every_byte_of_every_try),
        cmocka_unit_test(plain_http_goes_nowhere_unless_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
