/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A playbook: what was written, read strictly from NAME.hunt.yaml (format version 1) into structs.
 *
 * const rows (struct field) describe every mapping of the format: key, type, range, default, help. The
 * reader, the JSON Schema, the reference in docs/ and the "did you mean" all read these rows. To add a cell
 * kind: its struct, its rows and one line in src/playbook/kinds.c. To add a key: a struct member and a row.
 *
 * Everything hangs off the arena handed in. Bad input never aborts: every fault becomes a diagnostic, and
 * reading goes on. KQL is kept as text here; hb/check.h, a layer above, parses it and checks names across
 * cells.
 */
#ifndef HB_PLAYBOOK_H
#define HB_PLAYBOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/buf.h"
#include "hb/diag.h"
#include "hb/err.h"
#include "hb/node.h"
#include "hb/str.h"
#include "hb/table.h"

/* ---- field rows ---- */

enum field_type {
    FIELD_STRING,  /* struct passage: one line */
    FIELD_TEXT,    /* struct passage: any text */
    FIELD_NAME,    /* struct passage: a KQL identifier */
    FIELD_CELL,    /* struct passage: the id of an earlier cell */
    FIELD_PATTERN, /* struct passage: text accepted by `test`; `example` says how it looks */
    FIELD_PROSE,   /* struct prose: Markdown with ${{ KQL }} */
    FIELD_KQL,     /* struct passage: a query */
    FIELD_EXPR,    /* struct passage: a KQL scalar expression, written bare or as ${{ KQL }} */
    FIELD_ENUM,    /* int: 0 when absent, else 1 + index in `values` */
    FIELD_BOOL,    /* struct opt_value from here on ... */
    FIELD_INT,
    FIELD_REAL,
    FIELD_NUMBER,   /* a whole number or a fraction: is_int says which was written */
    FIELD_TIMESPAN, /* ticks */
    FIELD_WORD,     /* text */
    FIELD_COLUMN,   /* the name of a column */
    FIELD_SCALAR,   /* any scalar: bool, number, text ... to here */
    FIELD_LIST,     /* {T *items; size_t n}: every element as the one row `fields` says */
    FIELD_MAP,      /* the struct at the offset, by `fields` */
    FIELD_DICT,  /* {T *items; size_t n}: names the author chose. T starts with struct passage name; the value
                  is read by  `fields`, as a mapping or, when the only row has no key, as that row says */
    FIELD_CELLS, /* the list of cells */
    FIELD_NODE,  /* const struct node *: kept as it is */
    FIELD_REFUSED, /* known, but wrong here: `help` says where it belongs */
    FIELD_IGNORED, /* accepted for the sake of other tools and not used */
};

enum field_flags {
    FIELD_REQUIRED = 1 << 0,
    FIELD_LONE = 1 << 1,    /* FIELD_LIST: a single element may stand without its brackets */
    FIELD_NO_EXPR = 1 << 2, /* ${{ }} is refused where the type would allow it */
    FIELD_UNIQUE = 1 << 3,  /* FIELD_LIST of text: an element may stand once only */
    FIELD_NONEMPTY = 1 << 4,
    FIELD_NULLABLE = 1 << 5, /* a key without a value is as good as absent */
    FIELD_NOCASE = 1 << 6,   /* FIELD_ENUM: letters of any case */
};

struct field {
    const char *key; /* NULL in the row of a list's elements */
    enum field_type type;
    unsigned flags;
    size_t offset;   /* into the struct of the mapping */
    const char *def; /* default as it would be written; NULL: none */
    double min, max; /* numbers and timespans in seconds; both 0: any */
    /* NULL-terminated. FIELD_ENUM, FIELD_STRING, FIELD_WORD: all there is. Other opt_values: words besides. */
    const char *const *values;
    const struct field *fields; /* FIELD_LIST: one row; FIELD_MAP and FIELD_DICT: rows */
    size_t nfields;
    size_t size;              /* sizeof T of lists and dicts */
    bool (*test)(struct str); /* FIELD_PATTERN */
    const char *pattern;      /* the same as a regular expression, for the JSON Schema */
    const char *help;         /* one sentence, no full stop */
    const char *example;
};

/*
 * An option's value. With kind OPT_EXPR the text is KQL to be evaluated when the cell runs; opt_value_resolve
 * then makes it a literal under the same rules that the loader applies to literals.
 */
