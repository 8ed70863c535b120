/* layer: base */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * String views: a pointer and a length, nothing owned. A view may hold NUL bytes and may not be valid UTF-8.
 */
#ifndef HB_STR_H
#define HB_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
    const char *p;
    size_t n;
};

#define STR(lit) ((struct str){ "" lit, sizeof(lit) - 1 })
#define STR_INIT(lit)                                                                                        \
    {                                                                                                        \
        "" lit, sizeof(lit) - 1                                                                              \
    } /* for const tables */
/* printf("%.*s", STR_ARG(s)) */
#define STR_ARG(s) (int)(s).n, (s).p

/* ASCII, whatever the locale. */
static inline bool char_is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static inline bool char_is_alnum(char c)
{
    return char_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static inline bool char_is_word(char c)
{
    return char_is_alnum(c) || c == '_';
}
static inline char char_lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

struct str str_z(const char *z); /* NULL gives the empty view */
bool str_eq(struct str a, struct str b);
bool str_eqz(struct str a, const char *z);
bool str_eq_nocase(struct str a, struct str b); /* ASCII letters only */
int str_cmp(struct str a, struct str b);        /* unsigned byte order, as memcmp then length */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
struct str str_sub(struct str s, size_t from, size_t to); /* clamped to the string */
struct str str_trim(struct str s);                        /* ASCII white space off both ends */
/* Index of byte c at or after `from`; s.n when there is none. */
size_t str_chr(struct str s, char c, size_t from);
/* Index of `needle` at or after `from`; SIZE_MAX when there is none. */
size_t str_find(struct str s, struct str needle, size_t from);
/* Whole view as a decimal number; false on anything else or overflow. */
bool str_to_i64(struct str s, int64_t *out);
bool str_to_u64(struct str s, uint64_t *out);
/* Whole view as a C-locale decimal floating number (inf and nan refused); independent of the process locale.
 */
bool str_to_f64(struct str s, double *out);
/* [A-Za-z_][A-Za-z0-9_]* */
bool str_is_name(struct str s);
/* [-+]? digits with or without a point, and an exponent or none: what str_to_f64 reads. */
bool str_is_decimal(struct str s);
uint64_t str_hash(struct str s);

/* Edit distance, at most `limit` (returns limit + 1 when larger); case changes cost nothing extra of their
 * own. */
size_t str_distance(struct str a, struct str b, size_t limit);
/* The candidate nearest to `word` that a person may have meant, or the empty view. */
struct str str_nearest(struct str word, const struct str *candidates, size_t n);

#endif
