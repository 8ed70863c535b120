/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One question to a query service: token, request, rows into the engine while they arrive, what an error says.
 *
 * Invariant: rows stand in the engine's table only when the reply was whole; what the service calls partial is never
 * handed on as whole. A token that is refused is renewed once.
 */
#include <inttypes.h>
#include <string.h>

#include "hb/json.h"
#include "hb/ticks.h"
#include "hb/utf8.h"
#include "sources_int.h"

enum { WAIT_MORE = 30 /* seconds beyond what the service was given */ };

struct asking {
    struct source_conn *conn;
    const struct ask *ask;
    const struct source_query *query;
    struct source_reply *out;
    struct arena *arena;
    struct http_stream *stream;
    struct azure_sink sink;
    bool begun;
};

/* -- rows -- */

/* "Timestamp", and "Timestamp1" of a join. */
static bool is_named(struct str column, struct str name)
{
    for (size_t i = name.n; i < column.n; i++)
        if (column.p[i] < '0' || column.p[i] > '9')
            return false;
    return str_starts(column, name);
}

/* Brought in by a bridge between dialects alone. */
static bool is_dropped(const struct source_query *q, struct str column)
{
    for (size_t i = 0; i < q->nown; i++)
        if (str_eq(q->own[i].name, column))
            return false;
    for (size_t i = 0; i < q->ndrop; i++)
        if (is_named(column, q->drop[i]))
            return true;
    return false;
}

/* Without the columns that the query does not have. */
static bool wanted(const struct asking *k, const struct table *chunk, struct table *t, struct err *err)
{
    *t = *chunk;
    t->ncols = 0;
    t->cols = ARENA_ARRAY(chunk->arena, chunk->ncols, struct column);
    for (size_t i = 0; i < chunk->ncols; i++)
        if (!is_dropped(k->query, chunk->cols[i].name))
            t->cols[t->ncols++] = chunk->cols[i];
    return t->ncols || err_set(err, ERR_CONNECT, "'%.*s' answered with other columns than the query has",
                               STR_ARG(k->conn->profile->name));
}

static bool store_rows(void *ctx, const struct table *chunk, struct err *err)
{
    struct asking *k = ctx;
    const struct source_query *q = k->query;
    struct table kept;
    if (!wanted(k, chunk, &kept, err))
        return false;
    int64_t room = q->max_rows - k->out->rows;
    if (q->max_rows > 0 && (int64_t)kept.nrows > room) {
        kept.nrows = (size_t)room;
        k->out->cut = true;
        k->sink.enough = true;
    }
    k->out->rows += (int64_t)kept.nrows;
    bool ok = k->begun ? engine_append(q->engine, q->table, &kept, err)
                       : engine_put(q->engine, q->table, &kept, err);
    k->begun = true;
    return ok;
}

static bool more(void *ctx, struct str *bytes)
{
    struct asking *k = ctx;
    struct err ignored = ERR_INIT; /* the caller of the reader asks the transfer itself */
    bool ok = http_read(k->stream, bytes, &ignored);
    k->out->bytes += (int64_t)bytes->n;
    return ok;
}

/* What the other side says, fit for a message: cleaned before it is cut, for a part of a secret is not found. */
static void put_said(const struct asking *k, struct buf *out, struct str text, size_t most)
{
    utf8_show(out, str_sub(azure_cred_clean(k->conn->cred, k->arena, text), 0, most));
}

/* A proxy's page is no answer. */
static bool is_json(const struct asking *k, const struct http_reply *head, struct err *err)
{
    struct str type = http_header(head, "Content-Type");
    struct buf shown = BUF_INIT;
    if (str_eq_nocase(str_sub(type, 0, 16), STR("application/json")))
        return true;
    put_said(k, &shown, type, 60);
    err_set(err, ERR_CONNECT, "'%.*s' answered with '%s' instead of JSON; is a proxy between?",
            STR_ARG(k->conn->profile->name), buf_z(&shown));
    buf_free(&shown);
    return false;
}

