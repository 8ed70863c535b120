/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a node is: scalar types by the core schema of YAML 1.2, look-up, and words for messages.
 *
 * `no`, `on` and their kin are text here, as YAML 1.2 has it; whoever wants a bool or warns about them looks
 * at yaml11.
 */
#include "playbook_int.h"

#include <math.h>
#include <string.h>

static bool is_one_of(struct str s, const char *const *words)
{
    for (; *words; words++)
        if (str_eqz(s, *words))
            return true;
    return false;
}

/* [-+]? [0-9]+ | 0o [0-7]+ | 0x [0-9a-fA-F]+ */
static bool looks_int(struct str s)
{
    if (s.n > 2 && s.p[0] == '0' && (s.p[1] == 'o' || s.p[1] == 'x')) {
        for (size_t i = 2; i < s.n; i++)
            if (s.p[1] == 'o' ? s.p[i] < '0' || s.p[i] > '7' : !memchr("0123456789abcdefABCDEF", s.p[i], 22))
                return false;
        return true;
    }
    size_t i = s.n > 0 && (s.p[0] == '-' || s.p[0] == '+') ? 1 : 0;
    if (i == s.n)
        return false;
    for (; i < s.n; i++)
        if (!char_is_digit(s.p[i]))
            return false;
    return true;
}

/* What YAML 1.2 reads as a float, whole numbers among them. */
static bool looks_real(struct str s)
{
    static const char *const special[] = { ".inf",  ".Inf",  ".INF", "-.inf", "-.Inf", "-.INF", "+.inf",
                                           "+.Inf", "+.INF", ".nan", ".NaN",  ".NAN",  NULL };
    return is_one_of(s, special) || str_is_decimal(s);
}

enum scalar_type scalar_type_of(struct str s)
{
    static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
    bool b;
    if (is_one_of(s, nulls))
        return SCALAR_NULL;
    if (scalar_to_bool(s, &b))
        return SCALAR_BOOL;
    return looks_int(s) ? SCALAR_INT : looks_real(s) ? SCALAR_REAL : SCALAR_TEXT;
}

bool scalar_to_bool(struct str s, bool *out)
{
    static const char *const yes[] = { "true", "True", "TRUE", NULL };
    static const char *const no[] = { "false", "False", "FALSE", NULL };
    *out = is_one_of(s, yes);
    return *out || is_one_of(s, no);
}

bool scalar_to_i64(struct str s, int64_t *out)
{
    if (!looks_int(s))
        return false;
    if (s.n > 2 && (s.p[1] == 'o' || s.p[1] == 'x')) {
        uint64_t base = s.p[1] == 'o' ? 8 : 16, v = 0;
        for (size_t i = 2; i < s.n; i++) {
            char c = s.p[i];
            uint64_t digit = (uint64_t)(char_is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
            if (v > ((uint64_t)INT64_MAX - digit) / base)
                return false;
            v = v * base + digit;
        }
        *out = (int64_t)v;
        return true;
    }
    return str_to_i64(s.p[0] == '+' ? str_sub(s, 1, s.n) : s, out);
}

bool scalar_to_f64(struct str s, double *out)
{
    if (!looks_real(s) && !looks_int(s))
        return false;
    struct str bare = s.p[0] == '-' || s.p[0] == '+' ? str_sub(s, 1, s.n) : s;
    if (bare.n == 4 && bare.p[0] == '.' && (bare.p[1] | 0x20) == 'i')
        *out = s.p[0] == '-' ? -INFINITY : INFINITY;
    else if (bare.n == 4 && bare.p[0] == '.' && (bare.p[1] | 0x20) == 'n')
        *out = NAN;
    else {
        int64_t i;
        if (scalar_to_i64(s, &i))
            *out = (double)i;
        else
            return str_to_f64(s.p[0] == '+' ? bare : s, out);
    }
    return true;
}

bool scalar_is_yaml11_bool(struct str s)
{
    static const char *const words[] = { "y",  "Y",  "yes", "Yes", "YES", "n",   "N",   "no", "No",
                                         "NO", "on", "On",  "ON",  "off", "Off", "OFF", NULL };
    return is_one_of(s, words);
}

const struct node *node_get(const struct node *map, const char *key)
{
    if (!map || map->kind != NODE_MAP)
        return NULL;
    for (size_t i = 0; i < map->n; i++)
        if (str_eqz(map->keys[i]->text.s, key))
            return map->items[i];
    return NULL;
}

/* At most 40 bytes of a text, on one line, safe to show. */
const char *playbook_excerpt(struct arena *a, struct str s)
{
    struct buf b = BUF_INIT;
    size_t line = str_chr(s, '\n', 0);
    size_t n = line < 40 ? line : 40;
    while (n < s.n && n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80)
        n--;
    utf8_show(&b, str_sub(s, 0, n));
    if (n < s.n)
        buf_puts(&b, "...");
    const char *z = arena_strdup(a, buf_z(&b));
    buf_free(&b);
    return z;
}

const char *node_found(struct arena *a, const struct node *n)
{
    static const char *const names[] = { "", "", "the number ", "the number ", "the text " };
    if (n->kind != NODE_SCALAR)
        return n->kind == NODE_LIST ? "a list" : "a mapping";
    if (n->scalar == SCALAR_NULL)
        return "nothing";
    const char *text = playbook_excerpt(a, n->text.s);
    if (n->scalar == SCALAR_TEXT && n->style != NODE_PLAIN && scalar_type_of(n->text.s) != SCALAR_TEXT)
        return arena_printf(a, "the quoted text '%s'", text);
    return arena_printf(a, n->scalar == SCALAR_TEXT ? "%s'%s'" : "%s%s", names[n->scalar], text);
}
