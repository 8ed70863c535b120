/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A secret of Key Vault. The first request carries no token: the vault answers 401 and names the resource it
 * wants one for. That resource must be a parent of the vault's own host name, or a stranger's vault could
 * collect tokens meant for others.
 */
#include <string.h>

#include "azure_int.h"
#include "hb/json.h"

static const char api_version[] = "7.4";
enum { SECRET_MAX = 256 * 1024 };

static bool plain_name(struct str name)
{
    size_t slashes = 0;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        slashes += c == '/';
        if (!(char_is_alnum(c) || c == '-' || c == '/'))
            return false;
    }
    return name.n > 0 && name.p[0] != '/' && name.p[name.n - 1] != '/' && slashes <= 1;
}

/* https://vault.azure.net is a parent of NAME.vault.azure.net. */
static bool is_parent(struct str resource, struct str vault_url)
{
    struct url r, v;
    if (!url_parse(resource, &r) || !url_parse(vault_url, &v))
        return false;
    if (url_is_loopback(&v))
        return str_eq(r.host, v.host);
    struct str tail = str_sub(v.host, v.host.n > r.host.n ? v.host.n - r.host.n - 1 : 0, v.host.n);
    return tail.n == r.host.n + 1 && tail.p[0] == '.' && str_eq_nocase(str_sub(tail, 1, tail.n), r.host);
}

static bool scope_of(struct arena *a, const struct http_reply *r, struct str vault_url, bool any_resource,
                     struct str *scope, struct err *err)
{
    struct str header = http_header(r, "WWW-Authenticate");
    struct str resource = challenge_value(header, "resource");
    bool is_scope = !resource.n;
    if (is_scope)
        resource = challenge_value(header, "scope");
    if (!resource.n)
        return err_set(err, ERR_CONNECT, "vault '%.*s' does not say what it wants a token for",
                       STR_ARG(vault_url));
    if (!any_resource && !is_parent(resource, vault_url))
        return err_set(err, ERR_CONNECT,
                       "vault '%.*s' asks for a token for '%.*s', which is not its own service; see "
                       "verify_challenge_resource",
                       STR_ARG(vault_url), STR_ARG(resource));
    while (resource.n && resource.p[resource.n - 1] == '/')
        resource.n--;
    *scope = is_scope ? arena_str(a, resource) : arena_strf(a, "%.*s/.default", STR_ARG(resource));
    return true;
}

static bool take(const struct http_reply *r, struct str name, struct secret *out, struct err *err)
{
    struct err ignored = ERR_INIT;
    cJSON *json = json_parse(buf_view(&r->body), &ignored);
    const cJSON *value = json_get(json, "value");
    bool ok = cJSON_IsString(value);
    if (ok) {
        secret_set(out, str_z(value->valuestring));
        explicit_bzero(value->valuestring, strlen(value->valuestring));
    }
    cJSON_Delete(json);
    return ok || err_set(err, ERR_CONNECT, "the vault's answer for '%.*s' holds no value", STR_ARG(name));
}

static bool refused(struct arena *a, const struct http_reply *r, struct str name, struct err *err)
{
    struct azure_fault fault;
    azure_read_fault(a, r, &fault);
    const char *mend = r->status == 403   ? "; this identity needs the role Key Vault Secrets User"
                       : r->status == 404 ? "; check the secret's name"
                                          : "";
    return err_set(err, ERR_CONNECT, "the vault answered HTTP %d for secret '%.*s'%s%.*s%s", r->status,
                   STR_ARG(name), fault.code.n ? ": " : "", STR_ARG(fault.code), mend);
}

bool azure_vault_secret(struct arena *a, struct azure_cred *c, struct http *h, struct str vault_url,
                        struct str name, bool any_resource, struct secret *out, struct err *err)
{
    static const char *const headers[] = { "Accept: application/json" };
    struct http_reply reply = { 0 };
    if (!plain_name(name))
        return err_set(err, ERR_USAGE, "'%.*s' is no name of a secret", STR_ARG(name));
    struct http_request q = {
        .method = "GET",
        .url = url_join(a, vault_url,
                        arena_printf(a, "secrets/%.*s?api-version=%s", STR_ARG(name), api_version)),
        .headers = headers,
        .nheaders = sizeof headers / sizeof *headers,
        .timeout = 30,
        .retry_budget = 60,
        .max_body = SECRET_MAX,
    };
    bool ok = http_call(h, &q, &reply, err);
    struct token_ask want = { 0 };
    for (int challenges = 0; ok && reply.status == 401 && challenges < 2; challenges++) {
        want.claims = azure_claims_challenge(a, http_header(&reply, "WWW-Authenticate"));
        if (challenges > 0 && !want.claims.n)
            break;
        ok = (challenges > 0 || scope_of(a, &reply, vault_url, any_resource, &want.scope, err)) &&
             azure_cred_token(c, &want, &q.bearer, err);
        http_reply_free(&reply);
        ok = ok && http_call(h, &q, &reply, err);
    }
    ok = ok && (reply.status == 200 ? take(&reply, name, out, err) : refused(a, &reply, name, err));
    http_reply_free(&reply);
    return ok;
}
