/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds of credential in their order, the choice between them, and the cache of tokens.
 *
 * Secrets of the environment come first, then what the platform gives, then what a person gives. A kind is taken when its
 * settings are there and what it rests on answers; when it then fails, no other is tried, so that nobody signs in as somebody
 * else without knowing.
 */
#include <string.h>

#include "azure_int.h"
#include "hb/ticks.h"
#include "hb/vec.h"

static const struct cred_kind *const kinds[] = { &cred_client_secret,     &cred_client_certificate,
                                                 &cred_workload_identity, &cred_managed_identity,
                                                 &cred_azure_cli,         &cred_device_code };
enum { NKINDS = sizeof kinds / sizeof *kinds };

/* What may be said under `credential`, and in AZURE_TOKEN_CREDENTIALS: kinds as bits, in the order above. */
enum { SECRET = 1, CERTIFICATE = 2, WORKLOAD = 4, MANAGED = 8, CLI = 16, DEVICE = 32, ALL = 63 };
static const struct {
    const char *name;
    unsigned kinds;
} choices[] = {
    { "auto", ALL },
    { "environment", SECRET | CERTIFICATE },
    { "client_secret", SECRET },
    { "client_certificate", CERTIFICATE },
    { "workload_identity", WORKLOAD },
    { "managed_identity", MANAGED },
    { "azure_cli", CLI },
    { "device_code", DEVICE },
};
static const struct {
    const char *name;
    unsigned kinds;
} sdk_names[] = {
    { "prod", SECRET | CERTIFICATE | WORKLOAD | MANAGED },
    { "dev", CLI | DEVICE },
    { "EnvironmentCredential", SECRET | CERTIFICATE },
    { "WorkloadIdentityCredential", WORKLOAD },
    { "ManagedIdentityCredential", MANAGED },
    { "AzureCliCredential", CLI },
    { "DeviceCodeCredential", DEVICE },
};

static const double RENEW_BEFORE = 300; /* seconds */

struct str cred_setting(const struct azure_settings *s, struct str given, const char *variable)
{
    return given.n ? given : str_z(s->env.get ? s->env.get(s->env.ctx, variable) : NULL);
}

bool cred_has_ids(const struct azure_settings *s, struct buf *why)
{
    bool tenant = cred_setting(s, s->tenant, "AZURE_TENANT_ID").n > 0;
    bool client = cred_setting(s, s->client, "AZURE_CLIENT_ID").n > 0;
    if (!tenant)
        buf_puts(why, "tenant_id (AZURE_TENANT_ID) is not set");
    if (!client)
        buf_printf(why, "%sclient_id (AZURE_CLIENT_ID) is not set", tenant ? "" : ", ");
    return tenant && client;
}

struct str cred_resource(struct str scope)
{
    static const struct str tail = STR_INIT("/.default");
    return str_ends(scope, tail) ? str_sub(scope, 0, scope.n - tail.n) : scope;
}

bool azure_is_guid(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if ((i == 8 || i == 13 || i == 18 || i == 23) ? c != '-' : !hex)
            return false;
    }
    return s.n == 36;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Words of letters, digits and '-', at least two with dots between; the last of letters alone. */
static bool is_domain(struct str s)
{
    size_t words = 0;
    bool letters = false;
    for (size_t from = 0; from <= s.n; words++) {
        size_t to = str_chr(s, '.', from);
        letters = to - from >= 2;
        if (to == from || to - from > 63 || s.p[from] == '-')
            return false;
        for (size_t i = from; i < to; i++) {
            if (!is_letter(s.p[i]) && !(s.p[i] >= '0' && s.p[i] <= '9') && s.p[i] != '-')
                return false;
            letters = letters && is_letter(s.p[i]);
        }
        from = to + 1;
    }
    return words > 1 && letters && s.n <= 253;
}

