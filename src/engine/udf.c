/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registers the functions of hb/kql_udf.h and runs their bodies over DuckDB's vectors.
 *
 * DuckDB hands over flat vectors of up to 2048 rows; a constant argument is repeated. What a body wants prepared (a needle,
 * a parsed list) is prepared when that argument differs from the row before, so a constant costs once per
 * vector and nothing has to be kept between calls or copied with a plan.
 *
 * All functions see NULLs (special handling) and this file applies the contract's rule: one place, whatever DuckDB does.
 */
#include "udf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "duck_int.h"
#include "hb/kql_udf.h"
#include "udf_int.h"

enum { STRICT = 0, SEES = 1 };

static const struct udf_sig signatures[] = {
#define SIG(name, result, args, nulls, meaning) { #name, result[0], args, nulls == SEES, false },
    KQL_UDFS(SIG)
#undef SIG
};

static const struct udf_set *const sets[] = {
    &udf_match_set,   &udf_dynamic_set, &udf_array_set,  &udf_string_set,    &udf_series_set,
    &udf_units_set,   &udf_xml_set,     &udf_parse_set,  &udf_net_set,       &udf_convert_set,
    &udf_math_set,    &udf_time_set,    &udf_scan_set,   &udf_codec_set,     &udf_agent_set,
    &udf_stat_set,    &udf_schema_set,  &udf_path_set,   &udf_decompose_set, &udf_geo_set,
    &udf_geocell_set, &udf_mine_set,    &udf_reduce_set, &udf_graph_set,     &udf_geoshape_set,
};

/* ---- Reading arguments ---- */

struct source_vector {
    char type;
    const void *data;
    const uint64_t *valid;
    const void *child; /* lists */
    const uint64_t *child_valid;
    struct str *list;
    size_t list_cap;
};

static void open_vector(struct source_vector *s, char type, duckdb_vector v)
{
    s->type = type;
    s->data = duck.vector_get_data(v);
    s->valid = duck.vector_get_validity(v);
    if (!strchr("SJRLD", type))
        return;
    duckdb_vector child = duck.list_vector_get_child(v);
    s->child = duck.vector_get_data(child);
    s->child_valid = duck.vector_get_validity(child);
}

static void read_list(struct source_vector *s, idx_t row, struct udf_arg *arg)
{
    duckdb_list_entry entry = ((const duckdb_list_entry *)s->data)[row];
    arg->n = (size_t)entry.length;
    if (s->type == 'L') {
        arg->ilist = (int64_t *)(uintptr_t)s->child + entry.offset;
        return;
    }
    if (s->type == 'R') {
        arg->flist = (double *)(uintptr_t)s->child + entry.offset;
        return;
    }
    if (s->type == 'D') {
        arg->dlist = (__int128 *)(uintptr_t)s->child + entry.offset;
        return;
    }
    if (s->list_cap < arg->n) {
        s->list_cap = 2 * arg->n;
        s->list = realloc(s->list, s->list_cap * sizeof *s->list);
        assert(s->list);
    }
    const duckdb_string_t *texts = s->child;
    for (size_t i = 0; i < arg->n; i++) {
        idx_t at = entry.offset + i;
        s->list[i] = duck_valid(s->child_valid, at) ? duck_str(&texts[at]) : (struct str){ NULL, 0 };
    }
    arg->list = s->list;
}

static void read_arg(struct source_vector *s, idx_t row, struct udf_arg *arg)
{
    arg->null = !duck_valid(s->valid, row);
    if (arg->null)
        return;
    switch (s->type) {
    case 'b': arg->b = ((const bool *)s->data)[row]; break;
    case 'i': arg->i = ((const int32_t *)s->data)[row]; break;
    case 'l': arg->i = ((const int64_t *)s->data)[row]; break;
    case 'r': arg->f = ((const double *)s->data)[row]; break;
    case 's':
    case 'j': arg->s = duck_str(&((const duckdb_string_t *)s->data)[row]); break;
    case 'd':
    case 'h':
    case 'u': memcpy(&arg->d, (const char *)s->data + row * sizeof arg->d, sizeof arg->d); break;
    default: read_list(s, row, arg);
    }
}

/* ---- Writing results ---- */

static void write_null(duckdb_vector v, idx_t row)
{
    duck.vector_ensure_validity_writable(v);
    duck.validity_set_row_invalid(duck.vector_get_validity(v), row);
}

