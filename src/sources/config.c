/* SPDX-License-Identifier: Apache-2.0 */
/*
 * huntbook.yaml and config.yaml: source profiles. Secrets never stand in them, only where they are.
 *
 * To add a setting: a row here, its member, its line in docs/azure.md.
 */
#include <string.h>

#include "hb/fs.h"
#include "hb/node.h"
#include "hb/playbook.h"
#include "sources_int.h"

struct config_vault {
    struct passage url, name, secret;
};
struct config_secret {
    struct passage env;
    struct config_vault keyvault;
};
struct config_certificate {
    struct passage file, password_env;
    struct opt_value send_chain;
};
struct config_profile {
    struct passage name, kind, path;
    struct passage workspace_id, resource_id, endpoint, older_endpoint, database, ca_file;
    passage_list workspaces;
    struct passage cloud, tenant_id, client_id, credential, authority;
    struct config_secret client_secret;
    struct config_certificate client_certificate;
    struct opt_value allow_insecure_loopback, verify_challenge_resource, retry_budget;
};
struct config {
    struct passage def;
    PLAYBOOK_LIST(struct config_profile) sources;
};

static const struct field vault_rows[] = {
    { .key = "url",
      .type = FIELD_STRING,
      .offset = offsetof(struct config_vault, url),
      .help = "The vault; else by its name, else by the variable key_vault_url or key_vault_name",
      .example = "https://NAME.vault.azure.net" },
    { .key = "name",
      .type = FIELD_STRING,
      .offset = offsetof(struct config_vault, name),
      .help = "The vault's name, when url does not say where it is" },
    { .key = "secret",
      .type = FIELD_STRING,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct config_vault, secret),
      .help = "The secret's name, or name/version",
      .example = "hunting-client-secret" },
};
static const struct field secret_rows[] = {
    { .key = "env",
      .type = FIELD_STRING,
      .offset = offsetof(struct config_secret, env),
      .help = "The environment variable that holds it",
      .example = "AZURE_CLIENT_SECRET" },
    { .key = "keyvault",
      .type = FIELD_MAP,
      .offset = offsetof(struct config_secret, keyvault),
      .fields = vault_rows,
      .nfields = sizeof vault_rows / sizeof *vault_rows,
      .help = "The vault that holds it; read with the other credentials there are",
      .example = "{url: https://NAME.vault.azure.net, secret: NAME}" },
};
static const struct field certificate_rows[] = {
    { .key = "file",
      .type = FIELD_STRING,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct config_certificate, file),
      .help = "The file: certificate and key, PEM or PKCS#12; relative to the configuration file" },
    { .key = "password_env",
      .type = FIELD_STRING,
      .offset = offsetof(struct config_certificate, password_env),
      .help = "The environment variable that holds its password",
      .example = "AZURE_CLIENT_CERTIFICATE_PASSWORD" },
    { .key = "send_chain",
      .type = FIELD_BOOL,
      .flags = FIELD_NO_EXPR,
      .offset = offsetof(struct config_certificate, send_chain),
      .def = "false",
      .help = "Send the certificate too, as sign-in by subject name and issuer needs" },
};
static const struct field workspace_row = { .type = FIELD_STRING };
static const struct field profile_rows[] = {
    { .key = "kind",
      .type = FIELD_STRING,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct config_profile, kind),
      .help = "What the source is",
      .example = "files" },
    { .key = "path",
      .type = FIELD_STRING,
      .offset = offsetof(struct config_profile, path),
      .help = "kind files: a folder of tables, or one file; relative to the configuration file",
      .example = "exports/" },
    { .key = "workspace_id",
      .type = FIELD_STRING,
      .offset = offsetof(struct config_profile, workspace_id),
      .help = "kind loganalytics: the id (a GUID) of the workspace",
      .example = "00000000-1111-2222-3333-444444444444" },
    { .key = "resource_id",
      .type = FIELD_STRING,
      .offset = offsetof(struct config_profile, resource_id),
      .help = "kind loganalytics: the id of a resource whose logs are asked, instead of a workspace",
      .example = "/subscriptions/.../providers/Microsoft.Compute/virtualMachines/NAME" },
    { .key = "workspaces",
      .type = FIELD_LIST,
      .offset = offsetof(struct config_profile, workspaces),
      .fields = &workspace_row,
      .nfields = 1,
      .size = sizeof(struct passage),
      .help = "kind loganalytics: several workspaces at once, by id or resource id; tables get a column "
              "_source" },
    { .key = "endpoint",
      .type = FIELD_STRING,
      .offset = offsetof(struct config_profile, endpoint),
      .help = "The service; kind adx needs it, the others have that of their cloud",
      .example = "https://NAME.REGION.kusto.windows.net" },
    { .key = "older_endpoint",
      .type = FIELD_STRING,
      .offset = offsetof(struct config_profile, older_endpoint),
      .help = "kind defender: the older API, asked where Graph refuses the application",
      .example = "https://api.security.microsoft.com" },
    { .key = "database",
      .type = FIELD_STRING,
      .offset = offsetof(struct config_profile, database),
      .help = "kind adx: the database" },
    { .key = "cloud",
      .type = FIELD_STRING,
      .offset = offsetof(struct config_profile, cloud),
      .help = "public, usgov or china: where to sign in and where the services are",
      .example = "public" },
    { .key = "tenant_id",
      .type = FIELD_STRING,
      .offset = offsetof(struct config_profile, tenant_id),
      .help = "Tenant to sign in to; else AZURE_TENANT_ID" },
    { .key = "client_id",
      .type = FIELD_STRING,
      .offset = offsetof(struct config_profile, client_id),
      .help = "Application to sign in as; else AZURE_CLIENT_ID" },
    { .key = "client_secret",
      .type = FIELD_MAP,
      .offset = offsetof(struct config_profile, client_secret),
      .fields = secret_rows,
      .nfields = sizeof secret_rows / sizeof *secret_rows,
      .help = "Where the application's secret is; never the secret itself",
      .example = "{env: AZURE_CLIENT_SECRET}" },
    { .key = "client_certificate",
      .type = FIELD_MAP,
      .offset = offsetof(struct config_profile, client_certificate),
      .fields = certificate_rows,
      .nfields = sizeof certificate_rows / sizeof *certificate_rows,
      .help = "The application's certificate; else AZURE_CLIENT_CERTIFICATE_PATH",
      .example = "{file: app.pem}" },
    { .key = "credential",
      .type = FIELD_STRING,
      .offset = offsetof(struct config_profile, credential),
      .help = "auto, environment, client_secret, client_certificate, workload_identity, managed_identity, "
              "azure_cli or "
              "device_code",
      .example = "auto" },
    { .key = "authority",
      .type = FIELD_STRING,
      .offset = offsetof(struct config_profile, authority),
      .help = "Where to sign in; else AZURE_AUTHORITY_HOST, else the cloud's",
      .example = "https://login.microsoftonline.com" },
    { .key = "retry_budget",
      .type = FIELD_TIMESPAN,
      .flags = FIELD_NO_EXPR,
      .offset = offsetof(struct config_profile, retry_budget),
      .def = "2m",
      .help = "How long to wait in all between the tries of one request" },
    { .key = "allow_insecure_loopback",
      .type = FIELD_BOOL,
      .flags = FIELD_NO_EXPR,
      .offset = offsetof(struct config_profile, allow_insecure_loopback),
      .def = "false",
      .help = "Allow http to this machine, for tests" },
    { .key = "verify_challenge_resource",
      .type = FIELD_BOOL,
      .flags = FIELD_NO_EXPR,
      .offset = offsetof(struct config_profile, verify_challenge_resource),
      .def = "true",
      .help = "A vault may ask for tokens of its own service only" },
    { .key = "ca_file",
      .type = FIELD_STRING,
      .offset = offsetof(struct config_profile, ca_file),
      .help = "Certificates (PEM) to trust instead of the system's" },
};
static const struct field config_rows[] = {
    { .key = "default",
      .type = FIELD_STRING,
      .offset = offsetof(struct config, def),
      .help = "The source of a run that names none",
      .example = "lab" },
    { .key = "sources",
      .type = FIELD_DICT,
      .offset = offsetof(struct config, sources),
      .fields = profile_rows,
      .nfields = sizeof profile_rows / sizeof *profile_rows,
      .size = sizeof(struct config_profile),
      .help = "Source profiles by name" },
};

