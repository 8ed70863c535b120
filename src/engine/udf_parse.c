/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts with a structure: URLs, paths, command lines, versions, CSV records, keys with values, and the patterns of the parse
 * operator.
 */
#include <stdlib.h>
#include <string.h>

#include "hb/json.h"
#include "jscan.h"
#include "udf.h"

/* ---- bags of texts ---- */

static void field(struct udf_call *c, const char *name, struct str value)
{
    buf_printf(&c->out, "%s\"%s\":", c->out.n > 1 ? "," : "", name);
    json_put_str(&c->out, value);
}

static struct str cut(struct str *s, char at)
{
    size_t i = str_chr(*s, at, 0);
    struct str head = str_sub(*s, 0, i);
    *s = str_sub(*s, i < s->n ? i + 1 : i, s->n);
    return head;
}

/* ---- URLs ---- */

static void put_query(struct udf_call *c, struct str query)
{
    buf_printf(&c->out, "%s\"Query Parameters\":{", c->out.n > 1 ? "," : "");
    for (bool first = true; query.n;) {
        struct str value = cut(&query, '&');
        struct str name = cut(&value, '=');
        if (!name.n)
            continue;
        if (!first)
            buf_putc(&c->out, ',');
        first = false;
        json_put_str(&c->out, name);
        buf_putc(&c->out, ':');
        json_put_str(&c->out, value);
    }
    buf_putc(&c->out, '}');
}

static bool parse_url(struct udf_call *c)
{
    struct str s = c->arg[0].s, scheme = STR(""), user = STR(""), password = STR(""), port = STR("");
    size_t at = str_find(s, STR("://"), 0);
    if (at != SIZE_MAX) {
        scheme = str_sub(s, 0, at);
        s = str_sub(s, at + 3, s.n);
    }
    size_t hash = str_chr(s, '#', 0);
    struct str fragment = str_sub(s, hash < s.n ? hash + 1 : s.n, s.n);
    s = str_sub(s, 0, hash);
    size_t mark = str_chr(s, '?', 0);
    struct str query = str_sub(s, mark < s.n ? mark + 1 : s.n, s.n);
    s = str_sub(s, 0, mark);
    size_t slash = str_chr(s, '/', 0);
    struct str host = str_sub(s, 0, slash), path = str_sub(s, slash, s.n);
    size_t sign = str_chr(host, '@', 0);
    if (sign < host.n) {
        password = str_sub(host, 0, sign);
        user = cut(&password, ':');
        host = str_sub(host, sign + 1, host.n);
    }
    if (host.n && host.p[0] == '[') { /* an IPv6 address */
        size_t end = str_chr(host, ']', 0);
        port = str_sub(host, end + 2 < host.n ? end + 2 : host.n, host.n);
        host = str_sub(host, 0, end < host.n ? end + 1 : host.n);
    } else {
        port = host;
        host = cut(&port, ':');
    }
    buf_putc(&c->out, '{');
    field(c, "Scheme", scheme);
    field(c, "Host", host);
    field(c, "Port", port);
    field(c, "Path", path);
    field(c, "Username", user);
    field(c, "Password", password);
    put_query(c, query);
    field(c, "Fragment", fragment);
    buf_putc(&c->out, '}');
    return true;
}

static bool parse_urlquery(struct udf_call *c)
{
    struct str s = c->arg[0].s;
    if (s.n && s.p[0] == '?')
        s = str_sub(s, 1, s.n);
    buf_putc(&c->out, '{');
    put_query(c, s);
    buf_putc(&c->out, '}');
    return true;
}

/* ---- paths ---- */

static size_t last_slash(struct str s)
{
    for (size_t i = s.n; i-- > 0;)
        if (s.p[i] == '/' || s.p[i] == '\\')
            return i;
    return SIZE_MAX;
}

