/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members of dynamic values by a path like $.a['b'][0]: reading, asking for, removing and setting them.
 *
 * A key that does not begin with $ is the name of a member of the bag itself.
 */
#include <stdlib.h>

#include "hb/json.h"
#include "jscan.h"
#include "udf.h"

static bool is_bag(struct str raw)
{
    return json_kind(str_trim(raw)) == '{';
}

/* One step of a path like $.a['b'][0]; false at its end or when it is none. index: the step is [n]. */
static bool path_step(struct str path, size_t *i, struct str *name, bool *is_index, int64_t *index)
{
    *is_index = false;
    if (*i >= path.n)
        return false;
    if (path.p[*i] == '.') {
        size_t from = ++*i;
        while (*i < path.n && path.p[*i] != '.' && path.p[*i] != '[')
            ++*i;
        *name = str_sub(path, from, *i);
        return name->n > 0;
    }
    if (path.p[*i] != '[')
        return false;
    size_t end = str_chr(path, ']', *i);
    struct str in = str_trim(str_sub(path, *i + 1, end));
    if (end == path.n)
        return false;
    *i = end + 1;
    if (in.n >= 2 && (in.p[0] == '\'' || in.p[0] == '"')) {
        *name = str_sub(in, 1, in.n - 1);
        return true;
    }
    *is_index = true;
    return str_to_i64(in, index);
}

static bool walk_path(struct str raw, struct str path, struct str *out)
{
    size_t i = path.n && path.p[0] == '$' ? 1 : 0;
    *out = raw;
    while (i < path.n) {
        struct str name;
        bool is_index;
        int64_t index;
        if (i == 0 && path.p[0] != '.' && path.p[0] != '[') { /* a bare name in front */
            while (i < path.n && path.p[i] != '.' && path.p[i] != '[')
                i++;
            name = str_sub(path, 0, i);
            is_index = false;
        } else if (!path_step(path, &i, &name, &is_index, &index)) {
            return false;
        }
        if (is_index ? !json_element(*out, index, out) : !json_member(*out, name, out))
            return false;
    }
    return true;
}

static bool json_path(struct udf_call *c)
{
    struct str v;
    if (!walk_path(c->arg[0].s, c->arg[1].s, &v) || json_is_null(v))
        return false;
    buf_str(&c->out, str_trim(v));
    return true;
}

static bool bag_has(struct udf_call *c)
{
    struct str v;
    if (!is_bag(c->arg[0].s))
        return false;
    c->b = c->arg[1].s.n && c->arg[1].s.p[0] == '$' ? walk_path(c->arg[0].s, c->arg[1].s, &v)
                                                    : json_member(c->arg[0].s, c->arg[1].s, &v);
    return true;
}

/* Is the member named by this key: 2 the whole key, 1 its first step (rest is set), 0 no. */
static int key_hits(struct str key, struct str raw_name, bool top, struct str *rest)
{
    struct str name;
    bool is_index;
    int64_t index;
    size_t i = 0;
    if (top && !(key.n && key.p[0] == '$'))
        return json_name_is(raw_name, key) ? 2 : 0;
    if (top)
        i = 1;
    if (!path_step(key, &i, &name, &is_index, &index) || is_index || !json_name_is(raw_name, name))
        return 0;
    *rest = str_sub(key, i, key.n);
    return rest->n ? 1 : 2;
}

static void remove_keys(struct udf_call *c, struct str raw, const struct str *keys, size_t n, bool top)
{
    struct jiter it;
    struct str name, v;
    if (!jiter_begin(&it, raw) || !it.object) {
        buf_str(&c->out, str_trim(raw));
        return;
    }
    struct str *rest = calloc(n + 1, sizeof *rest);
    if (!rest)
        abort();
    buf_putc(&c->out, '{');
    for (bool first = true; jiter_next(&it, &name, &v);) {
        size_t nrest = 0;
        bool gone = false;
        for (size_t i = 0; i < n && !gone; i++) {
            struct str r;
            int hit = key_hits(keys[i], name, top, &r);
            gone = hit == 2;
            if (hit == 1)
                rest[nrest++] = r;
        }
        if (gone)
            continue;
        if (!first)
            buf_putc(&c->out, ',');
        first = false;
        buf_str(&c->out, str_trim(name));
        buf_putc(&c->out, ':');
        if (nrest)
            remove_keys(c, v, rest, nrest, false);
        else
            buf_str(&c->out, str_trim(v));
    }
    buf_putc(&c->out, '}');
    free(rest);
}

