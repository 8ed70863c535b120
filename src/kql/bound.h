/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bound tree: what a query means, with every name resolved and every type known.
 *
 * Invariants
 *   - A column is a number, unique in the statement, printed as c<number>. A node never gives out a number twice, and two
 *     uses of one shared relation go through BR_REF, which gives the columns new numbers. So SQL needs no qualifiers.
 *   - An expression is a constant, a column, a sub-query or a template with arguments; templates come from the const tables
 *     (funcs.c, aggs.c, binops.c) or from the binder. The emitter (sql.c) prints and decides nothing.
 *   - Every relation knows a total order of its rows (`order`): the language's where there is one, else one that repeats.
 *     Whoever needs an order (take, row_number, make_list, the final ORDER BY) reads it there; nobody sorts for it.
 *   - After an error an expression has type HB_UNKNOWN and a relation is `open`: both silence what would follow from it.
 */
#ifndef KQL_BOUND_H
#define KQL_BOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ast.h"
#include "hb/kql.h"
#include "hb/map.h"

/* memcpy that takes NULL for no bytes. */
static inline void copy_bytes(void *to, const void *from, size_t n)
{
    if (n)
        memcpy(to, from, n);
}

struct brel;
struct bscope;
struct tuple_fn; /* bind_tuple.c */
struct bgroup;   /* entities.c */
struct bgraph;   /* graph.h */
struct gmatch;
struct gelem;

/* -- expressions -- */

/* The values of a function of several: what they are called behind f_arg_, and their types. */
enum { BTUPLE_MAX = 16 };
struct btuple {
    size_t n;
    const char *suffix[BTUPLE_MAX]; /* NULL: named after the arguments, arg_sorted */
    enum hb_type type[BTUPLE_MAX];  /* HB_UNKNOWN: dynamic */
};

enum bx_kind {
    BX_CONST, /* .null, .v, .text by .type */
    BX_COL,   /* .col */
    BX_CALL,  /* .sql with .args */
    BX_SUB,   /* the first cell of .rel, which gives at most one row: (SELECT c FROM t) */
    BX_REL,   /* .rel as a whole, one column: in templates only, `$1 IN ($2)` */
};

/*
 * Templates: $1..$9 an argument; $* all arguments, $+ all from the second on, parted by commas; $& and $| all arguments with
 * AND, OR between them; $F the FILTER clause of a conditional aggregate; $o the order of the input, as ORDER BY ...; $w
 * PARTITION BY ... ORDER BY ...; $? WHEN a THEN b ... ELSE z; $(12) an argument beyond the ninth; $$ a dollar.
 */
enum { BX_DEPTH_MAX = 600 }; /* the engine takes 1000, and a template may be two or three deep */

struct bexpr {
    enum bx_kind kind;
    enum hb_type type;
    unsigned depth; /* of calls, up to BX_DEPTH_MAX */
    struct span span;
    bool nullable; /* may be NULL; a string never is */
    bool null;     /* constant null */
    union {
        bool b;
        int64_t i;
        double r;
    } v;
    struct str text; /* string, dynamic, guid, decimal constants */
    int col;
    const char *sql;
    const char *sql_cond; /* cheaper form where NULL and false do the same (below where); NULL: none */
    bool logic;           /* and, or: the condition form reaches its arguments */
    struct bexpr **args;
    size_t nargs;
    struct bexpr *filter;       /* $F */
    const struct btuple *tuple; /* an array whose elements are several values: (a, b) = f() */
    const struct border *over;  /* $o, $w */
    size_t nover;
    const int *part; /* $w */
    size_t npart;
    struct brel *rel;
};

/* -- relations -- */

struct bcol {
    struct str name;
    enum hb_type type;
    int id;
};

struct border {
    int col;
    enum hb_type type;
    bool desc, nulls_first;
};

/* One output of a SELECT: e AS c<id>. */
struct bitem {
    int id;
    struct bexpr *e;
};

enum br_kind {
    BR_ONE,   /* one row without columns */
    BR_TABLE, /* .table; items: id and, as constant i, its physical column (-1: rowid, -2: number of the row) */
    BR_VALUES,  /* .values, nrows x nitems; ids in .items */
    BR_PROJECT, /* .items */
    BR_FILTER,  /* .cond */
    BR_AGG,     /* .items, the first .nkeys of them keys */
    BR_LIMIT,   /* .limit rows in `order`; per partition when there is one */
    BR_JOIN,    /* .join, .right, .cond */
    BR_UNION,   /* .legs, each with .items as its projection; ids of the first leg are the result's */
    BR_UNNEST,  /* all of the input, and .items: one row an element of each (list) item */
    BR_REF,     /* .items: new id, BX_COL of the shared relation .in */
};