static void write_list(duckdb_vector v, idx_t row, const struct udf_call *c)
{
    idx_t at = duck.list_vector_get_size(v);
    duck.list_vector_reserve(v, at + c->nends);
    duck.list_vector_set_size(v, at + c->nends);
    duckdb_vector child = duck.list_vector_get_child(v);
    size_t from = 0;
    for (size_t i = 0; i < c->nends; i++) {
        size_t end = c->ends[i] & ~UDF_NULL_ELEM;
        if (c->ends[i] & UDF_NULL_ELEM)
            write_null(child, at + i);
        else
            duck.vector_assign_string_element_len(child, at + i, end > from ? c->out.p + from : "",
                                                  end - from);
        from = end;
    }
    ((duckdb_list_entry *)duck.vector_get_data(v))[row] = (duckdb_list_entry){ at, c->nends };
}

static void write_result(char type, duckdb_vector v, void *data, idx_t row, const struct udf_call *c)
{
    switch (type) {
    case 'b': ((bool *)data)[row] = c->b; break;
    case 'i': ((int32_t *)data)[row] = (int32_t)c->i; break;
    case 'l': ((int64_t *)data)[row] = c->i; break;
    case 'r': ((double *)data)[row] = c->f; break;
    case 's':
    case 'j': duck.vector_assign_string_element_len(v, row, c->out.n ? c->out.p : "", c->out.n); break;
    case 'd':
    case 'h':
    case 'u': memcpy((char *)data + row * sizeof c->d, &c->d, sizeof c->d); break;
    default: write_list(v, row, c);
    }
}

static void write_none(char type, duckdb_vector v, idx_t row)
{
    if (type == 's')
        duck.vector_assign_string_element_len(v, row, "", 0);
    else
        write_null(v, row);
    if (type == 'S' || type == 'J') /* the entry of a NULL list is still read when it is copied */
        ((duckdb_list_entry *)duck.vector_get_data(v))[row] = (duckdb_list_entry){ 0, 0 };
}

void udf_end_elem(struct udf_call *c)
{
    if (c->nends == c->ends_cap) {
        c->ends_cap = c->ends_cap ? 2 * c->ends_cap : 32;
        c->ends = realloc(c->ends, c->ends_cap * sizeof *c->ends);
        assert(c->ends);
    }
    c->ends[c->nends++] = c->out.n;
}

void udf_put_number(struct buf *o, double v)
{
    if (isfinite(v))
        buf_real(o, v);
    else
        buf_puts(o, "null");
}

/* ---- Running ---- */

static bool any_null(const struct udf_arg *args, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (args[i].null)
            return true;
    return false;
}

static void prepare(struct udf_call *c, const struct udf_fn *fn, struct str *prepared)
{
    const struct udf_arg *arg = &c->arg[fn->prep_arg];
    if (arg->null || (c->prep && str_eq(arg->s, *prepared)))
        return;
    if (!c->arena)
        c->arena = arena_new(0, "a prepared argument");
    else
        arena_reset(c->arena);
    c->prep = fn->prepare(c->arena, arg->s);
    *prepared = arg->s;
}

static void run_rows(const struct udf_bound *u, struct source_vector *in, idx_t n, duckdb_vector out)
{
    struct udf_arg args[UDF_ARGS_MAX];
    memset(args, 0, sizeof args);
    struct udf_call c = { .arg = args, .nargs = strlen(u->sig.args), .extra = u->extra };
    void *data = duck.vector_get_data(out);
    struct str prepared = { NULL, 0 };
    for (idx_t row = 0; row < n; row++) {
        for (size_t i = 0; i < c.nargs; i++)
            read_arg(&in[i], row, &args[i]);
        c.out.n = 0;
        c.tmp[0].n = c.tmp[1].n = 0;
        c.nends = 0;
        bool ok = u->sig.sees_null || !any_null(args, c.nargs);
        if (ok && u->fn.prepare)
            prepare(&c, &u->fn, &prepared);
        if (ok && u->fn.body(&c))
            write_result(u->sig.result, out, data, row, &c);
        else
            write_none(u->sig.result, out, row);
    }
    buf_free(&c.out);
    buf_free(&c.tmp[0]);
    buf_free(&c.tmp[1]);
    free(c.ends);
    if (c.arena)
        arena_free(c.arena);
}

/* Arithmetic on one or two columns without NULLs. */
static bool run_bulk(const struct udf_bound *u, const struct source_vector *in, size_t nargs, idx_t n,
                     duckdb_vector out)
{
    if (!u->bulk || in[0].valid || (nargs > 1 && in[1].valid))
        return false;
    u->bulk->run(in[0].data, nargs > 1 ? in[1].data : NULL, duck.vector_get_data(out), (size_t)n);
    return true;
}

