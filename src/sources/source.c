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

static const struct source_kind *const kinds[] = { &source_files };

static const struct source_kind *find_kind(struct str name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_eqz(name, kinds[i]->name))
            return kinds[i];
    return NULL;
}

/* -- configuration: huntbook.yaml -- */

struct config_profile {
    struct passage name, kind, path;
};
struct config {
    struct passage def;
    PLAYBOOK_LIST(struct config_profile) sources;
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

static bool from_config(struct arena *a, const char *file, const struct config *c, struct str name,
                        struct source_profile *out, struct err *err)
{
    struct str *names = ARENA_ARRAY(a, c->sources.n, struct str);
    for (size_t i = 0; i < c->sources.n; i++) {
        const struct config_profile *p = &c->sources.items[i];
        names[i] = p->name.s;
        if (!str_eq(p->name.s, name))
            continue;
        if (!find_kind(p->kind.s))
            return err_set(err, ERR_USAGE,
                           "source '%.*s' of '%s' has kind '%.*s'; this version reads kind: files",
                           STR_ARG(name), file, STR_ARG(p->kind.s));
        if (p->path.s.n == 0)
            return err_set(err, ERR_USAGE, "source '%.*s' of '%s' needs a path", STR_ARG(name), file);
        *out = (struct source_profile){
            .name = name,
            .kind = p->kind.s,
            .path = fs_join(a, fs_dir(a, file), p->path.s.p),
            .origin = str_z(file),
        };
        return true;
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
        *out = (struct source_profile){ STR("data"), STR("files"), c->data, STR("--data"), false };
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
        return from_config(a, file, &config, name, out, err);
    char *sample = fs_join(a, c->playbook_dir, "data");
    if (!fs_is_dir(sample))
        return err_set(
            err, ERR_USAGE,
            "no source: there is no sample data beside the playbook ('%s'); use --data or --source", sample);
    *out = (struct source_profile){ STR("sample"), STR("files"), sample, STR("beside the playbook"), true };
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
    char *path = fs_join(a, p->path, "sample.yaml");
    struct sample_file file = { 0 };
    size_t errors = d->errors;
    *out = (struct source_sample){ 0 };
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
    return find_kind(p->kind)->tables(a, p, names, n, err);
}

bool source_load_tables(struct arena *a, const struct source_profile *p, const struct source_request *req,
                        struct engine *e, struct record *r, struct err *err)
{
    r->source.kind = p->kind;
    r->source.name = p->name;
    r->source.sample = p->sample;
    return find_kind(p->kind)->load(a, p, req, e, r, err);
}
