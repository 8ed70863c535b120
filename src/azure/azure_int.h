/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A credential and its kinds. To add a kind: src/azure/cred_<kind>.c with its row, a line in cred.c.
 */
#ifndef AZURE_INT_H
#define AZURE_INT_H

#include "hb/azure.h"
#include "hb/json.h"

struct token {
    struct str scope;
    struct secret text;
    double expires; /* monotonic seconds */
};

enum { CRED_KINDS_MAX = 8 };

struct azure_cred {
    struct arena *arena;
    const struct azure_settings *settings;
    struct http *http;
    const struct cred_kind *kind;
    size_t kind_at; /* in the order of all */
    struct str tenant, client, authority, identity;
    struct secret secret;     /* client secret, federated token, or the header of App Service */
    struct secret refresh;    /* device_code */
    struct azure_cred *vault; /* the credential that reads the vault; NULL: none */
    bool app_service;         /* managed_identity */
    char *program;            /* azure_cli */
    bool unavailable; /* the last token failed because this kind is not set up here: the next may be taken */
    struct token *tokens;
    size_t ntokens, tokens_cap;
    struct azure_choice choices[CRED_KINDS_MAX];
    size_t nchoices;
};

enum cred_opened { CRED_TAKEN, CRED_UNAVAILABLE, CRED_FAILED };

struct cred_kind {
    const char *name;
    /* Are its settings there? `why` gets what it uses, or what is missing. No network, no file is read. */
    bool (*ready)(const struct azure_settings *s, struct buf *why);
    /* Reads what it needs once, and sets c->identity; `why` may say more. CRED_FAILED: *err. */
    enum cred_opened (*open)(struct azure_cred *c, struct buf *why, struct err *err);
    bool (*token)(struct azure_cred *c, const struct token_ask *ask, struct token *out, struct err *err);
};

extern const struct cred_kind cred_client_secret, cred_client_certificate, cred_workload_identity,
    cred_managed_identity, cred_azure_cli, cred_device_code;

/* A setting of the profile, else the variable; empty when neither is there. */
struct str cred_setting(const struct azure_settings *s, struct str given, const char *variable);
/* "TENANT and CLIENT are set", or says in `why` which is not. */
bool cred_has_ids(const struct azure_settings *s, struct buf *why);
/* Checks tenant and authority and sets the identity of an application: "application X of tenant Y, WHY". */
bool cred_be_application(struct azure_cred *c, const struct buf *why, struct err *err);
/* An id or a domain name: it becomes a part of an address, or an argument. *err does not show what was given: it may be a
 * secret in the wrong place. */
bool cred_tenant_ok(struct str s, struct err *err);
bool cred_client_ok(struct str s, struct err *err);
bool cred_set_authority(struct azure_cred *c, struct err *err);
struct str cred_token_url(const struct azure_cred *c);
/* The scope without "/.default". */
struct str cred_resource(struct str scope);

/* -- the sign-in service (token.c) -- */

/* A form to it; `fields` each begin with '&' but the first. */
bool token_post(struct azure_cred *c, struct str url, struct str form, struct http_reply *out,
                struct err *err);
/* The sign-in of an application; put_proof adds what it proves itself with. */
bool token_by_form(struct azure_cred *c, const struct token_ask *ask,
                   bool (*put_proof)(struct azure_cred *c, struct buf *form, struct err *err),
                   struct token *out, struct err *err);
/* The token in a reply of 200; its JSON is overwritten. */
bool token_take(struct azure_cred *c, const struct http_reply *r, struct token *out, struct err *err);
/* What an error of the sign-in service means. Always false. */
bool token_refused(const struct azure_cred *c, const struct http_reply *r, struct err *err);
/* Seconds from now, of expires_in or expires_on in any of their forms; 0: not said. */
double token_lifetime(const cJSON *json);
bool token_set(struct token *out, struct str text, double lifetime);

/* The value of NAME="..." in a WWW-Authenticate header. */
struct str challenge_value(struct str header, const char *name);

#endif