static void udf_main(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector out)
{
    const struct udf_bound *u = duck.scalar_function_get_extra_info(info);
    struct source_vector in[UDF_ARGS_MAX];
    memset(in, 0, sizeof in);
    size_t nargs = strlen(u->sig.args);
    for (size_t i = 0; i < nargs; i++)
        open_vector(&in[i], u->sig.args[i], duck.data_chunk_get_vector(input, (idx_t)i));
    if (u->sig.result == 'S' || u->sig.result == 'J')
        duck.list_vector_set_size(out, 0);
    idx_t n = duck.data_chunk_get_size(input);
    if (!run_bulk(u, in, nargs, n, out))
        run_rows(u, in, n, out);
    for (size_t i = 0; i < nargs; i++)
        free(in[i].list);
}

/* ---- Registering ---- */

static duckdb_logical_type scalar_type(char c)
{
    static const struct {
        char c;
        duckdb_type id;
    } types[] = {
        { 'b', DUCKDB_TYPE_BOOLEAN }, { 'i', DUCKDB_TYPE_INTEGER }, { 'l', DUCKDB_TYPE_BIGINT },
        { 'r', DUCKDB_TYPE_DOUBLE },  { 's', DUCKDB_TYPE_VARCHAR }, { 'j', DUCKDB_TYPE_VARCHAR },
        { 'u', DUCKDB_TYPE_UUID },    { 'h', DUCKDB_TYPE_HUGEINT }, { 'd', DUCKDB_TYPE_HUGEINT },
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].c == c)
            return duck.create_logical_type(types[i].id);
    assert(false); /* a letter that no type has */
    return NULL;
}

static duckdb_logical_type any_type(char c)
{
    static const char lists[] = "SJRLD", elements[] = "ssrld";
    const char *at = strchr(lists, c);
    if (!at)
        return scalar_type(c);
    duckdb_logical_type element = scalar_type(elements[at - lists]);
    duckdb_logical_type list = duck.create_list_type(element);
    duck.destroy_logical_type(&element);
    return list;
}

static const struct udf_bulk *find_bulk(const char *name)
{
    for (size_t i = 0; i < udf_nbulks; i++)
        if (strcmp(udf_bulks[i].name, name) == 0)
            return &udf_bulks[i];
    return NULL;
}

bool udf_register(struct engine *e, const struct udf_sig *sig, const struct udf_fn *fn, void *extra,
                  struct err *err)
{
    struct udf_bound *u = malloc(sizeof *u);
    assert(u && strlen(sig->args) <= UDF_ARGS_MAX);
    *u = (struct udf_bound){ *sig, *fn, find_bulk(sig->name), extra };
    duckdb_scalar_function f = duck.create_scalar_function();
    duck.scalar_function_set_name(f, sig->name);
    for (const char *a = sig->args; *a; a++) {
        duckdb_logical_type t = any_type(*a);
        duck.scalar_function_add_parameter(f, t);
        duck.destroy_logical_type(&t);
    }
    duckdb_logical_type result = any_type(sig->result);
    duck.scalar_function_set_return_type(f, result);
    duck.destroy_logical_type(&result);
    duck.scalar_function_set_special_handling(f);
    if (sig->is_volatile)
        duck.scalar_function_set_volatile(f);
    duck.scalar_function_set_extra_info(f, u, free);
    duck.scalar_function_set_function(f, udf_main);
    bool ok = duck.register_scalar_function(e->lanes[LANE_MAIN].con, f) == DuckDBSuccess;
    duck.destroy_scalar_function(&f);
    return ok || err_set(err, ERR_RUN, "internal error: cannot register function '%s'", sig->name);
}

const struct udf_fn *udf_find(const char *name)
{
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        for (size_t k = 0; k < sets[i]->n; k++)
            if (strcmp(sets[i]->fns[k].name, name) == 0)
                return &sets[i]->fns[k];
    return NULL;
}

const struct udf_sig *udf_signatures(size_t *n)
{
    *n = sizeof signatures / sizeof *signatures;
    return signatures;
}

bool udf_register_all(struct engine *e, struct err *err)
{
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
        const struct udf_fn *fn = udf_find(signatures[i].name);
        if (fn && !udf_register(e, &signatures[i], fn, NULL, err))
            return false;
    }
    return udf_register_ingest(e, err);
}
