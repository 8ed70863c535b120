/* SPDX-License-Identifier: Apache-2.0 */
/*
 * msticpyconfig.yaml, as MSTICPy reads it: workspaces, Kusto clusters and Defender become profiles. Of everything else in
 * it nothing is read. Secrets stay where they are: in a variable or a vault; one that is written out in the file is not used.
 *
 * MSTICPy finds sections without regard to case for KeyVault and for the arguments; a value is a scalar, or
 * {EnvironmentVar: NAME}, or {KeyVault: secret | vault/secret | empty}, empty being the setting's own path.
 */
#include <string.h>

#include "hb/fs.h"
#include "hb/node.h"
#include "hb/vec.h"
#include "sources_int.h"

bool is_msticpy(const char *path)
{
    return str_starts(str_z(fs_base(path)), STR("msticpyconfig"));
}

const char *msticpy_find(struct arena *a, const struct source_choice *c)
{
    const char *named = c->env.get ? c->env.get(c->env.ctx, "MSTICPYCONFIG") : NULL;
    if (named && fs_exists(named))
        return named;
    if (fs_exists("msticpyconfig.yaml"))
        return "msticpyconfig.yaml";
    const char *home = c->home ? arena_printf(a, "%s/.msticpy/msticpyconfig.yaml", c->home) : NULL;
    return home && fs_exists(home) ? home : NULL;
}

struct reader {
    struct arena *arena;
    const struct source_choice *choice;
    const char *file;
    const struct node *root;
    struct profile_list *list;
    size_t cap;
};

/* -- the tree -- */

static const struct node *get(const struct node *map, const char *key)
{
    for (size_t i = 0; map && map->kind == NODE_MAP && i < map->n; i++)
        if (str_eq_nocase(map->keys[i]->text.s, str_z(key)))
            return map->items[i];
    return NULL;
}

static struct str text(const struct node *map, const char *key)
{
    const struct node *n = get(map, key);
    return n && n->kind == NODE_SCALAR && n->scalar != SCALAR_NULL ? n->text.s : STR("");
}

static struct str either(const struct node *a, const struct node *b, const char *key)
{
    struct str s = text(a, key);
    return s.n ? s : text(b, key);
}

/* -- values -- */

/* MSTICPy's names of secrets: what is no letter, digit or hyphen becomes a hyphen. */
static struct str secret_name(struct arena *a, struct str path)
{
    char *copy = arena_printf(a, "%.*s", STR_ARG(path));
    for (char *p = copy; *p; p++)
        if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9')))
            *p = '-';
    return str_z(copy);
}

static bool take_vault(struct reader *r, struct source_profile *p, struct str value, struct str path)
{
    const struct node *vault = get(r->root, "KeyVault");
    struct str name = text(vault, "VaultName"), secret = value;
    size_t slash = str_chr(value, '/', 0);
    if (!value.n || str_eq_nocase(value, STR("default"))) {
        secret = path;
    } else if (slash < value.n) {
        name = str_sub(value, 0, slash);
        secret = str_sub(value, slash + 1, value.n);
    }
    p->azure.vault_secret = secret_name(r->arena, secret);
    if (!name.n)
        p->fault = STR("a value is in a vault, but the section KeyVault names none (VaultName)");
    else if (!(p->azure.vault_url = config_vault_url(r->arena, &p->azure, STR(""), name)).n)
        p->fault = STR("the name of a vault has 3 to 24 letters, digits and '-'");
    return !p->fault.n;
}

static const struct str no_variable = STR_INIT("EnvironmentVar must be the name of an environment variable");

