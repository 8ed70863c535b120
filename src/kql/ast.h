/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The syntax tree of a KQL query.
 *
 * Every node is a struct that begins with `struct kql_node` (kind and span); cast by kind, or with KQL_AS. A
 * node that is absent is NULL; a list that is absent is empty. After an error the tree still has every
 * mandatory child: what could not be read is a KQL_ERROR node. Everything lives in the arena given to
 * kql_parse, texts that needed no decoding are views into the source.
 *
 * What a kind holds is told once more, as data, by kql_kinds[] (ast.c): the dump, the walk and the reference
 * finder read that table, so they need no change for a new node. To add a node: its enum value, its struct,
 * its row in ast.c.
 *
 * The parser cannot know whether a bare name is a table, a column or a let: it is KQL_NAME everywhere. A
 * tabular expression stands wherever the grammar lets one stand: KQL_PIPE, an operator that begins a query
 * (KQL_RANGE, KQL_UNION, ...), or any name, call or path.
 */
#ifndef KQL_AST_H
#define KQL_AST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hb/arena.h"
#include "hb/diag.h"
#include "hb/str.h"
#include "hb/table.h"

enum kql_kind {
    KQL_ERROR, /* struct kql_error: stands for what could not be read */

    /* expressions */
    KQL_LITERAL, /* struct kql_literal */
    KQL_NAME,    /* struct kql_name: a, ['a b'], $left, $right, also a wildcard a* where .wildcard */
    KQL_STAR,    /* struct kql_node: * */
    KQL_PATH,    /* struct kql_path: object.member */
    KQL_INDEX,   /* struct kql_index: object[index] */
    KQL_CALL,    /* struct kql_call: name(args) */
    KQL_NAMED,   /* struct kql_named: a = e, (a, b) = e; also an argument f(x = 1) */
    KQL_UNARY,   /* struct kql_unary: -e, +e */
    KQL_BINARY,  /* struct kql_binary */
    KQL_IN,      /* struct kql_in: in, !in, in~, !in~, has_any, has_all */
    KQL_BETWEEN, /* struct kql_between: between (a .. b), !between (a .. b) */
    KQL_PAREN,   /* struct kql_paren: (e); matters to automatic names and to joins' tables only */
    KQL_TYPEOF,  /* struct kql_typeof: typeof(long), typeof(a:long, *) */
    KQL_ORDERED, /* struct kql_ordered: e [asc|desc] [nulls first|last] */
    KQL_COLDECL, /* struct kql_coldecl: name:type [= default] */
    KQL_SCHEMA,  /* struct kql_schema: (a:long, b:string), (*), (*, a:long) */
    KQL_PARAM,   /* struct kql_param: kind=inner, hint.x=3, withsource=c */
    KQL_LAMBDA,  /* struct kql_lambda: [view] (params) { statements; expression } */
    KQL_PIPE,    /* struct kql_pipe: source | op | op */