static bool parse_path(struct udf_call *c)
{
    struct str s = c->arg[0].s, scheme = STR(""), root = STR(""), ads = STR("");
    size_t at = str_find(s, STR("://"), 0);
    if (at != SIZE_MAX) {
        scheme = str_sub(s, 0, at);
        s = str_sub(s, at + 3, s.n);
        if (s.n > 1 && s.p[0] == '/' && str_chr(s, ':', 0) < s.n) /* file:///c:/x */
            s = str_sub(s, 1, s.n);
    }
    if (s.n >= 2 && s.p[1] == ':')
        root = str_sub(s, 0, 2);
    size_t slash = last_slash(s);
    struct str directory = slash == SIZE_MAX ? STR("") : str_sub(s, 0, slash);
    struct str file = slash == SIZE_MAX ? s : str_sub(s, slash + 1, s.n);
    size_t up = last_slash(directory);
    struct str name = up == SIZE_MAX ? directory : str_sub(directory, up + 1, directory.n);
    size_t colon = str_chr(file, ':', 0);
    if (colon < file.n) {
        ads = str_sub(file, colon + 1, file.n);
        file = str_sub(file, 0, colon);
    }
    size_t dot = file.n;
    for (size_t i = file.n; i-- > 0 && dot == file.n;)
        if (file.p[i] == '.')
            dot = i;
    buf_putc(&c->out, '{');
    field(c, "Scheme", scheme);
    field(c, "RootPath", root);
    field(c, "DirectoryPath", directory);
    field(c, "DirectoryName", name);
    field(c, "Filename", file);
    field(c, "Extension", dot < file.n ? str_sub(file, dot + 1, file.n) : STR(""));
    field(c, "AlternateDataStreamName", ads);
    buf_putc(&c->out, '}');
    return true;
}

/* ---- records, command lines, versions ---- */

static bool parse_csv(struct udf_call *c)
{
    struct str s = c->arg[0].s;
    buf_putc(&c->out, '[');
    for (size_t i = 0;; i++) {
        c->tmp[0].n = 0;
        if (i < s.n && s.p[i] == '"') {
            for (i++; i < s.n; i++) {
                if (s.p[i] == '"' && i + 1 < s.n && s.p[i + 1] == '"')
                    i++;
                else if (s.p[i] == '"')
                    break;
                buf_putc(&c->tmp[0], s.p[i]);
            }
            i++;
        }
        for (; i < s.n && s.p[i] != ',' && s.p[i] != '\n' && s.p[i] != '\r'; i++)
            buf_putc(&c->tmp[0], s.p[i]);
        json_put_str(&c->out, buf_view(&c->tmp[0]));
        if (i >= s.n || s.p[i] != ',')
            break;
        buf_putc(&c->out, ',');
    }
    buf_putc(&c->out, ']');
    return true;
}

/* One argument by the rules of Windows; i is behind it then. */
static void command_argument(struct buf *out, struct str s, size_t *i)
{
    bool quoted = false;
    for (; *i < s.n && (quoted || (s.p[*i] != ' ' && s.p[*i] != '\t')); ++*i) {
        size_t slashes = 0;
        while (*i + slashes < s.n && s.p[*i + slashes] == '\\')
            slashes++;
        if (slashes && *i + slashes < s.n && s.p[*i + slashes] == '"') {
            buf_pad(out, '\\', slashes / 2);
            *i += slashes;
            if (slashes % 2)
                buf_putc(out, '"');
            else
                quoted = !quoted;
        } else if (slashes) {
            buf_pad(out, '\\', slashes);
            *i += slashes - 1;
        } else if (s.p[*i] == '"') {
            quoted = !quoted;
        } else {
            buf_putc(out, s.p[*i]);
        }
    }
}

static bool parse_command_line(struct udf_call *c)
{
    struct str s = c->arg[0].s;
    if (!str_trim(s).n)
        return false;
    for (size_t i = 0; i < s.n;) {
        if (s.p[i] == ' ' || s.p[i] == '\t') {
            i++;
            continue;
        }
        c->tmp[0].n = 0;
        command_argument(&c->tmp[0], s, &i);
        buf_putc(&c->out, c->out.n ? ',' : '[');
        json_put_str(&c->out, buf_view(&c->tmp[0]));
    }
    buf_putc(&c->out, ']');
    return true;
}

/* Up to four parts, each written with eight digits. */
static bool parse_version(struct udf_call *c)
{
    struct str s = c->arg[0].s;
    int parts = 0;
    do {
        uint64_t n;
        struct str part = cut(&s, '.');
        if (parts == 4 || part.n > 8 || !str_to_u64(part, &n))
            return false;
        buf_printf(&c->out, "%08u", (unsigned)n);
        parts++;
    } while (s.n);
    for (; parts < 4; parts++)
        buf_puts(&c->out, "00000000");
    return true;
}

