/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Choosing a source: command line, configuration files, the sample data; and the life of a connection. To add a kind: a row
 * in `kinds`, and how its profile is read in config.c.
 */
#include "sources_int.h"

#include <string.h>

#include "hb/fs.h"
#include "hb/node.h"
#include "hb/playbook.h"
#include "hb/ticks.h"

static const struct source_kind *const kinds[] = { &source_files, &source_loganalytics, &source_adx,
                                                   &source_defender };

static const struct source_kind *find_kind(struct str name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_eqz(name, kinds[i]->name))
            return kinds[i];
    return NULL;
}

/* -- the configuration that is nearest -- */

static bool read_nearest(struct arena *a, const struct source_choice *c, struct profile_list *out,
                         struct diags *d, struct err *err)
{
    *out = (struct profile_list){ 0 };
    if (c->config)
        return is_msticpy(c->config) ? msticpy_read(a, c, c->config, out, d, err)
                                     : config_read(a, c, c->config, out, d, err);
    if (fs_exists("huntbook.yaml"))
        return config_read(a, c, "huntbook.yaml", out, d, err);
    const char *home = c->config_home ? arena_printf(a, "%s/huntbook/config.yaml", c->config_home) : NULL;
    if (home && fs_exists(home))
        return config_read(a, c, home, out, d, err);
    const char *file = msticpy_find(a, c);
    return !file || msticpy_read(a, c, file, out, d, err);
}

bool source_list(struct arena *a, const struct source_choice *c, struct source_profile **out, size_t *n,
                 struct str *def, struct diags *d, struct err *err)
{
    struct profile_list list;
    bool ok = read_nearest(a, c, &list, d, err);
    *out = list.items;
    *n = list.n;
    *def = list.def;
    return ok;
}

static bool find_profile(struct arena *a, const struct profile_list *list, struct str name,
                         struct source_profile *out, struct err *err)
{
    struct str *names = ARENA_ARRAY(a, list->n, struct str);
    for (size_t i = 0; i < list->n; i++) {
        names[i] = list->items[i].name;
        if (!str_eq(list->items[i].name, name))
            continue;
        *out = list->items[i];
        return !out->fault.n || err_set(err, ERR_USAGE, "source '%.*s' of '%s': %.*s", STR_ARG(name),
                                        list->file, STR_ARG(out->fault));
    }
    struct str near = str_nearest(name, names, list->n);
    return err_set(err, ERR_USAGE, "no source '%.*s' in '%s'%s%.*s%s", STR_ARG(name), list->file,
                   near.n ? "; did you mean '" : "", STR_ARG(near), near.n ? "'?" : "");
}

bool source_choose(struct arena *a, const struct source_choice *c, struct source_profile *out,
                   struct diags *d, struct err *err)
{
    struct profile_list list;
    if (c->data) {
        *out = (struct source_profile){
            .name = STR("data"), .kind = STR("files"), .path = c->data, .origin = STR("--data")
        };
        return true;
    }
    if (!read_nearest(a, c, &list, d, err))
        return false;
    struct str name = c->name ? str_z(c->name) : list.def;
    if (name.n && !list.file)
        return err_set(err, ERR_USAGE,
                       "no configuration file, so there is no source '%.*s'; write huntbook.yaml or "
                       "use --data",
                       STR_ARG(name));
    if (name.n)
        return find_profile(a, &list, name, out, err);
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
        return config_first_error(d, err);
    if (!ticks_parse_iso(file.now.s, &out->now))
        return err_set(err, ERR_USAGE, "'%s': now is '%.*s', but must be like 2026-01-15T00:00:00Z", path,
                       STR_ARG(file.now.s));
    out->present = true;
    return true;
}

bool source_tables(struct arena *a, const struct source_profile *p, bool databases, struct str **names,
                   size_t *n, struct err *err)
{
    const struct source_kind *kind = find_kind(p->kind);
    if (!kind->tables)
        return err_set(
            err, ERR_USAGE,
            "source '%.*s' holds its rows itself and does not list its tables; use it with a playbook, and "
            "name the tables there",
            STR_ARG(p->name));
    return kind->tables(a, p, databases, names, n, err);
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
                              .ca_dir = p->ca_dir,
                              .stop = w->stop,
                              .waiting = w->waiting,
                              .waiting_ctx = w->ctx };
    struct source_profile *mine = ARENA_NEW(a, struct source_profile);
    *mine = *p;
    mine->azure.stop = w->stop;
    struct source_conn *c = ARENA_NEW(a, struct source_conn);
    *c = (struct source_conn){ .arena = a, .profile = mine, .kind = kind, .http = http_open(&o, err) };
    c->cred = c->http ? azure_cred_open(a, &mine->azure, c->http, err) : NULL;
    if (c->cred && kind->connect(c, err)) {
        *out = c;
        return true;
    }
    azure_cred_redact(c->cred, err);
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

const struct azure_cred *source_credential(const struct source_conn *c)
{
    return c->cred;
}

struct str source_scope(const struct source_conn *c)
{
    return c->scope;
}

bool source_is_remote(const struct source_profile *p)
{
    const struct source_kind *kind = find_kind(p->kind);
    return kind && kind->connect;
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