enum opt_kind { OPT_ABSENT, OPT_LITERAL, OPT_WORD /* one of the row's words, in s */, OPT_EXPR };
struct opt_value {
    enum opt_kind kind;
    enum scalar_type scalar; /* of a literal FIELD_SCALAR */
    bool is_int;
    bool b;
    int64_t i; /* FIELD_INT, FIELD_NUMBER with is_int, ticks of FIELD_TIMESPAN */
    double f;  /* FIELD_REAL, FIELD_NUMBER (also when is_int) */
    struct str s;
    struct passage text; /* as written; OPT_EXPR: the KQL inside ${{ }}. Its span is {0, 0} for a default */
    const struct field *field;
};
/* The only cell of `one` as a literal for o's row. False: the type or range is wrong (the message names the
 * option). */
bool opt_value_resolve(struct arena *a, const struct opt_value *o, const struct table *one,
                       struct opt_value *out, struct err *err);

/* Markdown, split at ${{ KQL }}. `$${{` is a literal `${{`. */
struct prose_part {
    bool is_expr;
    struct passage text; /* literal Markdown, or the KQL between the braces, trimmed */
};
struct prose {
    struct passage whole;
    struct prose_part *parts;
    size_t nparts;
};

#define PLAYBOOK_LIST(T)                                                                                     \
    struct {                                                                                                 \
        T *items;                                                                                            \
        size_t n;                                                                                            \
    }
typedef PLAYBOOK_LIST(struct passage) passage_list;

/* Reads a mapping by rows into `out` (zeroed by the caller). `what` names the mapping in messages ("cell
 * 'a'"). */
struct field_reader {
    struct arena *arena;
    const struct source *source;
    struct diags *diags;
};
bool fields_read(const struct field_reader *r, const struct field *fields, size_t nfields,
                 const struct node *map, const char *what, void *out);

/* ---- cells ---- */

struct playbook_cell;

/* A kind of cell: the rows of its own keys. One row in playbook_kinds adds one. */
struct cell_schema {
    const char *name;
    const struct field *fields;
    size_t nfields;
    size_t size;      /* of the struct the rows fill */
    bool makes_table; /* a finished cell of this kind is a table that later queries may name */
    int64_t max_rows; /* what a cell without 'max_rows' may have, whatever 'defaults' say; 0: as they say */
    /* Rules among the keys of one cell that rows cannot say; NULL: none. */
    void (*check)(const struct field_reader *r, const struct playbook_cell *c);
    const char *help;
};
extern const struct cell_schema playbook_kinds[];
extern const size_t playbook_nkinds;

enum severity { SEVERITY_UNSET, SEVERITY_INFORMATIONAL, SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH };
enum on_error { ON_ERROR_UNSET, ON_ERROR_STOP, ON_ERROR_CONTINUE };
enum on_partial { ON_PARTIAL_UNSET, ON_PARTIAL_FAIL, ON_PARTIAL_ACCEPT };
enum on_empty { ON_EMPTY_UNSET, ON_EMPTY_SKIP, ON_EMPTY_RUN, ON_EMPTY_FAIL };
enum expect_severity { EXPECT_UNSET, EXPECT_FAIL, EXPECT_WARN, EXPECT_INFO };

struct playbook_expect {
    struct passage that;
    int severity; /* enum expect_severity, default fail */
    struct passage message;
};

struct playbook_finding {
    struct passage when; /* absent: rows > 0 is filled in */
    int severity;        /* enum severity, default medium */
    struct passage title;
    struct prose description;
    passage_list techniques, tactics;
};

struct playbook_display {
    struct opt_value rows;      /* rows a page shows; all are attached */
    struct opt_value html_rows; /* rows the HTML report offers */
    passage_list columns;       /* columns shown, in this order; empty: all */
};

struct playbook_defaults { /* what a cell that says nothing gets; already copied into the cells by the loader
                            */
    struct opt_value timeout, max_rows;
    int on_error, on_partial, on_empty;
    struct playbook_display display;
};

struct playbook_cell {
    struct span span;                 /* of the whole mapping */
    const struct cell_schema *schema; /* NULL only when the kind is unknown (a diagnostic was given) */
    void *options;                    /* struct kql_cell and so on, by schema */
    struct passage id, type, title;
    struct prose description;
    struct passage when; /* absent: always */
    struct opt_value timeout, max_rows;
    int on_error, on_partial, on_empty;
    PLAYBOOK_LIST(struct playbook_expect) expect;
    PLAYBOOK_LIST(struct playbook_finding) finding;
    struct playbook_display display;
    struct passage source;   /* name of a source profile; absent: the run's */
    struct opt_value review; /* bool, false */
};

