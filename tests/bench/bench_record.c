/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What hashing and recording cost a run: bench_record RUN
 *
 * Does again what the run did of it: the hashes of the source's files and of all files it left, the fingerprints of all tables,
 * and run.json after every cell. Prints 'FILES FINGERPRINTS RECORD' in seconds of processors, which a busy machine does not stretch. Run it at once after the run, so that the files are
 * in the cache as they were then.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "hb/engine.h"
#include "hb/fs.h"
#include "hb/record.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool hash_files(const struct store *s, const struct record *r, struct err *err)
{
    char hex[65];
    for (size_t i = 0; i < r->source.ntables; i++)
        for (size_t k = 0; k < r->source.tables[i].nfiles; k++)
            if (!fs_sha256(r->source.tables[i].files[k].path.p, hex, err))
                return false;
    for (size_t i = 0; i < r->ncells; i++)
        for (size_t k = 0; k < r->cells[i].nfiles; k++)
            if (!fs_sha256(store_path(s, r->cells[i].files[k].path.p), hex, err))
                return false;
    return fs_sha256(store_path(s, "report.html"), hex, err) &&
           fs_sha256(store_path(s, "report.pdf"), hex, err);
}

static bool load(struct engine *e, const struct store *s, const struct record_cell *c, struct err *err)
{
    struct load_report report;
    const char *path = NULL;
    struct kql_column *schema = ARENA_ARRAY(s->arena, c->ncolumns, struct kql_column);
    for (size_t i = 0; i < c->ncolumns; i++)
        schema[i] = (struct kql_column){ c->columns[i].name, c->columns[i].type };
    for (size_t i = 0; i < c->nfiles; i++)
        if (str_ends(c->files[i].path, STR(".parquet")))
            path = store_path(s, c->files[i].path.p);
    struct load_request req = {
        .table = c->id, .paths = &path, .npaths = 1, .schema = schema, .nschema = c->ncolumns
    };
    return path && engine_load(e, &req, s->arena, &report, err);
}

static bool fingerprints(const struct store *s, const struct record *r, double *seconds, struct err *err)
{
    char hex[65];
    struct engine *e = engine_open(&(struct engine_options){ 0 }, err);
    bool ok = e != NULL;
    *seconds = 0;
    for (size_t i = 0; ok && i < r->ncells; i++) {
        if (r->cells[i].rows < 0)
            continue;
        ok = load(e, s, &r->cells[i], err);
        double start = now();
        ok = ok && engine_fingerprint(e, r->cells[i].id, true, hex, err);
        *seconds += now() - start;
    }
    engine_close(e);
    return ok;
}

static bool write_records(struct store *s, const struct record *r, struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < r->ncells + 3; i++) {
        struct buf json = BUF_INIT;
        record_to_json(&json, r);
        ok = store_write(s, "bench.json", buf_view(&json), err);
        buf_free(&json);
    }
    remove(store_path(s, "bench.json"));
    return ok;
}

int main(int argc, char **argv)
{
    struct arena *a = arena_new(0, "the benchmark");
    struct err err = ERR_INIT;
    struct store s;
    struct record *r;
    double start = 0, files = 0, prints = 0;
    if (argc != 2)
        return fprintf(stderr, "usage: bench_record RUN\n"), 2;
    bool ok = store_open(&s, a, argv[1], &err) && store_read_record(&s, &r, &err);
    start = now();
    ok = ok && hash_files(&s, r, &err);
    files = now() - start;
    ok = ok && fingerprints(&s, r, &prints, &err);
    start = now();
    ok = ok && write_records(&s, r, &err);
    if (!ok)
        return fprintf(stderr, "bench_record: %s\n", err.text), 1;
    printf("%.4f %.4f %.4f\n", files, prints, now() - start);
    arena_free(a);
    return 0;
}