static bool bag_remove(struct udf_call *c)
{
    struct jiter it;
    struct str v;
    if (!is_bag(c->arg[0].s) || !jiter_begin(&it, c->arg[1].s) || it.object)
        return false;
    size_t n = 0, room = json_count(c->arg[1].s), *end = calloc(room + 1, sizeof *end);
    struct str *keys = calloc(room + 1, sizeof *keys);
    if (!keys || !end)
        abort();
    while (jiter_next(&it, NULL, &v))
        if (json_kind(v) == '"') {
            json_put_plain(&c->tmp[0], v);
            end[n++] = c->tmp[0].n;
        }
    for (size_t i = 0; i < n; i++) {
        size_t from = i ? end[i - 1] : 0;
        keys[i] = (struct str){ c->tmp[0].p + from, end[i] - from };
    }
    remove_keys(c, c->arg[0].s, keys, n, true);
    free(keys);
    free(end);
    return true;
}

/* ---- setting a member ---- */

enum { PATH_MAX_STEPS = 64 };

struct path {
    struct str step[PATH_MAX_STEPS];
    size_t n;
};

/* A name of the bag itself, or a path from $ on, which may not hold indexes. */
static bool parse_path(struct str key, struct path *p)
{
    p->n = 0;
    if (!key.n || key.p[0] != '$') {
        p->step[p->n++] = key;
        return true;
    }
    bool is_index = false;
    int64_t index;
    size_t i = 1;
    while (i < key.n && p->n < PATH_MAX_STEPS && path_step(key, &i, &p->step[p->n], &is_index, &index) &&
           !is_index)
        p->n++;
    return i == key.n && p->n && !is_index;
}

/* The bag with the value at the end of the steps; what is no bag on the way becomes one. */
static void set_member(struct buf *o, struct str raw, const struct str *step, size_t n, struct str value)
{
    struct jiter it;
    struct str name, v;
    bool first = true, done = false, bag = jiter_begin(&it, raw) && it.object;
    buf_putc(o, '{');
    while (bag && jiter_next(&it, &name, &v)) {
        bool hit = !done && json_name_is(name, step[0]);
        buf_puts(o, first ? "" : ",");
        buf_str(o, str_trim(name));
        buf_putc(o, ':');
        if (hit && n > 1)
            set_member(o, v, step + 1, n - 1, value);
        else
            buf_str(o, str_trim(hit ? value : v));
        first = false;
        done |= hit;
    }
    if (!done) {
        buf_puts(o, first ? "" : ",");
        json_put_str(o, step[0]);
        buf_putc(o, ':');
        if (n > 1)
            set_member(o, STR("{}"), step + 1, n - 1, value);
        else
            buf_str(o, value);
    }
    buf_putc(o, '}');
}

static bool bag_set(struct udf_call *c)
{
    struct path p;
    if (!is_bag(c->arg[0].s) || !parse_path(c->arg[1].s, &p))
        return false;
    set_member(&c->out, c->arg[0].s, p.step, p.n, c->arg[2].s);
    return true;
}

static const struct udf_fn functions[] = {
    { .name = "kql_json_path", .body = json_path },
    { .name = "kql_bag_has", .body = bag_has },
    { .name = "kql_bag_remove", .body = bag_remove },
    { .name = "kql_bag_set", .body = bag_set },
};

const struct udf_set udf_path_set = { functions, sizeof functions / sizeof *functions };