enum br_join { BJ_INNER, BJ_LEFT, BJ_RIGHT, BJ_FULL, BJ_SEMI, BJ_ANTI, BJ_CROSS };

enum { REL_DEPTH_MAX = 5000 }; /* relations are printed from the inside out, each a level of the stack */

struct brel {
    enum br_kind kind;
    unsigned depth; /* relations below, along `in` */
    struct span span;
    struct brel *in;
    struct bcol *cols; /* what KQL sees, in order */
    size_t ncols;
    struct border *order; /* total */
    size_t norder;
    bool ordered;    /* by the language: sort, top, range, datatable */
    bool scrambled;  /* SQL may give the rows in another order than `order`: grouped, joined */
    bool serialized; /* window functions may be used */
    bool open;       /* made after an error: any column may exist */
    int *part;       /* hidden columns that part the rows into independent tables (partition, mv-apply) */
    size_t npart;
    bool hidden; /* made by rel_add_hidden alone */
    int *keep;   /* hidden columns that the operator being bound still needs */
    size_t nkeep;
    bool shared;       /* used by a BR_REF or several times: printed once */
    bool materialized; /* by materialize() */
    bool cheap; /* shared, but better computed at each use than kept: a table read with plain comparisons */

    struct bitem *items;
    size_t nitems, nkeys;
    struct bexpr *cond;
    struct bexpr *limit;
    const int *limit_by; /* BR_LIMIT: so many rows for each value of these columns; none: of all */
    size_t nlimit_by;
    enum br_join join;
    bool one_right;    /* BR_JOIN: no row of the left finds more than one of the right */
    bool deduplicates; /* BR_LIMIT: the left side of an innerunique join, which filters behind it go below */
    struct brel *right;
    struct brel **legs;
    struct bitem **leg_items;
    size_t nlegs;
    struct bexpr **values;
    size_t nrows;
    struct kql_table table;
    int cte, epoch;             /* emitter: its number in that statement, 0 = not printed yet */
    int weight;                 /* emitter: sql.c */
    const struct bgraph *graph; /* it stands for a graph: graph.h */
};

/* -- scopes: names of let, parameters, as -- */

enum bname_kind { BN_SCALAR, BN_TABLE, BN_LAMBDA, BN_PATTERN, BN_ENTITY, BN_GROUP };

/* A cluster, a database, a table of one; empty names: those at hand. */
struct bentity {
    struct str cluster; /* in lower case, without the usual ending */
    struct str database;
    struct str table;
    bool bad; /* an alias that an error was reported of */
};

/* A table of the source, and the database that it is read as a table of. */
struct bclaim {
    struct str table;
    struct bentity of;
};

struct bname {
    enum bname_kind kind;
    struct bexpr *scalar;
    struct brel *table; /* shared; every use is a BR_REF */
    const struct kql_lambda *lambda;
    const struct kql_pattern *pattern;
    struct bentity *entity;
    struct bgroup *group;
    struct bscope *home; /* scope a lambda's body is bound in */
    bool value;          /* a lambda that is known to give one: restrict access does not hide it */
    int level;           /* scalar: binder.level where it was bound */
    struct span span;
};

struct bscope {
    struct bscope *up;
    struct map names; /* -> struct bname */
    const struct kql_list
        *admits; /* of restrict access: what is seen from here on of tables and functions above; or NULL */
    const struct bentity *places; /* of each of them that is a path: the database; `bad`: none */
};

/* The steps of scan whose state can be seen: each has all columns, with numbers of their own. */
struct bstep {
    struct str name;
    struct bcol *cols;
};
struct bsteps {
    struct bstep *step;
    size_t n, ncols;
};