bool config_first_error(const struct diags *d, struct err *err)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->items[i].level == DIAG_ERROR)
            return err_set(err, ERR_USAGE, "%.*s", STR_ARG(d->items[i].message));
    return err_set(err, ERR_USAGE, "the configuration could not be read");
}

/* A line of the configuration may hold a secret that somebody put there by mistake: faults are told without it. */
void config_tell(struct diags *found, const struct source *src, struct diags *d)
{
    for (size_t i = 0; i < found->n; i++) {
        const struct diag *f = &found->items[i];
        size_t line, column;
        if (f->source != src) {
            diag_add(d, f->level, NULL, f->span, f->hint.n ? f->hint.p : NULL, "%.*s", STR_ARG(f->message));
            continue;
        }
        source_locate(src, f->span.offset, &line, &column);
        diag_add(d, f->level, NULL, f->span, NULL, "%.*s:%zu:%zu: %.*s%s%.*s", STR_ARG(src->name), line,
                 column, STR_ARG(f->message), f->hint.n ? "; " : "", STR_ARG(f->hint));
    }
}

/* Before anything else is said of the file. */
static bool secrets_are_elsewhere(const struct source *src, const struct node *root, struct diags *d)
{
    const struct node *list = node_get(root, "sources");
    bool ok = true;
    for (size_t i = 0; list && list->kind == NODE_MAP && i < list->n; i++) {
        const struct node *secret = node_get(list->items[i], "client_secret");
        if (!secret || secret->kind == NODE_MAP)
            continue;
        diag_add(d, DIAG_ERROR, src, secret->span, NULL,
                 "client_secret says where the secret is, {env: NAME} or {keyvault: {url: ..., secret: "
                 "NAME}}, and is never "
                 "the secret itself");
        ok = false;
    }
    return ok;
}