/* ---- keys and values ---- */

/* Without delimiters any character that is neither letter nor digit parts words, and a word behind a key is its value. */
struct kv_options {
    struct str *keys;
    size_t nkeys;
    struct str pair, key;
    struct str quotes; /* pairs of an opening and a closing one */
    struct str escapes;
    bool greedy, words;
};

static void *prepare_kv(struct arena *a, struct str options)
{
    struct err err = ERR_INIT;
    cJSON *j = json_parse(options, &err);
    struct kv_options *o = ARENA_NEW(a, struct kv_options);
    const cJSON *keys = json_get(j, "keys"), *k;
    o->keys = ARENA_ARRAY(a, (size_t)cJSON_GetArraySize(keys) + 1, struct str);
    cJSON_ArrayForEach(k, keys) o->keys[o->nkeys++] = arena_str(a, str_z(k->valuestring));
    o->pair = arena_str(a, json_get_str(j, "pair_delimiter"));
    o->key = arena_str(a, json_get_str(j, "kv_delimiter"));
    o->words = !o->pair.n || !o->key.n;
    o->quotes = arena_str(a, json_get_str(j, "quotes"));
    o->escapes = arena_str(a, json_get_str(j, "escapes"));
    o->greedy = json_get_bool(j, "greedy", false);
    cJSON_Delete(j);
    return o;
}

