/* layer: playbook */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree of a YAML file, and passages: text that knows where in the file it stands.
 *
 * Strict small YAML: UTF-8, one document, no tags, no merge keys, no duplicate keys, at most 4 MiB, 64 levels
 * deep, and 100,000 nodes once aliases are followed. Playbooks and the configuration are read through this;
 * nothing else sees the YAML library. A tree hangs off its arena and never changes; an alias shares the node
 * of its anchor.
 */
#ifndef HB_NODE_H
#define HB_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/diag.h"
#include "hb/str.h"

enum { NODE_DEPTH_MAX = 64, NODE_COUNT_MAX = 100000, NODE_FILE_MAX = 4 << 20 };

/*
 * Text out of the file, as the program uses it (escapes decoded, indentation gone), and the way back: `from`
 * bytes into s is `at` bytes into the file, and so on for the `len` bytes behind it. Pieces are sorted by
 * `from`.
 */
struct passage_piece {
    size_t from, at, len;
};
struct passage {
    struct str s;     /* followed by a NUL; s.p is NULL when the passage is absent from the file */
    struct span span; /* of the whole value in the file, quotes included; {0, 0} for a default */
    const struct passage_piece *pieces;
    size_t npieces;
};
static inline bool passage_given(const struct passage *p)
{
    return p->s.p != NULL;
}
/* A span of p->s, as a span of the file. Anything outside is clamped to the passage. */
struct span passage_map(const struct passage *p, struct span in);
/* Bytes [from, to) of a passage as a passage of its own, with the same way back. */
struct passage passage_sub(struct arena *a, const struct passage *p, size_t from, size_t to);
/* A passage that stands in no file (a default, a made-up value). */
struct passage passage_of(struct str s);

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };
enum node_style { NODE_PLAIN, NODE_SINGLE, NODE_DOUBLE, NODE_LITERAL, NODE_FOLDED };
/* What a scalar is by the core schema of YAML 1.2. Anything quoted or in a block is text. */
enum scalar_type { SCALAR_NULL, SCALAR_BOOL, SCALAR_INT, SCALAR_REAL, SCALAR_TEXT };

struct node {
    enum node_kind kind;
    enum node_style style;   /* scalars */
    enum scalar_type scalar; /* scalars */
    bool yaml11;             /* plain yes, no, on, off, y, n: text here, true or false to old YAML readers */
    struct passage text;     /* scalars: decoded; else empty with the span set */
    struct span span;        /* same as text.span */
    struct node **keys;      /* maps: n scalars, in the order of the file */
    struct node **items;     /* lists and maps: n values */
    size_t n;
    size_t weight; /* nodes below and including this one, aliases followed */
};

/*
 * Reads one document. Every fault is a diagnostic at its place; NULL when the text is no document at all. src
 * must live as long as the tree, and must not begin with a byte order mark (source_load takes it off).
 */
const struct node *node_parse(struct arena *a, const struct source *src, struct diags *d);
const char *node_yaml_version(void); /* of libyaml */
/*
 * Reads a file as the source of diagnostics: a UTF-8 byte order mark is taken off, other encodings are
 * refused with advice. NULL when it cannot be read; the reason is a diagnostic without a place.
 */
const struct source *source_load(struct arena *a, const char *path, struct diags *d);

const struct node *node_get(const struct node *map, const char *key); /* NULL when absent or not a map */
/* For messages: "a list", "a mapping", "text 'abc'", "the number 5", "nothing". */
const char *node_found(struct arena *a, const struct node *n);

/* Core schema conversions of a whole text. */
enum scalar_type scalar_type_of(struct str s);
bool scalar_to_bool(struct str s, bool *out);
bool scalar_to_i64(struct str s, int64_t *out); /* decimal, 0x, 0o; false when out of range */
bool scalar_to_f64(struct str s, double *out);

#endif
