/* SPDX-License-Identifier: Apache-2.0 */
/*
 * defender: advanced hunting of Microsoft Defender XDR, by Graph. Where Graph refuses the application, the older API is
 * asked once, and then for the rest of the run: many applications still have its permission only.
 */
#include <string.h>

#include "sources_int.h"

enum { TIMEOUT = 200 /* seconds; the services end a query after 180 and 200 */, ROWS_MAX = 100000 };

/* A service of Microsoft's own name is what the token is for; one that stands in front of it has the cloud's. */
static struct str scope_of(struct arena *a, struct str endpoint, const char *of_cloud)
{
    static const struct str ours[] = { STR_INIT(".microsoft.com"), STR_INIT(".microsoft.us"),
                                       STR_INIT(".chinacloudapi.cn") };
    struct url u;
    bool known = url_parse(endpoint, &u);
    for (size_t i = 0; known && i < sizeof ours / sizeof *ours; i++)
        if (str_ends(u.host, ours[i]))
            return arena_strf(a, "https://%.*s/.default", STR_ARG(u.host));
    return arena_strf(a, "%s/.default", of_cloud ? of_cloud : "https://api.security.microsoft.com");
}

static bool connect(struct source_conn *c, struct err *err)
{
    const struct source_profile *p = c->profile;
    struct str token;
    c->older = !p->endpoint.n;
    c->scope = c->older ? scope_of(c->arena, p->older_endpoint, p->azure.cloud->older_defender)
                        : scope_of(c->arena, p->endpoint, p->azure.cloud->graph);
    return azure_cred_token(c->cred, &(struct token_ask){ .scope = c->scope }, &token, err);
}

static const struct meaning graph_meanings[] = {
    { 401, "the token was refused; check tenant_id and cloud" },
    { 403, "this identity may not hunt; it needs ThreatHunting.Read.All" },
    { 0, NULL },
};
static const struct meaning older_meanings[] = {
    { 401, "the token was refused; check tenant_id and cloud" },
    { 403, "this identity may not hunt; it needs AdvancedHunting.Read.All" },
    { 0, NULL },
};

static double timeout_of(const struct source_query *q)
{
    return q->timeout > 0 && q->timeout < TIMEOUT ? q->timeout : TIMEOUT;
}

static bool is_ascii(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] >= 0x80)
            return false;
    return true;
}

static bool by_graph(struct source_conn *c, const struct source_query *q, struct arena *a,
                     struct source_reply *out, struct err *err)
{
    struct json_pair body[] = { { "Query", q->text, false } };
    struct ask question = {
        .url = url_join(a, c->profile->endpoint, "v1.0/security/runHuntingQuery"),
        .body = source_json_body(a, body, sizeof body / sizeof *body),
        .scope = c->scope,
        .headers = { is_ascii(q->text) ? "Content-Type: application/json"
                                       : "Content-Type: application/json; charset=utf-8",
                     "Accept: application/json" },
        .id_header = "client-request-id",
        .timeout = timeout_of(q),
        .form = AZURE_HUNTING,
        .meanings = graph_meanings,
    };
    return source_ask(c, &question, q, a, out, err);
}

static bool by_older(struct source_conn *c, const struct source_query *q, struct arena *a,
                     struct source_reply *out, struct err *err)
{
    struct json_pair body[] = { { "Query", q->text, false } };
    struct ask question = {
        .url = url_join(a, c->profile->older_endpoint, "api/advancedhunting/run"),
        .body = source_json_body(a, body, sizeof body / sizeof *body),
        .scope = c->scope,
        .headers = { "Content-Type: application/json; charset=utf-8", "Accept: application/json" },
        .id_header = "client-request-id",
        .timeout = timeout_of(q),
        .form = AZURE_HUNTING,
        .meanings = older_meanings,
    };
    return source_ask(c, &question, q, a, out, err);
}

static bool refused_there(const struct source_reply *r)
{
    return r->status == 401 || r->status == 403 || r->status == 404;
}

/* Keeps what Graph said, when the older API cannot help either. */
static bool fall_back(struct source_conn *c, const struct source_query *q, struct arena *a,
                      struct source_reply *out, struct err *err)
{
    struct err why = ERR_INIT;
    struct str token, scope = c->scope;
    c->scope = scope_of(c->arena, c->profile->older_endpoint, c->profile->azure.cloud->older_defender);
    struct token_ask want = { .scope = c->scope };
    *out = (struct source_reply){ 0 };
    if (azure_cred_token(c->cred, &want, &token, &why) && by_older(c, q, a, out, &why)) {
        *err = (struct err)ERR_INIT;
        c->older = true;
        return true;
    }
    c->scope = scope;
    err_set(err, why.kind, "%s; then the older API: %s", arena_strdup(a, err->text), why.text);
    return false;
}

static bool ask_either(struct source_conn *c, const struct source_query *q, struct arena *a,
                       struct source_reply *out, struct err *err)
{
    if (c->older)
        return by_older(c, q, a, out, err);
    if (by_graph(c, q, a, out, err))
        return true;
    bool first = c->ntables == 0;
    return first && c->profile->older_endpoint.n && refused_there(out) && fall_back(c, q, a, out, err);
}

/* Both services cut what is longer than they give, and do not say so. */
static bool query(struct source_conn *c, const struct source_query *q, struct arena *a,
                  struct source_reply *out, struct err *err)
{
    if (!ask_either(c, q, a, out, err))
        return false;
    if (out->rows >= ROWS_MAX && !out->cut && !out->partial) {
        out->partial = true;
        out->partial_text = STR("100000 rows are the most that Defender gives");
    }
    return true;
}

static struct str where(const struct source_conn *c, struct arena *a)
{
    return arena_strf(a, "%s at %.*s", c->older ? "Defender by its older API" : "Defender by Graph",
                      STR_ARG(c->older ? c->profile->older_endpoint : c->profile->endpoint));
}

const struct source_kind source_defender = {
    .name = "defender", .load = remote_load, .connect = connect, .query = query, .where = where
};
