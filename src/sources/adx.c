/* SPDX-License-Identifier: Apache-2.0 */
/*
 * adx: a database of an Azure Data Explorer cluster. Replies are v2 frames; a server that does not know that address is
 * asked by v1.
 *
 * Invariant: the cluster says which resource a token is for, but only names of Kusto's own service, or its own, count: a
 * stranger's cluster cannot ask for a token meant for another service.
 */
#include <string.h>

#include "hb/json.h"
#include "sources_int.h"

enum { TIMEOUT_DEFAULT = 240, TIMEOUT_MAX = 3600 /* seconds, of the service */ };

static const struct str known_resources[] = {
    STR_INIT("https://kusto.kusto.windows.net"),       STR_INIT("https://kusto.kustomfa.windows.net"),
    STR_INIT("https://kusto.kusto.usgovcloudapi.net"), STR_INIT("https://kusto.kustomfa.usgovcloudapi.net"),
    STR_INIT("https://kusto.kusto.chinacloudapi.cn"),  STR_INIT("https://kusto.kustomfa.chinacloudapi.cn"),
    STR_INIT("https://api.kusto.windows.net"),
};

static bool is_known(const struct source_conn *c, struct str resource)
{
    struct url r, e;
    for (size_t i = 0; i < sizeof known_resources / sizeof *known_resources; i++)
        if (str_eq_nocase(resource, known_resources[i]))
            return true;
    return url_parse(resource, &r) && url_parse(c->profile->endpoint, &e) && str_eq_nocase(r.host, e.host);
}

static bool take_metadata(struct source_conn *c, const struct http_reply *r, struct str *resource,
                          struct err *err)
{
    struct err ignored = ERR_INIT;
    cJSON *json = json_parse(buf_view(&r->body), &ignored);
    struct str said = json_get_str(json_get(json, "AzureAD"), "KustoServiceResourceId");
    while (said.n && said.p[said.n - 1] == '/')
        said.n--;
    bool ok = !said.n || is_known(c, said);
    if (said.n && ok)
        *resource = arena_str(c->arena, said);
    if (!ok)
        err_set(err, ERR_CONNECT, "the cluster asks for a token for '%.*s', which is not its own service",
                STR_ARG(said));
    cJSON_Delete(json);
    return ok;
}

static bool find_resource(struct source_conn *c, struct str *resource, struct err *err)
{
    static const char *const headers[] = { "Accept: application/json" };
    struct http_reply reply = { 0 };
    struct http_request q = { .method = "GET",
                              .url = url_join(c->arena, c->profile->endpoint, "v1/rest/auth/metadata"),
                              .headers = headers,
                              .nheaders = 1,
                              .timeout = 30,
                              .retry_budget = 60,
                              .max_body = 256 * 1024 };
    bool ok = http_call(c->http, &q, &reply, err);
    if (ok && reply.status == 200)
        ok = take_metadata(c, &reply, resource, err);
    else if (ok && reply.status != 404)
        ok = err_set(err, ERR_CONNECT, "'%.*s' answered HTTP %d to the question how to sign in",
                     STR_ARG(c->profile->endpoint), reply.status);
    http_reply_free(&reply);
    return ok;
}

static bool connect(struct source_conn *c, struct err *err)
{
    struct str token, resource = known_resources[0];
    if (!find_resource(c, &resource, err))
        return false;
    c->scope = arena_strf(c->arena, "%.*s/.default", STR_ARG(resource));
    return azure_cred_token(c->cred, &(struct token_ask){ .scope = c->scope }, &token, err);
}

static const struct meaning meanings[] = {
    { 401, "the token was refused; check tenant_id and cloud" },
    { 403, "this identity may not read the database; it needs the role Database Viewer" },
    { 404, "the database is not found" },
    { 0, NULL },
};

static struct str options_of(struct arena *a, int seconds)
{
    return arena_strf(a,
                      "{\"Options\":{\"servertimeout\":\"%02d:%02d:%02d\",\"request_readonly\":true,"
                      "\"results_progressive_enabled\":false}}",
                      seconds / 3600, seconds / 60 % 60, seconds % 60);
}

static bool query(struct source_conn *c, const struct source_query *q, struct arena *a,
                  struct source_reply *out, struct err *err)
{
    double wait = q->timeout > 0 ? q->timeout : TIMEOUT_DEFAULT;
    int seconds = wait > TIMEOUT_MAX ? TIMEOUT_MAX : wait < 1 ? 1 : (int)wait;
    struct json_pair body[] = { { "db", c->profile->database, false },
                                { "csl", q->text, false },
                                { "properties", options_of(a, seconds), true } };
    struct ask question = {
        .body = source_json_body(a, body, sizeof body / sizeof *body),
        .scope = c->scope,
        .headers = { "Content-Type: application/json; charset=utf-8", "Accept: application/json",
                     "x-ms-app: huntbook", "x-ms-readonly: true" },
        .id_header = "x-ms-client-request-id",
        .id_prefix = "huntbook.query;",
        .timeout = seconds,
        .meanings = meanings,
    };
    for (;;) {
        question.url = url_join(a, c->profile->endpoint, c->older ? "v1/rest/query" : "v2/rest/query");
        question.form = c->older ? AZURE_TABLES_V1 : AZURE_FRAMES;
        bool ok = source_ask(c, &question, q, a, out, err);
        if (ok || c->older || out->status != 404 || out->fault_code.n)
            return ok;
        c->older = true; /* no error of the service: the address itself is unknown there */
        *err = (struct err)ERR_INIT;
    }
}

static struct str where(const struct source_conn *c, struct arena *a)
{
    return arena_strf(a, "database %.*s of %.*s", STR_ARG(c->profile->database),
                      STR_ARG(c->profile->endpoint));
}

const struct source_kind source_adx = {
    .name = "adx", .load = remote_load, .connect = connect, .query = query, .where = where
};
