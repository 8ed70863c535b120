/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a run as its record knows them, and which of them the PDF carries: the smallest first, until a limit is
 * reached. It is decided from the record alone, and the report names what stays outside.
 *
 * To attach another kind of file: a row in `kinds`.
 */
#include "doc_int.h"

#include <stdlib.h>

#include "hb/map.h"
#include "hb/sha256.h"
#include "hb/utf8.h"

/* A report is mailed: a file with more bytes, or more bytes of all together, are left beside it. */
enum { ATTACH_FILE_MAX = 8 << 20, ATTACH_ALL_MAX = 16 << 20, ATTACH_FILES_MAX = 2000 };

static const struct {
    struct str suffix;
    const char *mime, *relation;
} kinds[] = {
    { STR_INIT(".csv"), "text/csv", "Data" },
    { STR_INIT(".parquet"), "application/vnd.apache.parquet", "Data" },
    { STR_INIT(".jsonl"), "application/x-ndjson", "Data" },
    { STR_INIT(".kql"), "text/plain", "Supplement" },
    { STR_INIT(".sql"), "application/sql", "Supplement" },
    { STR_INIT(".svg"), "image/svg+xml", "Alternative" },
    { STR_INIT(".json"), "application/json", "Source" },
    { STR_INIT(".yaml"), "application/yaml", "Source" },
    { STR_INIT(""), "application/octet-stream", "Data" },
};

struct candidate {
    struct manifest_file file;
    size_t order;
    bool attached;
};

/* A path of a record from elsewhere must not lead out of the folder of the run. */
static bool stays_inside(struct str path)
{
    for (size_t from = 0, to = 0; from <= path.n; from = to + 1) {
        to = str_chr(path, '/', from);
        struct str part = str_sub(path, from, to);
        if (part.n == 0 || str_eqz(part, ".") || str_eqz(part, ".."))
            return false;
    }
    return str_chr(path, '\0', 0) == path.n;
}

static int by_size(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    int64_t m = x->file.bytes, n = y->file.bytes;
    return m != n ? (m > n) - (m < n) : (x->order > y->order) - (x->order < y->order);
}