static enum net_failure read_rows(void *ctx, const struct http_reply *head, struct http_stream *s,
                                  struct err *err)
{
    struct asking *k = ctx;
    struct azure_input in = { more, k };
    struct azure_result result;
    struct err ignored = ERR_INIT;
    if (k->begun) /* rows of a try that broke off */
        engine_drop(k->query->engine, k->query->table, &ignored);
    k->stream = s;
    k->begun = false;
    k->sink.enough = false;
    k->out->rows = k->out->bytes = 0;
    k->out->cut = false;
    if (!is_json(k, head, err))
        return NET_FATAL;
    if (!azure_read_reply(k->arena, k->ask->form, &in, &k->sink, &result, err)) {
        if (k->out->bytes == 0)
            err_set(err, ERR_CONNECT, "'%.*s' answered with nothing", STR_ARG(k->conn->profile->name));
        return result.broken ? NET_BROKEN : NET_FATAL;
    }
    k->out->partial = result.partial;
    k->out->partial_text = azure_cred_clean(k->conn->cred, k->arena, result.partial_text);
    k->out->statistics = azure_cred_clean(k->conn->cred, k->arena, result.statistics);
    return NET_OK;
}

/* -- what went wrong -- */

static const struct meaning meanings[] = {
    { 400, "the query was refused" },
    { 401, "the token was refused; check tenant, cloud and endpoint" },
    { 403, "this identity may not read the data; a new role can take an hour to work" },
    { 404, "not found; check the ids and the endpoint" },
    { 413, "the query is too long" },
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

static void put_ids(struct buf *text, const struct source_reply *out)
{
    buf_printf(text, " (request %.*s", STR_ARG(out->request_id));
    if (out->service_id.n) {
        buf_puts(text, ", at the service ");
        utf8_show(text, out->service_id);
    }
    buf_puts(text, ")");
}

/* The services of Defender give no code of their own for it. */
static bool is_about_a_name(const struct azure_fault *f)
{
    return str_find(f->code, STR("SEM0100"), 0) != SIZE_MAX ||
           str_find(f->message, STR("Fix semantic errors"), 0) != SIZE_MAX;
}

static bool refused(const struct asking *k, const struct http_reply *r, struct err *err)
{
    struct azure_fault fault;
    struct buf text = BUF_INIT;
    const char *meaning = r->status >= 300 && r->status < 400
                              ? "it points elsewhere, and redirects are not followed"
                              : "the service failed";
    azure_read_fault(k->arena, r, &fault);
    fault.code = azure_cred_clean(k->conn->cred, k->arena, fault.code);
    fault.message = azure_cred_clean(k->conn->cred, k->arena, fault.message); /* before it is cut */
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].status == r->status)
            meaning = meanings[i].text;
    for (const struct meaning *m = k->ask->meanings; m && m->text; m++)
        if (m->status == r->status)
            meaning = m->text;
    k->out->fault_line = fault.line;
    k->out->fault_pos = fault.pos;
    k->out->fault_code = fault.code;
    k->out->fault_name = r->status == 400 && is_about_a_name(&fault);
    put_answer(&text, &fault);
    struct str wait = http_header(r, "Retry-After");
    if (wait.n) {
        buf_puts(&text, "; it asks to wait ");
        put_said(k, &text, wait, 40);
    }
    put_ids(&text, k->out);
    err_set(err, ERR_CONNECT, "'%.*s' answered HTTP %d: %s%s", STR_ARG(k->conn->profile->name), r->status,
            meaning, buf_z(&text));
    buf_free(&text);
    return false;
}

static const char *const service_ids[] = { "x-ms-activity-id", "request-id", "x-ms-request-id",
                                           "x-ms-correlation-request-id" };

static void note_reply(struct asking *k, const struct http_reply *r)
{
    k->out->tries += r->tries;
    k->out->status = r->status;
    for (size_t i = 0; i < sizeof service_ids / sizeof *service_ids; i++) {
        struct str id = http_header(r, service_ids[i]);
        if (!id.n)
            continue;
        k->out->service_id = str_sub(azure_cred_clean(k->conn->cred, k->arena, id), 0, 200);
        break;
    }
}