    /* query operators; each struct begins with struct kql_op */
    KQL_WHERE,            /* struct kql_op_expr: where, filter */
    KQL_EXTEND,           /* struct kql_op_list of these: e, a = e, (a, b) = e */
    KQL_PROJECT,          /*   as extend */
    KQL_PROJECT_AWAY,     /*   names, wildcards */
    KQL_PROJECT_KEEP,     /*   names, wildcards */
    KQL_PROJECT_RENAME,   /*   KQL_NAMED new = old */
    KQL_PROJECT_REORDER,  /*   KQL_ORDERED over names and wildcards (.dir 0 where not given; see enum kql_dir)
                           */
    KQL_PROJECT_BY_NAMES, /*   any expression */
    KQL_DISTINCT,         /*   expressions, or one KQL_STAR */
    KQL_PRINT,            /*   as extend */
    KQL_SERIALIZE,        /*   as extend; may be empty */
    KQL_SUMMARIZE,        /* struct kql_op_summarize */
    KQL_SORT,             /* struct kql_op_list of KQL_ORDERED: sort, order */
    KQL_TOP,              /* struct kql_op_top */
    KQL_TOP_NESTED,       /* struct kql_op_list of KQL_NESTED_LEVEL */
    KQL_NESTED_LEVEL,     /* struct kql_nested_level */
    KQL_TOP_HITTERS,      /* struct kql_op_top: top-hitters n of e [by e] */
    KQL_TAKE,             /* struct kql_op_expr: take, limit */
    KQL_SAMPLE,           /* struct kql_op_expr */
    KQL_SAMPLE_DISTINCT,  /* struct kql_op_top: sample-distinct n of e */
    KQL_COUNT,            /* struct kql_op_name: count [as name] */
    KQL_JOIN,             /* struct kql_op_join */
    KQL_LOOKUP,           /* struct kql_op_join */
    KQL_UNION,            /* struct kql_op_list of tabular expressions, wildcards, KQL_STAR */
    KQL_PARSE,            /* struct kql_op_parse */
    KQL_PARSE_WHERE,      /* struct kql_op_parse */
    KQL_PARSE_KV,         /* struct kql_op_parse_kv */
    KQL_MV_EXPAND,        /* struct kql_op_mv */
    KQL_MV_APPLY,         /* struct kql_op_mv */
    KQL_MV_COLUMN,        /* struct kql_mv_column */
    KQL_MAKE_SERIES,      /* struct kql_op_make_series */
    KQL_SERIES_ITEM,      /* struct kql_series_item */
    KQL_EVALUATE,         /* struct kql_op_evaluate */
    KQL_RENDER,           /* struct kql_op_render */
    KQL_RANGE,            /* struct kql_op_range */
    KQL_DATATABLE,        /* struct kql_op_data: values are literals */
    KQL_EXTERNALDATA,     /* struct kql_op_data: values are addresses */
    KQL_SEARCH,           /* struct kql_op_search */
    KQL_FIND,             /* struct kql_op_find */
    KQL_GETSCHEMA,        /* struct kql_op */
    KQL_REDUCE,           /* struct kql_op_reduce */
    KQL_SCAN,             /* struct kql_op_scan */
    KQL_SCAN_STEP,        /* struct kql_scan_step */
    KQL_PARTITION,        /* struct kql_op_partition */
    KQL_PARTITION_BY,     /* struct kql_op_partition: __partitionby */
    KQL_FORK,             /* struct kql_op_list of KQL_FORK_BRANCH */
    KQL_FORK_BRANCH,      /* struct kql_fork_branch */
    KQL_FACET,            /* struct kql_op_facet */
    KQL_AS,               /* struct kql_op_name */
    KQL_INVOKE,           /* struct kql_op_expr: a KQL_CALL */
    KQL_CONSUME,          /* struct kql_op */
    KQL_ASSERT_SCHEMA,    /* struct kql_op_expr: a KQL_SCHEMA */
    KQL_EXECUTE_AND_CACHE, /* struct kql_op */
    KQL_MACRO_EXPAND,      /* struct kql_op_macro_expand */
    KQL_MAKE_GRAPH,        /* struct kql_op_make_graph */
    KQL_GRAPH_NODES,       /* struct kql_graph_nodes: T on key */
    KQL_GRAPH_MATCH,       /* struct kql_op_graph_match */
    KQL_GRAPH_PATHS,       /* struct kql_op_graph_match: graph-shortest-paths */
    KQL_GRAPH_PATTERN,     /* struct kql_graph_pattern */
    KQL_GRAPH_NODE,        /* struct kql_graph_node: (n) */
    KQL_GRAPH_EDGE,        /* struct kql_graph_edge: -[e*1..3]-> */
    KQL_GRAPH_TO_TABLE,    /* struct kql_op_list of KQL_GRAPH_OUTPUT */
    KQL_GRAPH_OUTPUT,      /* struct kql_graph_output: nodes as N */
    KQL_GRAPH_WHERE_NODES, /* struct kql_op_expr */
    KQL_GRAPH_WHERE_EDGES, /* struct kql_op_expr */
    KQL_GRAPH_MARK,        /* struct kql_op: graph-mark-components */