bool cred_tenant_ok(struct str s, struct err *err)
{
    static const char *const words[] = { "common", "organizations", "consumers", "adfs" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eqz(s, words[i]))
            return true;
    return azure_is_guid(s) || is_domain(s) ||
           err_set(err, ERR_USAGE,
                   "tenant_id (AZURE_TENANT_ID) is neither an id like 00000000-1111-2222-3333-444444444444 "
                   "nor a domain name like contoso.onmicrosoft.com");
}

bool cred_client_ok(struct str s, struct err *err)
{
    return azure_is_guid(s) || err_set(err, ERR_USAGE,
                                       "client_id (AZURE_CLIENT_ID) is no id of an application like "
                                       "00000000-1111-2222-3333-444444444444");
}

bool cred_set_authority(struct azure_cred *c, struct err *err)
{
    const struct azure_settings *s = c->settings;
    c->authority = cred_setting(s, s->authority, "AZURE_AUTHORITY_HOST");
    if (!c->authority.n)
        c->authority = str_z((s->cloud ? s->cloud : azure_cloud_find(STR("")))->authority);
    if (str_find(c->authority, STR("://"), 0) == SIZE_MAX) {
        if (!is_domain(str_sub(c->authority, 0, str_chr(c->authority, '/', 0))))
            return err_set(err, ERR_USAGE,
                           "authority (AZURE_AUTHORITY_HOST) is no address like "
                           "https://login.microsoftonline.com");
        c->authority = arena_strf(c->arena, "https://%.*s", STR_ARG(c->authority));
    }
    return url_check(c->authority, s->allow_loopback, err) ||
           err_wrap(err, "authority (AZURE_AUTHORITY_HOST)");
}

bool cred_be_application(struct azure_cred *c, const struct buf *why, struct err *err)
{
    const struct azure_settings *s = c->settings;
    c->tenant = cred_setting(s, s->tenant, "AZURE_TENANT_ID");
    c->client = cred_setting(s, s->client, "AZURE_CLIENT_ID");
    if (!cred_tenant_ok(c->tenant, err) || !cred_client_ok(c->client, err))
        return false;
    c->identity = arena_strf(c->arena, "application %.*s of tenant %.*s, %s", STR_ARG(c->client),
                             STR_ARG(c->tenant), buf_z(why));
    return cred_set_authority(c, err);
}

/* -- the choice -- */

static bool find_allowed(const struct azure_settings *s, unsigned *allowed, struct err *err)
{
    struct str sdk = cred_setting(s, STR(""), "AZURE_TOKEN_CREDENTIALS");
    struct buf names = BUF_INIT;
    bool ok = false;
    bool automatic = !s->credential.n || str_eqz(s->credential, "auto");
    *allowed = ALL;
    if (automatic && sdk.n) {
        for (size_t i = 0; i < sizeof sdk_names / sizeof *sdk_names; i++)
            if (str_eq_nocase(sdk, str_z(sdk_names[i].name))) {
                *allowed = sdk_names[i].kinds;
                return true;
            }
        return err_set(err, ERR_USAGE,
                       "AZURE_TOKEN_CREDENTIALS must be dev, prod or the name of one credential");
    }
    for (size_t i = 0; i < sizeof choices / sizeof *choices && !automatic; i++) {
        buf_printf(&names, " %s", choices[i].name);
        if (str_eqz(s->credential, choices[i].name)) {
            *allowed = choices[i].kinds;
            ok = true;
        }
    }
    if (!ok && !automatic)
        err_set(err, ERR_USAGE, "credential is none of:%s", buf_z(&names));
    buf_free(&names);
    return ok || automatic;
}

