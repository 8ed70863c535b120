/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log of notes: notes.jsonl, append-only, each line chained to the one before.
 *
 * Invariant: a line is exactly what put_line prints for what was read from it, so that no two texts say the same.
 */
#include <string.h>

#include "hb/evidence.h"
#include "hb/fs.h"
#include "hb/json.h"
#include "hb/sha256.h"
#include "hb/ticks.h"
#include "hb/vec.h"

enum { LOG_MAX = 64 << 20 };
static const char log_name[] = "notes.jsonl";

static void put_line(struct buf *out, const struct note *n)
{
    struct jw w;
    struct buf time = BUF_INIT;
    ticks_put_iso(&time, n->time);
    jw_init(&w, out, false);
    jw_obj(&w);
    jw_key(&w, "cell");
    jw_str(&w, n->cell);
    jw_key(&w, "verdict");
    jw_str(&w, n->verdict);
    jw_key(&w, "text");
    jw_str(&w, n->text);
    jw_key(&w, "author");
    jw_str(&w, n->author);
    jw_key(&w, "time");
    jw_str(&w, buf_view(&time));
    jw_key(&w, "previous");
    jw_str(&w, n->previous);
    jw_end_obj(&w);
    buf_free(&time);
}

static bool read_line(struct arena *a, struct str line, struct note *out)
{
    struct err ignored = ERR_INIT;
    struct buf again = BUF_INIT;
    cJSON *json = json_parse(line, &ignored);
    bool ok = json && ticks_parse_iso(json_get_str(json, "time"), &out->time);
    if (ok) {
        out->cell = arena_str(a, json_get_str(json, "cell"));
        out->verdict = arena_str(a, json_get_str(json, "verdict"));
        out->text = arena_str(a, json_get_str(json, "text"));
        out->author = arena_str(a, json_get_str(json, "author"));
        out->previous = arena_str(a, json_get_str(json, "previous"));
        put_line(&again, out);
        ok = str_eq(buf_view(&again), line);
    }
    buf_free(&again);
    cJSON_Delete(json);
    return ok;
}

static struct str hash_of(struct arena *a, struct str line)
{
    char hex[65];
    sha256_hex(line, hex);
    return arena_str(a, str_z(hex));
}

static bool read_log(struct store *s, struct str *text, struct err *err)
{
    const char *path = store_path(s, log_name);
    *text = STR("");
    return !fs_exists(path) || fs_read(s->arena, path, LOG_MAX, text, err);
}

bool notes_parse(struct arena *a, struct str text, struct str first, struct note **notes, size_t *n,
                 struct str *last, struct err *err)
{
    size_t cap = 0;
    *notes = NULL;
    *n = 0;
    *last = first;
    for (size_t at = 0; at < text.n;) {
        size_t end = str_chr(text, '\n', at);
        struct str line = str_sub(text, at, end);
        struct note *note = VEC_PUSH(a, *notes, *n, cap);
        if (end == text.n || !read_line(a, line, note))
            return err_set(err, ERR_VERIFY, "%s: line %zu is not as it was written", log_name, *n);
        if (!str_eq(note->previous, *last))
            return err_set(err, ERR_VERIFY, "%s: line %zu does not follow what stands before it", log_name,
                           *n);
        *last = hash_of(a, line);
        at = end + 1;
    }
    return true;
}

bool notes_read(struct store *s, const struct record *r, struct note **notes, size_t *n, struct err *err)
{
    struct str text, last;
    return read_log(s, &text, err) && notes_parse(s->arena, text, r->fingerprint, notes, n, &last, err);
}

static bool check_verdict(const struct record_cell *c, struct str verdict, struct err *err)
{
    struct buf words = BUF_INIT;
    bool known = c->note.nchoices == 0;
    for (size_t i = 0; i < c->note.nchoices; i++) {
        known |= str_eq(c->note.choices[i], verdict);
        buf_printf(&words, "%s%.*s", i ? ", " : "", STR_ARG(c->note.choices[i]));
    }
    if (!known && verdict.n)
        err_set(err, ERR_USAGE, "the playbook has no verdict '%.*s' for '%.*s'; it has: %s", STR_ARG(verdict),
                STR_ARG(c->id), buf_z(&words));
    else if (!known)
        err_set(err, ERR_USAGE, "the playbook asks for a verdict on '%.*s': %s", STR_ARG(c->id),
                buf_z(&words));
    buf_free(&words);
    return known;
}

static bool save(struct store *s, const struct record *r, struct err *err)
{
    struct buf json = BUF_INIT;
    record_to_json(&json, r);
    bool ok = store_write(s, "run.json", buf_view(&json), err);
    buf_free(&json);
    return ok;
}

void note_put(const struct note *n, struct record_cell *c)
{
    c->note.present = true;
    c->note.verdict = n->verdict;
    c->note.text = n->text;
    c->note.author = n->author;
    c->note.time = n->time;
}

bool notes_load(struct store *s, struct record *r, struct err *err)
{
    struct note *notes;
    size_t n;
    struct buf line = BUF_INIT;
    if (!notes_read(s, r, &notes, &n, err))
        return false;
    r->notes = ARENA_ARRAY(s->arena, n, struct record_noted);
    r->nnotes = n;
    for (size_t i = 0; i < n; i++) {
        buf_clear(&line);
        put_line(&line, &notes[i]);
        r->notes[i] = (struct record_noted){ notes[i].time, notes[i].cell, notes[i].verdict, notes[i].author,
                                             hash_of(s->arena, buf_view(&line)) };
    }
    buf_free(&line);
    return true;
}

bool notes_settle(struct store *s, struct record *r, struct err *err)
{
    struct note *notes;
    size_t n;
    bool changed = false;
    if (!notes_read(s, r, &notes, &n, err))
        return false;
    for (size_t i = 0; i < r->ncells; i++) {
        struct record_cell *c = &r->cells[i];
        const struct note *newest = NULL;
        for (size_t k = 0; k < n; k++)
            if (str_eq(notes[k].cell, c->id))
                newest = &notes[k];
        if (!newest || (newest->time == c->note.time && str_eq(newest->text, c->note.text) &&
                        str_eq(newest->verdict, c->note.verdict) && str_eq(newest->author, c->note.author)))
            continue;
        note_put(newest, c);
        changed = true;
    }
    return !changed || save(s, r, err);
}

bool notes_append(struct store *s, struct record *r, struct note *note, struct err *err)
{
    struct note *notes;
    size_t n;
    struct str text;
    struct buf log = BUF_INIT;
    struct record_cell *c = record_find_cell(r, note->cell);
    if (!c)
        return err_set(err, ERR_USAGE, "no cell '%.*s' in this run", STR_ARG(note->cell));
    if (!check_verdict(c, note->verdict, err) || !read_log(s, &text, err) ||
        !notes_parse(s->arena, text, r->fingerprint, &notes, &n, &note->previous, err))
        return false;
    buf_str(&log, text);
    put_line(&log, note);
    buf_putc(&log, '\n');
    bool ok = store_write(s, log_name, buf_view(&log), err);
    buf_free(&log);
    return ok && notes_settle(s, r, err);
}
