/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of this folder share: reading fields by rows, and the passes of playbook_parse in their
 * order load (node_parse) -> schema (fields_read) -> check (playbook_check) -> params (params_apply).
 */
#ifndef PLAYBOOK_INT_H
#define PLAYBOOK_INT_H

#include "hb/json.h"
#include "hb/playbook.h"
#include "hb/utf8.h"

/* node.c */
bool scalar_is_yaml11_bool(struct str s);
const char *playbook_excerpt(struct arena *a, struct str s);

/* load.c: the source of a text in memory, byte order mark taken off. NULL: another encoding (a diagnostic
 * says which). */
const struct source *source_of(struct arena *a, const char *name, struct str text, struct diags *d);

/* schema.c */
/* Generic face of PLAYBOOK_LIST. Copied in and out, so that the types never alias. */
struct any_list {
    void *items;
    size_t n;
};
/* Rows and the struct they fill; a mapping may be read by several sets at once (keys of every cell, keys of
 * its kind). */
struct field_set {
    const struct field *fields;
    size_t n;
    void *out;
};
/* Says where a key that no row knows would be right; NULL: nowhere. */
typedef const char *field_elsewhere(void *ctx, struct arena *a, struct str key);
bool fields_read_sets(const struct field_reader *r, const struct field_set *sets, size_t nsets,
                      const struct node *map, const char *what, field_elsewhere *elsewhere, void *ctx);
/* One value by its row. */
bool field_read(const struct field_reader *r, const struct field *f, const struct node *n, const char *what,
                void *out);
void field_default(const struct field_reader *r, const struct field *f, void *out);
const struct field *field_find(const struct field *fields, size_t n, const char *key);
const char *field_type_words(enum field_type t);   /* "a timespan" */
const char *field_type_example(enum field_type t); /* "10m"; NULL: none */
/* Limits of a timespan row are written in seconds. */
int64_t field_limit_ticks(double seconds);

void field_range_words(struct buf *out, const struct field *f); /* "between 1 and 5" */
void timespan_put_short(struct buf *b, int64_t ticks);          /* 1d, 90m, 1500ms */

void playbook_error(const struct field_reader *r, struct span span, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* prose.c */
bool prose_split(const struct field_reader *r, const struct passage *p, struct prose *out);
/* The KQL inside when the whole text is one ${{ KQL }}. *broken: it begins like one and is none. */
bool expr_whole(struct arena *a, const struct passage *p, struct passage *inside, bool *broken);
bool expr_mentioned(struct str s); /* "${{" occurs */

/* rows.c: mappings that every playbook has */
extern const struct field playbook_fields[];
extern const size_t playbook_nfields;
extern const struct field cell_fields[];
extern const size_t cell_nfields;

/* check.c: rules that rows cannot say and that need no KQL */
void playbook_check(const struct field_reader *r, struct playbook *p);

/* params.c */
/* Types default, min, max and values of the declarations. */
void params_declare(const struct field_reader *r, struct playbook *p);
extern const char *const param_types[];
/* Whether a value fits the parameter of that name; else a diagnostic says why. */
bool param_check_value(const struct field_reader *r, const struct playbook *p, const struct passage *name,
                       const struct node *n);

#endif