size_t azure_cred_survey(struct arena *a, const struct azure_settings *s, struct azure_choice **out)
{
    unsigned allowed;
    struct err ignored = ERR_INIT;
    const char *taken = NULL;
    bool known = find_allowed(s, &allowed, &ignored);
    *out = ARENA_ARRAY(a, NKINDS, struct azure_choice);
    for (size_t i = 0; i < NKINDS; i++) {
        struct buf why = BUF_INIT;
        struct azure_choice *c = &(*out)[i];
        c->kind = kinds[i]->name;
        if (!known || !(allowed & 1u << i)) {
            buf_puts(&why, "left out by the setting credential or AZURE_TOKEN_CREDENTIALS");
        } else if (kinds[i]->ready(s, &why)) {
            c->taken = !taken;
            if (taken)
                buf_printf(&why, "; comes behind %s", taken);
            else
                taken = c->kind;
        }
        c->why = buf_to_arena(&why, a);
        buf_free(&why);
    }
    return NKINDS;
}

static enum cred_opened try_kind(struct azure_cred *c, size_t i, bool allowed, struct err *err)
{
    struct buf why = BUF_INIT;
    enum cred_opened got = CRED_UNAVAILABLE;
    c->kind = kinds[i];
    c->kind_at = i;
    c->unavailable = false;
    if (!allowed)
        buf_puts(&why, "left out by the setting credential or AZURE_TOKEN_CREDENTIALS");
    else if (kinds[i]->ready(c->settings, &why))
        got = kinds[i]->open(c, &why, err);
    c->choices[c->nchoices++] = (struct azure_choice){ kinds[i]->name, got == CRED_TAKEN,
                                                       buf_to_arena(&why, c->arena) };
    buf_free(&why);
    return got;
}

/* The first kind at or behind `from` that can be used. */
static bool choose(struct azure_cred *c, size_t from, struct err *err)
{
    unsigned allowed;
    if (!find_allowed(c->settings, &allowed, err))
        return false;
    for (size_t i = from; i < NKINDS; i++) {
        enum cred_opened got = try_kind(c, i, allowed & 1u << i, err);
        if (got == CRED_FAILED)
            return err_wrap(err, "%s", kinds[i]->name);
        if (got == CRED_TAKEN)
            return true;
    }
    struct buf text = BUF_INIT;
    for (size_t i = 0; i < c->nchoices; i++)
        if (allowed & 1u << i)
            buf_printf(&text, "%s%s: %.*s", text.n ? "; " : "", c->choices[i].kind,
                       STR_ARG(c->choices[i].why));
    err_set(err, ERR_CONNECT, "no credential to sign in with: %s", buf_z(&text));
    buf_free(&text);
    return false;
}

struct azure_cred *azure_cred_open(struct arena *a, const struct azure_settings *s, struct http *h,
                                   struct err *err)
{
    struct azure_cred *c = ARENA_NEW(a, struct azure_cred);
    *c = (struct azure_cred){ .arena = a, .settings = s, .http = h };
    secret_guard();
    if (choose(c, 0, err))
        return c;
    azure_cred_redact(c, err);
    azure_cred_close(c);
    return NULL;
}

void azure_cred_close(struct azure_cred *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->ntokens; i++)
        secret_wipe(&c->tokens[i].text);
    secret_wipe(&c->secret);
    secret_wipe(&c->refresh);
    azure_cred_close(c->vault);
    c->vault = NULL;
    c->ntokens = 0;
}

size_t azure_cred_choices(const struct azure_cred *c, const struct azure_choice **out)
{
    *out = c->choices;
    return c->nchoices;
}

struct str azure_cred_identity(const struct azure_cred *c)
{
    return c->identity;
}

struct str cred_token_url(const struct azure_cred *c)
{
    return url_join(c->arena, c->authority,
                    arena_printf(c->arena, "%.*s/oauth2/v2.0/token", STR_ARG(c->tenant)));
}

/* -- the cache -- */

static struct token *cached(struct azure_cred *c, struct str scope)
{
    for (size_t i = 0; i < c->ntokens; i++)
        if (str_eq(c->tokens[i].scope, scope))
            return &c->tokens[i];
    struct token *t = VEC_PUSH(c->arena, c->tokens, c->ntokens, c->tokens_cap);
    *t = (struct token){ .scope = arena_str(c->arena, scope) };
    return t;
}