/* Options of the shipped kinds (rows in kinds.c). */
struct markdown_cell {
    struct prose text;
};
struct env_cell {
    passage_list require;
    PLAYBOOK_LIST(passage_list) one_of;
};
struct connect_column {
    struct passage name; /* without the type */
    enum hb_type type;   /* HB_UNKNOWN when not declared ("Name:type" declares) */
};
struct connect_table {
    struct passage name;
    passage_list written; /* as written */
    struct connect_column *columns;
    size_t ncolumns;
};
struct connect_cell {
    PLAYBOOK_LIST(struct connect_table) tables;
    struct opt_value window; /* timespan back from run.now that is counted; absent: no limit */
};
struct kql_cell {
    struct passage query;
    struct opt_value
        split; /* timespan: a remote result that hits a limit is asked for in parts of it; absent: it fails */
};
enum anomaly_method { ANOMALY_METHOD_UNSET, ANOMALY_ISOLATION_FOREST };
/* In the order of enum encoding of hb/analysis.h, one up. */
enum anomaly_encode {
    PLAYBOOK_ENCODE_UNSET,
    PLAYBOOK_ENCODE_LABEL,
    PLAYBOOK_ENCODE_FREQUENCY,
    PLAYBOOK_ENCODE_NUMBER,
    PLAYBOOK_ENCODE_HOUR,
    PLAYBOOK_ENCODE_ONEHOT
};
struct anomaly_feature {
    struct opt_value column;
    int encode; /* enum anomaly_encode */
};
struct anomaly_cell {
    struct passage from;
    int method;
    struct opt_value n_estimators;  /* int, 100 */
    struct opt_value max_samples;   /* number or the word auto */
    struct opt_value contamination; /* real in (0, 0.5], 0.01, or the word auto */
    struct opt_value max_features;  /* number, 1.0 */
    struct opt_value bootstrap;     /* bool */
    struct opt_value random_state;  /* int, 42 */
    PLAYBOOK_LIST(struct anomaly_feature) features;
};
/* In the order of enum chart_kind of hb/chart.h, one up. */
enum playbook_chart_kind {
    PLAYBOOK_CHART_UNSET,
    PLAYBOOK_CHART_SCATTER,
    PLAYBOOK_CHART_BAR,
    PLAYBOOK_CHART_LINE,
    PLAYBOOK_CHART_TIME,
    PLAYBOOK_CHART_HISTOGRAM,
    PLAYBOOK_CHART_HEATMAP,
    PLAYBOOK_CHART_COLUMN,
    PLAYBOOK_CHART_AREA,
    PLAYBOOK_CHART_TIMELINE
};
struct playbook_chart {
    int kind;                                                        /* enum playbook_chart_kind */
    struct opt_value x, y, series, value, end, low, high, highlight; /* columns */
    PLAYBOOK_LIST(struct opt_value) tooltip;
    struct passage title, x_title, y_title;
    struct opt_value width, height; /* int; absent: what the kind needs */
    struct opt_value top, bins;     /* int */
    struct opt_value y_min, y_max;  /* number */
    struct opt_value legend;        /* bool; absent: shown */
    int stack;                      /* in the order of enum chart_stack of hb/chart.h, one up; 0: absent */
    int x_scale, y_scale;           /* 1 linear, 2 log; 0: absent */
};
struct chart_cell {
    struct passage query; /* either the query */
    struct passage from;  /* or a cell */
    struct playbook_chart chart;
};
enum search_mode {
    SEARCH_UNSET,
    SEARCH_CONTAINS,
    SEARCH_HAS,
    SEARCH_STARTSWITH,
    SEARCH_EQUALS,
    SEARCH_REGEX
};
struct search_cell {
    struct passage query;    /* either the query */
    struct passage from;     /* or a cell */
    struct opt_value column; /* column; absent: any */
    struct opt_value value;  /* scalar */
    int mode;                /* enum search_mode, default contains */
};
struct note_cell {
    struct prose prompt;
    passage_list verdict;
    struct opt_value required; /* bool, false */
};

/* ---- parameters ---- */

enum param_type {
    PARAM_UNSET,
    PARAM_STRING,
    PARAM_INT,
    PARAM_LONG,
    PARAM_REAL,
    PARAM_BOOL,
    PARAM_TIMESPAN,
    PARAM_DATETIME,
    PARAM_COLUMN,
    PARAM_LIST, /* list<string> */
};
const char *param_type_name(enum param_type t);
enum hb_type param_hb_type(enum param_type t); /* PARAM_COLUMN: string; PARAM_LIST: dynamic */

struct param_value {
    enum param_type type;
    bool set; /* false: no default and nothing given */
    bool b;
    int64_t i;    /* int, long; ticks of timespan and datetime */
    double f;     /* real */
    struct str s; /* string, column */
    struct str *list;
    size_t nlist;
};
/* As a KQL literal: 1d as timespan(...), "text" escaped, dynamic(["a"]). Canonical: equal values print
 * equally. */
void param_put_kql(struct buf *b, const struct param_value *v);
/* For people: 1d, 0.01, a, b. */
void param_put_text(struct buf *b, const struct param_value *v);

