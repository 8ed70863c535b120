/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One question to a query service on this machine: what stays in the engine, and what is said of an answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hb/source.h"
#include "loopback.h"

#define JSON      "HTTP/1.1 200 OK\r\nContent-Type: application/json"
#define TOKEN     "tok-0123456789-0123456789-0123456789"
#define TEN(text) text text text text text text text text text text

static const struct loopback_reply signed_in = {
    JSON, "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"" TOKEN "\"}", 0, 0, 0
};

struct setup {
    struct loopback server;
    struct arena *arena;
    struct engine *engine;
    struct str workspace;
    struct source_profile profile;
    struct source_conn *conn;
    struct source_reply reply;
    struct err err;
};

static const char *get(void *ctx, const char *name)
{
    (void)ctx;
    return strcmp(name, "AZURE_TENANT_ID") == 0       ? "contoso.example"
           : strcmp(name, "AZURE_CLIENT_ID") == 0     ? "11111111-2222-3333-4444-555555555555"
           : strcmp(name, "AZURE_CLIENT_SECRET") == 0 ? "S3cr~et+/&=%x"
                                                      : NULL;
}

static void begin(struct setup *s, const struct loopback_reply *replies, size_t n)
{
    struct source_watch w = { 0 };
    *s = (struct setup){ .workspace = STR_INIT("11111111-2222-3333-4444-555555555555") };
    loopback_start(&s->server, replies, n);
    s->arena = arena_new(0, "test");
    s->engine = engine_open(NULL, &s->err);
    struct str here = arena_strf(s->arena, "http://127.0.0.1:%u", s->server.port);
    s->profile = (struct source_profile){
        .name = STR_INIT("s"),
        .kind = STR_INIT("loganalytics"),
        .workspaces = &s->workspace,
        .nworkspaces = 1,
        .endpoint = here,
        .retry_budget = 60,
        .azure = { .authority = here,
                   .cloud = azure_cloud_find(STR("")),
                   .allow_loopback = true,
                   .env = { get, NULL } },
    };
    if (!s->engine || !source_connect(s->arena, &s->profile, &w, &s->conn, &s->err))
        fail_msg("%s", s->err.text);
}

static bool ask(struct setup *s)
{
    struct source_query q = { .text = STR("T"), .engine = s->engine, .table = STR("answer") };
    return source_query(s->conn, &q, s->arena, &s->reply, &s->err);
}

static void end(struct setup *s)
{
    loopback_stop(&s->server);
    source_close(s->conn);
    engine_close(s->engine);
    loopback_free(&s->server);
    arena_free(s->arena);
}

static void put_rows(struct buf *out, int n)
{
    buf_puts(out, "{\"tables\":[{\"columns\":[{\"name\":\"a\",\"type\":\"long\"}],\"rows\":[");
    for (int i = 0; i < n; i++)
        buf_printf(out, "%s[%d]", i ? "," : "", i);
    buf_puts(out, "]}]}");
}

/* The first try breaks off with some thousand rows in the engine already, the second has no row at all. */
static void rows_of_a_try_that_broke_off_do_not_stay(void **state)
{
    struct buf body = BUF_INIT;
    struct setup s;
    (void)state;
    put_rows(&body, 20000);
    struct loopback_reply r[] = { signed_in,
                                  { JSON, body.p, body.n - 20, 0, body.n },
                                  { "HTTP/1.1 200 OK\r\nContent-Type: text/html", "<html>", 0, 0, 0 } };
    begin(&s, r, 3);
    assert_false(ask(&s));
    assert_int_equal(s.server.served, 3);
    assert_non_null(strstr(s.err.text, "instead of JSON"));
    assert_int_equal(engine_ntables(s.engine), 0);
    end(&s);
    buf_free(&body);
}

static void a_second_try_gives_its_rows_once(void **state)
{
    struct buf body = BUF_INIT;
    struct setup s;
    int64_t rows = 0;
    (void)state;
    put_rows(&body, 20000);
    struct loopback_reply r[] = { signed_in,
                                  { JSON, body.p, body.n - 20, 0, body.n },
                                  { JSON, body.p, body.n, 0, 0 } };
    begin(&s, r, 3);
    assert_true(ask(&s));
    assert_int_equal(s.reply.rows, 20000);
    assert_true(engine_rows(s.engine, STR("answer"), &rows, &s.err));
    assert_int_equal(rows, 20000);
    end(&s);
    buf_free(&body);
}

/* Long texts of the other side are cut; a secret at the cut must not be left in part. */
static void a_secret_at_a_cut_is_not_shown_in_part(void **state)
{
    struct loopback_reply r[] = {
        signed_in,
        { "HTTP/1.1 400 No\r\nRetry-After: " TEN("aaa") TOKEN
          "\r\nx-ms-request-id: " TEN("iiiiiiiiiiiiiiiiiii") TOKEN,
          "{}", 0, 0, 0 },
        { "HTTP/1.1 200 OK\r\nContent-Type: " TEN("ttttt") TOKEN, "{}", 0, 0, 0 },
    };
    struct setup s;
    (void)state;
    begin(&s, r, 3);
    assert_false(ask(&s));
    assert_true(str_eqz(s.reply.service_id, TEN("iiiiiiiiiiiiiiiiiii") "***"));
    assert_non_null(strstr(s.err.text, "to wait " TEN("aaa") "***"));
    assert_null(strstr(s.err.text, "tok-"));
    s.err = (struct err)ERR_INIT;
    assert_false(ask(&s));
    assert_non_null(strstr(s.err.text, TEN("ttttt") "***'"));
    assert_null(strstr(s.err.text, "tok-"));
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_a_try_that_broke_off_do_not_stay),
        cmocka_unit_test(a_second_try_gives_its_rows_once),
        cmocka_unit_test(a_secret_at_a_cut_is_not_shown_in_part),
    };
    return cmocka_run_group_tests_name("asking", tests, NULL, NULL);
}
