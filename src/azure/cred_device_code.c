/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device_code: a person opens a page, enters a code and signs in there. Only where somebody is at a terminal. Later tokens
 * come from the refresh token, which stays in memory.
 */
#include <string.h>

#include "azure_int.h"
#include "hb/ticks.h"

/* The public client of Microsoft's own command line tools. */
static const char public_client[] = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

static bool ready(const struct azure_settings *s, struct buf *why)
{
    buf_puts(why, s->tell ? "a person at this terminal signs in" : "nobody is at a terminal");
    return s->tell != NULL;
}

static enum cred_opened open_person(struct azure_cred *c, struct buf *why, struct err *err)
{
    const struct azure_settings *s = c->settings;
    c->tenant = cred_setting(s, s->tenant, "AZURE_TENANT_ID");
    c->client = s->client.n ? s->client : str_z(public_client);
    if (!c->tenant.n)
        c->tenant = STR("organizations");
    (void)why;
    if (!cred_tenant_ok(c->tenant, err))
        return CRED_FAILED;
    c->identity = arena_strf(c->arena, "a person of tenant %.*s, by device code", STR_ARG(c->tenant));
    return cred_set_authority(c, err) ? CRED_TAKEN : CRED_FAILED;
}

static void begin_form(const struct azure_cred *c, struct buf *form, struct str scope)
{
    buf_reserve(form, 16 * 1024);
    buf_puts(form, "client_id=");
    url_put_escaped(form, c->client);
    buf_puts(form, "&scope=");
    url_put_escaped(form, scope);
    buf_puts(form, "%20openid%20profile%20offline_access");
}

static void put_claims(struct buf *form, const struct token_ask *ask)
{
    if (!ask->claims.n)
        return;
    buf_puts(form, "&claims=");
    url_put_escaped(form, ask->claims);
}

static bool by_refresh(struct azure_cred *c, const struct token_ask *ask, struct token *out, struct err *err)
{
    struct buf form = BUF_INIT;
    struct http_reply reply = { 0 };
    begin_form(c, &form, ask->scope);
    put_claims(&form, ask);
    buf_puts(&form, "&grant_type=refresh_token&refresh_token=");
    url_put_escaped(&form, secret_view(&c->refresh));
    bool ok = token_post(c, cred_token_url(c), buf_view(&form), &reply, err);
    ok = ok && (reply.status == 200 ? token_take(c, &reply, out, err) : token_refused(c, &reply, err));
    buf_wipe(&form);
    http_reply_free(&reply);
    return ok;
}

struct device {
    struct secret code;
    double interval, ends;
};

static bool take_device(struct azure_cred *c, const struct http_reply *r, struct device *d, struct err *err)
{
    struct err ignored = ERR_INIT;
    cJSON *json = json_parse(buf_view(&r->body), &ignored);
    struct str code = json_get_str(json, "device_code"), message = json_get_str(json, "message");
    if (code.n) {
        secret_set(&d->code, code);
        d->interval = json_get_num(json, "interval", 5);
        d->ends = clock_seconds() + json_get_num(json, "expires_in", 900);
        c->settings->tell(c->settings->tell_ctx,
                          message.n ? message
                                    : arena_strf(c->arena, "To sign in, open %.*s and enter the code %.*s",
                                                 STR_ARG(json_get_str(json, "verification_uri")),
                                                 STR_ARG(json_get_str(json, "user_code"))));
        explicit_bzero((char *)cJSON_GetObjectItemCaseSensitive(json, "device_code")->valuestring, code.n);
    }
    cJSON_Delete(json);
    return d->code.n || err_set(err, ERR_CONNECT, "the sign-in service gave no device code");
}

static bool begin(struct azure_cred *c, const struct token_ask *ask, struct device *d, struct err *err)
{
    struct buf form = BUF_INIT;
    struct http_reply reply = { 0 };
    struct str url = url_join(c->arena, c->authority,
                              arena_printf(c->arena, "%.*s/oauth2/v2.0/devicecode", STR_ARG(c->tenant)));
    begin_form(c, &form, ask->scope);
    put_claims(&form, ask);
    bool ok = token_post(c, url, buf_view(&form), &reply, err);
    ok = ok && (reply.status == 200 ? take_device(c, &reply, d, err) : token_refused(c, &reply, err));
    buf_wipe(&form);
    http_reply_free(&reply);
    return ok;
}

enum poll { POLL_WAIT, POLL_DONE, POLL_FAILED };

/* No token yet: is it worth asking on? */
static enum poll not_yet(const struct azure_cred *c, struct device *d, const struct http_reply *r,
                         struct err *err)
{
    struct err ignored = ERR_INIT;
    cJSON *json = json_parse(buf_view(&r->body), &ignored);
    struct str word = json_get_str(json, "error");
    bool slower = str_eqz(word, "slow_down"), waits = slower || str_eqz(word, "authorization_pending");
    cJSON_Delete(json);
    d->interval += slower ? 5 : 0;
    if (!waits)
        token_refused(c, r, err);
    return waits ? POLL_WAIT : POLL_FAILED;
}

static enum poll poll_once(struct azure_cred *c, struct device *d, struct token *out, struct err *err)
{
    struct buf form = BUF_INIT;
    struct http_reply reply = { 0 };
    enum poll got = POLL_FAILED;
    buf_reserve(&form, 16 * 1024);
    buf_puts(&form, "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&client_id=");
    url_put_escaped(&form, c->client);
    buf_puts(&form, "&device_code=");
    url_put_escaped(&form, secret_view(&d->code));
    if (token_post(c, cred_token_url(c), buf_view(&form), &reply, err))
        got = reply.status != 200               ? not_yet(c, d, &reply, err)
              : token_take(c, &reply, out, err) ? POLL_DONE
                                                : POLL_FAILED;
    buf_wipe(&form);
    http_reply_free(&reply);
    return got;
}

static bool token(struct azure_cred *c, const struct token_ask *ask, struct token *out, struct err *err)
{
    struct device d = { .interval = 5 };
    enum poll got = POLL_WAIT;
    if (c->refresh.n)
        return by_refresh(c, ask, out, err);
    bool ok = begin(c, ask, &d, err);
    while (ok && got == POLL_WAIT) {
        ok = net_pause(d.interval, c->settings->stop, err);
        if (ok && clock_seconds() > d.ends)
            ok = err_set(err, ERR_CONNECT, "the code was not entered in time");
        got = ok ? poll_once(c, &d, out, err) : POLL_FAILED;
    }
    secret_wipe(&d.code);
    return ok && got == POLL_DONE;
}

const struct cred_kind cred_device_code = { "device_code", ready, open_person, token };