    /* statements */
    KQL_LET,              /* struct kql_let */
    KQL_EXPR_STATEMENT,   /* struct kql_expr_statement */
    KQL_SET,              /* struct kql_set */
    KQL_QUERY_PARAMETERS, /* struct kql_declare */
    KQL_PATTERN,          /* struct kql_pattern */
    KQL_PATTERN_MATCH,    /* struct kql_pattern_match: (values).[path] = { query } */
    KQL_ALIAS,            /* struct kql_let: alias database name = e */
    KQL_RESTRICT,         /* struct kql_restrict */
    KQL_NKINDS
};

struct kql_node {
    enum kql_kind kind;
    struct span span;
};

struct kql_list {
    struct kql_node **items;
    size_t n;
};

/* (struct kql_call *)node; only after a look at node->kind. */
#define KQL_AS(type, n) ((struct type *)(n))

struct kql_error {
    struct kql_node node;
};

/* -- expressions -- */

enum kql_literal_flags {
    KQL_LIT_VERBATIM = 1 << 0,   /* @"..." or ```...``` */
    KQL_LIT_OBFUSCATED = 1 << 1, /* h"..." */
    KQL_LIT_MULTILINE = 1 << 2,  /* ```...``` or ~~~...~~~ */
    KQL_LIT_JOINED = 1 << 3,     /* adjacent strings */
    KQL_LIT_TYPED = 1 << 4,      /* long(1), datetime(...), dynamic(...): the form with a type in front */
    KQL_LIT_HEX = 1 << 5,
    KQL_LIT_BAD = 1 << 6, /* not a value of its type: long(x), 99999999999999999999; is_null is set */
};

struct kql_literal {
    struct kql_node node;
    enum hb_type type; /* never HB_UNKNOWN; the bare word null is a KQL_NAME, as in the reference */
    bool is_null;      /* long(null), and with KQL_LIT_BAD */
    unsigned flags;    /* enum kql_literal_flags */
    union {
        bool b;    /* bool */
        int64_t i; /* int, long; datetime and timespan in ticks */
        double r;  /* real */
    } v;
    /*
     * string: the decoded bytes. dynamic: compact JSON (nested datetime(...) and the like as KQL writes
     * them). guid: 36 characters, lower case. decimal: as written, without blanks. Else the text as written.
     */
    struct str text;
};

struct kql_name {
    struct kql_node node;
    struct str name; /* decoded */
    bool quoted;     /* ['name'] or ["name"] */
    bool wildcard;   /* holds *, each of which stands for any characters; never with quoted */
};

struct kql_path {
    struct kql_node node;
    struct kql_node *object;
    struct kql_node *member; /* KQL_NAME, KQL_CALL (database('d').f(1)), KQL_STAR */
};

struct kql_index {
    struct kql_node node;
    struct kql_node *object;
    struct kql_node *index;
};

/* Also toscalar(T | ...), materialize(...), table(...), view() and count_distinct(distinct): an argument may
 * be tabular. */
struct kql_call {
    struct kql_node node;
    struct kql_name *name;
    struct kql_list params; /* toscalar kind=nooptimization (...), materialize(hint.x=..., ...) */
    struct kql_list args;   /* KQL_NAMED for named ones; KQL_STAR */
};

struct kql_named {
    struct kql_node node;
    struct kql_list
        names;  /* KQL_NAME; an element of (a, , b) that is left out is a KQL_NAME with an empty name */
    bool tuple; /* written with brackets */
    struct kql_node *value;
};

