/* layer: azure */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Microsoft's services: signing in, secrets of Key Vault, and reading what a query service answers.
 *
 * Secrets and tokens live in struct azure_cred only, are overwritten by azure_cred_close, and stand in no
 * error: of what the sign-in service says only codes are kept, and azure_cred_redact takes them out of
 * texts that a service sent. Errors: ERR_CONNECT (sign-in, service), ERR_USAGE (settings), ERR_INTERRUPT.
 */
#ifndef HB_AZURE_H
#define HB_AZURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/buf.h"
#include "hb/err.h"
#include "hb/net.h"
#include "hb/str.h"
#include "hb/table.h"

/* -- signing in (cred.c, cred_*.c, token.c, keyvault.c) -- */

/* Where settings may come from besides the profile: the environment, as the caller sees it. NULL: not set. */
struct azure_env {
    const char *(*get)(void *ctx, const char *name);
    void *ctx;
};

struct azure_settings {
    struct str credential;                /* "auto" or a kind below; empty is auto */
    struct str tenant, client, authority; /* empty: AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_AUTHORITY_HOST */
    struct str secret_env; /* variable that holds the client secret; empty: AZURE_CLIENT_SECRET */
    struct str vault_url, vault_secret; /* the client secret is in Key Vault; read with another credential */
    bool any_challenge_resource;        /* do not compare the vault's resource with its host name */
    bool allow_loopback;
    struct azure_env env;
};

/* What was looked at, in order, for `auth status` and error texts. */
struct azure_choice {
    const char *kind;
    bool usable;
    struct str why; /* what it uses, or what it lacks; never a secret */
};

struct azure_cred;
/* Chooses the first usable kind and reads what it needs; asks the network only for Key Vault. NULL: *err
 * names what each kind lacks. The settings and `h` must live as long. */
struct azure_cred *azure_cred_open(struct arena *a, const struct azure_settings *s, struct http *h,
                                   struct err *err);
void azure_cred_close(struct azure_cred *c); /* NULL is allowed */
/* All kinds in their order, without signing in. */
size_t azure_cred_choices(struct arena *a, const struct azure_settings *s, struct azure_choice **out);
/* "application 1111..., tenant 2222..., client secret from AZURE_CLIENT_SECRET" */
struct str azure_cred_identity(const struct azure_cred *c);
/*
 * A token for a scope ("https://vault.azure.net/.default"), from the cache while it lives for five more
 * minutes. `renew`: the last one was refused. The view lives until the next call.
 */
bool azure_cred_token(struct azure_cred *c, struct str scope, bool renew, struct str *token, struct err *err);
/* Every secret and token this credential knows, when it occurs in the text, becomes "***". */
void azure_cred_redact(const struct azure_cred *c, struct err *err);

/* Reads one secret of a vault, with the vault's own challenge. `name` may be NAME or NAME/VERSION. */
bool azure_vault_secret(struct arena *a, struct azure_cred *c, struct http *h, struct str vault_url,
                        struct str name, bool any_resource, struct secret *out, struct err *err);

/* -- replies (json_read.c, reply.c) -- */

/* Rows as they are read, some thousands at a time; the table lives until the function returns. An answer
 * without rows calls it once with an empty table. */
struct azure_sink {
    bool (*rows)(void *ctx, const struct table *chunk, struct err *err);
    void *ctx;
};

struct azure_result {
    int64_t rows;
    size_t other_tables; /* of a Log Analytics reply; they are not read */
    bool partial;        /* the service says that rows are missing */
    struct str partial_text;
};

/* 200 of Log Analytics: {"tables":[...],"error":{...}}. The whole body must be one JSON value. */
bool azure_read_tables(struct arena *a, struct str body, const struct azure_sink *sink,
                       struct azure_result *out, struct err *err);

/* What an error reply says. */
struct azure_fault {
    struct str code;    /* outermost > innermost, or empty */
    struct str message; /* the innermost, or empty */
    int64_t line, pos;  /* of the query as sent, from 1; 0: not said */
};
void azure_read_fault(struct arena *a, const struct http_reply *r, struct azure_fault *out);

#endif
