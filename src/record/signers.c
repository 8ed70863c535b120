/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of allowed signers (ssh-keygen(1), ALLOWED SIGNERS): who has which key, for what and when.
 *
 *     PRINCIPALS [OPTIONS] KEYTYPE BASE64 [COMMENT]
 *
 * Invariant: a line that cannot be read fails the file: a signer is not to be lost, nor a limit of one passed over.
 */
#include <string.h>
#include <time.h>

#include "hb/ticks.h"
#include "hb/vec.h"
#include "ssh_int.h"

/* The next word of the line; blanks between double quotes belong to it, and a quote behind a backslash does. */
static struct str next_word(struct str line, size_t *at)
{
    while (*at < line.n && (line.p[*at] == ' ' || line.p[*at] == '\t'))
        (*at)++;
    size_t from = *at;
    bool quoted = false;
    for (; *at < line.n; (*at)++) {
        char c = line.p[*at];
        if (c == '\\' && *at + 1 < line.n && line.p[*at + 1] == '"')
            (*at)++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == ' ' || c == '\t'))
            break;
    }
    return str_sub(line, from, *at);
}

static struct str unquoted(struct str s)
{
    if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
        return str_sub(s, 1, s.n - 1);
    return s;
}

static bool number(struct str s, size_t from, size_t n, int *out)
{
    *out = 0;
    for (size_t i = from; i < from + n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        *out = *out * 10 + (s.p[i] - '0');
    }
    return true;
}

/* YYYYMMDD[HHMM[SS]], in the time zone of the machine, or with Z in UTC. */
static bool read_time(struct str s, int64_t *out)
{
    struct civil c = { 0 };
    bool utc = s.n && (s.p[s.n - 1] | 0x20) == 'z';
    s.n -= utc;
    if ((s.n != 8 && s.n != 12 && s.n != 14) || !number(s, 0, 4, &c.year) || !number(s, 4, 2, &c.month) ||
        !number(s, 6, 2, &c.day) || (s.n >= 12 && (!number(s, 8, 2, &c.hour) || !number(s, 10, 2, &c.min))) ||
        (s.n == 14 && !number(s, 12, 2, &c.sec)) || !ticks_from_civil(&c, out))
        return false;
    if (utc)
        return true;
    struct tm tm = { .tm_year = c.year - 1900,
                     .tm_mon = c.month - 1,
                     .tm_mday = c.day,
                     .tm_hour = c.hour,
                     .tm_min = c.min,
                     .tm_sec = c.sec,
                     .tm_isdst = -1 };
    time_t t = mktime(&tm);
    *out = TICKS_UNIX + (int64_t)t * TICKS_SEC;
    return t != (time_t)-1 || c.year <= 1970;
}

static bool is_name(struct str s, const char *name)
{
    return str_eq_nocase(s, str_z(name));
}

static bool read_option(struct str option, struct allowed_signer *out)
{
    size_t equals = str_chr(option, '=', 0);
    struct str name = str_sub(option, 0, equals), value = str_sub(option, equals + 1, option.n);
    bool quoted = value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"';
    value = unquoted(value);
    if (is_name(option, "cert-authority"))
        out->authority = true;
    else if (quoted && is_name(name, "namespaces") && !out->namespaces.n && value.n)
        out->namespaces = value;
    else if (quoted && is_name(name, "valid-after"))
        return read_time(value, &out->after);
    else if (quoted && is_name(name, "valid-before"))
        return read_time(value, &out->before);
    else
        return false;
    return true;
}

/* Options are parted by commas that stand outside of quotes. */
static bool read_options(struct str options, struct allowed_signer *out)
{
    bool quoted = false;
    size_t from = 0;
    for (size_t i = 0; i <= options.n; i++) {
        if (i < options.n && options.p[i] == '"')
            quoted = !quoted;
        if (i < options.n && (quoted || options.p[i] != ','))
            continue;
        if (!read_option(str_sub(options, from, i), out))
            return false;
        from = i + 1;
    }
    return !quoted;
}

