/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds of credential in their order, the choice between them, and the cache of tokens.
 *
 * Secrets of the environment come first, then what the platform gives. A kind is taken when its settings are
 * there; when it then fails, no other is tried, so that nobody signs in as somebody else without knowing.
 */
#include <string.h>

#include "azure_int.h"
#include "hb/vec.h"

static const struct cred_kind *const kinds[] = { &cred_client_secret, &cred_client_certificate,
                                                 &cred_workload_identity };
enum { NKINDS = sizeof kinds / sizeof *kinds };

static const char default_authority[] = "https://login.microsoftonline.com";
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

size_t azure_cred_choices(struct arena *a, const struct azure_settings *s, struct azure_choice **out)
{
    size_t n = 0;
    *out = ARENA_ARRAY(a, NKINDS, struct azure_choice);
    for (size_t i = 0; i < NKINDS; i++) {
        struct buf why = BUF_INIT;
        if (s->credential.n && !str_eqz(s->credential, "auto") && !str_eqz(s->credential, kinds[i]->name))
            continue;
        (*out)[n].kind = kinds[i]->name;
        (*out)[n].usable = kinds[i]->ready(s, &why);
        (*out)[n++].why = buf_to_arena(&why, a);
        buf_free(&why);
    }
    return n;
}

static const struct cred_kind *choose(struct arena *a, const struct azure_settings *s, struct err *err)
{
    struct azure_choice *choices;
    struct buf text = BUF_INIT;
    const struct cred_kind *found = NULL;
    size_t n = azure_cred_choices(a, s, &choices);
    for (size_t i = 0; i < n && !found; i++) {
        for (size_t k = 0; k < NKINDS && choices[i].usable; k++)
            if (strcmp(kinds[k]->name, choices[i].kind) == 0)
                found = kinds[k];
        buf_printf(&text, "%s%s: %.*s", i ? "; " : "", choices[i].kind, STR_ARG(choices[i].why));
    }
    if (!found && n == 0) {
        buf_printf(&text, "'%.*s' is none of:", STR_ARG(s->credential));
        for (size_t i = 0; i < NKINDS; i++)
            buf_printf(&text, " %s", kinds[i]->name);
        err_set(err, ERR_USAGE, "credential %s", buf_z(&text));
    } else if (!found) {
        err_set(err, ERR_CONNECT, "no credential to sign in with: %s", buf_z(&text));
    }
    buf_free(&text);
    return found;
}

/* A tenant becomes a part of an address: an id or a domain name, nothing else. */
static bool plain_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
              c == '.'))
            return false;
    }
    return s.n > 0;
}

static bool fill(struct azure_cred *c, struct err *err)
{
    const struct azure_settings *s = c->settings;
    struct buf why = BUF_INIT;
    c->tenant = cred_setting(s, s->tenant, "AZURE_TENANT_ID");
    c->client = cred_setting(s, s->client, "AZURE_CLIENT_ID");
    c->authority = cred_setting(s, s->authority, "AZURE_AUTHORITY_HOST");
    if (!c->authority.n)
        c->authority = str_z(default_authority);
    if (str_find(c->authority, STR("://"), 0) == SIZE_MAX)
        c->authority = arena_strf(c->arena, "https://%.*s", STR_ARG(c->authority));
    c->kind->ready(s, &why);
    c->identity = arena_strf(c->arena, "application %.*s of tenant %.*s, %s", STR_ARG(c->client),
                             STR_ARG(c->tenant), buf_z(&why));
    buf_free(&why);
    if (!plain_name(c->tenant))
        return err_set(err, ERR_USAGE, "tenant_id '%.*s' is neither an id nor a domain name",
                       STR_ARG(c->tenant));
    return url_check(c->authority, s->allow_loopback, err) && (!c->kind->open || c->kind->open(c, err));
}

struct azure_cred *azure_cred_open(struct arena *a, const struct azure_settings *s, struct http *h,
                                   struct err *err)
{
    const struct cred_kind *kind = choose(a, s, err);
    if (!kind)
        return NULL;
    struct azure_cred *c = ARENA_NEW(a, struct azure_cred);
    *c = (struct azure_cred){ .arena = a, .settings = s, .http = h, .kind = kind };
    if (fill(c, err))
        return c;
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
    azure_cred_close(c->vault);
    c->vault = NULL;
    c->ntokens = 0;
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
    t->scope = arena_str(c->arena, scope);
    return t;
}

bool azure_cred_token(struct azure_cred *c, struct str scope, bool renew, struct str *token, struct err *err)
{
    struct token *t = cached(c, scope), fresh = { .scope = t->scope };
    double left = t->text.n ? t->expires - token_clock() : 0;
    if (renew || left < RENEW_BEFORE) {
        struct err why = ERR_INIT;
        if (token_request(c, t->scope, &fresh, &why)) {
            secret_wipe(&t->text);
            *t = fresh;
        } else if (renew || left < 1 || why.kind == ERR_INTERRUPT) { /* an early renewal may fail */
            *err = why;
            return false;
        }
    }
    *token = secret_view(&t->text);
    return true;
}

/* -- keeping secrets out of texts -- */

static void redact(struct err *err, struct str secret)
{
    enum { SHORTEST = 6 }; /* less would blot out words */
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
    for (size_t i = 0; i < c->ntokens; i++)
        redact(err, secret_view(&c->tokens[i].text));
    azure_cred_redact(c->vault, err);
}
