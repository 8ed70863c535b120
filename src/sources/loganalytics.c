/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loganalytics: workspaces of Azure Monitor, which Microsoft Sentinel uses too, or one resource that logs to some. Of
 * several workspaces the first is asked; its query names the others.
 */
#include <string.h>

#include "sources_int.h"

enum { WAIT_DEFAULT = 180, WAIT_MAX = 600 /* seconds, of the service */ };

/* What a token is for: each cloud's service has a name of its own, which one that stands in front of it has not. */
static const struct str audiences[] = { STR_INIT("api.loganalytics.io"), STR_INIT("api.loganalytics.us"),
                                        STR_INIT("api.loganalytics.azure.cn") };

static struct str audience_of(const struct source_profile *p)
{
    struct url u;
    for (size_t i = 0; i < sizeof audiences / sizeof *audiences; i++)
        if ((url_parse(p->endpoint, &u) && str_eq_nocase(u.host, audiences[i])) ||
            (url_parse(str_z(p->azure.cloud->logs), &u) && str_eq(u.host, audiences[i])))
            return audiences[i];
    return audiences[0];
}

static bool connect(struct source_conn *c, struct err *err)
{
    struct str token;
    c->scope = arena_strf(c->arena, "https://%.*s/.default", STR_ARG(audience_of(c->profile)));
    return azure_cred_token(c->cred, &(struct token_ask){ .scope = c->scope }, &token, err);
}

static const struct meaning meanings[] = {
    { 401, "the token was refused; check tenant_id, cloud and endpoint" },
    { 403, "this identity may not read the workspace; it needs the role Log Analytics Reader there, and a "
           "new role can "
           "take an hour to work" },
    { 404, "the workspace is not found; workspace_id must be its GUID" },
    { 0, NULL },
};

static char *path_of(struct arena *a, struct str workspace)
{
    return azure_is_guid(workspace) ? arena_printf(a, "v1/workspaces/%.*s/query", STR_ARG(workspace))
                                    : arena_printf(a, "v1%.*s/query", STR_ARG(workspace));
}

static bool query(struct source_conn *c, const struct source_query *q, struct arena *a,
                  struct source_reply *out, struct err *err)
{
    double wait = q->timeout > 0 ? q->timeout : WAIT_DEFAULT;
    int seconds = wait > WAIT_MAX ? WAIT_MAX : wait < 1 ? 1 : (int)wait;
    struct str workspace = q->place.n ? q->place : c->profile->workspaces[0];
    struct json_pair body[] = { { "query", q->text, false } };
    struct ask question = {
        .url = url_join(a, c->profile->endpoint, path_of(a, workspace)),
        .body = source_json_body(a, body, sizeof body / sizeof *body),
        .scope = c->scope,
        .headers = { "Content-Type: application/json", "Accept: application/json",
                     arena_printf(a, "Prefer: wait=%d, include-statistics=true", seconds) },
        .id_header = "x-ms-client-request-id",
        .timeout = seconds,
        .form = AZURE_TABLES,
        .meanings = meanings,
    };
    return source_ask(c, &question, q, a, out, err);
}

static struct str where(const struct source_conn *c, struct arena *a)
{
    struct buf text = BUF_INIT;
    const struct source_profile *p = c->profile;
    buf_puts(&text, p->nworkspaces > 1 ? "workspaces " : "workspace ");
    for (size_t i = 0; i < p->nworkspaces; i++)
        buf_printf(&text, "%s%.*s", i ? ", " : "", STR_ARG(p->workspaces[i]));
    buf_printf(&text, " at %.*s", STR_ARG(p->endpoint));
    struct str s = buf_to_arena(&text, a);
    buf_free(&text);
    return s;
}

const struct source_kind source_loganalytics = {
    .name = "loganalytics", .load = remote_load, .connect = connect, .query = query, .where = where
};
