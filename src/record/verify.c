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
#include "hb/map.h"
#include "hb/sha256.h"
#include "hb/vec.h"

enum { SUMS_MAX = 64 << 20 };

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

bool evidence_is_signature(struct str path)
{
    return str_starts(path, STR("SHA256SUMS.")) && str_ends(path, STR("sig")) &&
           str_chr(path, '/', 0) == path.n && path.p[path.n - 4] == '.';
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

/* A file as it is: sha256 "" for what is no plain file. */
struct found {
    struct str path;
    char sha256[65];
    int64_t bytes;
};

struct verifying {
    struct arena *arena;
    const char *dir;
    struct evidence *out;
    struct map found;  /* path -> struct found */
    struct map listed; /* path -> its hash as text, from SHA256SUMS */
};

static void fault(struct verifying *v, enum evidence_fault_kind kind, struct str path, struct str text)
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
static bool read_line(struct verifying *v, struct str line)
{
    if (line.n < 67 || line.p[64] != ' ' || line.p[65] != ' ')
        return false;
    for (size_t i = 0; i < 64; i++)
        if (!strchr("0123456789abcdef", line.p[i]) || !line.p[i])
            return false;
    struct str *hash = ARENA_NEW(v->arena, struct str);
    struct str path = str_sub(line, 66, line.n);
    *hash = str_sub(line, 0, 64);
    return !map_set(&v->listed, path, hash);
}

static bool read_sums(struct verifying *v, struct err *err)
{
    struct str text;
    const struct str name = STR("SHA256SUMS");
    if (!map_get(&v->found, name)) {
        fault(v, FAULT_MISSING, name, STR("the run did not come to its end, or the list was removed"));
        return true;
    }
    if (!fs_read(v->arena, fs_join(v->arena, v->dir, name.p), SUMS_MAX, &text, err))
        return false;
    sha256_hex(text, v->out->sums_sha256);
    for (size_t at = 0, number = 1; at < text.n; number++) {
        size_t end = str_chr(text, '\n', at);
        if (end == text.n || !read_line(v, str_sub(text, at, end))) {
            fault(v, FAULT_CHANGED, name, arena_strf(v->arena, "line %zu is not as it was written", number));
            return true;
        }
        at = end + 1;
    }
    return true;
}

static void compare_sums(struct verifying *v)
{
    for (size_t i = 0; i < v->listed.n; i++) {
        const struct found *f = map_get(&v->found, v->listed.entries[i].key);
        const struct str *hash = v->listed.entries[i].value;
        if (!f)
            fault(v, FAULT_MISSING, v->listed.entries[i].key, STR(""));
        else if (!f->sha256[0])
            fault(v, FAULT_CHANGED, f->path, STR("is no plain file any more"));
        else if (!str_eqz(*hash, f->sha256))
            fault(v, FAULT_CHANGED, f->path, STR(""));
    }
    for (size_t i = 0; i < v->found.n; i++) {
        const struct found *f = v->found.entries[i].value;
        struct evidence *e = v->out;
        size_t cap = e->nsignatures;
        if (str_eqz(f->path, "SHA256SUMS") || map_get(&v->listed, f->path))
            continue;
        if (evidence_is_signature(f->path) && f->sha256[0])
            *VEC_PUSH(v->arena, e->signatures, e->nsignatures, cap) = f->path;
        else if (v->listed.n)
            fault(v, FAULT_ADDED, f->path, STR(""));
    }
}

static void check_hash(struct verifying *v, struct str path, struct str sha256, int64_t bytes)
{
    const struct found *f = map_get(&v->found, path);
    if (!f && !map_get(&v->listed, path))
        fault(v, FAULT_MISSING, path, STR("run.json names it"));
    else if (f && (!str_eqz(sha256, f->sha256) || (bytes >= 0 && bytes != f->bytes)))
        fault(v, FAULT_RECORD, path, STR("run.json has another hash or size for it"));
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
        fault(v, FAULT_RECORD, STR("notes.jsonl"), arena_str(v->arena, str_z(err.text)));
        return;
    }
    for (size_t i = 0; i < r->ncells; i++) {
        const struct record_cell *c = &r->cells[i];
        const struct note *log = newest_note(notes, n, c->id), none = { 0 };
        if (!log)
            log = &none;
        if (!str_eq(log->verdict, c->note.verdict) || !str_eq(log->text, c->note.text) ||
            !str_eq(log->author, c->note.author) || log->time != c->note.time)
            fault(v, FAULT_RECORD, STR("notes.jsonl"),
                  arena_strf(v->arena, "the note on '%.*s' in run.json is not its newest", STR_ARG(c->id)));
    }
}

/* The record against the files, and against its own fingerprint. */
static void compare_record(struct verifying *v)
{
    struct err err = ERR_INIT;
    struct store store;
    struct record *r;
    if (!store_open(&store, v->arena, v->dir, &err) || !store_read_record(&store, &r, &err)) {
        fault(v, FAULT_RECORD, STR("run.json"), arena_str(v->arena, str_z(err.text)));
        return;
    }
    v->out->record = r;
    for (size_t i = 0; i < r->ncells; i++)
        for (size_t k = 0; k < r->cells[i].nfiles; k++)
            check_hash(v, r->cells[i].files[k].path, r->cells[i].files[k].sha256, r->cells[i].files[k].bytes);
    check_hash(v, STR("playbook.hunt.yaml"), r->playbook.sha256, -1);
    struct str said = r->fingerprint;
    record_seal(r);
    if (!str_eq(said, r->fingerprint))
        fault(v, FAULT_RECORD, STR("run.json"),
              STR("the results fingerprint is not that of the cells it lists"));
    r->fingerprint = said;
    compare_notes(v, &store, r);
}

bool evidence_verify(struct arena *a, const char *dir, struct evidence *out, struct err *err)
{
    struct verifying v = { .arena = a, .dir = dir, .out = out };
    *out = (struct evidence){ 0 };
    map_init(&v.found, a);
    map_init(&v.listed, a);
    if (!look_below(&v, "", err) || !read_sums(&v, err))
        return false;
    compare_sums(&v);
    if (map_get(&v.found, STR("run.json")))
        compare_record(&v);
    return true;
}

bool evidence_intact(struct arena *a, const char *dir, struct err *err)
{
    static const char *const made[] = { "report.html", "report.pdf", "report.md", "SHA256SUMS" };
    struct evidence e;
    if (!evidence_verify(a, dir, &e, err))
        return false;
    for (size_t i = 0; i < e.nfaults; i++) {
        const struct evidence_fault *f = &e.faults[i];
        bool counts = true;
        for (size_t k = 0; k < sizeof made / sizeof *made; k++)
            counts &= !str_eqz(f->path, made[k]);
        if (counts)
            return err_set(err, ERR_VERIFY, "'%.*s' of this run: %s since it was sealed; see huntbook verify",
                           STR_ARG(f->path), evidence_fault_name(f->kind));
    }
    return true;
}
