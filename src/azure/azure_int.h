/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A credential and its kinds. To add a kind: src/azure/cred_<kind>.c with its row, a line in cred.c.
 */
#ifndef AZURE_INT_H
#define AZURE_INT_H

#include "hb/azure.h"

struct token {
    struct str scope;
    struct secret text;
    double expires; /* monotonic seconds */
};

struct azure_cred {
    struct arena *arena;
    const struct azure_settings *settings;
    struct http *http;
    const struct cred_kind *kind;
    struct str tenant, client, authority, identity;
    struct secret secret;     /* client secret */
    struct azure_cred *vault; /* the credential that reads the vault; NULL: none */
    struct token *tokens;
    size_t ntokens, tokens_cap;
};

struct cred_kind {
    const char *name;
    /* Are its settings there? `why` gets what it uses, or what is missing. No network, no file is read. */
    bool (*ready)(const struct azure_settings *s, struct buf *why);
    /* Reads what it needs once; may be NULL. */
    bool (*open)(struct azure_cred *c, struct err *err);
    /* Its own fields of the token request, each beginning with '&'. */
    bool (*put_proof)(struct azure_cred *c, struct buf *form, struct err *err);
};

extern const struct cred_kind cred_client_secret, cred_client_certificate, cred_workload_identity;

/* A setting of the profile, else the variable; empty when neither is there. */
struct str cred_setting(const struct azure_settings *s, struct str given, const char *variable);
/* "TENANT and CLIENT are set", or says in `why` which is not. */
bool cred_has_ids(const struct azure_settings *s, struct buf *why);
struct str cred_token_url(const struct azure_cred *c);

/* One sign-in, without the cache (token.c). */
bool token_request(struct azure_cred *c, struct str scope, struct token *out, struct err *err);
double token_clock(void);

#endif
