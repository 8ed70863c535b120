/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Choosing a source: command line, configuration files, the sample data. To add a kind: a row in `kinds`.
 */
#include "sources_int.h"

#include <string.h>

#include "hb/fs.h"
#include "hb/node.h"
#include "hb/playbook.h"
#include "hb/ticks.h"

static const struct source_kind *const kinds[] = { &source_files, &source_loganalytics };

static const struct source_kind *find_kind(struct str name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_eqz(name, kinds[i]->name))
            return kinds[i];
    return NULL;
}

/* -- configuration: huntbook.yaml -- */

struct config_vault {
    struct passage url, secret;
};
struct config_secret {
    struct passage env;
    struct config_vault keyvault;
};
struct config_profile {
    struct passage name, kind, path;
    struct passage workspace_id, endpoint, ca_file;
    struct passage tenant_id, client_id, credential, authority;
    struct config_secret client_secret;
    struct opt_value allow_insecure_loopback, verify_challenge_resource;
};
struct config {
    struct passage def;
    PLAYBOOK_LIST(struct config_profile) sources;
};

static const struct field vault_rows[] = {
    { .key = "url",
      .type = FIELD_STRING,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct config_vault, url),
      .help = "The vault",
      .example = "https://NAME.vault.azure.net" },
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
    { .key = "endpoint",
      .type = FIELD_STRING,
      .offset = offsetof(struct config_profile, endpoint),
      .help = "The service, when it is not the public cloud's",
      .example = "https://api.loganalytics.azure.com" },
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
    { .key = "credential",
      .type = FIELD_STRING,
      .offset = offsetof(struct config_profile, credential),
      .help = "auto, client_secret, client_certificate or workload_identity",
      .example = "auto" },
    { .key = "authority",
      .type = FIELD_STRING,
      .offset = offsetof(struct config_profile, authority),
      .help = "Where to sign in; else AZURE_AUTHORITY_HOST, else the public cloud's",
      .example = "https://login.microsoftonline.com" },
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

static bool first_error(const struct diags *d, struct err *err)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->items[i].level == DIAG_ERROR)
            return err_set(err, ERR_USAGE, "%.*s", STR_ARG(d->items[i].message));
    return err_set(err, ERR_USAGE, "the configuration could not be read");
}

static bool read_config(struct arena *a, const char *path, struct config *out, struct diags *d,
                        struct err *err)
{
    size_t errors = d->errors;
    const struct source *src = source_load(a, path, d);
    const struct node *root = src ? node_parse(a, src, d) : NULL;
    struct field_reader r = { .arena = a, .source = src, .diags = d };
    *out = (struct config){ 0 };
    if (root)
        fields_read(&r, config_rows, sizeof config_rows / sizeof *config_rows, root, "the configuration",
                    out);
    return d->errors == errors || first_error(d, err);
}

static bool take_files(struct arena *a, const char *file, const struct config_profile *p,
                       struct source_profile *out, struct err *err)
{
    if (p->path.s.n == 0)
        return err_set(err, ERR_USAGE, "source '%.*s' of '%s' needs a path", STR_ARG(p->name.s), file);
    out->path = fs_join(a, fs_dir(a, file), p->path.s.p);
    return true;
}

/* An id becomes a part of the address. */
static bool is_guid(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if ((i == 8 || i == 13 || i == 18 || i == 23) ? c != '-' : !hex)
            return false;
    }
    return s.n == 36;
}

