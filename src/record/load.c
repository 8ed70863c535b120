/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a cell left on disk, read back: files of the run by their recorded hash, results from their Parquet files.
 *
 * Invariant: a record may be a stranger's, so nothing is read outside of the folder of the run, and nothing is taken for a
 * result that has not the hash of the record.
 */
#include "hb/engine.h"
#include "hb/fs.h"
#include "hb/record.h"

bool record_is_inside(struct str path)
{
    return path.n && path.p[0] != '/' && str_find(path, STR(".."), 0) == SIZE_MAX;
}

const char *record_whole_file(const struct store *s, const struct record_file *f, struct err *err)
{
    char hex[65];
    if (!record_is_inside(f->path)) {
        err_set(err, ERR_VERIFY, "the record names '%.*s', which is no file of the run", STR_ARG(f->path));
        return NULL;
    }
    const char *path = store_path(s, arena_str(s->arena, f->path).p);
    if (!fs_sha256(path, hex, err))
        return NULL;
    if (str_eqz(f->sha256, hex))
        return path;
    err_set(err, ERR_VERIFY, "'%s' is not as it was recorded; see huntbook verify", path);
    return NULL;
}

const struct record_file *record_file_with_end(const struct record_cell *c, struct str end)
{
    for (size_t i = 0; i < c->nfiles; i++)
        if (str_ends(c->files[i].path, end))
            return &c->files[i];
    return NULL;
}

const char *record_parquet(const struct store *s, const struct record_cell *c, struct err *err)
{
    const struct record_file *f = record_file_with_end(c, STR(".parquet"));
    if (f)
        return record_whole_file(s, f, err);
    err_set(err, ERR_USAGE, "cell '%.*s' left no file with all of its rows", STR_ARG(c->id));
    return NULL;
}

bool record_load_cell(struct engine *e, const struct record_cell *c, const char *parquet, struct str table,
                      struct arena *a, struct err *err)
{
    struct load_report report;
    struct kql_column *schema = ARENA_ARRAY(a, c->ncolumns, struct kql_column);
    for (size_t i = 0; i < c->ncolumns; i++)
        schema[i] = (struct kql_column){ c->columns[i].name, c->columns[i].type };
    struct load_request req = {
        .table = table, .paths = &parquet, .npaths = 1, .schema = schema, .nschema = c->ncolumns
    };
    return engine_load(e, &req, a, &report, err);
}