double azure_cred_token_life(const struct azure_cred *c, struct str scope)
{
    for (size_t i = 0; i < c->ntokens; i++)
        if (str_eq(c->tokens[i].scope, scope) && c->tokens[i].text.n)
            return c->tokens[i].expires - clock_seconds();
    return 0;
}

static bool has_signed_in(const struct azure_cred *c)
{
    for (size_t i = 0; i < c->ntokens; i++)
        if (c->tokens[i].text.n)
            return true;
    return false;
}

/* A kind that turns out not to be set up here gives way to the next, before the first token only. */
static bool sign_in(struct azure_cred *c, const struct token_ask *ask, struct token *out, struct err *err)
{
    for (;;) {
        c->unavailable = false;
        if (c->kind->token(c, ask, out, err))
            return true;
        if (!c->unavailable || has_signed_in(c))
            break;
        struct azure_choice *last = &c->choices[c->nchoices - 1];
        last->taken = false;
        last->why = arena_str(c->arena, str_z(err->text));
        *err = (struct err)ERR_INIT;
        if (!choose(c, c->kind_at + 1, err))
            break;
    }
    azure_cred_redact(c, err);
    return false;
}

bool azure_cred_token(struct azure_cred *c, const struct token_ask *ask, struct str *token, struct err *err)
{
    struct token *t = cached(c, ask->scope), fresh = { .scope = t->scope };
    double left = t->text.n ? t->expires - clock_seconds() : 0;
    if (ask->renew || ask->claims.n || left < RENEW_BEFORE) {
        struct err why = ERR_INIT;
        bool needed = ask->renew || ask->claims.n || left < 1;
        if (sign_in(c, ask, &fresh, &why)) {
            secret_wipe(&t->text);
            *t = fresh;
        } else if (needed || why.kind == ERR_INTERRUPT) { /* an early renewal may fail */
            *err = why;
            return false;
        }
    }
    *token = secret_view(&t->text);
    return true;
}

/* -- keeping secrets out of texts -- */

enum { SHORTEST = 6 /* less would blot out words */ };

static void redact(struct err *err, struct str secret)
{
    size_t at;
    if (secret.n < SHORTEST)
        return;
    while ((at = str_find(str_z(err->text), secret, 0)) != SIZE_MAX) {
        memcpy(err->text + at, "***", 3);
        memmove(err->text + at + 3, err->text + at + secret.n, strlen(err->text + at + secret.n) + 1);
    }
}

void azure_cred_redact(const struct azure_cred *c, struct err *err)
{
    if (!c)
        return;
    redact(err, secret_view(&c->secret));
    redact(err, secret_view(&c->refresh));
    for (size_t i = 0; i < c->ntokens; i++)
        redact(err, secret_view(&c->tokens[i].text));
    azure_cred_redact(c->vault, err);
}

static struct str clean(struct arena *a, struct str text, struct str secret)
{
    size_t at;
    while (secret.n >= SHORTEST && (at = str_find(text, secret, 0)) != SIZE_MAX) {
        struct str rest = str_sub(text, at + secret.n, text.n);
        text = arena_strf(a, "%.*s***%.*s", (int)at, text.p, STR_ARG(rest));
    }
    return text;
}

struct str azure_cred_clean(const struct azure_cred *c, struct arena *a, struct str text)
{
    if (!c) /* the last of the chain */
        return arena_str(a, text);
    text = clean(a, text, secret_view(&c->secret));
    text = clean(a, text, secret_view(&c->refresh));
    for (size_t i = 0; i < c->ntokens; i++)
        text = clean(a, text, secret_view(&c->tokens[i].text));
    return azure_cred_clean(c->vault, a, text);
}