static bool take_remote(struct arena *a, const struct source_choice *c, const char *file,
                        const struct config_profile *p, struct source_profile *out, struct err *err)
{
    out->workspace = p->workspace_id.s;
    out->endpoint = p->endpoint.s.n ? p->endpoint.s : STR("https://api.loganalytics.azure.com");
    out->ca_file = p->ca_file.s.n ? fs_join(a, fs_dir(a, file), p->ca_file.s.p) : NULL;
    out->azure = (struct azure_settings){
        .credential = p->credential.s,
        .tenant = p->tenant_id.s,
        .client = p->client_id.s,
        .authority = p->authority.s,
        .secret_env = p->client_secret.env.s,
        .vault_url = p->client_secret.keyvault.url.s,
        .vault_secret = p->client_secret.keyvault.secret.s,
        .any_challenge_resource = !p->verify_challenge_resource.b,
        .allow_loopback = p->allow_insecure_loopback.b,
        .env = c->env,
    };
    if (!is_guid(p->workspace_id.s))
        return err_set(err, ERR_USAGE, "source '%.*s' of '%s' needs workspace_id, the workspace's GUID",
                       STR_ARG(p->name.s), file);
    return url_check(out->endpoint, out->azure.allow_loopback, err) ||
           err_wrap(err, "endpoint of source '%.*s'", STR_ARG(p->name.s));
}

static bool from_config(struct arena *a, const struct source_choice *choice, const char *file,
                        const struct config *c, struct str name, struct source_profile *out, struct err *err)
{
    struct str *names = ARENA_ARRAY(a, c->sources.n, struct str);
    for (size_t i = 0; i < c->sources.n; i++) {
        const struct config_profile *p = &c->sources.items[i];
        names[i] = p->name.s;
        if (!str_eq(p->name.s, name))
            continue;
        if (!find_kind(p->kind.s))
            return err_set(err, ERR_USAGE,
                           "source '%.*s' of '%s' has kind '%.*s'; the kinds are files and loganalytics",
                           STR_ARG(name), file, STR_ARG(p->kind.s));
        *out = (struct source_profile){ .name = name, .kind = p->kind.s, .origin = str_z(file) };
        return str_eqz(p->kind.s, "files") ? take_files(a, file, p, out, err)
                                           : take_remote(a, choice, file, p, out, err);
    }
    struct str near = str_nearest(name, names, c->sources.n);
    return err_set(err, ERR_USAGE, "no source '%.*s' in '%s'%s%.*s%s", STR_ARG(name), file,
                   near.n ? "; did you mean '" : "", STR_ARG(near), near.n ? "'?" : "");
}

/* The nearest configuration file there is, or NULL. */
static const char *find_config(struct arena *a, const struct source_choice *c)
{
    if (c->config)
        return c->config;
    if (fs_exists("huntbook.yaml"))
        return "huntbook.yaml";
    const char *home = c->config_home ? arena_printf(a, "%s/huntbook/config.yaml", c->config_home) : NULL;
    return home && fs_exists(home) ? home : NULL;
}

bool source_choose(struct arena *a, const struct source_choice *c, struct source_profile *out,
                   struct diags *d, struct err *err)
{
    if (c->data) {
        *out = (struct source_profile){
            .name = STR("data"), .kind = STR("files"), .path = c->data, .origin = STR("--data")
        };
        return true;
    }
    const char *file = find_config(a, c);
    struct config config = { 0 };
    if (file && !read_config(a, file, &config, d, err))
        return false;
    struct str name = c->name ? str_z(c->name) : config.def.s;
    if (name.n && !file)
        return err_set(err, ERR_USAGE,
                       "no configuration file, so there is no source '%.*s'; write huntbook.yaml or "
                       "use --data",
                       STR_ARG(name));
    if (name.n)
        return from_config(a, c, file, &config, name, out, err);
    char *sample = fs_join(a, c->playbook_dir, "data");
    if (!fs_is_dir(sample))
        return err_set(
            err, ERR_USAGE,
            "no source: there is no sample data beside the playbook ('%s'); use --data or --source", sample);
    *out = (struct source_profile){ .name = STR("sample"),
                                    .kind = STR("files"),
                                    .path = sample,
                                    .origin = STR("beside the playbook"),
                                    .sample = true };
    return true;
}

/* -- sample.yaml -- */

struct sample_file {
    struct passage now, note;
};
static const struct field sample_rows[] = {
    { .key = "now",
      .type = FIELD_STRING,
      .flags = FIELD_REQUIRED,
      .offset = offsetof(struct sample_file, now),
      .help = "The end of the data, the clock of a run that is given none",
      .example = "2026-01-15T00:00:00Z" },
    { .key = "note",
      .type = FIELD_TEXT,
      .offset = offsetof(struct sample_file, note),
      .help = "How it was made" },
};