/* The text between quotes that begins at *i, into tmp[0]; *i moves behind it. False: no quote begins there. */
static bool kv_quoted(struct udf_call *c, const struct kv_options *o, struct str s, size_t *i)
{
    size_t q = 0;
    while (q + 1 < o->quotes.n && (*i >= s.n || o->quotes.p[q] != s.p[*i]))
        q += 2;
    if (q + 1 >= o->quotes.n)
        return false;
    c->tmp[0].n = 0;
    for (++*i; *i < s.n && s.p[*i] != o->quotes.p[q + 1]; ++*i) {
        if (str_chr(o->escapes, s.p[*i], 0) < o->escapes.n && *i + 1 < s.n)
            ++*i;
        buf_putc(&c->tmp[0], s.p[*i]);
    }
    *i += *i < s.n;
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The value that begins at i (behind the key's delimiter); *end is behind it. */
static struct str kv_value(struct udf_call *c, const struct kv_options *o, struct str s, size_t i,
                           size_t *end)
{
    while (i < s.n && is_blank(s.p[i]) && !(o->pair.n == 1 && o->pair.p[0] == '\t'))
        i++;
    if (kv_quoted(c, o, s, &i)) {
        *end = i;
        return buf_view(&c->tmp[0]);
    }
    size_t stop = str_find(s, o->pair, i);
    if (o->greedy) { /* up to the last delimiter before the next key */
        size_t next = str_find(s, o->key, i);
        size_t limit = next == SIZE_MAX ? s.n : next;
        size_t at = i;
        stop = SIZE_MAX;
        while (next != SIZE_MAX && (at = str_find(s, o->pair, at)) != SIZE_MAX && at < limit)
            stop = at++;
    }
    *end = stop == SIZE_MAX ? s.n : stop;
    return str_trim(str_sub(s, i, *end));
}

struct kv_found {
    size_t from, n;
    bool set;
};

static void kv_keep(struct udf_call *c, struct kv_found *v, struct str value)
{
    if (v->set)
        return;
    *v = (struct kv_found){ c->tmp[1].n, value.n, true };
    buf_str(&c->tmp[1], value);
}

/* A key between delimiters, quoted or not; *i moves behind its delimiter. False: what stood there is no key. */
static bool kv_key(struct udf_call *c, const struct kv_options *o, struct str s, size_t *i, struct str *name)
{
    if (kv_quoted(c, o, s, i)) {
        while (*i < s.n && is_blank(s.p[*i]))
            ++*i;
        if (!str_starts(str_sub(s, *i, s.n), o->key))
            return false;
        *name = buf_view(&c->tmp[0]);
        *i += o->key.n;
        return true;
    }
    size_t eq = str_find(s, o->key, *i), pair = str_find(s, o->pair, *i);
    if (pair < eq && eq != SIZE_MAX && !str_trim(str_sub(s, pair, eq)).n)
        pair = eq; /* blanks between the key and its delimiter part nothing */
    if (pair < eq || eq == SIZE_MAX) {
        *i = pair == SIZE_MAX ? s.n : pair + o->pair.n;
        return false;
    }
    *name = str_trim(str_sub(s, *i, eq));
    *i = eq + o->key.n;
    return true;
}

static void kv_delimited(struct udf_call *c, const struct kv_options *o, struct kv_found *v)
{
    struct str s = c->arg[0].s, name;
    for (size_t i = 0; i < s.n;) {
        if (str_starts(str_sub(s, i, s.n), o->pair)) {
            i += o->pair.n;
            continue;
        }
        if (is_blank(s.p[i])) {
            i++;
            continue;
        }
        if (!kv_key(c, o, s, &i, &name))
            continue;
        size_t k = 0;
        while (k < o->nkeys && !str_eq(o->keys[k], name))
            k++;
        struct str value = kv_value(c, o, s, i, &i);
        if (k < o->nkeys)
            kv_keep(c, &v[k], value);
    }
}

static bool kv_word_char(struct str s, size_t i)
{
    if (i >= s.n)
        return false;
    unsigned char c = (unsigned char)s.p[i];
    return c >= 0x80 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static void kv_words(struct udf_call *c, const struct kv_options *o, struct kv_found *v)
{
    struct str s = c->arg[0].s;
    for (size_t i = 0, k; i < s.n;) {
        for (k = 0; k < o->nkeys; k++)
            if (str_starts(str_sub(s, i, s.n), o->keys[k]) && !kv_word_char(s, i + o->keys[k].n))
                break;
        if (k == o->nkeys || !o->keys[k].n) { /* no key: over the word and what parts it from the next */
            if (!kv_quoted(c, o, s, &i))
                do
                    i++;
                while (kv_word_char(s, i) && kv_word_char(s, i - 1));
            continue;
        }
        size_t from = i += o->keys[k].n;
        while (i < s.n && !kv_word_char(s, i) && !kv_quoted(c, o, s, &i))
            from = ++i;
        if (i > from) {
            kv_keep(c, &v[k], buf_view(&c->tmp[0]));
            continue;
        }
        while (kv_word_char(s, i))
            i++;
        kv_keep(c, &v[k], str_sub(s, from, i));
    }
}

static bool parse_kv(struct udf_call *c)
{
    const struct kv_options *o = c->prep;
    struct kv_found *v = calloc(o->nkeys + 1, sizeof *v);
    if (!v)
        abort();
    if (o->words)
        kv_words(c, o, v);
    else
        kv_delimited(c, o, v);
    for (size_t k = 0; k < o->nkeys; k++) {
        if (v[k].n)
            buf_put(&c->out, c->tmp[1].p + v[k].from, v[k].n);
        udf_end_elem(c);
    }
    free(v);
    return true;
}

/* ---- patterns of the parse operator ---- */

/* PART_TAKE: up to the next text; those behind it: as much as looks like a value of a type. */
enum { PART_SKIP, PART_TAKE, PART_INTEGER, PART_NUMBER, PART_WORD, PART_TIME, PART_TEXT };

struct pattern {
    struct {
        int kind;
        struct str text;
    } * parts;
    size_t n;
};

static void *prepare_pattern(struct arena *a, struct str packed)
{
    struct pattern *p = ARENA_NEW(a, struct pattern);
    struct jiter it;
    struct str v;
    p->parts = arena_array(a, json_count(packed) + 1, sizeof *p->parts);
    if (!jiter_begin(&it, packed))
        return p;
    while (jiter_next(&it, NULL, &v)) {
        v = str_trim(v);
        p->parts[p->n].kind = json_kind(v) == '"' || !v.n ? PART_TEXT : v.p[0] - '0';
        if (p->parts[p->n].kind == PART_TEXT) {
            struct buf t = BUF_INIT;
            json_put_unescaped(&t, v);
            p->parts[p->n].text = buf_to_arena(&t, a);
            buf_free(&t);
        }
        p->n++;
    }
    return p;
}

/* Where the text part i matches at or behind `from`; the last one has to end the whole. */
static size_t find_part(const struct pattern *p, size_t i, struct str s, size_t from)
{
    struct str t = p->parts[i].text;
    if (i + 1 < p->n)
        return str_find(s, t, from);
    return s.n >= from + t.n && str_ends(s, t) ? s.n - t.n : SIZE_MAX;
}

static size_t digits(struct str s, size_t i)
{
    while (i < s.n && char_is_digit(s.p[i]))
        i++;
    return i;
}

/* Behind the number at i; i where there is none. */
static size_t number_end(struct str s, size_t i, bool fraction)
{
    size_t from = i < s.n && (s.p[i] == '-' || s.p[i] == '+') ? i + 1 : i, whole = digits(s, from),
           to = whole;
    if (fraction && to < s.n && s.p[to] == '.' && digits(s, to + 1) > to + 1)
        to = digits(s, to + 1);
    if (to == from)
        return i;
    if (fraction && to < s.n && (s.p[to] | 32) == 'e') {
        size_t sign = to + 1 < s.n && (s.p[to + 1] == '-' || s.p[to + 1] == '+') ? to + 2 : to + 1;
        if (digits(s, sign) > sign)
            to = digits(s, sign);
    }
    return to;
}

/* Behind what looks like a time at i: one space may stand before a digit or the half of a day. */
static size_t time_end(struct str s, size_t i)
{
    while (i < s.n) {
        bool more = i + 1 < s.n && (digits(s, i + 1) > i + 1 || strchr("AaPp", s.p[i + 1]));
        if (!char_is_alnum(s.p[i]) && !(s.p[i] && strchr(":./+-", s.p[i])) && !(s.p[i] == ' ' && more))
            break;
        i++;
    }
    return i;
}

/* Where the value of a typed capture ends that nothing else ends. */
static size_t typed_end(int kind, struct str s, size_t i)
{
    switch (kind) {
    case PART_INTEGER:
    case PART_NUMBER: return number_end(s, i, kind == PART_NUMBER);
    case PART_TIME: return time_end(s, i);
    default:
        while (i < s.n && (char_is_alnum(s.p[i]) || s.p[i] == '-'))
            i++;
        return i;
    }
}

static bool match_pattern(struct udf_call *c)
{
    const struct pattern *p = c->prep;
    struct str s = c->arg[0].s;
    size_t at = 0;
    int open = PART_TEXT; /* what waits for its end: nothing, a skip or a capture */
    for (size_t i = 0; i < p->n; i++) {
        if (p->parts[i].kind > PART_TAKE && p->parts[i].kind < PART_TEXT) {
            if (open == PART_TAKE)
                udf_end_elem(c);
            size_t end = typed_end(p->parts[i].kind, s, at);
            buf_str(&c->out, str_sub(s, at, end));
            udf_end_elem(c);
            open = PART_SKIP; /* a '*' follows */
            at = end;
            continue;
        }
        if (p->parts[i].kind != PART_TEXT) {
            if (open == PART_TAKE) /* two captures side by side: the first one is empty */
                udf_end_elem(c);
            open = p->parts[i].kind;
            continue;
        }
        size_t hit = find_part(p, i, s, at);
        if (hit == SIZE_MAX || (open == PART_TEXT && hit != at)) {
            c->out.n = 0;
            c->nends = 0;
            return true;
        }
        if (open == PART_TAKE) {
            buf_str(&c->out, str_sub(s, at, hit));
            udf_end_elem(c);
        }
        open = PART_TEXT;
        at = hit + p->parts[i].text.n;
    }
    if (open == PART_TAKE) {
        buf_str(&c->out, str_sub(s, at, s.n));
        udf_end_elem(c);
    } else if (open == PART_TEXT && at != s.n) {
        c->out.n = 0;
        c->nends = 0;
    }
    return true;
}

static const struct udf_fn functions[] = {
    { .name = "kql_parse_url", .body = parse_url },
    { .name = "kql_parse_urlquery", .body = parse_urlquery },
    { .name = "kql_parse_path", .body = parse_path },
    { .name = "kql_parse_csv", .body = parse_csv },
    { .name = "kql_parse_command_line", .body = parse_command_line },
    { .name = "kql_parse_version", .body = parse_version },
    { .name = "kql_parse_kv", .body = parse_kv, .prepare = prepare_kv, .prep_arg = 1 },
    { .name = "kql_parse", .body = match_pattern, .prepare = prepare_pattern, .prep_arg = 1 },
};

const struct udf_set udf_parse_set = { functions, sizeof functions / sizeof *functions };
