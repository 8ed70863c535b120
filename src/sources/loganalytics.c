/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loganalytics: a workspace of Azure Monitor, which Microsoft Sentinel uses too. Queries go there as they
 * are; their rows are put into the engine while the reply is read.
 *
 * Invariant: what the service calls partial is never handed on as whole.
 */
#include <inttypes.h>
#include <string.h>

#include "hb/json.h"
#include "hb/utf8.h"
#include "hb/vec.h"
#include "sources_int.h"

enum { WAIT_DEFAULT = 180, WAIT_MAX = 600, WAIT_MORE = 30 }; /* seconds */
enum { BODY_MAX = 512 << 20 };

/* -- where and as whom -- */

/* The resource that a token is for. One of the public cloud's names stands for both. */
static struct str scope_of(struct arena *a, const struct source_profile *p)
{
    struct url u;
    if (url_parse(p->endpoint, &u) && u.https && !str_ends(u.host, STR(".loganalytics.azure.com")) &&
        !url_is_loopback(&u))
        return arena_strf(a, "https://%.*s/.default", STR_ARG(u.host));
    return STR("https://api.loganalytics.io/.default");
}

static bool connect(struct source_conn *c, struct err *err)
{
    struct str token;
    return azure_cred_token(c->cred, scope_of(c->arena, c->profile), false, &token, err);
}

/* -- one request -- */

static struct str body_of(struct arena *a, struct str query)
{
    struct buf text = BUF_INIT;
    struct jw w;
    jw_init(&w, &text, false);
    jw_obj(&w);
    jw_key(&w, "query");
    jw_str(&w, query);
    jw_end_obj(&w);
    struct str body = buf_to_arena(&text, a);
    buf_free(&text);
    return body;
}

struct meaning {
    int status;
    const char *text;
};
static const struct meaning meanings[] = {
    { 400, "the query was refused" },
    { 401, "the token was refused; check the tenant and the endpoint" },
    { 403, "this application may not read the workspace; it needs the role Log Analytics Reader there, and "
           "a new role can take an hour to work" },
    { 404, "the workspace is not found; workspace_id must be its GUID" },
    { 429, "too many requests" },
    { 504, "the query took longer than its timeout" },
};

static void put_answer(struct buf *text, const struct azure_fault *f)
{
    if (f->code.n || f->message.n) {
        buf_puts(text, ": ");
        utf8_show(text, f->code);
        buf_puts(text, f->code.n && f->message.n ? ": " : "");
        utf8_show(text, str_sub(f->message, 0, 1000));
    }
}

static bool refused(const struct source_conn *c, struct arena *a, const struct http_reply *r,
                    struct source_reply *out, struct err *err)
{
    struct azure_fault fault;
    struct buf text = BUF_INIT;
    const char *meaning = r->status >= 300 && r->status < 400
                              ? "it points elsewhere, and redirects are not followed"
                              : "the service failed";
    azure_read_fault(a, r, &fault);
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].status == r->status)
            meaning = meanings[i].text;
    out->fault_line = fault.line;
    put_answer(&text, &fault);
    err_set(err, ERR_CONNECT, "'%.*s' answered HTTP %d: %s%s (request %.*s)", STR_ARG(c->profile->name),
            r->status, meaning, buf_z(&text), STR_ARG(out->request_id));
    buf_free(&text);
    return false;
}

/* A 200 that is no answer: a proxy's page, a request that lost its body. */
static bool looks_whole(const struct source_conn *c, const struct http_reply *r, struct err *err)
{
    struct str type = http_header(r, "Content-Type");
    if (r->status == 204)
        return err_set(err, ERR_CONNECT, "workspace '%.*s' holds no data at all",
                       STR_ARG(c->profile->workspace));
    if (r->body.n == 0)
        return err_set(err, ERR_CONNECT, "'%.*s' answered with nothing", STR_ARG(c->profile->name));
    return str_eq_nocase(str_sub(type, 0, 16), STR("application/json")) ||
           err_set(err, ERR_CONNECT, "'%.*s' answered with '%.*s' instead of JSON; is a proxy between?",
                   STR_ARG(c->profile->name), (int)(type.n < 60 ? type.n : 60), type.p);
}