bool source_read_sample(struct arena *a, const struct source_profile *p, struct source_sample *out,
                        struct diags *d, struct err *err)
{
    struct sample_file file = { 0 };
    size_t errors = d->errors;
    *out = (struct source_sample){ 0 };
    if (!p->path)
        return true;
    char *path = fs_join(a, p->path, "sample.yaml");
    if (!fs_exists(path))
        return true;
    const struct source *src = source_load(a, path, d);
    const struct node *root = src ? node_parse(a, src, d) : NULL;
    struct field_reader r = { .arena = a, .source = src, .diags = d };
    if (root)
        fields_read(&r, sample_rows, sizeof sample_rows / sizeof *sample_rows, root, "the sample", &file);
    if (d->errors != errors)
        return first_error(d, err);
    if (!ticks_parse_iso(file.now.s, &out->now))
        return err_set(err, ERR_USAGE, "'%s': now is '%.*s', but must be like 2026-01-15T00:00:00Z", path,
                       STR_ARG(file.now.s));
    out->present = true;
    return true;
}

bool source_tables(struct arena *a, const struct source_profile *p, struct str **names, size_t *n,
                   struct err *err)
{
    const struct source_kind *kind = find_kind(p->kind);
    if (!kind->tables)
        return err_set(
            err, ERR_USAGE,
            "source '%.*s' holds its rows itself and does not list its tables; use it with a playbook, and "
            "name the tables there",
            STR_ARG(p->name));
    return kind->tables(a, p, names, n, err);
}

bool source_load_tables(struct arena *a, const struct source_profile *p, const struct source_request *req,
                        struct engine *e, struct record *r, struct err *err)
{
    r->source.kind = p->kind;
    r->source.name = p->name;
    r->source.sample = p->sample;
    return find_kind(p->kind)->load(a, p, req, e, r, err);
}

bool source_hash_tables(struct arena *a, const struct source_profile *p, const struct source_request *req,
                        struct record *r, struct err *err)
{
    r->source.kind = p->kind;
    r->source.name = p->name;
    r->source.sample = p->sample;
    return !find_kind(p->kind)->tables || source_files_hash(a, p, req, r, err);
}

/* -- remote sources -- */

bool source_connect(struct arena *a, const struct source_profile *p, const struct source_watch *w,
                    struct source_conn **out, struct err *err)
{
    const struct source_kind *kind = find_kind(p->kind);
    *out = NULL;
    if (!kind->connect)
        return true;
    struct http_options o = { .allow_loopback = p->azure.allow_loopback,
                              .ca_file = p->ca_file,
                              .stop = w->stop,
                              .waiting = w->waiting,
                              .waiting_ctx = w->ctx };
    struct source_conn *c = ARENA_NEW(a, struct source_conn);
    *c = (struct source_conn){ .arena = a, .profile = p, .kind = kind, .http = http_open(&o, err) };
    c->cred = c->http ? azure_cred_open(a, &p->azure, c->http, err) : NULL;
    if (c->cred && kind->connect(c, err)) {
        *out = c;
        return true;
    }
    source_close(c);
    return err_wrap(err, "source '%.*s'", STR_ARG(p->name));
}

void source_close(struct source_conn *c)
{
    if (!c)
        return;
    azure_cred_close(c->cred);
    http_close(c->http);
    c->cred = NULL;
    c->http = NULL;
}

bool source_has_table(const struct source_conn *c, struct str table)
{
    for (size_t i = 0; i < c->ntables; i++)
        if (str_eq(c->tables[i], table))
            return true;
    return false;
}

bool source_query(struct source_conn *c, const struct source_query *q, struct arena *a,
                  struct source_reply *out, struct err *err)
{
    *out = (struct source_reply){ 0 };
    if (c->kind->query(c, q, a, out, err))
        return true;
    azure_cred_redact(c->cred, err);
    return false;
}
