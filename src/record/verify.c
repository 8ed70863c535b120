/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is a run's folder as it was left? Every file is hashed once and looked up in SHA256SUMS and in run.json.
 *
 * Invariant: whatever byte of whatever file changes, comes or goes, there is a fault. So SHA256SUMS is read in exactly
 * the form in which it is written (store_seal), and files that it does not list are faults, signatures excepted.
 */
#include <string.h>
#include <sys/stat.h>

#include "hb/evidence.h"
#include "hb/fs.h"
#include "hb/sha256.h"
#include "hb/vec.h"
#include "verify_int.h"

static const char *const fault_names[] = {
    [FAULT_CHANGED] = "changed",
    [FAULT_MISSING] = "missing",
    [FAULT_ADDED] = "added",
    [FAULT_RECORD] = "contradiction",
};

const char *evidence_fault_name(enum evidence_fault_kind kind)
{
    return fault_names[kind];
}

struct str evidence_cell_of(struct str path)
{
    static const struct str folders[] = { STR_INIT("cells/"), STR_INIT("queries/"), STR_INIT("charts/") };
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        if (!str_starts(path, folders[i]))
            continue;
        /* NN-ID.csv, NN-ID-rows-1.jsonl: an id holds neither dash nor dot. */
        size_t dash = str_chr(path, '-', folders[i].n), end = dash + 1;
        while (end < path.n && path.p[end] != '-' && path.p[end] != '.')
            end++;
        return str_sub(path, dash + 1, end);
    }
    return STR("");
}

void verify_fault(struct verifying *v, enum evidence_fault_kind kind, struct str path, struct str text)
{
    struct evidence *e = v->out;
    *VEC_PUSH(v->arena, e->faults, e->nfaults,
              e->faults_cap) = (struct evidence_fault){ kind, path, evidence_cell_of(path), text };
}

static bool look_at(struct verifying *v, char *rel, struct err *err);