enum kql_op_code {
    /* binary */
    KQL_OR,
    KQL_AND,
    KQL_EQ, /* == */
    KQL_NE, /* != <> */
    KQL_LT,
    KQL_LE,
    KQL_GT,
    KQL_GE,
    KQL_ADD,
    KQL_SUB,
    KQL_MUL,
    KQL_DIV,
    KQL_MOD,
    KQL_EQ_CI, /* =~ */
    KQL_NE_CI, /* !~ */
    KQL_COLON, /* : in search */
    KQL_HAS,
    KQL_NOT_HAS,
    KQL_HAS_CS,
    KQL_NOT_HAS_CS,
    KQL_HASPREFIX,
    KQL_NOT_HASPREFIX,
    KQL_HASPREFIX_CS,
    KQL_NOT_HASPREFIX_CS,
    KQL_HASSUFFIX,
    KQL_NOT_HASSUFFIX,
    KQL_HASSUFFIX_CS,
    KQL_NOT_HASSUFFIX_CS,
    KQL_CONTAINS,
    KQL_NOT_CONTAINS,
    KQL_CONTAINS_CS,
    KQL_NOT_CONTAINS_CS,
    KQL_STARTSWITH,
    KQL_NOT_STARTSWITH,
    KQL_STARTSWITH_CS,
    KQL_NOT_STARTSWITH_CS,
    KQL_ENDSWITH,
    KQL_NOT_ENDSWITH,
    KQL_ENDSWITH_CS,
    KQL_NOT_ENDSWITH_CS,
    KQL_MATCHES_REGEX,
    KQL_LIKE,
    KQL_NOT_LIKE,
    KQL_LIKE_CS,
    KQL_NOT_LIKE_CS,
    /* with a list on the right: KQL_IN nodes */
    KQL_OP_IN,
    KQL_OP_NOT_IN,
    KQL_OP_IN_CI,
    KQL_OP_NOT_IN_CI,
    KQL_OP_HAS_ANY,
    KQL_OP_HAS_ALL,
    /* unary */
    KQL_PLUS,
    KQL_MINUS,
    KQL_NOPS
};

/* "==", "!contains", ... the usual spelling. */
const char *kql_op_text(enum kql_op_code op);

struct kql_unary {
    struct kql_node node;
    enum kql_op_code op;
    struct kql_node *operand;
};

struct kql_binary {
    struct kql_node node;
    enum kql_op_code op;
    struct span op_span; /* as written */
    struct kql_node *left, *right;
};

struct kql_in {
    struct kql_node node;
    enum kql_op_code op;
    struct span op_span;
    struct kql_node *left;
    struct kql_list items; /* what stands in the brackets: expressions, or one tabular expression */
};

struct kql_between {
    struct kql_node node;
    bool negated;
    struct kql_node *operand, *low, *high;
};

struct kql_paren {
    struct kql_node node;
    struct kql_node *inner; /* scalar or tabular */
};

struct kql_typeof {
    struct kql_node node;
    struct kql_list types; /* KQL_COLDECL (name may be NULL for typeof(long)), KQL_STAR */
};

/* What was written; the default differs by operator. */
enum kql_dir { KQL_DIR_NONE, KQL_ASC, KQL_DESC, KQL_GRANNY_ASC, KQL_GRANNY_DESC };
enum kql_nulls { KQL_NULLS_NONE, KQL_NULLS_FIRST, KQL_NULLS_LAST };

struct kql_ordered {
    struct kql_node node;
    struct kql_node *value; /* may be KQL_NAMED in top-nested */
    enum kql_dir dir;
    enum kql_nulls nulls;
};

struct kql_coldecl {
    struct kql_node node;
    struct kql_name *name; /* NULL in typeof(long) */
    struct str type_text;  /* as written; empty for a tabular parameter and where no type was given */
    struct span type_span;
    enum hb_type type;          /* HB_UNKNOWN: none, or not a scalar type */
    struct kql_schema *tabular; /* T:(*), T:(a:long): a tabular parameter */
    struct kql_node *value;     /* a default (parameters, scan declare), or NULL */
};

struct kql_schema {
    struct kql_node node;
    struct kql_list columns; /* KQL_COLDECL, KQL_STAR */
};