/* The row an expression is bound in. */
struct brow {
    struct brel *rel;           /* NULL: no columns here */
    struct brel *left, *right;  /* $left and $right, in join */
    struct bagg *agg;           /* aggregates are allowed and are collected here */
    bool in_agg;                /* inside an aggregate's arguments */
    const struct bsteps *steps; /* scan: rows that matched earlier, as step.column */
    struct gmatch *pattern;     /* of a graph: its variables, as a.property */
    struct gelem *elem;         /* and of a path each edge or node: rel holds its properties */
    bool window;                /* window functions are allowed in this operator */
    bool used_window;
};

/* Aggregates collected while a summarize item is bound. */
struct bagg {
    struct brel *input;
    struct bitem *items;
    size_t nitems, cap;
};

/* Column `id` answers to `name` too (TimeGenerated for Timestamp). */
struct balias {
    struct str name;
    int id;
};

/* A column handed on by layer after layer: one expression serves all, and the stamp says which layer has it already. */
struct bpassed {
    unsigned stamp;
    struct bexpr *e;
};

struct binder {
    struct arena *a;
    const struct source *src;
    const struct source *outer_src; /* the user's text, while a query of ours is bound */
    struct span pin;                /* the place all of that has; empty: the text is the user's */
    const struct kql_catalog *cat;
    const struct kql_options *opt;
    struct diags *d;
    int next_col;
    int links;              /* of the path being bound */
    struct bpassed *passed; /* [cap_passed] by column number: rel_project's */
    size_t cap_passed;
    unsigned stamp;
    int epoch;                       /* statements emitted so far: stages and the query itself */
    int depth;                       /* of lambda calls */
    int level;                       /* of tables within tables: rows of an outer one cannot be seen */
    int calls;                       /* of functions of let, so far */
    size_t unnamed;                  /* columns called Column1, Column2 ... so far, in the whole query */
    struct bexpr *bin_size, *bin_at; /* of bin_auto(), by set; or NULL */
    struct bscope *scope;
    struct kql_use *tables, *scalars;
    size_t ntables, cap_tables, nscalars, cap_scalars;
    struct str render;
    struct kql_prop *render_props;
    size_t nrender_props;
    struct balias *aliases;
    size_t naliases, cap_aliases;
    struct str last_path; /* into a dynamic value, and the bytes there are for it */
    size_t last_path_room;
    struct brel *piped;              /* first argument of the function that invoke calls */
    struct map databases;            /* of alias: name -> struct bentity */
    bool has_folders, asked_folders; /* the source has tables of databases */
    struct bclaim *claims;
    size_t nclaims, cap_claims;
    struct brel *context; /* contextual data table of mv-apply, partition: source of a pipe without one */
};

/* -- bind.c -- */

