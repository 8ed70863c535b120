/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures of a run: made over SHA256SUMS, judged with the list they cover.
 *
 * Notes may be added to a run that is signed. Then SHA256SUMS changes, and the list that was signed stays beside its signature.
 * Invariant: a signature counts as good only if every file of its list is as it was, or differs by what is known: later
 * lines of the log of notes, the same notes in run.json, reports made again from these.
 */
#include <openssl/evp.h>
#include <string.h>

#include "hb/fs.h"
#include "hb/sha256.h"
#include "hb/vec.h"
#include "verify_int.h"

static const char sums_name[] = "SHA256SUMS";

bool evidence_beside_sums(struct str path)
{
    return str_starts(path, STR("SHA256SUMS.")) && str_chr(path, '/', 0) == path.n;
}

bool evidence_is_signed(struct arena *a, const char *dir, bool *is_signed, struct err *err)
{
    struct str *names;
    size_t n;
    *is_signed = false;
    if (!fs_list(a, dir, &names, &n, err))
        return false;
    for (size_t i = 0; i < n; i++)
        *is_signed |= evidence_beside_sums(names[i]) && !store_is_leftover(names[i]);
    return true;
}

/* SHA256SUMS.ROLE.sig -> ROLE; SHA256SUMS.sig -> empty. */
static bool signature_role(struct str path, struct str *role)
{
    struct str head = STR("SHA256SUMS."), tail = STR(".sig");
    *role = STR("");
    if (str_eqz(path, "SHA256SUMS.sig"))
        return true;
    if (!evidence_beside_sums(path) || !str_ends(path, tail) || path.n <= head.n + tail.n)
        return false;
    *role = str_sub(path, head.n, path.n - tail.n);
    return true;
}

static char *list_path(struct arena *a, struct str role)
{
    return arena_printf(a, "SHA256SUMS.%.*s", STR_ARG(role.n ? role : STR("signed")));
}

/* ---- what changed since a list ---- */

/* How many lines the log had when it had this hash (a log that was not there has none); SIZE_MAX: it never had it. */
static size_t lines_with_hash(struct str log, const struct str *want)
{
    EVP_MD_CTX *all = EVP_MD_CTX_new(), *part = EVP_MD_CTX_new();
    size_t lines = 0, found = want ? SIZE_MAX : 0;
    bool ok = all && part && EVP_DigestInit_ex(all, EVP_sha256(), NULL);
    for (size_t at = 0; ok && want && at < log.n && found == SIZE_MAX;) {
        size_t end = str_chr(log, '\n', at) + 1;
        unsigned char hash[32];
        struct buf hex = BUF_INIT;
        struct str line = str_sub(log, at, end);
        ok = EVP_DigestUpdate(all, line.p, line.n) && EVP_MD_CTX_copy_ex(part, all) &&
             EVP_DigestFinal_ex(part, hash, NULL);
        buf_hex(&hex, hash, sizeof hash);
        lines++;
        if (ok && str_eq(buf_view(&hex), *want))
            found = lines;
        buf_free(&hex);
        at = end;
    }
    EVP_MD_CTX_free(all);
    EVP_MD_CTX_free(part);
    return found;
}

static void clear_note(struct record_cell *c)
{
    c->note.present = str_eqz(c->kind, "note") && c->status == RECORD_OK;
    c->note.verdict = c->note.text = c->note.author = STR("");
    c->note.time = 0;
}

/* The hash of run.json as it was when the log had its first n notes. */
static void hash_with_notes(struct arena *a, const struct record *r, const struct note *notes, size_t n,
                            char hex[65])
{
    struct record then = *r;
    struct buf json = BUF_INIT;
    then.cells = ARENA_ARRAY(a, r->ncells, struct record_cell);
    for (size_t i = 0; i < r->ncells; i++) {
        then.cells[i] = r->cells[i];
        clear_note(&then.cells[i]);
        for (size_t k = 0; k < n; k++)
            if (str_eq(notes[k].cell, r->cells[i].id))
                note_put(&notes[k], &then.cells[i]);
    }
    record_to_json(&json, &then);
    sha256_hex(buf_view(&json), hex);
    buf_free(&json);
}

bool evidence_is_report(struct str path)
{
    static const char *const names[] = { "report.html", "report.pdf", "report.md" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_eqz(path, names[i]))
            return true;
    return false;
}

static bool is_noted(struct str path)
{
    return str_eqz(path, "notes.jsonl") || str_eqz(path, "run.json") || evidence_is_report(path);
}

