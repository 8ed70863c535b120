/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The runs below an output folder, and finding the one that a person means. Names begin with the time of the run, so the
 * order of names is the order of time; nothing here reads the clock of a file.
 */
#include <stdlib.h>
#include <string.h>

#include "hb/evidence.h"
#include "hb/fs.h"
#include "hb/vec.h"

static int by_time(const void *x, const void *y)
{
    const struct evidence_run *a = x, *b = y;
    int order = str_cmp(a->id, b->id);
    return order ? order : str_cmp(a->hunt, b->hunt);
}

bool evidence_runs(struct arena *a, const char *output, struct evidence_run **runs, size_t *n,
                   struct err *err)
{
    struct str *hunts, *names;
    size_t nhunts, nnames, cap = 0;
    *runs = NULL;
    *n = 0;
    if (!fs_exists(output))
        return true;
    if (!fs_list(a, output, &hunts, &nhunts, err))
        return false;
    for (size_t i = 0; i < nhunts; i++) {
        char *hunt = fs_join(a, output, hunts[i].p);
        if (!fs_is_dir(hunt) || !fs_list(a, hunt, &names, &nnames, err))
            continue;
        for (size_t k = 0; k < nnames; k++) {
            char *dir = fs_join(a, hunt, names[k].p);
            if (fs_exists(fs_join(a, dir, "run.json")))
                *VEC_PUSH(a, *runs, *n, cap) = (struct evidence_run){ dir, hunts[i], names[k] };
        }
    }
    if (*n)
        qsort(*runs, *n, sizeof **runs, by_time);
    return true;
}

/* [PLAYBOOK/]NAME: does the run answer to it? */
static bool matches(const struct evidence_run *r, struct str hunt, struct str name)
{
    if (hunt.n && !str_eq(hunt, r->hunt))
        return false;
    return str_eqz(name, "latest") || str_starts(r->id, name);
}

bool evidence_find(struct arena *a, const char *output, const char *name, char **dir, struct err *err)
{
    struct evidence_run *runs;
    size_t n, found = 0;
    struct str word = str_z(name), hunt = STR("");
    if (fs_is_dir(name)) {
        *dir = arena_strdup(a, name);
        return true;
    }
    if (!evidence_runs(a, output, &runs, &n, err))
        return false;
    size_t slash = str_chr(word, '/', 0);
    if (slash < word.n) {
        hunt = str_sub(word, 0, slash);
        word = str_sub(word, slash + 1, word.n);
    }
    for (size_t i = 0; i < n && word.n; i++) {
        if (!matches(&runs[i], hunt, word))
            continue;
        *dir = runs[i].dir;
        found += str_eqz(word, "latest") ? found == 0 : 1;
    }
    if (found == 1)
        return true;
    if (found)
        return err_set(err, ERR_USAGE, "%zu runs below '%s' begin with '%s'; give more of the name", found,
                       output, name);
    return err_set(err, ERR_USAGE,
                   "no run folder '%s', and no such run below '%s'; `huntbook list` shows the runs there are",
                   name, output);
}