void bind_error(struct binder *b, struct span at, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
struct brel *bind_query(struct binder *b, const struct kql_list *statements, struct bexpr **scalar);
/* A graph is refused. */
struct brel *bind_table(struct binder *b, const struct kql_node *n);
/* A table or a graph. */
struct brel *bind_graph(struct binder *b, const struct kql_node *n);
/* A tabular expression may stand here or a scalar: true when n is tabular (names looked up, calls of lambdas followed). */
bool bind_is_tabular(struct binder *b, const struct kql_node *n, const struct brow *row);
struct brel *bind_operator(struct binder *b, struct brel *rel, const struct kql_op *op);
struct brel *bind_pipe_from(struct binder *b, struct brel *rel, const struct kql_list *ops);

/* -- patterns.c -- */

/* The pattern that a call names: p(a), p(a).b or p(a)["b"]; NULL: it names none. */
const struct bname *pattern_called(struct binder *b, const struct kql_node *n);
struct brel *bind_pattern_call(struct binder *b, const struct bname *pattern, const struct kql_node *n);

/* -- entities.c: databases, clusters, groups of them -- */

struct kql_tables;

/* A path that names a table of a database: database('d').T, cluster('c').database('d').T, X.T of macro-expand. */
bool names_entity_table(struct binder *b, const struct kql_node *n);
struct brel *bind_entity_path(struct binder *b, const struct kql_node *n);
/* A name of that kind where a table stands. */
struct brel *bind_entity_name(struct binder *b, const struct bname *nm, const struct kql_name *n);
/* Adds the tables of database('d').T* or database('d').*; their number. */
size_t entity_wildcard(struct binder *b, const struct kql_node *n, struct kql_tables *l);
/* A path that names a table which the source does not have. */
bool entity_table_missing(struct binder *b, const struct kql_node *n);
/* X.$current_database; NULL: p is nothing of that kind. */
struct bexpr *bind_entity_value(struct binder *b, const struct kql_path *p);
/* let G = entity_group [...], let D = database('d'); false: the value is something else. */
bool bind_entity_let(struct binder *b, const struct kql_let *l);
void bind_alias(struct binder *b, const struct kql_let *l);
struct bentity *bind_wall_places(struct binder *b, const struct kql_list *items);
/* The source's table is read as one of that database; false, and an error: another one has it. */
bool claim_table(struct binder *b, struct str name, const struct bentity *e, struct span span);

/* -- plugins.c -- */

struct brel *bind_text(struct binder *b, struct bscope *scope, struct str text, struct span span);

/* -- plugin_rows.c -- */

typedef struct brel *plugin_bind_fn(struct binder *b, struct brel *in, const struct kql_op_evaluate *ev);
struct kql_plugin {
    const char *name;
    plugin_bind_fn *bind; /* NULL: known, not supported */
    const char *help;
};
extern const struct kql_plugin kql_plugins[];
extern const size_t kql_nplugins;

plugin_bind_fn bind_text_plugin, bind_narrow, bind_rows_near, bind_sequence_detect, bind_dcount_intersect,
    bind_bag_unpack, bind_pivot, bind_ip_lookup, bind_mining, bind_funnel_sequence, bind_funnel_completion,
    bind_geo_lookup;

/* -- scope.c -- */

struct bscope *scope_push(struct binder *b);
struct bname *scope_find(struct bscope *s, struct str name);
/* Above a restrict access that does not admit it: a function of let, or with `database` a table of the catalogue. */
bool is_own_database(const struct kql_node *n); /* database() */
bool scope_hides(const struct bscope *s, struct str name, bool database);
struct bname *scope_add(struct binder *b, struct str name, struct span span, enum bname_kind kind);
/* A name of a query of ours, in a scope of its own: a scalar, or a table where that is NULL. */
void scope_put(struct binder *b, struct bscope *s, struct str name, struct bexpr *scalar, struct brel *table);
const struct bcol *rel_find(const struct binder *b, const struct brel *r, struct str name);
void alias_copy(struct binder *b, int from, int to);
/* The column, or an error with the nearest name. NULL: reported. */
const struct bcol *rel_column(struct binder *b, const struct brel *r, struct str name, struct span span);
/* "did you mean ...?"; NULL: no column resembles it. */
const char *nearest_column(struct binder *b, const struct brel *r, struct str name);
bool name_matches(struct str pattern, struct str name); /* * stands for any characters */
/* The name an unnamed expression gives its column; empty: none. */
struct str auto_name(struct binder *b, const struct kql_node *n);
/* The same where its value e over the rows of rel is known: column_ifexists is called as the column that it stands for. */
struct str value_name(struct binder *b, const struct kql_node *n, const struct bexpr *e,
                      const struct brel *rel);
/* `want`, or want1, want2, ... the first that is not among the columns. */
struct str free_name(struct binder *b, const struct bcol *cols, size_t n, struct str want);
void use_table(struct binder *b, struct str name, struct span span);
bool catalog_has(struct binder *b, struct str name, struct kql_table *out); /* without using it */
bool catalog_table(struct binder *b, struct str name, struct span span, struct kql_table *out);
bool catalog_scalar(struct binder *b, struct str name, struct span span, struct kql_scalar *out);
struct str nearest_table(struct binder *b, struct str name);

/* -- rel.c: building relations; each keeps order, partition and visible columns right -- */

int new_col(struct binder *b);
struct brel *rel_new(struct binder *b, enum br_kind kind, struct brel *in, struct span span);
struct brel *rel_open(struct binder *b, struct span span); /* after an error */
struct brel *rel_one(struct binder *b, struct span span);
struct brel *rel_ref(struct binder *b, struct brel *shared, struct span span);
struct brel *rel_table(struct binder *b, const struct kql_table *t, struct span span);
/* The visible columns become `cols`; items: how to make those that are new. Hidden columns are carried along. */
struct brel *rel_project(struct binder *b, struct brel *in, struct bcol *cols, size_t ncols,
                         const struct bitem *items, size_t nitems, struct span span);
/* Adds a hidden column; *rel becomes the new relation. */
int rel_add_hidden(struct binder *b, struct brel **rel, struct bexpr *e);
struct brel *rel_filter(struct binder *b, struct brel *in, struct bexpr *cond, struct span span);
struct brel *rel_limit(struct binder *b, struct brel *in, struct bexpr *n, struct span span);
struct brel *rel_join(struct binder *b, enum br_join kind, struct brel *l, struct brel *r, struct bexpr *cond,
                      struct span span);
struct brel *rel_agg(struct binder *b, struct brel *in, const struct bitem *keys, size_t nkeys,
                     const struct bitem *aggs, size_t naggs, struct span span);
/* Makes the order one ascending BIGINT column and returns it. */
int rel_single_order(struct binder *b, struct brel **rel);
/* No two rows agree in all of these columns: they are the keys that the rows were grouped by. Then they need no tie-breaks. */
bool rel_tells_apart(struct binder *b, const struct brel *r, const int *columns, size_t n);
struct bcol *cols_copy(struct binder *b, const struct bcol *cols, size_t n, size_t room);

/* -- types.c -- */

struct bexpr *bx_new(struct binder *b, enum bx_kind kind, enum hb_type type, struct span span);
struct bexpr *bx_error(struct binder *b, struct span span);
struct bexpr *bx_col(struct binder *b, const struct bcol *c, struct span span);
struct bexpr *bx_colid(struct binder *b, int id, enum hb_type type);
struct bexpr *bx_long(struct binder *b, int64_t v, struct span span);
struct bexpr *bx_bool(struct binder *b, bool v, struct span span);
struct bexpr *bx_real(struct binder *b, double v, struct span span);
struct bexpr *bx_str(struct binder *b, struct str s, struct span span);
struct bexpr *bx_null(struct binder *b, enum hb_type type, struct span span);
struct bexpr *bx_scalar(struct binder *b, const struct kql_scalar *s, struct span span);
struct bexpr *bx_call(struct binder *b, enum hb_type type, const char *sql, struct span span, size_t n, ...);
struct bexpr *bx_calln(struct binder *b, enum hb_type type, const char *sql, struct span span, size_t n,
                       struct bexpr **args);
struct bexpr *bx_condition(struct binder *b, struct bexpr *e); /* the form for where, join, FILTER */
bool bx_is_const(const struct bexpr *e);                       /* a literal, not null */
bool bx_failed(const struct bexpr *e);
bool bx_reads_columns(const struct bexpr *e); /* tables within it aside */
bool bx_sees_rows(const struct bexpr *e);     /* a window: other rows count */
/* Depends on its row alone and always the same: no window, nothing random, no other table. */
bool bx_row_by_row(const struct bexpr *e);
/* Value of an integer constant expression (int, long, timespan, datetime). */
bool bx_const_i64(const struct bexpr *e, int64_t *out);

bool type_is_number(enum hb_type t);
bool type_is_integer(enum hb_type t);
bool type_is_time(enum hb_type t);
const char *type_sql(enum hb_type t);
/* toX(e): the explicit conversion; NULL when the language has none. */
struct bexpr *convert(struct binder *b, struct bexpr *e, enum hb_type to);
/* What happens unasked: int -> long -> real -> decimal, dynamic -> anything. NULL: not possible. */
struct bexpr *coerce(struct binder *b, struct bexpr *e, enum hb_type to);
/* split(text, delimiter) with a constant delimiter: its pieces need no JSON in between where they are texts. */
bool bx_is_split(const struct bexpr *e);
struct bexpr *to_string(struct binder *b, struct bexpr *e);
struct bexpr *to_json(struct binder *b, struct bexpr *e); /* any -> dynamic */
const char *json_template(enum hb_type t);                /* the SQL of to_json() */
/* The common type of branches of iff, case, coalesce; HB_UNKNOWN: none. */
enum hb_type common_type(enum hb_type x, enum hb_type y);

/* -- bind_expr.c, bind_call.c -- */

struct bexpr *bind_expr(struct binder *b, const struct kql_node *n, struct brow *row);
struct bexpr *bind_bool(struct binder *b, const struct kql_node *n, struct brow *row, const char *what);
struct bexpr *bind_as(struct binder *b, const struct kql_node *n, struct brow *row, enum hb_type t,
                      const char *what);
struct bexpr *bind_call(struct binder *b, const struct kql_call *c, struct brow *row);
struct bexpr *bind_dynamic_path(struct binder *b, struct bexpr *obj, struct str key, struct span span);
/* Window functions: the rows must be serialized. The value becomes a hidden column of row->rel, which changes. */
struct bexpr *bind_window(struct binder *b, const struct kql_call *c, struct brow *row);
struct bexpr *call_rows(struct binder *b, struct str name, struct span span, size_t n, struct bexpr **args);
struct bexpr *bind_lambda_value(struct binder *b, const struct kql_call *c, const struct bname *nm,
                                struct brow *row);
struct bexpr *wrong_count(struct binder *b, const struct kql_call *c,
                          const char *want);       /* an error: the number of arguments */
bool is_letter_type(char letter, enum hb_type *t); /* of a signature */
/* A function of several values; NULL: it is none. */
const struct tuple_fn *tuple_find(struct str name);
struct bexpr *bind_tuple(struct binder *b, const struct tuple_fn *f, const struct kql_call *c,
                         struct brow *row);
unsigned count_groups(struct str pattern);                  /* groups a pattern captures */
struct bexpr *regex_arg(struct binder *b, struct bexpr *e); /* a constant pattern in the spelling of RE2 */
struct bexpr *call_by_name(struct binder *b, const char *name, struct span span, size_t n,
                           struct bexpr **args);
/* A bag of columns by their names; compact: without those that are null or empty. */
struct bexpr *pack_columns(struct binder *b, struct span span, const struct bcol *cols, size_t n,
                           bool compact);
bool bind_const_string(struct binder *b, const struct kql_node *n, struct str *out, const char *what);
struct str json_quote(struct binder *b, struct str s);
/* Counts what is bound anew where it is used (`what`, of which there were too many): false, and an error, beyond a limit. */
bool may_expand(struct binder *b, struct span span, const char *what);
/* Binds the call of a let function; exactly one of the results is set. */
bool bind_lambda(struct binder *b, const struct kql_call *c, const struct bname *nm, struct brow *row,
                 struct bexpr **scalar, struct brel **table);

/* -- bind_agg.c -- */

struct brel *bind_summarize(struct binder *b, struct brel *in, const struct kql_op_summarize *op);
struct bexpr *bind_aggregate(struct binder *b, const struct kql_call *c, struct brow *row);

/* -- binops.c -- */

struct bexpr *bind_binary(struct binder *b, enum kql_op_code op, struct bexpr *l, struct bexpr *r,
                          struct span span, struct span op_span);

/* v[0] op v[1] op ... of and, or. */
struct bexpr *bind_logic(struct binder *b, enum kql_op_code op, struct bexpr **v, size_t n, struct span span,
                         struct span at);

/* The number of rows asked for, not negative; NULL: reported. */
struct bexpr *row_count(struct binder *b, const struct kql_node *n);

/* -- runtime.c -- */

/* What such a text begins with: see kql_fault. */
const char *sql_place(struct binder *b, struct span at);
/* SQL that fails the query with a text (of letters that need no quoting), told at its place. */
const char *sql_fault(struct binder *b, struct span at, const char *text);

/* -- funcs.c, aggs.c: the tables -- */

/*
 * One way to call a scalar function. Several rows with a name are tried in order.
 *   args   one letter a parameter: s string, l integer, r number as real, n number, N number as decimal, t datetime, p timespan, d dynamic, b bool,
 *          g guid, D decimal, a anything, j anything as dynamic, x anything as string, U all of one type with an order, c a constant integer,
 *          S a string constant, R a regular expression, z a time zone; '*' behind the last: once or more
 *   ret    b i l r s t p d g D, or 1..9: type of that argument, U: common type of all
 *   sql    NULL: known to the language, not supported; "!": bind_call.c has a function of its own for it
 *   column name of the column it makes: NULL ColumnN, "" the first argument's, "strlen_" that in front of it,
 *   "_sorted" that behind it, "=name" that name, "#" the text of the first argument
 */
struct kql_func {
    const char *name, *args, *ret, *sql, *column, *help;
};
extern const struct kql_func kql_funcs[];
extern const size_t kql_nfuncs;

struct kql_agg {
    const char *name, *args, *ret, *sql, *column, *help;
};
extern const struct kql_agg kql_aggs[];
extern const size_t kql_naggs;
bool is_aggregate(struct str name);

/* -- ops.c -- */

typedef struct brel *op_bind_fn(struct binder *b, struct brel *in, const struct kql_op *op);
struct kql_op_row {
    enum kql_kind kind;
    const char *name;
    op_bind_fn *bind; /* NULL: known, not supported */
    const char *help;
};
extern const struct kql_op_row kql_ops[];
extern const size_t kql_nops_rows;

op_bind_fn op_where, op_extend, op_project, op_project_away, op_project_keep, op_project_rename,
    op_project_reorder, op_distinct, op_serialize, op_sort, op_top, op_take, op_count, op_as, op_invoke,
    op_render, op_getschema, op_consume, op_summarize, op_join, op_lookup, op_union, op_mv_expand,
    op_mv_apply, op_parse, op_parse_where, op_parse_kv, op_make_series, op_evaluate, op_sample_distinct,
    op_top_hitters, op_top_nested, op_partition, op_search, op_find, op_scan, op_assert_schema, op_fork,
    op_facet, op_project_by_names, op_reduce, op_macro_expand, op_make_graph, op_graph_match,
    op_graph_to_table, op_graph_where, op_graph_mark;
/* The tables of union, search, find (ops_join.c). */
struct kql_tables {
    struct brel **rels;
    struct str *names; /* what withsource= shows for each */
    size_t n, cap, ncap, nnames;
    bool failed; /* an error was reported */
};
void tables_add(struct binder *b, struct kql_tables *l, struct brel *r, struct str name);
/* Adds those of a list: names, wildcards, queries; a query is called nameless0, nameless1 ... */
void tables_gather(struct binder *b, struct kql_tables *l, const struct kql_list *items, bool fuzzy,
                   const char *nameless);
/* Their union; `source` names a column in front that holds the names, empty: none. */
struct brel *tables_union(struct binder *b, struct kql_tables *l, bool common_only, struct str source,
                          struct span span);

/* -- ops_parts.c -- */

/* The rows of each value of the hidden column are a table of their own. */
void rel_add_part(struct binder *b, struct brel *r, int id);
/* The first operator of a sub-query that would see all parts as one table; NULL: there is none. */
const struct kql_op *part_blind(const struct kql_node *sub);
/* Different values of a string expression over the relation, sorted: a statement of its own. NULL: reported. */
struct str *stage_ask(struct binder *b, struct brel *in, struct bexpr *e, size_t *n, struct span span);

/* Operators that begin a query. */
struct brel *src_print(struct binder *b, const struct kql_op_list *op);
struct brel *src_range(struct binder *b, const struct kql_op_range *op);
struct brel *src_datatable(struct binder *b, const struct kql_op_data *op);
/* Its declared columns, and no rows. */
struct brel *src_empty_data(struct binder *b, const struct kql_op_data *op);

struct boutput {
    struct bcol *cols;
    size_t ncols, cap;
    struct bitem *items;
    size_t nitems, icap;
    bool *made;  /* by this operator: not to be made twice */
    bool reuse;  /* a plain column keeps its number */
    bool failed; /* an error was reported */
};
/* Adds a column named by the operator's rules. */
void out_add(struct binder *b, struct boutput *o, struct str name, bool explicit_name, struct bexpr *e,
             bool replace);

/* An item of project: e, a = e, (a, b) = f(). */
void out_item(struct binder *b, struct boutput *o, const struct kql_node *n, struct brow *row, bool replace);

/* -- graph_funcs.c: what expressions over a pattern mean; NULL: nothing of a pattern -- */

struct bexpr *graph_name(struct binder *b, const struct kql_name *n, struct brow *row);
struct bexpr *graph_property(struct binder *b, const struct kql_path *p, struct brow *row);
struct bexpr *graph_call(struct binder *b, const struct kql_call *c, struct brow *row);

/* -- help.c -- */

/* How the function is called: "strlen(string)", the ways parted by " or "; NULL: not known. */
const char *kql_signature(struct arena *a, struct str name);

/* -- sql.c, sql_quote.c -- */

/* False: the statement would be too large (reported). */
bool sql_emit(struct binder *b, struct brel *rel, struct bexpr *scalar, struct kql_compiled *out);
struct str sql_expr(struct binder *b, const struct bexpr *e); /* an expression without sub-queries, alone */
void sql_string(struct buf *o, struct str s);
void sql_literal(struct buf *o, const struct bexpr *e);
void bound_dump(struct buf *o, const struct brel *rel, int depth);

#endif