/* Where the client secret is. */
static bool take_secret(struct reader *r, struct source_profile *p, const struct node *n, struct str path)
{
    if (!n)
        return true;
    const struct node *variable = get(n, "EnvironmentVar"), *vault = get(n, "KeyVault");
    if (variable) {
        p->azure.secret_env = text(n, "EnvironmentVar");
        if (!config_is_variable(p->azure.secret_env))
            p->fault = no_variable;
        return !p->fault.n;
    }
    if (vault)
        return take_vault(r, p, text(n, "KeyVault"), path);
    if (n->kind == NODE_SCALAR && n->scalar == SCALAR_NULL)
        return true;
    p->fault = STR(
        "its ClientSecret is written out in the file; put it into a variable (EnvironmentVar) or a vault "
        "(KeyVault)");
    return false;
}

/* A plain value, or one in a variable. */
static struct str value_of(struct reader *r, const struct node *args, const char *key)
{
    const struct node *n = get(args, key);
    if (!n || n->kind == NODE_SCALAR)
        return text(args, key);
    struct str name = text(n, "EnvironmentVar");
    const struct azure_env *env = &r->choice->env;
    return name.n && env->get ? str_z(env->get(env->ctx, arena_str(r->arena, name).p)) : STR("");
}

/* -- methods of signing in -- */

static const struct {
    const char *method, *kind;
} methods[] = {
    { "env", "environment" },
    { "msi", "managed_identity" },
    { "cli", "azure_cli" },
    { "devicecode", "device_code" },
    { "clientsecret", "client_secret" },
    { "certificate", "client_certificate" },
};

/* A single method is that kind; several are tried in huntbook's own order. */
static struct str credential_of(const struct node *azure)
{
    const struct node *list = get(azure, "auth_methods");
    if (!list || list->kind != NODE_LIST || list->n != 1)
        return STR("");
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (str_eq_nocase(list->items[0]->text.s, str_z(methods[i].method)))
            return str_z(methods[i].kind);
    return STR("");
}

/* -- profiles -- */

static struct source_profile *add(struct reader *r, struct str name, const char *kind,
                                  const struct node *args, const struct node *section)
{
    const struct node *azure = get(r->root, "Azure");
    struct source_profile *p = VEC_PUSH(r->arena, r->list->items, r->list->n, r->cap);
    struct str cloud = either(args, azure, "cloud"), certificate = value_of(r, args, "Certificate");
    if (!certificate.n)
        certificate = value_of(r, args, "CertificatePath");
    *p = (struct source_profile){
        .name = name, .kind = str_z(kind), .origin = str_z(r->file), .retry_budget = 120
    };
    config_certificates(p, &r->choice->env);
    p->azure = (struct azure_settings){
        .credential = credential_of(azure),
        .tenant = either(args, section, "TenantId"),
        .client = value_of(r, args, "ClientId"),
        .cloud = azure_cloud_find(cloud),
        .certificate = certificate.n ? str_z(fs_join(r->arena, fs_dir(r->arena, r->file),
                                                     arena_str(r->arena, certificate).p))
                                     : STR(""),
        .password_env = text(get(args, "CertificatePassword"), "EnvironmentVar"),
        .send_chain = str_eq_nocase(text(args, "SendCertificateChain"), STR("true")),
        .env = r->choice->env,
        .tell = r->choice->tell,
        .tell_ctx = r->choice->tell_ctx,
    };
    if (!config_is_variable(p->azure.password_env))
        p->fault = no_variable;
    if (p->azure.cloud)
        return p;
    p->azure.cloud = azure_cloud_find(STR(""));
    p->fault = arena_strf(r->arena, "cloud '%.*s' is none of global, usgov, cn", STR_ARG(cloud));
    return p;
}

static void add_workspace(struct reader *r, struct str name, const struct node *n)
{
    const struct node *args = get(n, "Args");
    struct source_profile *p = add(r, name, "loganalytics", args, n);
    struct str id = text(n, "WorkspaceId");
    p->workspaces = ARENA_NEW(r->arena, struct str);
    p->workspaces[0] = id;
    p->nworkspaces = 1;
    p->endpoint = str_z(p->azure.cloud->logs);
    if (!azure_is_guid(id))
        p->fault = STR("it needs WorkspaceId, the workspace's GUID");
    take_secret(r, p, get(args, "ClientSecret"),
                arena_strf(r->arena, "AzureSentinel.Workspaces.%.*s.Args.ClientSecret", STR_ARG(name)));
}