enum param_origin { PARAM_FROM_DEFAULT, PARAM_FROM_FILE, PARAM_FROM_COMMAND_LINE };
struct playbook_param {
    struct passage name;
    int type; /* enum param_type */
    struct passage description;
    const struct node *default_node, *min_node, *max_node, *values_node; /* as written */
    struct param_value def, min, max;
    PLAYBOOK_LIST(struct param_value) values; /* allowed values; empty: any */
    /* Set by params_apply: */
    struct param_value value;
    enum param_origin origin;
};

/* ---- the playbook ---- */

enum hunt_kind { HUNT_UNSET, HUNT_HYPOTHESIS, HUNT_BASELINE, HUNT_MODEL_ASSISTED };
struct playbook_able { /* PEAK's four: who, doing what, where, seen in what */
    struct passage actor, behavior, location, evidence;
};
struct playbook_hunt {
    int kind; /* enum hunt_kind */
    struct prose hypothesis, rationale, disproof, false_positives, next_steps;
    struct passage scope;
    struct playbook_able able;
};

enum tlp { TLP_UNSET, TLP_CLEAR, TLP_GREEN, TLP_AMBER, TLP_AMBER_STRICT, TLP_RED };
const char *tlp_name(int tlp); /* "TLP:AMBER+STRICT"; "" when unset */

struct playbook_connector {
    struct passage id;
    passage_list data_types;
};
struct playbook_field_mapping {
    struct passage identifier, column;
};
struct playbook_entity {
    struct passage type;
    PLAYBOOK_LIST(struct playbook_field_mapping) mappings;
};
struct playbook_test_param {
    struct passage name;
    const struct node *value;
};
struct playbook_test {
    struct passage name;
    struct passage now;  /* ISO 8601; checked */
    struct passage data; /* a path below the playbook's folder; checked for leaving it */
    PLAYBOOK_LIST(struct playbook_test_param) params;
    PLAYBOOK_LIST(struct playbook_expect) expect;
};

struct playbook {
    struct arena *arena;
    const struct source *source; /* the file; diagnostics about the playbook point into it */
    struct opt_value format;     /* huntbook: 1 */
    struct passage id, name, version, author, severity_text;
    struct prose description;
    passage_list references, tactics, techniques, tags;
    PLAYBOOK_LIST(struct playbook_connector) connectors;
    PLAYBOOK_LIST(struct playbook_entity) entities;
    int severity; /* enum severity */
    int tlp;      /* enum tlp */
    struct playbook_hunt hunt;
    PLAYBOOK_LIST(struct playbook_param) params;
    struct playbook_defaults defaults;
    PLAYBOOK_LIST(struct playbook_cell) cells;
    PLAYBOOK_LIST(struct playbook_test) tests;
};

/*
 * Reads a playbook with the given kinds of cells (usually playbook_kinds). Adds every fault to d; look at
 * d->errors before you use the result. NULL when there is nothing to look at: the file cannot be read, or is
 * not YAML. Parameters have their defaults.
 */
struct playbook *playbook_load(struct arena *a, const char *path, const struct cell_schema *kinds,
                               size_t nkinds, struct diags *d);
/* The same for a text in memory; `text` must live as long as the arena. */
struct playbook *playbook_parse(struct arena *a, const char *name, struct str text,
                                const struct cell_schema *kinds, size_t nkinds, struct diags *d);

const struct playbook_cell *playbook_find_cell(const struct playbook *p,
                                               struct str id); /* NULL when absent */
const struct playbook_param *playbook_find_param(const struct playbook *p, struct str name);

/* True for a name that KQL takes bare: a letter or _, then letters, digits and _; not a word of the language.
 */
bool playbook_is_identifier(struct str s);

/*
 * Sets every parameter: defaults, then the mapping in the YAML file `file` (NULL: none), then "NAME=VALUE"
 * texts. Faults (unknown name, type, range, no value) are added to d; false when there was one. May be called
 * again. A list is "a,b" or a JSON array.
 */
bool params_apply(struct playbook *p, const char *file, const char *const *args, size_t nargs,
                  struct diags *d);
/* The parameters of a test case instead. */
bool params_apply_test(struct playbook *p, const struct playbook_test *t, struct diags *d);

/* Canonical text of everything that was read, for goldens (`check --dump`). */
void playbook_dump(struct buf *out, const struct playbook *p);
/* The same of one cell: equal texts ask for the same. */
void playbook_dump_cell(struct buf *out, const struct playbook_cell *c);
/* JSON Schema (draft 2020-12) of the format (`huntbook schema`). */
void playbook_schema(struct buf *out, const struct cell_schema *kinds, size_t nkinds);
/* The same as tables of Markdown: the second half of docs/playbook-format.md. */
void playbook_reference(struct buf *out, const struct cell_schema *kinds, size_t nkinds);

#endif