/* -- asking -- */

static bool renew_helps(const struct http_reply *r)
{
    return r->status == 401 || r->status == 403;
}

static bool call(struct asking *k, struct http_request *h, struct http_reply *r, struct err *err)
{
    struct str claims = STR("");
    for (int again = 0; again < 2; again++) {
        struct token_ask want = { .scope = k->ask->scope, .claims = claims, .renew = again > 0 };
        http_reply_free(r);
        if (!azure_cred_token(k->conn->cred, &want, &h->bearer, err))
            return false;
        bool ok = http_call(k->conn->http, h, r, err);
        note_reply(k, r);
        if (!ok)
            return false;
        if (!renew_helps(r))
            break;
        claims = azure_claims_challenge(k->arena, http_header(r, "WWW-Authenticate"));
    }
    return true;
}

/* The service ends a query by itself at its timeout; its answer to that needs a moment. */
static double patience(double timeout)
{
    double grace = timeout / 2;
    return timeout + (grace > WAIT_MORE ? WAIT_MORE : grace < 2 ? 2 : grace);
}

static bool ask(struct asking *k, struct err *err)
{
    const char *headers[ASK_HEADERS + 1];
    char id[37];
    net_uuid(id);
    k->out->request_id = k->ask->id_prefix ? arena_strf(k->arena, "%s%s", k->ask->id_prefix, id)
                                           : arena_str(k->arena, str_z(id));
    size_t n = 0;
    for (; n < ASK_HEADERS && k->ask->headers[n]; n++)
        headers[n] = k->ask->headers[n];
    headers[n++] = arena_printf(k->arena, "%s: %.*s", k->ask->id_header, STR_ARG(k->out->request_id));
    struct http_reply reply = { 0 };
    struct http_request h = {
        .method = k->ask->body.n ? "POST" : "GET",
        .url = k->ask->url,
        .headers = headers,
        .nheaders = n,
        .body = k->ask->body,
        .timeout = patience(k->ask->timeout),
        .retry_budget = k->conn->profile->retry_budget,
        .max_body = SOURCE_BODY_MAX,
        .read = read_rows,
        .read_ctx = k,
    };
    k->out->url = k->ask->url;
    bool ok = call(k, &h, &reply, err);
    if (!ok) {
        struct buf ids = BUF_INIT;
        put_ids(&ids, k->out);
        err_wrap(err, "'%.*s'%s", STR_ARG(k->conn->profile->name), buf_z(&ids));
        buf_free(&ids);
    } else if (reply.status == 204) {
        ok = err_set(err, ERR_CONNECT, "'%.*s' holds no data at all", STR_ARG(k->conn->profile->name));
    } else if (reply.status != 200) {
        ok = refused(k, &reply, err);
    }
    http_reply_free(&reply);
    return ok;
}

bool source_ask(struct source_conn *c, const struct ask *question, const struct source_query *q,
                struct arena *a, struct source_reply *out, struct err *err)
{
    struct asking k = { .conn = c, .ask = question, .query = q, .out = out, .arena = a };
    struct err ignored = ERR_INIT;
    double begun = clock_seconds();
    k.sink = (struct azure_sink){ .rows = store_rows, .ctx = &k };
    bool ok = ask(&k, err);
    out->seconds = clock_seconds() - begun;
    if (!ok && k.begun)
        engine_drop(q->engine, q->table, &ignored);
    return ok;
}

struct str source_json_body(struct arena *a, const struct json_pair *pairs, size_t n)
{
    struct buf text = BUF_INIT;
    struct jw w;
    jw_init(&w, &text, false);
    jw_obj(&w);
    for (size_t i = 0; i < n; i++) {
        if (!pairs[i].value.n)
            continue;
        jw_key(&w, pairs[i].key);
        if (pairs[i].raw)
            jw_raw(&w, pairs[i].value);
        else
            jw_str(&w, pairs[i].value);
    }
    jw_end_obj(&w);
    struct str body = buf_to_arena(&text, a);
    buf_free(&text);
    return body;
}
