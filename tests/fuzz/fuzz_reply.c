/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as what a service answers. The first byte says how: a reply in one of the forms, in pieces of a size (the whole and the
 * pieces must give the same rows or the same error); an error reply; a WWW-Authenticate header; a Retry-After header.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/azure/azure_int.h"
#include "../../src/azure/json_read.h"
#include "fuzz.h"
#include "hb/utf8.h"

enum { FORMS = 4, ERROR_REPLY = FORMS, CHALLENGE, RETRY, SKIMMED, WAYS };

struct feed {
    struct str text;
    size_t at, piece;
    char *copy; /* the piece at hand, so that an overrun is seen */
};

static bool more(void *ctx, struct str *bytes)
{
    struct feed *f = ctx;
    size_t left = f->text.n - f->at, n = left < f->piece ? left : f->piece;
    free(f->copy);
    f->copy = malloc(n ? n : 1);
    assert(f->copy);
    if (n)
        memcpy(f->copy, f->text.p + f->at, n);
    *bytes = (struct str){ f->copy, n };
    f->at += n;
    return true;
}

static bool take_rows(void *ctx, const struct table *chunk, struct err *err)
{
    (void)err;
    table_print(ctx, chunk, &(struct table_print){ .format = TABLE_NDJSON });
    return true;
}

static bool read_reply(enum azure_form form, struct str text, size_t piece, struct buf *rows,
                       struct azure_result *result, struct err *err)
{
    struct arena *a = arena_new(0, "a reply");
    struct feed f = { .text = text, .piece = piece };
    struct azure_sink sink = { .rows = take_rows, .ctx = rows };
    bool ok = azure_read_reply(a, form, &(struct azure_input){ more, &f }, &sink, result, err);
    assert(ok == (err->kind == ERR_NONE) && !(ok && result->broken));
    assert(!ok || result->rows >= 0);
    free(f.copy);
    result->partial_text = result->statistics = STR("");
    arena_free(a);
    return ok;
}

static void try_form(enum azure_form form, struct str text, size_t piece)
{
    struct buf whole = BUF_INIT, parts = BUF_INIT;
    struct azure_result one, other;
    struct err e = ERR_INIT, f = ERR_INIT;
    bool ok = read_reply(form, text, text.n + 1, &whole, &one, &e);
    assert(read_reply(form, text, piece, &parts, &other, &f) == ok);
    assert(strcmp(e.text, f.text) == 0 && one.rows == other.rows && one.partial == other.partial);
    assert(!ok || str_eq(buf_view(&whole), buf_view(&parts)));
    buf_free(&whole);
    buf_free(&parts);
}

static void try_error(struct arena *a, struct str text)
{
    struct http_reply r = { .status = 400 };
    struct azure_fault f;
    buf_put(&r.body, text.p, text.n);
    azure_read_fault(a, &r, &f);
    assert(f.line >= 0 && f.pos >= 0 && (f.line > 0 || f.pos == 0));
    buf_free(&r.body);
}

static void try_challenge(struct arena *a, struct str text)
{
    struct str value = challenge_value(text, "resource");
    assert(!value.n || (value.p >= text.p && value.p + value.n <= text.p + text.n));
    struct str claims = azure_claims_challenge(a, text);
    assert(!claims.n || (claims.p[0] == '{' && utf8_valid(claims)));
}

static void try_retry(struct str text)
{
    struct retry_case c = { .tries = 1, .status = 429, .retry_after = text, .budget = 120, .max = RETRY_MAX };
    double wait = 0;
    for (int i = 0; i < 3; i++) {
        if (retry_decide(&c, &wait))
            assert(isfinite(wait) && wait >= 0 && wait <= c.budget);
        c.retry_after = i ? STR("Wed, 21 Oct 2015 07:28:00 GMT") : STR("");
        *(i ? &c.date : &c.retry_after_ms) = text;
    }
}

/* Checked and made compact: compact text stays as it is. */
static void try_skimmed(struct str text)
{
    struct jr r = jr_init(text);
    struct buf once = BUF_INIT, twice = BUF_INIT;
    if (jr_value(&r, &once) && jr_end(&r)) {
        struct jr again = jr_init(buf_view(&once));
        bool ok = jr_value(&again, &twice) && jr_end(&again);
        assert(ok && str_eq(buf_view(&once), buf_view(&twice)));
    }
    buf_free(&once);
    buf_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    struct arena *a = arena_new(0, "an answer");
    struct str text = { (const char *)data + 1, size - 1 };
    int way = data[0] % WAYS;
    if (way < FORMS)
        try_form((enum azure_form)way, text, (size_t)data[0] / WAYS + 1);
    else if (way == ERROR_REPLY)
        try_error(a, text);
    else if (way == CHALLENGE)
        try_challenge(a, text);
    else if (way == RETRY)
        try_retry(text);
    else
        try_skimmed(text);
    arena_free(a);
    return 0;
}
