/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows for reports: more of a table than run.json should carry, as JSON lines in a file of the run.
 *
 * CSV would not do: it has no types, and a run's CSV puts apostrophes before what spreadsheets take for formulas.
 */
#include "record_int.h"

#include <string.h>

#include "hb/fs.h"

void record_rows_put(struct buf *out, const struct table *t)
{
    struct jw w;
    jw_init(&w, out, false);
    record_put_columns(&w, t);
    buf_putc(out, '\n');
    for (size_t r = 0; r < t->nrows; r++) {
        jw_init(&w, out, false);
        jw_arr(&w);
        for (size_t c = 0; c < t->ncols; c++)
            record_put_cell(&w, &t->cols[c], r);
        jw_end_arr(&w);
        buf_putc(out, '\n');
    }
}

static size_t count_lines(struct str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    return n;
}

/* The next line as JSON; the caller deletes it. NULL: a fault. */
static cJSON *next_line(struct str text, size_t *at, size_t number, struct err *err)
{
    size_t end = str_chr(text, '\n', *at);
    cJSON *line = json_parse(str_sub(text, *at, end), err);
    *at = end + 1;
    if (line && !cJSON_IsArray(line)) {
        cJSON_Delete(line);
        line = NULL;
        err_set(err, ERR_VERIFY, "not a list");
    }
    if (!line) {
        err->kind = ERR_VERIFY;
        err_wrap(err, "line %zu", number);
    }
    return line;
}

bool record_rows_parse(struct arena *a, struct str text, struct table **out, struct err *err)
{
    struct reader r = { a, err };
    size_t lines = count_lines(text), at = 0;
    if (lines == 0 || lines - 1 > RECORD_ROWS_MAX)
        return err_set(err, ERR_VERIFY, "%zu lines where 1 to %d are expected", lines, RECORD_ROWS_MAX + 1);
    cJSON *line = next_line(text, &at, 1, err);
    if (!line)
        return false;
    struct table *t = table_new(a, (size_t)cJSON_GetArraySize(line), lines - 1);
    bool ok = record_get_columns(&r, line, t);
    cJSON_Delete(line);
    for (size_t row = 0; ok && row + 1 < lines; row++) {
        line = next_line(text, &at, row + 2, err);
        ok = line && record_get_row(&r, line, t, row);
        cJSON_Delete(line);
    }
    *out = t;
    return ok;
}

static bool load(struct record *rec, struct record_block *b, const char *dir, struct err *err)
{
    enum { ROWS_MAX = 1 << 30 };
    struct arena *work = arena_new(0, "rows of a report");
    struct reader r = { work, err };
    struct str text;
    char *path;
    bool ok = record_file_path(&r, "rows_file", dir, b->table.rows_file, &path) &&
              fs_read(work, path, ROWS_MAX, &text, err);
    if (ok && !record_rows_parse(rec->arena, text, &b->table.rows, err))
        ok = err_wrap(err, "'%.*s'", STR_ARG(b->table.rows_file));
    if (ok && b->table.head && b->table.rows->ncols != b->table.head->ncols)
        ok = err_set(err, ERR_VERIFY, "'%.*s' has other columns than its table in run.json",
                     STR_ARG(b->table.rows_file));
    arena_free(work);
    return ok;
}

bool record_load_rows(struct record *r, const char *dir, struct err *err)
{
    for (size_t i = 0; i < r->ncells; i++)
        for (size_t k = 0; k < r->cells[i].nblocks; k++) {
            struct record_block *b = &r->cells[i].blocks[k];
            if (b->kind == BLOCK_TABLE && b->table.rows_file.n && !b->table.rows && !load(r, b, dir, err))
                return false;
        }
    return true;
}