static bool same_but_notes(struct verifying *v, const struct map *list, struct str *why)
{
    for (size_t i = 0; i < list->n; i++) {
        struct str path = list->entries[i].key;
        const struct found *f = map_get(&v->found, path);
        if (!is_noted(path) && (!f || !str_eqz(*(const struct str *)list->entries[i].value, f->sha256))) {
            *why = path;
            return false;
        }
    }
    for (size_t i = 0; i < v->found.n; i++) {
        struct str path = v->found.entries[i].key;
        if (is_noted(path) || str_eqz(path, sums_name) || evidence_beside_sums(path) || map_get(list, path) ||
            store_is_leftover(path))
            continue;
        *why = path;
        return false;
    }
    return true;
}

bool verify_covers(struct verifying *v, const struct map *list, size_t *notes, struct str *why)
{
    struct store s;
    struct str log = STR("");
    struct note *all;
    size_t n;
    char hex[65];
    struct err err = ERR_INIT;
    const struct record *r = v->out->record;
    const struct found *json = map_get(&v->found, STR("run.json"));
    const struct str *was = map_get(list, STR("run.json"));
    if (!same_but_notes(v, list, why))
        return false;
    *why = STR("notes.jsonl");
    if (!store_open(&s, v->arena, v->dir, &err) || !notes_read(&s, r, &all, &n, &err) ||
        (n && !fs_read(v->arena, store_path(&s, "notes.jsonl"), SUMS_MAX, &log, &err)))
        return false;
    size_t then = lines_with_hash(log, map_get(list, *why));
    if (then == SIZE_MAX)
        return false;
    *notes = n - then;
    *why = STR("run.json");
    hash_with_notes(v->arena, r, all, then, hex);
    return json && was && (str_eqz(*was, json->sha256) || str_eqz(*was, hex));
}

/* ---- judging ---- */

static bool read_beside(struct verifying *v, const char *name, struct str *out, struct err *err)
{
    *out = STR("");
    return !map_get(&v->found, str_z(name)) ||
           fs_read(v->arena, fs_join(v->arena, v->dir, name), SUMS_MAX, out, err);
}

static void bad_signature(struct verifying *v, struct evidence_signature *s, struct str text)
{
    s->good = false;
    verify_fault(v, FAULT_CHANGED, s->path, text);
}

/* Over a list that is not SHA256SUMS any more. */
static void judge_earlier(struct verifying *v, struct evidence_signature *s, struct str text)
{
    struct map list;
    struct str why;
    s->good = v->out->record && verify_read_list(v->arena, text, &list) == 0 &&
              verify_covers(v, &list, &s->later_notes, &why);
    if (!s->good)
        bad_signature(v, s,
                      arena_strf(v->arena, "it covers another '%.*s' than is there",
                                 STR_ARG(v->out->record ? why : STR("run.json"))));
}

static bool judge(struct verifying *v, struct str path, struct str role, struct err *err)
{
    struct evidence *e = v->out;
    struct evidence_signature *s = VEC_PUSH(v->arena, e->signatures, e->nsignatures, e->signatures_cap);
    struct err why = ERR_INIT;
    struct sshsig sig;
    struct str text, list;
    char *list_name = list_path(v->arena, role);
    *s = (struct evidence_signature){ .path = path, .role = role };
    if (!read_beside(v, arena_str(v->arena, path).p, &text, err) || !read_beside(v, list_name, &list, err))
        return false;
    if (!sshsig_parse(v->arena, text, &sig, &why)) {
        bad_signature(v, s, arena_str(v->arena, str_z(why.text)));
        return true;
    }
    s->key = sig.key;
    s->fingerprint = ssh_key_fingerprint(v->arena, &sig.key);
    s->current = s->good = v->sums.n && sshsig_check(&sig, v->sums, &why);
    struct err ignored = ERR_INIT;
    bool of_list = list.n && sshsig_check(&sig, list, &ignored);
    if (list.n && !of_list)
        verify_fault(v, FAULT_ADDED, str_z(list_name), STR("a list that its signature does not cover"));
    if (!s->good && of_list)
        judge_earlier(v, s, list);
    else if (!s->good)
        bad_signature(v, s,
                      arena_strf(v->arena, "%s", v->sums.n ? why.text : "there is no list that it covers"));
    return true;
}

bool verify_signatures(struct verifying *v, struct err *err)
{
    struct str role;
    for (size_t i = 0; i < v->found.n; i++) {
        const struct found *f = v->found.entries[i].value;
        if (!evidence_beside_sums(f->path) || store_is_leftover(f->path))
            continue;
        if (f->sha256[0] && signature_role(f->path, &role)) {
            if (!judge(v, f->path, role, err))
                return false;
            continue;
        }
        /* A list is looked at with its signature. */
        struct str name = str_sub(f->path, strlen("SHA256SUMS."), f->path.n);
        bool without_role = str_eqz(name, "signed");
        char *signature = arena_printf(v->arena, "SHA256SUMS%s%.*s.sig", without_role ? "" : ".",
                                       STR_ARG(without_role ? STR("") : name));
        if (!f->sha256[0] || !map_get(&v->found, str_z(signature)))
            verify_fault(v, FAULT_ADDED, f->path, STR(""));
    }
    return true;
}