static bool read_file(struct arena *a, const char *path, struct config *out, struct diags *d, struct err *err)
{
    size_t errors = d->errors;
    struct diags found;
    diags_init(&found, a);
    const struct source *src = source_load(a, path, &found);
    const struct node *root = src ? node_parse(a, src, &found) : NULL;
    struct field_reader r = { .arena = a, .source = src, .diags = &found };
    *out = (struct config){ 0 };
    if (root && secrets_are_elsewhere(src, root, &found))
        fields_read(&r, config_rows, sizeof config_rows / sizeof *config_rows, root, "the configuration",
                    out);
    config_tell(&found, src, d);
    return d->errors == errors || config_first_error(d, err);
}

/* -- one profile -- */

struct taking {
    struct arena *arena;
    const struct source_choice *choice;
    const char *file;
    const struct config_profile *in;
    struct source_profile *out;
};

static bool fault(struct taking *t, const char *text)
{
    t->out->fault = str_z(text);
    return false;
}

static const char *beside(const struct taking *t, const struct passage *path)
{
    return path->s.n ? fs_join(t->arena, fs_dir(t->arena, t->file), path->s.p) : NULL;
}

static bool take_files(struct taking *t)
{
    t->out->path = beside(t, &t->in->path);
    return t->out->path || fault(t, "it needs a path");
}