static void add_workspaces(struct reader *r)
{
    const struct node *section = get(r->root, "AzureSentinel");
    const struct node *list = get(section ? section : get(r->root, "MSSentinel"), "Workspaces");
    for (size_t i = 0; list && list->kind == NODE_MAP && i < list->n; i++)
        if (list->items[i]->kind == NODE_MAP)
            add_workspace(r, list->keys[i]->text.s, list->items[i]);
    if (r->list->n == 1)
        r->list->def = r->list->items[0].name;
    for (size_t i = 0; i < r->list->n; i++)
        if (str_eq_nocase(r->list->items[i].name, STR("Default")))
            r->list->def = r->list->items[i].name;
}

static void add_cluster(struct reader *r, struct str name, const struct node *n, const struct node *defaults)
{
    const struct node *args = get(n, "Args"), *common = get(defaults, "Args");
    struct source_profile *p = add(r, name, "adx", args, common);
    p->endpoint = text(args, "Cluster");
    p->database = either(args, common, "Database");
    if (!p->azure.client.n)
        p->azure.client = value_of(r, common, "ClientId");
    if (!p->endpoint.n || !p->database.n)
        p->fault = STR("it needs Cluster and Database");
    else
        config_url(r->arena, p, "Cluster", p->endpoint);
    const struct node *secret = get(args, "ClientSecret");
    take_secret(r, p, secret ? secret : get(common, "ClientSecret"),
                arena_strf(r->arena, "KustoClusters.%.*s.Args.ClientSecret", STR_ARG(name)));
}

static void add_clusters(struct reader *r)
{
    const struct node *list = get(r->root, "KustoClusters"), *defaults = get(list, "ClusterDefaults");
    for (size_t i = 0; list && list->kind == NODE_MAP && i < list->n; i++)
        if (list->items[i]->kind == NODE_MAP && list->items[i] != defaults)
            add_cluster(r, list->keys[i]->text.s, list->items[i], defaults);
}

static void add_providers(struct reader *r)
{
    const struct node *list = get(r->root, "DataProviders");
    static const struct str defender = STR_INIT("MicrosoftDefender"), kusto = STR_INIT("Kusto-");
    for (size_t i = 0; list && list->kind == NODE_MAP && i < list->n; i++) {
        struct str name = list->keys[i]->text.s;
        if (str_starts(name, kusto))
            add_cluster(r, str_sub(name, kusto.n, name.n), list->items[i], NULL);
        if (!str_starts(name, defender))
            continue;
        const struct node *args = get(list->items[i], "Args");
        struct source_profile *p = add(r, name, "defender", args, NULL);
        p->endpoint = str_z(p->azure.cloud->graph);
        p->older_endpoint = str_z(p->azure.cloud->older_defender);
        take_secret(r, p, get(args, "ClientSecret"),
                    arena_strf(r->arena, "DataProviders.%.*s.Args.ClientSecret", STR_ARG(name)));
    }
}

bool msticpy_read(struct arena *a, const struct source_choice *c, const char *file, struct profile_list *out,
                  struct diags *d, struct err *err)
{
    size_t errors = d->errors;
    struct diags found;
    diags_init(&found, a);
    const struct source *src = source_load(a, file, &found);
    struct reader r = { .arena = a, .choice = c, .file = file, .list = out };
    r.root = src ? node_parse(a, src, &found) : NULL;
    config_tell(&found, src, d);
    if (!r.root || d->errors != errors)
        return config_first_error(d, err);
    out->file = file;
    add_workspaces(&r);
    add_clusters(&r);
    add_providers(&r);
    return true;
}
