/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client_secret: an application's password, from a variable or from Key Vault.
 *
 * One in Key Vault is read with the credential that is found without it.
 */
#include "azure_int.h"

static const char *variable(const struct azure_settings *s)
{
    return s->secret_env.n ? s->secret_env.p : "AZURE_CLIENT_SECRET";
}

static bool ready(const struct azure_settings *s, struct buf *why)
{
    if (!cred_has_ids(s, why))
        return false;
    if (s->vault_url.n) {
        buf_printf(why, "client secret '%.*s' of vault %.*s", STR_ARG(s->vault_secret),
                   STR_ARG(s->vault_url));
        return true;
    }
    bool set = cred_setting(s, STR(""), variable(s)).n > 0;
    buf_printf(why, set ? "client secret from %s" : "%s is not set", variable(s));
    return set;
}

static bool open_vault(struct azure_cred *c, struct err *err)
{
    const struct azure_settings *s = c->settings;
    struct azure_settings *without = ARENA_NEW(c->arena, struct azure_settings);
    *without = *s;
    without->vault_url = without->vault_secret = STR("");
    without->credential = STR("auto");
    c->vault = azure_cred_open(c->arena, without, c->http, err);
    return (c->vault && azure_vault_secret(c->arena, c->vault, c->http, s->vault_url, s->vault_secret,
                                           s->any_challenge_resource, &c->secret, err)) ||
           err_wrap(err, "client secret from Key Vault");
}

static enum cred_opened open_secret(struct azure_cred *c, struct buf *why, struct err *err)
{
    if (!cred_be_application(c, why, err))
        return CRED_FAILED;
    if (c->settings->vault_url.n)
        return open_vault(c, err) ? CRED_TAKEN : CRED_FAILED;
    secret_set(&c->secret, cred_setting(c->settings, STR(""), variable(c->settings)));
    return CRED_TAKEN;
}

static bool put_proof(struct azure_cred *c, struct buf *form, struct err *err)
{
    (void)err;
    buf_puts(form, "&client_secret=");
    url_put_escaped(form, secret_view(&c->secret));
    return true;
}

static bool token(struct azure_cred *c, const struct token_ask *ask, struct token *out, struct err *err)
{
    return token_by_form(c, ask, put_proof, out, err);
}

const struct cred_kind cred_client_secret = { "client_secret", ready, open_secret, token };