bool config_url(struct arena *a, struct source_profile *p, const char *what, struct str url)
{
    struct err err = ERR_INIT;
    if (!url.n || url_check(url, p->azure.allow_loopback, &err))
        return true;
    p->fault = arena_strf(a, "%s: %s", what, err.text);
    return false;
}

/* An id becomes a part of the address, and of queries. */
static bool is_workspace(struct str s)
{
    if (azure_is_guid(s))
        return true;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!(char_is_alnum(c) || c == '-' || c == '_' || c == '.' || c == '/' || c == '(' || c == ')'))
            return false;
    }
    return s.n > 1 && s.p[0] == '/' && s.p[s.n - 1] != '/' && str_find(s, STR(".."), 0) == SIZE_MAX &&
           str_find(s, STR("//"), 0) == SIZE_MAX;
}

static bool take_logs(struct taking *t)
{
    const struct config_profile *p = t->in;
    size_t n = 0;
    t->out->workspaces = ARENA_ARRAY(t->arena, p->workspaces.n + 2, struct str);
    if (p->workspace_id.s.n)
        t->out->workspaces[n++] = p->workspace_id.s;
    if (p->resource_id.s.n)
        t->out->workspaces[n++] = p->resource_id.s;
    for (size_t i = 0; i < p->workspaces.n; i++)
        t->out->workspaces[n++] = p->workspaces.items[i].s;
    t->out->nworkspaces = n;
    for (size_t i = 0; i < n; i++)
        if (!is_workspace(t->out->workspaces[i]))
            return fault(t, "a workspace is neither a GUID nor the id of a resource, /subscriptions/...");
    if (!n)
        return fault(t, "it needs workspace_id, the workspace's GUID, or resource_id or workspaces");
    if (p->workspace_id.s.n && !azure_is_guid(p->workspace_id.s))
        return fault(t, "workspace_id must be the workspace's GUID");
    if (n > 1 && !p->workspaces.n)
        return fault(t, "it takes one of workspace_id and resource_id; several go into workspaces");
    if (!t->out->endpoint.n)
        t->out->endpoint = str_z(t->out->azure.cloud->logs);
    return true;
}

static bool take_adx(struct taking *t)
{
    t->out->database = t->in->database.s;
    return (t->out->endpoint.n && t->out->database.n) || fault(t, "it needs endpoint and database");
}

static bool take_defender(struct taking *t)
{
    const struct azure_cloud *cloud = t->out->azure.cloud;
    struct url u;
    t->out->older_endpoint = t->in->older_endpoint.s;
    if (url_parse(t->out->endpoint, &u) && str_find(u.host, STR(".security."), 0) != SIZE_MAX) {
        t->out->older_endpoint = t->out->endpoint;
        t->out->endpoint = STR("");
    } else if (!t->out->endpoint.n) {
        t->out->endpoint = str_z(cloud->graph);
        if (!t->out->older_endpoint.n)
            t->out->older_endpoint = str_z(cloud->older_defender);
    }
    return true;
}

static const struct {
    const char *kind;
    bool (*take)(struct taking *t);
} takers[] = {
    { "files", take_files }, { "loganalytics", take_logs }, { "adx", take_adx }, { "defender", take_defender }
};

/* A name is told when it is not set, so it must not be the secret itself. */
bool config_is_variable(struct str s)
{
    return s.n == 0 || str_is_name(s);
}

/* The vault that holds the client secret: as said, or by the variables of the seed. */
static bool take_vault(struct taking *t)
{
    const struct config_vault *v = &t->in->client_secret.keyvault;
    struct azure_settings *s = &t->out->azure;
    if (!v->secret.s.n)
        return true;
    s->vault_secret = v->secret.s;
    s->vault_url = config_vault_url(t->arena, s, v->url.s, v->name.s);
    return s->vault_url.n ? config_url(t->arena, t->out, "keyvault", s->vault_url)
                          : fault(t, "keyvault needs url or name (or the variable key_vault_url or "
                                     "key_vault_name); a name has 3 "
                                     "to 24 letters, digits and '-'");
}