struct kql_param {
    struct kql_node node;
    struct str name; /* "kind", "hint.strategy", "withsource", ... */
    struct span name_span;
    struct kql_node
        *value; /* KQL_NAME for a bare word (kind=inner), KQL_LITERAL, a call; NULL where .values is used */
    struct kql_list values; /* a list of names: ycolumns = a, b */
};

struct kql_lambda {
    struct kql_node node;
    bool view;
    struct kql_list params;     /* KQL_COLDECL */
    struct kql_list statements; /* in front of the body: KQL_LET, ... */
    struct kql_node *body;      /* NULL: no expression, only statements */
};

struct kql_pipe {
    struct kql_node node;
    struct kql_node
        *source; /* NULL in sub-queries that begin with an operator: mv-apply, partition, fork, facet */
    struct kql_list ops; /* at least one */
};

/* -- operators -- */

struct kql_op {
    struct kql_node node;
    struct span name_span;  /* the operator's word: "where" */
    struct kql_list params; /* KQL_PARAM: kind=, hint.x=, ... in the order written */
};

/* The parameter of that name (letter case counts), or NULL. */
struct kql_param *kql_op_param(const struct kql_op *op, const char *name);
struct kql_param *kql_list_param(const struct kql_list *params, const char *name);
/* The bare word or string it is set to, or the empty view. */
struct str kql_param_word(const struct kql_param *p);
bool kql_param_flag(const struct kql_param *p); /* given, and true */

struct kql_op_expr {
    struct kql_op op;
    struct kql_node *expr;
};

struct kql_op_list {
    struct kql_op op;
    struct kql_list items;
};

struct kql_op_name {
    struct kql_op op;
    struct kql_name *name; /* NULL where optional and not given */
};

struct kql_op_summarize {
    struct kql_op op;
    struct kql_list aggregates; /* e, a = e, (a, b) = e; may be empty */
    bool has_by;
    struct kql_list by;      /* e, a = e */
    struct kql_node *by_bin; /* old form: by a bin = 1d */
};

/* top n by e | top-hitters n of e [by e] | sample-distinct n of e */
struct kql_op_top {
    struct kql_op op;
    struct kql_node *count;
    struct kql_node *of; /* NULL for top */
    struct kql_node *by; /* KQL_ORDERED for top; NULL where not given */
};

struct kql_nested_level {
    struct kql_node node;
    struct kql_node *count;  /* NULL: all */
    struct kql_node *of;     /* may be KQL_NAMED */
    struct kql_node *others; /* with others = e, or NULL */
    struct kql_node *by;     /* KQL_ORDERED over e or a = e */
};

struct kql_op_join {
    struct kql_op op;
    struct kql_node *right; /* tabular; KQL_PAREN when bracketed */
    struct kql_list on;     /* columns, or conditions such as $left.a == $right.b */
    struct kql_node *where; /* join ... where condition, or NULL */
};

struct kql_op_parse {
    struct kql_op op; /* kind=, flags= */
    struct kql_node *source;
    struct kql_list pattern; /* string KQL_LITERAL, KQL_STAR, KQL_COLDECL (type HB_UNKNOWN: none given) */
};

struct kql_op_parse_kv {
    struct kql_op op;
    struct kql_node *source;
    struct kql_schema *keys;
    struct kql_list with; /* KQL_PARAM: pair_delimiter, kv_delimiter, quote, escape, greedy */
};

struct kql_op_mv {
    struct kql_op op;        /* bagexpansion=, kind=, with_itemindex= */
    struct kql_list columns; /* KQL_MV_COLUMN */
    struct kql_node *limit;  /* NULL: none */
    struct kql_node *id;     /* mv-apply ... id e, or NULL */
    struct kql_node
        *sub; /* mv-apply: a KQL_PIPE without source (or a bare operator pipe); NULL for mv-expand */
};

struct kql_mv_column {
    struct kql_node node;
    struct kql_node *value; /* e, a = e */
    struct kql_typeof *to;  /* to typeof(t), or NULL */
};

