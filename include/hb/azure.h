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

/* -- clouds (clouds.c) -- */

struct azure_cloud {
    const char *name; /* public, usgov, china */
    const char *authority, *logs, *graph, *older_defender /* NULL: none */, *vault_suffix;
};
/* By its name or an alias (global, gov, cn); empty is public. NULL: unknown. */
const struct azure_cloud *azure_cloud_find(struct str name);

/* -- signing in (cred.c, cred_*.c, token.c, keyvault.c) -- */

/* Where settings may come from besides the profile: the environment, as the caller sees it. NULL: not set. */
struct azure_env {
    const char *(*get)(void *ctx, const char *name);
    void *ctx;
};

struct azure_settings {
    struct str credential;                /* "auto" or a kind below; empty is auto */
    struct str tenant, client, authority; /* empty: AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_AUTHORITY_HOST */
    const struct azure_cloud *cloud;      /* NULL: public */
    struct str secret_env;   /* variable that holds the client secret; empty: AZURE_CLIENT_SECRET */
    struct str certificate;  /* file; empty: AZURE_CLIENT_CERTIFICATE_PATH */
    struct str password_env; /* of its key; empty: AZURE_CLIENT_CERTIFICATE_PASSWORD */
    bool send_chain;
    struct str vault_url, vault_secret; /* the client secret is in Key Vault; read with another credential */
    bool any_challenge_resource;        /* do not compare the vault's resource with its host name */
    bool allow_loopback;
    struct azure_env env;
    /* Shows a person how to sign in ("open https://... and enter ..."); NULL: nobody is there, no device code. */
    void (*tell)(void *ctx, struct str text);
    void *tell_ctx;
    const volatile int *stop; /* may be NULL */
};

/* What was looked at, in order, for `auth status` and error texts. */
struct azure_choice {
    const char *kind;
    bool taken;
    struct str why; /* what it uses, or what it lacks; never a secret */
};

/* 8-4-4-4-12 hexadecimal digits. */
bool azure_is_guid(struct str s);

struct azure_cred;
/*
 * Chooses the first kind that can be used and reads what it needs. On the way it asks the network for Key Vault, for the
 * machine's own identity and, of the Azure CLI, for a token of `scope`. NULL: *err names what each kind lacks. The settings and `h` must
 * live as long.
 */
struct azure_cred *azure_cred_open(struct arena *a, const struct azure_settings *s, struct http *h,
                                   struct err *err);
void azure_cred_close(struct azure_cred *c); /* NULL is allowed */
/* The kinds up to the one that was taken, in their order. */
size_t azure_cred_choices(const struct azure_cred *c, const struct azure_choice **out);
/* All kinds, without signing in: `taken` is the first whose settings are there. */
size_t azure_cred_survey(struct arena *a, const struct azure_settings *s, struct azure_choice **out);
/* "application 1111..., tenant 2222..., client secret from AZURE_CLIENT_SECRET" */
struct str azure_cred_identity(const struct azure_cred *c);

struct token_ask {
    struct str scope;  /* "https://vault.azure.net/.default" */
    struct str claims; /* what a challenge wants, JSON; or empty */
    bool renew;        /* the last one was refused */
};
/* A token, from the cache while it lives for five more minutes. The view lives until the next call. */
bool azure_cred_token(struct azure_cred *c, const struct token_ask *ask, struct str *token, struct err *err);
/* Seconds that the cached token of a scope still lives; 0: there is none. */
double azure_cred_token_life(const struct azure_cred *c, struct str scope);
/* Every secret and token this credential knows, when it occurs in the text, becomes "***". */
void azure_cred_redact(const struct azure_cred *c, struct err *err);
/* The same for a text; the result is a copy in the arena, so the text may be part of a reply that is freed. */
struct str azure_cred_clean(const struct azure_cred *c, struct arena *a, struct str text);

/* The claims of a WWW-Authenticate header with error="insufficient_claims"; empty when it has none. */
struct str azure_claims_challenge(struct arena *a, struct str header);

/* Reads one secret of a vault, with the vault's own challenge. `name` may be NAME or NAME/VERSION. */
bool azure_vault_secret(struct arena *a, struct azure_cred *c, struct http *h, struct str vault_url,
                        struct str name, bool any_resource, struct secret *out, struct err *err);

/* -- replies (json_read.c, reply*.c) -- */

enum azure_form {
    AZURE_TABLES,    /* Log Analytics: {"tables":[...],"error":{...}} */
    AZURE_FRAMES,    /* Data Explorer v2: a list of frames */
    AZURE_TABLES_V1, /* Data Explorer v1: {"Tables":[...]} */
    AZURE_HUNTING,   /* Defender: {"schema":[...],"results":[...]} */
};

/* The body in parts: the next one, empty at the end; false when it broke off. */
struct azure_input {
    bool (*more)(void *ctx, struct str *bytes);
    void *ctx;
};

/* Rows as they are read, some thousands at a time; the table lives until the function returns. An answer
 * without rows calls it once with an empty table. `enough` ends the reading. */
struct azure_sink {
    bool (*rows)(void *ctx, const struct table *chunk, struct err *err);
    void *ctx;
    bool enough;
};

struct azure_result {
    int64_t rows;
    bool partial; /* the service says that rows are missing */
    struct str partial_text;
    struct str statistics; /* JSON, or empty */
    bool broken;           /* of a failure: the body just ended too early */
};

/* A reply of 200. The whole body must be one JSON value, and of the form. */
bool azure_read_reply(struct arena *a, enum azure_form form, const struct azure_input *in,
                      struct azure_sink *sink, struct azure_result *out, struct err *err);

/* What an error reply says. */
struct azure_fault {
    struct str code;    /* outermost > innermost, or empty */
    struct str message; /* the innermost, or empty */
    int64_t line, pos;  /* of the query as sent, from 1; 0: not said */
};
void azure_read_fault(struct arena *a, const struct http_reply *r, struct azure_fault *out);

#endif
