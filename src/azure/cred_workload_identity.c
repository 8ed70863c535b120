/* SPDX-License-Identifier: Apache-2.0 */
/*
 * workload_identity: the platform writes a token into a file and replaces it now and then; it is read anew
 * for every sign-in.
 */
#include <stdint.h>
#include <string.h>

#include "azure_int.h"
#include "hb/fs.h"

static const char variable[] = "AZURE_FEDERATED_TOKEN_FILE";
enum { TOKEN_FILE_MAX = 64 * 1024 };

static bool ready(const struct azure_settings *s, struct buf *why)
{
    struct str file = cred_setting(s, STR(""), variable);
    if (!cred_has_ids(s, why))
        return false;
    if (file.n)
        buf_printf(why, "workload identity from %.*s", STR_ARG(file));
    else
        buf_printf(why, "%s is not set", variable);
    return file.n > 0;
}

static bool put_proof(struct azure_cred *c, struct buf *form, struct err *err)
{
    struct str file = cred_setting(c->settings, STR(""), variable), text;
    struct arena *a = arena_new(0, "a federated token");
    bool ok = fs_read(a, arena_str(a, file).p, TOKEN_FILE_MAX, &text, err);
    if (ok) {
        secret_set(&c->secret, str_trim(text)); /* so that it is never shown */
        explicit_bzero((char *)(uintptr_t)text.p, text.n);
        ok = c->secret.n > 0 || err_set(err, ERR_CONNECT, "'%.*s' is empty", STR_ARG(file));
    }
    buf_puts(form, "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
                   "&client_assertion=");
    url_put_escaped(form, secret_view(&c->secret));
    arena_free(a);
    if (!ok && err->kind == ERR_RUN)
        err->kind = ERR_CONNECT;
    return ok;
}

static enum cred_opened open_file(struct azure_cred *c, struct buf *why, struct err *err)
{
    return cred_be_application(c, why, err) ? CRED_TAKEN : CRED_FAILED;
}

static bool token(struct azure_cred *c, const struct token_ask *ask, struct token *out, struct err *err)
{
    return token_by_form(c, ask, put_proof, out, err);
}

const struct cred_kind cred_workload_identity = { "workload_identity", ready, open_file, token };