struct kql_op_make_series {
    struct kql_op op;
    struct kql_list items; /* KQL_SERIES_ITEM */
    struct kql_node *on;
    bool in_range;                     /* in range(from, to, step): the old form, its end is included */
    struct kql_node *from, *to, *step; /* from, to: NULL where not given */
    bool has_by;
    struct kql_list by;
};

struct kql_series_item {
    struct kql_node node;
    struct kql_node *value;    /* e, a = e */
    struct kql_node *fallback; /* default = e, or NULL */
};

struct kql_op_evaluate {
    struct kql_op op;
    struct kql_call *call;
    struct kql_schema *schema; /* evaluate f() : (a:long), or NULL */
};

struct kql_op_render {
    struct kql_op op;       /* kind= ... written without with, too */
    struct kql_name *chart; /* timechart, ... */
    struct kql_list with;   /* KQL_PARAM: title=, xcolumn=, ... */
};

struct kql_op_range {
    struct kql_op op;
    struct kql_name *name;
    struct kql_node *from, *to, *step;
};

struct kql_op_data {
    struct kql_op op;
    struct kql_schema *schema;
    struct kql_list values;
    struct kql_list with; /* KQL_PARAM */
};

struct kql_op_search {
    struct kql_op op;       /* kind= */
    struct kql_list tables; /* in (T1, T*); empty: everything */
    struct kql_node *predicate;
};

struct kql_op_find {
    struct kql_op op; /* withsource=, datascope= */
    struct kql_list tables;
    struct kql_node *predicate;
    bool smart;              /* project-smart */
    struct kql_list project; /* KQL_NAME, KQL_COLDECL, KQL_CALL pack(*) , KQL_STAR */
    struct kql_list away;    /* project-away */
};

struct kql_op_reduce {
    struct kql_op op;
    struct kql_node *by;
    struct kql_list with; /* KQL_PARAM: threshold, characters */
};

struct kql_op_scan {
    struct kql_op op;             /* with_match_id= */
    struct kql_list order_by;     /* KQL_ORDERED */
    struct kql_list partition_by; /* expressions */
    struct kql_list declare;      /* KQL_COLDECL with default */
    struct kql_list steps;        /* KQL_SCAN_STEP */
};

struct kql_scan_step {
    struct kql_node node;
    struct kql_name *name;
    bool optional;
    struct kql_name *output; /* output = all | last | none, or NULL */
    struct kql_node *condition;
    struct kql_list assignments; /* KQL_NAMED */
};

/*
 * partition [hints] by column (sub) | { statements; query } | in (scope) (sub)
 * __partitionby column [id e] (sub)
 */
struct kql_op_partition {
    struct kql_op op;
    struct kql_node *by;
    struct kql_node *id;
    struct kql_node *in;        /* in (scope) or NULL */
    struct kql_list statements; /* { let ...; T | ... } */
    bool braces;                /* sub is a whole query of its own, not fed by the pipe */
    struct kql_node *sub;
};

struct kql_fork_branch {
    struct kql_node node;
    struct kql_name *name; /* NULL: none */
    struct kql_node *sub;
};

struct kql_op_facet {
    struct kql_op op;
    struct kql_list by;
    struct kql_node *sub; /* with (...), or NULL */
};

struct kql_op_macro_expand {
    struct kql_op op;
    struct kql_node *group;
    struct kql_name *alias; /* as X, or NULL */
    struct kql_list statements;
};

struct kql_op_make_graph {
    struct kql_op op;
    struct kql_name *source, *target;
    bool directed;            /* --> ; else -- */
    struct kql_list nodes;    /* KQL_GRAPH_NODES: with T1 on k1, T2 on k2 */
    struct kql_name *node_id; /* with_node_id = x, or NULL */
    struct kql_name *partition_by;
    struct kql_node *sub; /* partitioned-by x (...), or NULL */
};

struct kql_graph_nodes {
    struct kql_node node;
    struct kql_node *table;
    struct kql_name *key;
};