/* A refused token is renewed once. */
static bool post(struct source_conn *c, const struct source_query *q, struct arena *a, struct http_reply *r,
                 struct source_reply *out, struct err *err)
{
    double wait = q->timeout > 0 ? q->timeout : WAIT_DEFAULT;
    int seconds = wait > WAIT_MAX ? WAIT_MAX : wait < 1 ? 1 : (int)wait;
    char id[37];
    net_uuid(id);
    out->request_id = arena_str(a, str_z(id));
    const char *headers[] = {
        "Content-Type: application/json",
        "Accept: application/json",
        arena_printf(a, "Prefer: wait=%d", seconds),
        arena_printf(a, "x-ms-client-request-id: %s", id),
    };
    struct http_request h = {
        .method = "POST",
        .url = url_join(a, c->profile->endpoint,
                        arena_printf(a, "v1/workspaces/%.*s/query", STR_ARG(c->profile->workspace))),
        .headers = headers,
        .nheaders = sizeof headers / sizeof *headers,
        .body = body_of(a, q->text),
        .timeout = seconds + WAIT_MORE,
        .retry_budget = 120,
        .max_body = BODY_MAX,
    };
    for (int again = 0; again < 2; again++) {
        http_reply_free(r);
        if (!azure_cred_token(c->cred, scope_of(a, c->profile), again > 0, &h.bearer, err) ||
            !http_call(c->http, &h, r, err))
            return false;
        out->tries += r->tries;
        if (r->status != 401 && r->status != 403)
            break;
    }
    return r->status == 200 || r->status == 204 ? looks_whole(c, r, err) : refused(c, a, r, out, err);
}

/* -- rows -- */

struct rows {
    const struct source_query *query;
    struct source_reply *reply;
    bool begun;
};

static bool store_rows(void *ctx, const struct table *chunk, struct err *err)
{
    struct rows *s = ctx;
    struct table kept = *chunk;
    int64_t room = s->query->max_rows - s->reply->rows;
    if (s->query->max_rows > 0 && (int64_t)kept.nrows > room) {
        kept.nrows = (size_t)room;
        s->reply->cut = true;
    }
    s->reply->rows += (int64_t)kept.nrows;
    bool ok = s->begun ? engine_append(s->query->engine, s->query->table, &kept, err)
                       : engine_put(s->query->engine, s->query->table, &kept, err);
    s->begun = true;
    return ok;
}

static bool query(struct source_conn *c, const struct source_query *q, struct arena *a,
                  struct source_reply *out, struct err *err)
{
    struct http_reply reply = { 0 };
    struct rows rows = { .query = q, .reply = out };
    struct azure_sink sink = { store_rows, &rows };
    struct azure_result result;
    bool ok = post(c, q, a, &reply, out, err);
    if (ok && !azure_read_tables(a, buf_view(&reply.body), &sink, &result, err))
        ok = err_wrap(err, "'%.*s' (request %.*s)", STR_ARG(c->profile->name), STR_ARG(out->request_id));
    if (ok) {
        out->partial = result.partial;
        out->partial_text = result.partial_text;
    }
    http_reply_free(&reply);
    return ok;
}

/* -- the catalogue -- */

static bool is_identifier(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'))
            return false;
    }
    return s.n > 0;
}

/* The columns of a table, as an empty one. A table the service does not know is left out. */
static bool load_table(struct source_conn *c, struct engine *e, struct str name, struct err *err)
{
    struct source_reply reply = { 0 };
    struct source_query q = { .text = arena_strf(c->arena, "%.*s\n| take 0", STR_ARG(name)),
                              .engine = e,
                              .table = name };
    if (!is_identifier(name))
        return true;
    if (source_query(c, &q, c->arena, &reply, err)) {
        *VEC_PUSH(c->arena, c->tables, c->ntables, c->tables_cap) = arena_str(c->arena, name);
        return true;
    }
    bool unknown = str_find(str_z(err->text), STR("SEM0100"), 0) != SIZE_MAX;
    if (unknown)
        *err = (struct err)ERR_INIT;
    return unknown;
}

static bool load(struct arena *a, const struct source_profile *p, const struct source_request *req,
                 struct engine *e, struct record *r, struct err *err)
{
    struct source_conn *c = req->conn;
    r->source.detail = arena_strf(a, "workspace %.*s at %.*s, as %.*s (%.*s)", STR_ARG(p->workspace),
                                  STR_ARG(p->endpoint), STR_ARG(azure_cred_identity(c->cred)),
                                  STR_ARG(p->origin));
    for (size_t i = 0; i < req->ntables; i++)
        if (!load_table(c, e, req->tables[i], err))
            return false;
    return true;
}

const struct source_kind source_loganalytics = { "loganalytics", NULL, load, connect, query };