void evidence_check_signers(struct arena *a, struct evidence *e, const struct allowed_signers *l,
                            int64_t when)
{
    struct verifying v = { .arena = a, .out = e };
    for (size_t i = 0; i < e->nsignatures; i++) {
        struct evidence_signature *s = &e->signatures[i];
        struct err why = ERR_INIT;
        if (s->good && !allowed_signers_find(l, &s->key, when, &s->principals, &why))
            bad_signature(&v, s, arena_strf(a, "%.*s: %s", STR_ARG(s->fingerprint), why.text));
    }
    if (e->nsignatures == 0)
        verify_fault(&v, FAULT_MISSING, STR("SHA256SUMS.sig"), STR("nobody signed this run"));
}

/* ---- signing ---- */

static bool check_role(const char *role, struct err *err)
{
    size_t n = strspn(role, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return (n > 0 && n <= 32 && !role[n] && role[0] != '-' && strcmp(role, "signed") != 0 &&
            strcmp(role, "sig") != 0) ||
           err_set(err, ERR_USAGE,
                   "a role is a word of lower-case letters, digits and dashes like 'reviewer', not '%s'",
                   role);
}

/* May the key sign in this role? What it signed before is replaced; what does not count any more, too. */
static bool check_run(const struct evidence *e, struct str role, const struct ssh_key *key, const char *dir,
                      struct err *err)
{
    struct str own = STR("");
    for (size_t i = 0; i < e->nsignatures; i++) {
        const struct evidence_signature *s = &e->signatures[i];
        if (!str_eq(s->role, role))
            continue;
        own = s->path;
        if (s->good && !str_eq(s->key.blob, key->blob))
            return err_set(err, ERR_USAGE, "%.*s signed as '%.*s' already; sign in another --role",
                           STR_ARG(s->fingerprint), STR_ARG(role));
    }
    for (size_t i = 0; i < e->nfaults; i++) {
        const struct evidence_fault *f = &e->faults[i];
        bool replaced = str_eq(f->path, own) || (evidence_beside_sums(f->path) && own.n &&
                                                 str_eq(str_sub(own, 0, own.n - 4), f->path));
        if (!replaced)
            return err_set(err, ERR_VERIFY,
                           "'%s' is not as it was left, so it is not signed; see huntbook verify", dir);
    }
    if (str_eqz(e->record->status, "review") || str_eqz(e->record->status, "unfinished"))
        return err_set(err, ERR_USAGE,
                       "'%s' has not come to its end (%.*s); huntbook run --resume goes on, sign it then",
                       dir, STR_ARG(e->record->status));
    return true;
}

bool evidence_sign(struct store *s, const struct ssh_signer *signer, const char *role, const char **path,
                   struct err *err)
{
    struct evidence e;
    struct str sums;
    struct buf text = BUF_INIT;
    char *list = store_path(s, list_path(s->arena, str_z(role)));
    *path = arena_printf(s->arena, "SHA256SUMS.%s.sig", role);
    if (!check_role(role, err) || !evidence_verify(s->arena, s->dir, &e, err) ||
        !check_run(&e, str_z(role), &signer->key, s->dir, err) ||
        !fs_read(s->arena, store_path(s, sums_name), SUMS_MAX, &sums, err))
        return false;
    bool ok = sshsig_make(s->arena, signer, sums, &text, err) &&
              store_write(s, *path, buf_view(&text), err) && (!fs_exists(list) || fs_remove_tree(list, err));
    buf_free(&text);
    return ok;
}

bool evidence_keep_signed(struct store *s, struct err *err)
{
    struct str *names, sums, role, text;
    size_t n;
    if (!fs_list(s->arena, s->dir, &names, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct err ignored = ERR_INIT;
        struct sshsig sig;
        if (!signature_role(names[i], &role) || !fs_exists(store_path(s, sums_name)))
            continue;
        if (!fs_read(s->arena, store_path(s, sums_name), SUMS_MAX, &sums, err) ||
            !fs_read(s->arena, store_path(s, names[i].p), SUMS_MAX, &text, err))
            return false;
        if (sshsig_parse(s->arena, text, &sig, &ignored) && sshsig_check(&sig, sums, &ignored) &&
            !store_write(s, list_path(s->arena, role), sums, err))
            return false;
    }
    return true;
}
