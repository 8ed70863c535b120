/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sign-in service: forms, answers, what its errors mean, and the challenges of others.
 *
 * Of an error only its codes are told: its description is text of the other side.
 */
#include <openssl/evp.h>
#include <string.h>
#include <time.h>

#include "azure_int.h"
#include "hb/ticks.h"
#include "hb/utf8.h"

enum { REPLY_MAX = 256 * 1024, FORM_MAX = 64 * 1024 };

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

static void refused(const struct azure_cred *c, int status, const cJSON *json, struct err *err)
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
        err_set(err, ERR_CONNECT, "'%.*s' answered the sign-in with HTTP %d", STR_ARG(u.host), status);
    else if (!code)
        err_set(err, ERR_CONNECT, "sign-in at '%.*s' was refused: %.*s (HTTP %d): %s", STR_ARG(u.host),
                STR_ARG(word), status, meaning);
    else
        err_set(err, ERR_CONNECT, "sign-in at '%.*s' was refused: %.*s, AADSTS%d (HTTP %d): %s",
                STR_ARG(u.host), STR_ARG(word), code, status, meaning);
}

bool token_refused(const struct azure_cred *c, const struct http_reply *r, struct err *err)
{
    struct err ignored = ERR_INIT;
    cJSON *json = json_parse(buf_view(&r->body), &ignored);
    refused(c, r->status, json, err);
    cJSON_Delete(json);
    return false;
}

/* A number of seconds, as a number or as text. */
static bool seconds_of(const cJSON *json, const char *key, double *out)
{
    struct str text = json_get_str(json, key);
    *out = json_get_num(json, key, 0);
    return *out > 0 || (text.n && str_to_f64(text, out));
}

double token_lifetime(const cJSON *json)
{
    double v;
    int64_t then;
    double now = (double)time(NULL);
    if (seconds_of(json, "expires_in", &v))
        return v;
    if (seconds_of(json, "expires_on", &v))
        return v > now ? v - now : 0;
    if (ticks_parse(json_get_str(json, "expires_on"), &then))
        v = (double)((then - TICKS_UNIX) / TICKS_SEC);
    return v > now ? v - now : 0;
}

/* A header is made of it: printable ASCII without blanks. */
static bool fit_for_header(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] >= 0x7F)
            return false;
    return s.n > 0;
}

bool token_set(struct token *out, struct str text, double lifetime)
{
    if (!fit_for_header(text))
        return false;
    secret_set(&out->text, text);
    out->expires = clock_seconds() + lifetime;
    return true;
}

static void wipe_text(const cJSON *item)
{
    if (cJSON_IsString(item))
        explicit_bzero(item->valuestring, strlen(item->valuestring));
}

bool token_take(struct azure_cred *c, const struct http_reply *r, struct token *out, struct err *err)
{
    struct err ignored = ERR_INIT;
    cJSON *json = json_parse(buf_view(&r->body), &ignored);
    const cJSON *token = json_get(json, "access_token"), *refresh = json_get(json, "refresh_token");
    bool ok = cJSON_IsString(token) && token_set(out, str_z(token->valuestring), token_lifetime(json));
    if (ok && cJSON_IsString(refresh))
        secret_set(&c->refresh, str_z(refresh->valuestring));
    wipe_text(token);
    wipe_text(refresh);
    wipe_text(json_get(json, "id_token"));
    cJSON_Delete(json);
    return ok || err_set(err, ERR_CONNECT, "the sign-in answered without a token");
}

bool token_post(struct azure_cred *c, struct str url, struct str form, struct http_reply *out,
                struct err *err)
{
    static const char *const headers[] = { "Content-Type: application/x-www-form-urlencoded",
                                           "Accept: application/json" };
    struct http_request q = {
        .method = "POST",
        .url = url,
        .headers = headers,
        .nheaders = sizeof headers / sizeof *headers,
        .body = form,
        .timeout = 30,
        .retry_budget = 60,
        .max_body = REPLY_MAX,
    };
    return http_call(c->http, &q, out, err);
}

bool token_by_form(struct azure_cred *c, const struct token_ask *ask,
                   bool (*put_proof)(struct azure_cred *c, struct buf *form, struct err *err),
                   struct token *out, struct err *err)
{
    struct buf form = BUF_INIT;
    struct http_reply reply = { 0 };
    buf_reserve(&form, FORM_MAX);
    buf_puts(&form, "grant_type=client_credentials&client_id=");
    url_put_escaped(&form, c->client);
    buf_puts(&form, "&scope=");
    url_put_escaped(&form, ask->scope);
    if (ask->claims.n) {
        buf_puts(&form, "&claims=");
        url_put_escaped(&form, ask->claims);
    }
    bool ok = put_proof(c, &form, err) && token_post(c, cred_token_url(c), buf_view(&form), &reply, err);
    if (ok)
        ok = reply.status == 200 ? token_take(c, &reply, out, err) : token_refused(c, &reply, err);
    buf_wipe(&form);
    http_reply_free(&reply);
    return ok;
}

/* -- challenges -- */

struct str challenge_value(struct str header, const char *name)
{
    struct str want = str_z(name);
    for (size_t at = 0; (at = str_find(header, want, at)) != SIZE_MAX; at += want.n) {
        size_t from = at + want.n;
        bool begins = at == 0 || header.p[at - 1] == ' ' || header.p[at - 1] == ',';
        if (!begins || from + 1 >= header.n || header.p[from] != '=' || header.p[from + 1] != '"')
            continue;
        return str_sub(header, from + 2, str_chr(header, '"', from + 2));
    }
    return STR("");
}

struct str azure_claims_challenge(struct arena *a, struct str header)
{
    struct str coded = challenge_value(header, "claims");
    enum { CLAIMS_MAX = 8192 };
    if (!coded.n || coded.n > CLAIMS_MAX || !str_eqz(challenge_value(header, "error"), "insufficient_claims"))
        return STR("");
    size_t room = (coded.n + 3) / 4 * 4;
    char *in = arena_alloc(a, room + 1);
    unsigned char *out = arena_alloc(a, room);
    memset(in, '=', room);
    for (size_t i = 0; i < coded.n; i++)
        in[i] = coded.p[i] == '-' ? '+' : coded.p[i] == '_' ? '/' : coded.p[i];
    int n = EVP_DecodeBlock(out, (const unsigned char *)in, (int)room);
    for (size_t i = room; n > 0 && i-- > 0 && in[i] == '=';)
        n--;
    struct str text = { (const char *)out, n > 0 ? (size_t)n : 0 };
    return text.n && text.p[0] == '{' && utf8_valid(text) ? text : STR("");
}