static bool has_key_type(struct str word)
{
    return ssh_type_find(word) || str_starts(word, STR("ssh-")) || str_starts(word, STR("ecdsa-")) ||
           str_starts(word, STR("sk-"));
}

/* False with *in_order set: no signature by that key is taken (its kind is not known, it is too short). */
static bool read_line(struct arena *a, struct str line, struct allowed_signer *out, bool *in_order)
{
    size_t at = 0;
    struct str blob;
    struct err why = ERR_INIT;
    *in_order = false;
    *out = (struct allowed_signer){ .after = INT64_MIN, .before = INT64_MAX };
    out->principals = unquoted(next_word(line, &at));
    struct str word = next_word(line, &at);
    if (!has_key_type(word)) {
        if (!read_options(word, out))
            return false;
        word = next_word(line, &at);
    }
    struct str coded = next_word(line, &at);
    if (!out->principals.n || !base64_read(a, coded, &blob))
        return false;
    *in_order = true;
    if (!ssh_type_find(word) || !ssh_key_parse(a, blob, &out->key, &why))
        return false;
    *in_order = str_eq(out->key.type, word);
    return *in_order;
}

bool allowed_signers_read(struct arena *a, const char *name, struct str text, struct allowed_signers *out,
                          struct err *err)
{
    size_t at = 0;
    *out = (struct allowed_signers){ 0 };
    for (size_t number_of = 1; at < text.n; number_of++) {
        size_t end = str_chr(text, '\n', at);
        struct str line = str_trim(str_sub(text, at, end));
        struct allowed_signer s;
        bool in_order;
        at = end + 1;
        if (!line.n || line.p[0] == '#')
            continue;
        if (read_line(a, line, &s, &in_order))
            *VEC_PUSH(a, out->items, out->n, out->cap) = s;
        else if (!in_order)
            return err_set(err, ERR_USAGE,
                           "'%s', line %zu: no signer like 'name@example.org ssh-ed25519 AAAA...'", name,
                           number_of);
    }
    return true;
}

/* * and ? stand for any text and any one byte. */
static bool glob(struct str pattern, struct str s)
{
    size_t p = 0, i = 0, star = SIZE_MAX, back = 0;
    while (i < s.n) {
        if (p < pattern.n && (pattern.p[p] == '?' || (pattern.p[p] == s.p[i] && pattern.p[p] != '*'))) {
            p++;
            i++;
        } else if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            back = i;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            i = ++back;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}

/* A list of patterns: one must match, and none behind a '!'. */
static bool in_list(struct str list, struct str s)
{
    bool found = false;
    for (size_t at = 0; at <= list.n;) {
        size_t end = str_chr(list, ',', at);
        struct str item = str_sub(list, at, end);
        bool not = item.n && item.p[0] == '!';
        if (glob(str_sub(item, not, item.n), s)) {
            if (not )
                return false;
            found = true;
        }
        at = end + 1;
    }
    return found;
}

bool allowed_signers_find(const struct allowed_signers *l, const struct ssh_key *k, int64_t when,
                          struct str *principals, struct err *err)
{
    err_set(err, ERR_VERIFY, "the key is not in the list");
    for (size_t i = 0; i < l->n; i++) {
        const struct allowed_signer *s = &l->items[i];
        if (s->authority || !str_eq(s->key.blob, k->blob))
            continue;
        *principals = s->principals;
        if (s->namespaces.n && !in_list(s->namespaces, STR(SIGN_NAMESPACE)))
            err_set(err, ERR_VERIFY, "the list has the key of '%.*s' not for namespace '%s'",
                    STR_ARG(s->principals), SIGN_NAMESPACE);
        else if (when < s->after || when > s->before)
            err_set(err, ERR_VERIFY, "the list has the key of '%.*s' not for this time",
                    STR_ARG(s->principals));
        else
            return true;
    }
    return false;
}
