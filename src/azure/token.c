/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sign-in: the form, the answer, and what its errors mean.
 *
 * Of an error only its codes are told: its description is text of the other side.
 */
#include <string.h>
#include <time.h>

#include "azure_int.h"
#include "hb/json.h"

enum { REPLY_MAX = 256 * 1024, FORM_MAX = 64 * 1024 };

double token_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const struct {
    int code;
    const char *meaning;
} meanings[] = {
    { 7000215, "the client secret is wrong; often the secret's id was taken for its value" },
    { 7000222, "the client secret has expired" },
    { 7000218, "no client secret and no assertion was sent" },
    { 700016, "the application is not known in this tenant; check client_id and tenant_id" },
    { 90002, "the tenant is not found; check tenant_id and authority" },
    { 70011, "the scope is not valid for this authority" },
    { 1002012, "the scope is not valid for this authority" },
    { 500011, "the service is not known in this tenant" },
    { 700027, "the certificate is not registered with the application" },
    { 700024, "the assertion is too old; check the clock and the token file" },
    { 700023, "the assertion is for another authority" },
    { 700021, "no federated credential of the application matches the token" },
    { 700213, "no federated credential of the application matches the token" },
    { 53003, "conditional access blocks this sign-in" },
    { 65001, "an administrator has not consented to this application" },
};

/* A word of the service that is fit to be shown: "invalid_client". */
static bool plain_word(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || s.p[i] == '_'))
            return false;
    return s.n > 0 && s.n < 64;
}

static bool refused(const struct azure_cred *c, int status, const cJSON *json, struct err *err)
{
    struct str word = json_get_str(json, "error");
    const cJSON *codes = json_get(json, "error_codes"), *first = cJSON_GetArrayItem(codes, 0);
    int code = cJSON_IsNumber(first) ? first->valueint : 0;
    const char *meaning = "check tenant_id, client_id and the credential";
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].code == code)
            meaning = meanings[i].meaning;
    struct url u;
    url_parse(c->authority, &u);
    if (!plain_word(word))
        return err_set(err, ERR_CONNECT, "'%.*s' answered the sign-in with HTTP %d", STR_ARG(u.host), status);
    if (!code)
        return err_set(err, ERR_CONNECT, "sign-in at '%.*s' was refused: %.*s (HTTP %d): %s", STR_ARG(u.host),
                       STR_ARG(word), status, meaning);
    return err_set(err, ERR_CONNECT, "sign-in at '%.*s' was refused: %.*s, AADSTS%d (HTTP %d): %s",
                   STR_ARG(u.host), STR_ARG(word), code, status, meaning);
}

/* Seconds, as a number or as text. */
static double lifetime(const cJSON *json)
{
    double v = 0;
    struct str text = json_get_str(json, "expires_in");
    if (text.n)
        return str_to_f64(text, &v) ? v : 0;
    return json_get_num(json, "expires_in", 0);
}

/* A header is made of it: printable ASCII without blanks. */
static bool fit_for_header(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] >= 0x7F)
            return false;
    return s.n > 0;
}

static bool take(struct azure_cred *c, const struct http_reply *r, struct token *out, struct err *err)
{
    struct err ignored = ERR_INIT;
    cJSON *json = json_parse(buf_view(&r->body), &ignored);
    const cJSON *token = json_get(json, "access_token");
    bool ok = r->status == 200 && cJSON_IsString(token) && fit_for_header(str_z(token->valuestring));
    if (ok) {
        secret_set(&out->text, str_z(token->valuestring));
        out->expires = token_clock() + lifetime(json);
    } else if (r->status == 200) {
        err_set(err, ERR_CONNECT, "the sign-in at '%.*s' answered without a token", STR_ARG(c->authority));
    } else {
        refused(c, r->status, json, err);
    }
    if (cJSON_IsString(token))
        explicit_bzero(token->valuestring, strlen(token->valuestring));
    cJSON_Delete(json);
    return ok;
}

bool token_request(struct azure_cred *c, struct str scope, struct token *out, struct err *err)
{
    static const char *const headers[] = { "Content-Type: application/x-www-form-urlencoded",
                                           "Accept: application/json" };
    struct buf form = BUF_INIT;
    struct http_reply reply = { 0 };
    buf_reserve(&form, FORM_MAX);
    buf_puts(&form, "grant_type=client_credentials&client_id=");
    url_put_escaped(&form, c->client);
    buf_puts(&form, "&scope=");
    url_put_escaped(&form, scope);
    bool ok = c->kind->put_proof(c, &form, err);
    struct http_request q = {
        .method = "POST",
        .url = cred_token_url(c),
        .headers = headers,
        .nheaders = sizeof headers / sizeof *headers,
        .timeout = 30,
        .retry_budget = 60,
        .max_body = REPLY_MAX,
    };
    q.body = buf_view(&form);
    ok = ok && http_call(c->http, &q, &reply, err) && take(c, &reply, out, err);
    buf_wipe(&form);
    http_reply_free(&reply);
    if (!ok)
        azure_cred_redact(c, err);
    return ok;
}