static bool is_vault_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!(char_is_alnum(c) || c == '-'))
            return false;
    }
    return s.n >= 3 && s.n <= 24;
}

struct str config_vault_url(struct arena *a, const struct azure_settings *s, struct str url, struct str name)
{
    if (!url.n && !name.n) {
        url = str_z(s->env.get ? s->env.get(s->env.ctx, "key_vault_url") : NULL);
        name = str_z(s->env.get ? s->env.get(s->env.ctx, "key_vault_name") : NULL);
    }
    return url.n                 ? url
           : is_vault_name(name) ? arena_strf(a, "https://%.*s.%s", STR_ARG(name), s->cloud->vault_suffix)
                                 : STR("");
}

void config_certificates(struct source_profile *p, const struct azure_env *env)
{
    const char *bundle = env->get ? env->get(env->ctx, "CURL_CA_BUNDLE") : NULL;
    const char *file = env->get ? env->get(env->ctx, "SSL_CERT_FILE") : NULL;
    if (!p->ca_file)
        p->ca_file = bundle ? bundle : file;
    p->ca_dir = env->get ? env->get(env->ctx, "SSL_CERT_DIR") : NULL;
}

static bool take_remote(struct taking *t)
{
    const struct config_profile *p = t->in;
    struct source_profile *out = t->out;
    out->retry_budget = (double)p->retry_budget.i / 1e7;
    out->endpoint = p->endpoint.s;
    out->ca_file = beside(t, &p->ca_file);
    config_certificates(out, &t->choice->env);
    out->azure = (struct azure_settings){
        .credential = p->credential.s,
        .tenant = p->tenant_id.s,
        .client = p->client_id.s,
        .authority = p->authority.s,
        .cloud = azure_cloud_find(p->cloud.s),
        .secret_env = p->client_secret.env.s,
        .certificate = str_z(beside(t, &p->client_certificate.file)),
        .password_env = p->client_certificate.password_env.s,
        .send_chain = p->client_certificate.send_chain.b,
        .any_challenge_resource = !p->verify_challenge_resource.b,
        .allow_loopback = p->allow_insecure_loopback.b,
        .env = t->choice->env,
        .tell = t->choice->tell,
        .tell_ctx = t->choice->tell_ctx,
    };
    if (!out->azure.cloud)
        return fault(t, "cloud is none of public, usgov, china");
    if (!config_is_variable(out->azure.secret_env) || !config_is_variable(out->azure.password_env))
        return fault(t, "env must be the name of an environment variable");
    return take_vault(t);
}

static bool take(struct taking *t)
{
    for (size_t i = 0; i < sizeof takers / sizeof *takers; i++) {
        if (!str_eqz(t->in->kind.s, takers[i].kind))
            continue;
        if (i == 0)
            return takers[i].take(t);
        return take_remote(t) && takers[i].take(t) &&
               config_url(t->arena, t->out, "endpoint", t->out->endpoint) &&
               config_url(t->arena, t->out, "older_endpoint", t->out->older_endpoint);
    }
    return fault(t, arena_printf(t->arena, "kind '%.*s' is none of files, loganalytics, adx, defender",
                                 STR_ARG(t->in->kind.s)));
}

bool config_read(struct arena *a, const struct source_choice *c, const char *file, struct profile_list *out,
                 struct diags *d, struct err *err)
{
    struct config config;
    if (!read_file(a, file, &config, d, err))
        return false;
    out->items = ARENA_ARRAY(a, config.sources.n, struct source_profile);
    out->n = config.sources.n;
    out->def = config.def.s;
    out->file = file;
    for (size_t i = 0; i < out->n; i++) {
        const struct config_profile *p = &config.sources.items[i];
        struct taking t = { a, c, file, p, &out->items[i] };
        *t.out = (struct source_profile){ .name = p->name.s, .kind = p->kind.s, .origin = str_z(file) };
        take(&t);
    }
    return true;
}
