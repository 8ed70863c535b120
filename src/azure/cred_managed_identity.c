/* SPDX-License-Identifier: Apache-2.0 */
/*
 * managed_identity: the platform signs the machine in. App Service by the address that it puts into the environment, else
 * the metadata service of a virtual machine. Neither is ever asked through a proxy.
 */
#include <string.h>

#include "azure_int.h"

static const char endpoint[] = "IDENTITY_ENDPOINT", header[] = "IDENTITY_HEADER";
static const char host[] = "AZURE_POD_IDENTITY_AUTHORITY_HOST";
enum { REPLY_MAX = 256 * 1024 };

static struct str variable(const struct azure_settings *s, const char *name)
{
    return cred_setting(s, STR(""), name);
}

static bool on_app_service(const struct azure_settings *s)
{
    return variable(s, endpoint).n && variable(s, header).n;
}

static const struct {
    const char *variable, *platform;
} others[] = {
    { "IDENTITY_SERVER_THUMBPRINT", "Service Fabric" },
    { "IMDS_ENDPOINT", "Azure Arc" },
    { "MSI_ENDPOINT", "Cloud Shell and Machine Learning" },
};

static bool ready(const struct azure_settings *s, struct buf *why)
{
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (variable(s, others[i].variable).n) {
            buf_printf(why, "the identity of %s (%s) is not supported", others[i].platform,
                       others[i].variable);
            return false;
        }
    if (on_app_service(s))
        buf_printf(why, "managed identity of App Service, from %s", endpoint);
    else
        buf_puts(why, "managed identity of this machine, if it is one of Azure's");
    return true;
}

static struct str metadata_url(struct azure_cred *c)
{
    struct str base = variable(c->settings, host);
    return url_join(c->arena, base.n ? base : STR("http://169.254.169.254"),
                    "metadata/identity/oauth2/token");
}

/* A metadata service refuses a request without its header, within a second; a proxy that answers for it says other things. */
static bool answers(struct azure_cred *c)
{
    struct err ignored = ERR_INIT;
    struct http_reply reply = { 0 };
    struct http_request q = { .method = "GET",
                              .url = metadata_url(c),
                              .timeout = 1,
                              .retry_max = -1,
                              .max_body = REPLY_MAX,
                              .link_local = true };
    bool on_purpose = variable(c->settings, host).n > 0;
    bool ok = http_call(c->http, &q, &reply, &ignored) && (on_purpose || reply.status == 400);
    http_reply_free(&reply);
    return ok;
}

static enum cred_opened open_identity(struct azure_cred *c, struct buf *why, struct err *err)
{
    const struct azure_settings *s = c->settings;
    c->client = cred_setting(s, s->client, "AZURE_CLIENT_ID");
    if (c->client.n && !cred_client_ok(c->client, err))
        return CRED_FAILED;
    c->app_service = on_app_service(s);
    if (c->app_service)
        secret_set(&c->secret, variable(s, header));
    if (!c->app_service) {
        buf_clear(why);
        buf_puts(why, "managed identity of this machine");
    }
    if (c->client.n)
        buf_printf(why, ", client %.*s", STR_ARG(c->client));
    c->identity = arena_str(c->arena, buf_view(why));
    if (c->app_service || str_eqz(s->credential, "managed_identity") || answers(c))
        return CRED_TAKEN;
    buf_clear(why);
    buf_puts(why, "no metadata service answers, so this is no machine of Azure");
    return CRED_UNAVAILABLE;
}

static struct str build_url(struct azure_cred *c, struct str scope)
{
    struct buf url = BUF_INIT;
    buf_str(&url, c->app_service ? variable(c->settings, endpoint) : metadata_url(c));
    buf_printf(&url, "%capi-version=%s&resource=", str_chr(buf_view(&url), '?', 0) < url.n ? '&' : '?',
               c->app_service ? "2019-08-01" : "2018-02-01");
    url_put_escaped(&url, cred_resource(scope));
    if (c->client.n) {
        buf_puts(&url, "&client_id=");
        url_put_escaped(&url, c->client);
    }
    struct str s = buf_to_arena(&url, c->arena);
    buf_free(&url);
    return s;
}

static bool token(struct azure_cred *c, const struct token_ask *ask, struct token *out, struct err *err)
{
    static const char *const metadata[] = { "Metadata: true", "Accept: application/json" };
    struct buf line = BUF_INIT;
    struct http_reply reply = { 0 };
    struct http_request q = { .method = "GET",
                              .url = build_url(c, ask->scope),
                              .headers = c->app_service ? metadata + 1 : metadata,
                              .nheaders = c->app_service ? 1 : 2,
                              .timeout = 30,
                              .retry_budget =
                                  80, /* an identity that is being updated answers 410 for 70 seconds */
                              .retry_max = 6,
                              .retry_gone = true,
                              .max_body = REPLY_MAX,
                              .link_local = true };
    buf_reserve(&line, c->secret.n + 64);
    if (c->app_service) {
        buf_printf(&line, "X-IDENTITY-HEADER: %.*s", STR_ARG(secret_view(&c->secret)));
        q.secret_header = buf_z(&line);
    }
    bool ok = http_call(c->http, &q, &reply, err);
    if (ok && reply.status != 200)
        ok = err_set(err, ERR_CONNECT, "the managed identity was refused (HTTP %d)%s", reply.status,
                     reply.status == 400 ? "; is one assigned, and is client_id that of it?" : "");
    ok = ok && token_take(c, &reply, out, err);
    buf_wipe(&line);
    http_reply_free(&reply);
    return ok;
}

const struct cred_kind cred_managed_identity = { "managed_identity", ready, open_identity, token };
