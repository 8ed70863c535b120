/* SPDX-License-Identifier: Apache-2.0 */
/*
 * files: a folder of tables, or one file. A file's name up to its first dot is its table; several files of
 * one table are read as one. Tables in a folder of it, which is a database then, are called DATABASE/TABLE, and those of a
 * cluster CLUSTER/DATABASE/TABLE, with the cluster in small letters; they are read only where a query names databases.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hb/fs.h"
#include "hb/kql.h"
#include "hb/vec.h"
#include "sources_int.h"

struct file_set {
    struct str table;
    const char **paths;
    size_t n, cap;
};
struct file_sets {
    struct file_set *items;
    size_t n, cap;
};

static void add_path(struct arena *a, struct file_sets *sets, struct str database, const char *path)
{
    struct str table = engine_file_table(path);
    if (database.n)
        table = arena_strf(a, "%.*s/%.*s", STR_ARG(database), STR_ARG(table));
    struct file_set *s = NULL;
    for (size_t i = 0; i < sets->n && !s; i++)
        if (str_eq(sets->items[i].table, table))
            s = &sets->items[i];
    if (!s) {
        s = VEC_PUSH(a, sets->items, sets->n, sets->cap);
        s->table = arena_str(a, table);
    }
    *VEC_PUSH(a, s->paths, s->n, s->cap) = path;
}

/* `levels`: folders are looked into so many times. */
static bool add_folder(struct arena *a, const char *path, struct str database, unsigned levels,
                       struct file_sets *sets, struct err *err)
{
    struct str *names;
    size_t n;
    if (!fs_list(a, path, &names, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        char *file = fs_join(a, path, names[i].p);
        bool folder = fs_is_dir(file);
        if (!folder && engine_knows_file(file))
            add_path(a, sets, database, file);
        struct str name = names[i];
        if (database.n) /* a cluster then */
            name = arena_strf(a, "%.*s/%.*s", STR_ARG(arena_lower(a, database)), STR_ARG(names[i]));
        if (folder && levels && names[i].p[0] != '.' && !add_folder(a, file, name, levels - 1, sets, err))
            return false;
    }
    return true;
}

static bool find_files(struct arena *a, const char *path, bool databases, struct file_sets *sets,
                       struct err *err)
{
    enum { CLUSTER_AND_DATABASE = 2 };
    *sets = (struct file_sets){ 0 };
    if (!fs_exists(path)) {
        errno = ENOENT;
        err_errno(err, "open data", path);
        err->kind = ERR_USAGE;
        return false;
    }
    if (!fs_is_dir(path)) {
        if (!engine_knows_file(path))
            return err_set(
                err, ERR_USAGE,
                "'%s' is no table file; CSV, TSV, JSON, NDJSON and Parquet are read, also with .gz behind",
                path);
        add_path(a, sets, STR(""), arena_strdup(a, path));
        return true;
    }
    if (!add_folder(a, path, STR(""), databases ? CLUSTER_AND_DATABASE : 0, sets, err))
        return false;
    if (sets->n == 0)
        return err_set(
            err, ERR_USAGE,
            "folder '%s' holds no table; put CSV, TSV, JSON, NDJSON or Parquet files there, named like "
            "their table",
            path);
    return true;
}

static int by_table(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static bool files_tables(struct arena *a, const struct source_profile *p, bool databases, struct str **names,
                         size_t *n, struct err *err)
{
    struct file_sets sets;
    if (!find_files(a, p->path, databases, &sets, err))
        return false;
    *names = ARENA_ARRAY(a, sets.n, struct str);
    *n = 0;
    for (size_t i = 0; i < sets.n; i++)
        if (!kql_of_database(sets.items[i].table))
            (*names)[(*n)++] = sets.items[i].table;
    qsort(*names, *n, sizeof **names, by_table);
    return true;
}

static void describe(struct arena *a, const struct load_report *rep, struct str table,
                     struct record_source_table *out)
{
    *out = (struct record_source_table){ .name = table, .rows = rep->rows, .rejected = rep->rejected };
    for (size_t i = 0; i < rep->ncolumns && rep->has_time; i++)
        if (rep->columns[i].type == HB_DATETIME &&
            (str_eqz(rep->columns[i].name, "TimeGenerated") ||
             (str_eqz(rep->columns[i].name, "Timestamp") && !out->time_column.n)))
            out->time_column = rep->columns[i].name;
    if (rep->has_time) {
        out->first = rep->first;
        out->last = rep->last;
    }
    out->files = ARENA_ARRAY(a, rep->nfiles, struct record_file);
    out->nfiles = rep->nfiles;
    for (size_t i = 0; i < rep->nfiles; i++)
        out->files[i] = (struct record_file){ rep->files[i].path, arena_str(a, str_z(rep->files[i].sha256)),
                                              rep->files[i].bytes, -1 };
    out->warnings = rep->warnings;
    out->nwarnings = rep->nwarnings;
}

static bool wanted(const struct source_request *req, struct str table)
{
    for (size_t i = 0; i < req->ntables; i++)
        if (str_eq(req->tables[i], table))
            return true;
    return req->databases && kql_of_database(table);
}

/* The time of events is always read: a report says from when to when. */
static void limit_columns(struct arena *a, const struct source_request *req, struct load_request *load)
{
    for (size_t i = 0; i < req->ncolumns; i++) {
        const struct source_columns *c = &req->columns[i];
        if (!str_eq(c->table, load->table))
            continue;
        struct str *names = ARENA_ARRAY(a, c->ncolumns + 2, struct str);
        for (size_t k = 0; k < c->ncolumns; k++)
            names[k] = c->columns[k];
        names[c->ncolumns] = STR("TimeGenerated");
        names[c->ncolumns + 1] = STR("Timestamp");
        load->columns = names;
        load->ncolumns = c->ncolumns + 2;
    }
}

static bool files_load(struct arena *a, const struct source_profile *p, const struct source_request *req,
                       struct engine *e, struct record *r, struct err *err)
{
    struct file_sets sets;
    if (!find_files(a, p->path, req->databases, &sets, err))
        return false;
    r->source.detail = arena_strf(a, "files in %s (%.*s)", p->path, STR_ARG(p->origin));
    r->source.tables = ARENA_ARRAY(a, sets.n, struct record_source_table);
    for (size_t i = 0; i < sets.n; i++) {
        const struct file_set *s = &sets.items[i];
        struct load_request load = {
            .table = s->table, .paths = s->paths, .npaths = s->n, .allow_rejects = req->allow_partial
        };
        struct load_report rep = { 0 };
        if (!wanted(req, s->table))
            continue;
        limit_columns(a, req, &load);
        if (!engine_load(e, &load, a, &rep, err))
            return err_wrap(err, "table '%.*s'", STR_ARG(s->table));
        struct record_source_table *out = &r->source.tables[r->source.ntables++];
        describe(a, &rep, s->table, out);
        if (load.ncolumns)
            out->note = arena_strf(a, "%zu columns were loaded, those that the playbook reads", rep.ncolumns);
    }
    return true;
}

bool source_files_hash(struct arena *a, const struct source_profile *p, const struct source_request *req,
                       struct record *r, struct err *err)
{
    struct file_sets sets;
    if (!find_files(a, p->path, req->databases, &sets, err))
        return false;
    r->source.tables = ARENA_ARRAY(a, sets.n, struct record_source_table);
    for (size_t i = 0; i < sets.n; i++) {
        const struct file_set *s = &sets.items[i];
        struct record_source_table *out = &r->source.tables[r->source.ntables];
        if (!wanted(req, s->table))
            continue;
        *out = (struct record_source_table){ .name = s->table,
                                             .files = ARENA_ARRAY(a, s->n, struct record_file),
                                             .nfiles = s->n };
        r->source.ntables++;
        for (size_t k = 0; k < s->n; k++) {
            char hex[65];
            if (!fs_sha256(s->paths[k], hex, err))
                return false;
            out->files[k] = (struct record_file){ str_z(s->paths[k]), arena_str(a, str_z(hex)),
                                                  fs_size(s->paths[k]), -1 };
        }
    }
    return true;
}

const struct source_kind source_files = { .name = "files", .tables = files_tables, .load = files_load };
