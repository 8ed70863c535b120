/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes the whole KQL compiler: parser, binder, pruning, SQL, on a catalogue of two tables.
 *
 * Checked: no crash, leak or hang; what is refused has a diagnostic inside the text; what compiles has columns of known types
 * and SQL without a NUL; the places of its map lie inside both texts. The first byte chooses between a query and an
 * expression. What DuckDB says of the SQL is tests/kqlgen's affair.
 */
#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "hb/kql.h"
#include "hb/ticks.h"

static const struct kql_column events[] = {
    { STR_INIT("Id"), HB_LONG },        { STR_INIT("Num"), HB_INT },       { STR_INIT("Score"), HB_REAL },
    { STR_INIT("Amount"), HB_DECIMAL }, { STR_INIT("Name"), HB_STRING },   { STR_INIT("Time"), HB_DATETIME },
    { STR_INIT("Span"), HB_TIMESPAN },  { STR_INIT("Flag"), HB_BOOL },     { STR_INIT("Bag"), HB_DYNAMIC },
    { STR_INIT("Uid"), HB_GUID },       { STR_INIT("odd name"), HB_LONG },
};

static bool find_table(void *ctx, struct str name, struct kql_table *out)
{
    (void)ctx;
    if (name.n != 2 || name.p[0] != 'T' || (name.p[1] != '1' && name.p[1] != '2'))
        return false;
    *out = (struct kql_table){ .sql_name = name.p[1] == '1' ? STR("t1") : STR("t2"),
                               .cols = events,
                               .ncols = name.p[1] == '1' ? sizeof events / sizeof *events : 5,
                               .has_rowid = name.p[1] == '1' };
    return true;
}

static bool find_scalar(void *ctx, struct str name, struct kql_scalar *out)
{
    (void)ctx;
    *out = (struct kql_scalar){ .type = HB_DYNAMIC, .v.s = STR("[\"a\",1]") };
    return str_eqz(name, "param");
}

static size_t table_names(void *ctx, struct arena *a, struct str **out)
{
    (void)ctx;
    *out = ARENA_ARRAY(a, 2, struct str);
    (*out)[0] = STR("T1");
    (*out)[1] = STR("T2");
    return 2;
}

static void check_result(const struct source *src, const struct kql_compiled *c)
{
    assert(c->sql.n && !memchr(c->sql.p, 0, c->sql.n));
    for (size_t i = 0; i < c->ncols; i++)
        assert(c->cols[i].type != HB_UNKNOWN);
    for (size_t i = 0; i < c->nmap; i++) {
        assert(c->map[i].offset + c->map[i].len <= c->sql.n);
        assert(c->map[i].span.offset + c->map[i].span.len <= src->text.n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size || size > 20000)
        return 0;
    struct arena *a = arena_new((size_t)1 << 30, "fuzzing");
    struct source src = { STR("fuzz"), { (const char *)data + 1, size - 1 } };
    struct kql_catalog catalog = { .table = find_table, .scalar = find_scalar, .names = table_names };
    struct kql_options options = { .now = TICKS_UNIX, .external_empty = (data[0] & 2) != 0 };
    struct kql_compiled c = { 0 };
    struct diags diags;
    diags_init(&diags, a);
    bool ok = (data[0] & 1) ? kql_compile_expr(a, &src, &catalog, &options, &diags, &c)
                            : kql_compile(a, &src, &catalog, &options, &diags, &c);
    assert(ok == (diags.errors == 0));
    for (size_t i = 0; i < diags.n; i++)
        assert(diags.items[i].span.offset + diags.items[i].span.len <= src.text.n);
    if (ok)
        check_result(&src, &c);
    arena_free(a);
    return 0;
}