static int by_order(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

static bool lists(const struct record_cell *c, struct str path)
{
    for (size_t i = 0; i < c->nfiles; i++)
        if (str_eq(c->files[i].path, path))
            return true;
    return false;
}

size_t b_manifest(struct builder *b, struct manifest_file **out)
{
    const struct record *r = b->r;
    size_t n = 1;
    for (size_t i = 0; i < r->ncells; i++)
        n += r->cells[i].nfiles + r->cells[i].nblocks;
    *out = ARENA_ARRAY(b->a, n, struct manifest_file);
    n = 0;
    if (r->playbook.sha256.n)
        (*out)[n++] = (struct manifest_file){ STR("playbook.hunt.yaml"), r->playbook.sha256, -1, -1, NULL };
    for (size_t i = 0; i < r->ncells; i++) {
        const struct record_cell *c = &r->cells[i];
        for (size_t k = 0; k < c->nfiles; k++, n++) {
            const struct record_file *f = &c->files[k];
            (*out)[n] = (struct manifest_file){ f->path, f->sha256, f->bytes, f->rows, c };
        }
        for (size_t k = 0; k < c->nblocks; k++) {
            const struct record_block *block = &c->blocks[k];
            char hex[65];
            if (block->kind != BLOCK_CHART || block->chart.file.n == 0 || block->chart.svg.n == 0 ||
                lists(c, block->chart.file))
                continue;
            sha256_hex(block->chart.svg, hex);
            (*out)[n++] = (struct manifest_file){ block->chart.file, arena_str(b->a, str_z(hex)),
                                                  (int64_t)block->chart.svg.n, -1, c };
        }
    }
    return n;
}

static int by_path(const void *a, const void *b)
{
    const struct manifest_file *x = a, *y = b;
    return str_cmp(x->path, y->path);
}

struct str b_evidence_hash(struct builder *b)
{
    struct manifest_file *files;
    struct buf lines = BUF_INIT;
    char hex[65];
    size_t n = b_manifest(b, &files);
    if (n)
        qsort(files, n, sizeof *files, by_path);
    for (size_t i = 0; i < n; i++)
        buf_printf(&lines, "%.*s  %.*s\n", STR_ARG(files[i].sha256), STR_ARG(files[i].path));
    sha256_hex(buf_view(&lines), hex);
    buf_free(&lines);
    return arena_str(b->a, str_z(hex));
}

static void choose(struct candidate *c, size_t n)
{
    int64_t all = 0;
    size_t files = 0;
    qsort(c, n, sizeof *c, by_size);
    for (size_t i = 0; i < n; i++) {
        int64_t bytes = c[i].file.bytes > 0 ? c[i].file.bytes : 0;
        if (bytes > ATTACH_FILE_MAX || all + bytes > ATTACH_ALL_MAX || files == ATTACH_FILES_MAX ||
            !stays_inside(c[i].file.path))
            continue;
        c[i].attached = true;
        all += bytes;
        files++;
    }
    qsort(c, n, sizeof *c, by_order);
}

/* Its last part, or the whole path with dashes where two files end alike. */
static struct str name_of(struct builder *b, struct map *names, struct str path)
{
    struct buf name = BUF_INIT;
    size_t slash = path.n;
    while (slash > 0 && path.p[slash - 1] != '/')
        slash--;
    utf8_show(&name, str_sub(path, slash, path.n));
    if (map_get(names, buf_view(&name))) {
        buf_clear(&name);
        utf8_show(&name, path);
        for (size_t i = 0; i < name.n; i++)
            if (name.p[i] == '/')
                name.p[i] = '-';
    }
    struct str s = buf_to_arena(&name, b->a);
    buf_free(&name);
    return s;
}

static bool attach(struct builder *b, struct map *names, struct str path, struct str sha256)
{
    struct doc *d = b->d;
    size_t k = 0;
    struct str name = name_of(b, names, path);
    if (map_get(names, name))
        return false;
    while (kinds[k].suffix.n && !str_ends(path, kinds[k].suffix))
        k++;
    struct doc_attachment *x = &d->attachments[d->nattachments++];
    *x = (struct doc_attachment){ path, name, kinds[k].mime, kinds[k].relation, sha256 };
    map_set(names, name, x);
    return true;
}

static void say_left(struct builder *b, struct doc_node *parent, const struct candidate *c, size_t n,
                     size_t left)
{
    enum { NAMED = 20 };
    struct pb p;
    size_t named = 0;
    pb_init(&p, b->a);
    pb_z(&p, "Left out of it for size or name: ");
    for (size_t i = 0; i < n && named < NAMED; i++) {
        if (c[i].attached)
            continue;
        pb_z(&p, named++ ? ", " : "");
        pb_code(&p, c[i].file.path);
    }
    if (left > named) {
        pb_z(&p, " and ");
        pb_count(&p, (int64_t)(left - named));
        pb_z(&p, " more");
    }
    pb_z(&p, left == 1 ? ". It stands in the folder of the run." : ". They stand in the folder of the run.");
    b_para(b, parent, pb_end(&p));
}

void b_attachments(struct builder *b, struct doc_node *parent, const struct manifest_file *files, size_t n)
{
    struct map names;
    struct pb p;
    size_t attached = 0;
    if (b->opt.pdf == REPORT_PDF_A1B) {
        b_para_z(b, parent,
                 "The PDF is the variant without attachments (PDF/A-1b); the files stand in the folder of "
                 "the run.");
        return;
    }
    struct candidate *c = ARENA_ARRAY(b->a, n + 1, struct candidate);
    for (size_t i = 0; i < n; i++)
        c[i] = (struct candidate){ files[i], i, false };
    map_init(&names, b->a);
    choose(c, n);
    b->d->attachments = ARENA_ARRAY(b->a, n + 1, struct doc_attachment);
    attach(b, &names, STR("run.json"), STR(""));
    for (size_t i = 0; i < n; i++) {
        c[i].attached = c[i].attached && attach(b, &names, c[i].file.path, c[i].file.sha256);
        attached += c[i].attached;
    }
    pb_init(&p, b->a);
    pb_z(&p, "The PDF carries the record (");
    pb_add(&p, STR("run.json"), RUN_CODE, STR(""));
    pb_z(&p, ") and ");
    pb_count(&p, (int64_t)attached);
    pb_z(&p, " of the ");
    pb_count(&p, (int64_t)n);
    pb_z(&p, " files listed below as attachments, byte for byte.");
    b_para(b, parent, pb_end(&p));
    if (attached < n)
        say_left(b, parent, c, n, n - attached);
}