static bool look_below(struct verifying *v, const char *rel, struct err *err)
{
    struct str *names;
    size_t n;
    if (!fs_list(v->arena, *rel ? fs_join(v->arena, v->dir, rel) : v->dir, &names, &n, err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!look_at(v, arena_printf(v->arena, "%s%s%s", rel, *rel ? "/" : "", names[i].p), err))
            return false;
    return true;
}

static bool look_at(struct verifying *v, char *rel, struct err *err)
{
    struct stat st;
    char *path = fs_join(v->arena, v->dir, rel);
    if (lstat(path, &st) != 0)
        return err_errno(err, "read", path);
    if (S_ISDIR(st.st_mode))
        return look_below(v, rel, err);
    struct found *f = ARENA_NEW(v->arena, struct found);
    f->path = str_z(rel);
    f->bytes = st.st_size;
    if (S_ISREG(st.st_mode) && !fs_sha256(path, f->sha256, err))
        return false;
    map_set(&v->found, f->path, f);
    v->out->files++;
    return true;
}

/* A line is 64 lower-case hex digits, two blanks, the path. */
static bool read_line(struct arena *a, struct str line, struct map *out)
{
    if (line.n < 67 || line.p[64] != ' ' || line.p[65] != ' ')
        return false;
    for (size_t i = 0; i < 64; i++)
        if (!strchr("0123456789abcdef", line.p[i]) || !line.p[i])
            return false;
    struct str *hash = ARENA_NEW(a, struct str);
    *hash = str_sub(line, 0, 64);
    return !map_set(out, str_sub(line, 66, line.n), hash);
}

size_t verify_read_list(struct arena *a, struct str text, struct map *out)
{
    map_init(out, a);
    for (size_t at = 0, number = 1; at < text.n; number++) {
        size_t end = str_chr(text, '\n', at);
        if (end == text.n || !read_line(a, str_sub(text, at, end), out))
            return number;
        at = end + 1;
    }
    return 0;
}

static bool read_sums(struct verifying *v, struct err *err)
{
    const struct str name = STR("SHA256SUMS");
    if (!map_get(&v->found, name)) {
        verify_fault(v, FAULT_MISSING, name, STR("the run did not come to its end, or the list was removed"));
        return true;
    }
    if (!fs_read(v->arena, fs_join(v->arena, v->dir, name.p), SUMS_MAX, &v->sums, err))
        return false;
    sha256_hex(v->sums, v->out->sums_sha256);
    size_t bad = verify_read_list(v->arena, v->sums, &v->listed);
    if (bad)
        verify_fault(v, FAULT_CHANGED, name, arena_strf(v->arena, "line %zu is not as it was written", bad));
    return true;
}

static void compare_sums(struct verifying *v)
{
    for (size_t i = 0; i < v->listed.n; i++) {
        const struct found *f = map_get(&v->found, v->listed.entries[i].key);
        const struct str *hash = v->listed.entries[i].value;
        if (!f)
            verify_fault(v, FAULT_MISSING, v->listed.entries[i].key, STR(""));
        else if (!f->sha256[0])
            verify_fault(v, FAULT_CHANGED, f->path, STR("is no plain file any more"));
        else if (!str_eqz(*hash, f->sha256))
            verify_fault(v, FAULT_CHANGED, f->path, STR(""));
    }
    for (size_t i = 0; i < v->found.n; i++) {
        const struct found *f = v->found.entries[i].value;
        if (v->listed.n && !str_eqz(f->path, "SHA256SUMS") && !map_get(&v->listed, f->path) &&
            (!evidence_beside_sums(f->path) || store_is_leftover(f->path)))
            verify_fault(v, FAULT_ADDED, f->path,
                         store_is_leftover(f->path) ? STR("left by a program that was stopped while writing")
                                                    : STR(""));
    }
}

static void check_hash(struct verifying *v, struct str path, struct str sha256, int64_t bytes)
{
    const struct found *f = map_get(&v->found, path);
    if (!f && !map_get(&v->listed, path))
        verify_fault(v, FAULT_MISSING, path, STR("run.json names it"));
    else if (f && (!str_eqz(sha256, f->sha256) || (bytes >= 0 && bytes != f->bytes)))
        verify_fault(v, FAULT_RECORD, path, STR("run.json has another hash or size for it"));
}

static const struct note *newest_note(const struct note *notes, size_t n, struct str cell)
{
    for (size_t i = n; i-- > 0;)
        if (str_eq(notes[i].cell, cell))
            return &notes[i];
    return NULL;
}

/* The log of notes against itself, and against what the record shows. */
static void compare_notes(struct verifying *v, struct store *store, const struct record *r)
{
    struct note *notes;
    size_t n;
    struct err err = ERR_INIT;
    if (!notes_read(store, r, &notes, &n, &err)) {
        verify_fault(v, FAULT_RECORD, STR("notes.jsonl"), arena_str(v->arena, str_z(err.text)));
        return;
    }
    for (size_t i = 0; i < r->ncells; i++) {
        const struct record_cell *c = &r->cells[i];
        const struct note *log = newest_note(notes, n, c->id), none = { 0 };
        if (!log)
            log = &none;
        if (!str_eq(log->verdict, c->note.verdict) || !str_eq(log->text, c->note.text) ||
            !str_eq(log->author, c->note.author) || log->time != c->note.time)
            verify_fault(
                v, FAULT_RECORD, STR("notes.jsonl"),
                arena_strf(v->arena, "the note on '%.*s' in run.json is not its newest", STR_ARG(c->id)));
    }
}

/* What the record says of a cell, against the hash that it was written with. */
static void compare_cells(struct verifying *v, const struct record *r)
{
    for (size_t i = 0; i < r->ncells && r->version >= RECORD_HASHED; i++) {
        const struct record_cell *c = &r->cells[i];
        if (record_cell_is_whole(c))
            continue;
        verify_fault(
            v, FAULT_RECORD, STR("run.json"),
            arena_strf(v->arena, "what it says of cell '%.*s' is not what was written", STR_ARG(c->id)));
        v->out->faults[v->out->nfaults - 1].cell = c->id;
    }
}

/* The record against the files, and against its own hashes and fingerprint. */
static void compare_record(struct verifying *v)
{
    struct err err = ERR_INIT;
    struct store store;
    struct record *r;
    if (!store_open(&store, v->arena, v->dir, &err) || !store_read_record(&store, &r, &err)) {
        verify_fault(v, FAULT_RECORD, STR("run.json"), arena_str(v->arena, str_z(err.text)));
        return;
    }
    v->out->record = r;
    for (size_t i = 0; i < r->ncells; i++)
        for (size_t k = 0; k < r->cells[i].nfiles; k++)
            check_hash(v, r->cells[i].files[k].path, r->cells[i].files[k].sha256, r->cells[i].files[k].bytes);
    check_hash(v, STR("playbook.hunt.yaml"), r->playbook.sha256, -1);
    struct str why;
    if (!record_is_consistent(r, &why))
        verify_fault(v, FAULT_RECORD, STR("run.json"), why);
    compare_cells(v, r);
    compare_notes(v, &store, r);
}

/*
 * What a note that was stopped half way leaves: nothing but notes and what is made of them differs from the list. Commands
 * that write bring such a run in order again (notes_settle).
 */
static bool half_noted(struct verifying *v)
{
    size_t notes;
    struct str why;
    return v->out->record && v->listed.n && verify_covers(v, &v->listed, &notes, &why) && notes;
}

static bool look(struct verifying *v, struct err *err)
{
    *v->out = (struct evidence){ 0 };
    map_init(&v->found, v->arena);
    map_init(&v->listed, v->arena);
    if (!look_below(v, "", err) || !read_sums(v, err))
        return false;
    compare_sums(v);
    if (map_get(&v->found, STR("run.json")))
        compare_record(v);
    else if (!map_get(&v->listed, STR("run.json")))
        verify_fault(v, FAULT_MISSING, STR("run.json"), STR("this is not the folder of a run"));
    return verify_signatures(v, err);
}

bool evidence_verify(struct arena *a, const char *dir, struct evidence *out, struct err *err)
{
    struct verifying v = { .arena = a, .dir = dir, .out = out };
    if (!look(&v, err))
        return false;
    out->half_noted = out->nfaults && half_noted(&v);
    return true;
}

static bool is_made(struct str path)
{
    return evidence_is_report(path) || str_eqz(path, "SHA256SUMS");
}

bool evidence_intact(struct arena *a, const char *dir, struct err *err)
{
    struct evidence e;
    if (!evidence_verify(a, dir, &e, err))
        return false;
    for (size_t i = 0; i < e.nfaults; i++) {
        const struct evidence_fault *f = &e.faults[i];
        /* A note that was stopped leaves signatures as they were. */
        if (!is_made(f->path) && (!e.half_noted || evidence_beside_sums(f->path)))
            return err_set(err, ERR_VERIFY, "'%.*s' of this run: %s since it was sealed; see huntbook verify",
                           STR_ARG(f->path), evidence_fault_name(f->kind));
    }
    return true;
}