struct kql_op_graph_match {
    struct kql_op op;         /* cycles=, output= */
    struct kql_list patterns; /* KQL_GRAPH_PATTERN */
    struct kql_node *where;
    bool has_project;
    struct kql_list project;
};

struct kql_graph_pattern {
    struct kql_node node;
    struct kql_list items; /* KQL_GRAPH_NODE, KQL_GRAPH_EDGE, in turn */
};

struct kql_graph_node {
    struct kql_node node;
    struct kql_name *name; /* NULL: () */
};

struct kql_graph_edge {
    struct kql_node node;
    struct kql_name *name; /* NULL: none */
    bool left, right;      /* <-[..]- , -[..]-> ; neither: -[..]- */
    bool variable;         /* *low..high */
    struct kql_node *low, *high;
};

struct kql_graph_output {
    struct kql_node node;
    struct kql_name *entity; /* nodes, edges */
    struct kql_name *as;
    struct kql_list params;
};

/* -- statements -- */

struct kql_let {
    struct kql_node node;
    struct kql_name *name;
    struct kql_node *value; /* scalar, tabular or KQL_LAMBDA */
};

struct kql_expr_statement {
    struct kql_node node;
    struct kql_node *expr;
};

struct kql_set {
    struct kql_node node;
    struct kql_name *name;
    struct kql_node *value; /* NULL: none */
};

struct kql_declare {
    struct kql_node node;
    struct kql_list columns; /* KQL_COLDECL */
};

struct kql_pattern {
    struct kql_node node;
    struct kql_name *name;
    struct kql_list params;  /* KQL_COLDECL */
    struct kql_node *path;   /* KQL_COLDECL; NULL: none */
    struct kql_list matches; /* KQL_PATTERN_MATCH */
};

struct kql_pattern_match {
    struct kql_node node;
    struct kql_list values; /* KQL_LITERAL */
    struct kql_node *path;  /* KQL_LITERAL; NULL: none */
    struct kql_node *body;  /* KQL_LAMBDA without parameters */
};

struct kql_restrict {
    struct kql_node node;
    struct kql_list items;
};

struct kql_ast {
    const struct source *source;
    struct kql_list statements;
    bool ok;        /* no error was reported */
    bool lone_expr; /* from kql_parse_expr: the statement is a scalar expression */
};

/* -- the shape of each kind as data -- */

enum kql_field_type {
    KF_NODE,  /* struct kql_node * (or any node struct *) */
    KF_LIST,  /* struct kql_list */
    KF_STR,   /* struct str */
    KF_BOOL,  /* bool */
    KF_OP,    /* enum kql_op_code */
    KF_DIR,   /* enum kql_dir */
    KF_NULLS, /* enum kql_nulls */
    KF_TYPE,  /* enum hb_type */
    KF_VALUE  /* the value of a struct kql_literal */
};

struct kql_field {
    const char *name;
    enum kql_field_type type;
    unsigned offset;
};

struct kql_kind_row {
    const char *name; /* in dumps */
    size_t size;
    const struct kql_field *fields; /* children in source order, ended by a NULL name */
};

extern const struct kql_kind_row kql_kinds[KQL_NKINDS];

/*
 * What a node extends to its left: the left side of KQL_BINARY, the object of KQL_PATH and KQL_INDEX; NULL for other
 * kinds. Only these make trees deep without brackets (a + a + ..., a.b.c...), as deep as the text is long, so a pass
 * must loop along them; recursion into all other children is bounded by KQL_DEPTH_MAX (parse.h).
 */
struct kql_node *kql_left(const struct kql_node *n);
/* database, cluster and their like, called to say whose table is meant (entities.c). */
bool kql_is_place(struct str name);

/* A zeroed node of that kind. */
void *kql_node_new(struct arena *a, enum kql_kind kind, struct span span);

/*
 * Calls f for each child of n that is not NULL, in source order. f returns false to stop; so does this.
 */
bool kql_each_child(const struct kql_node *n, bool (*f)(void *ctx, const char *field, struct kql_node *child),
                    void *ctx);

#endif
