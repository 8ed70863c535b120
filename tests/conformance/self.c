/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The comparer compared: what must be the same and what must not. A rule that is loosened by mistake fails here.
 *
 * To add a check: a row. Values are JSON.
 */
#include <stdio.h>

#include "compare.h"
#include "hb/str.h"

static const struct printed {
    const char *text, *value, *type;
    bool same;
} printed[] = {
    { "5", "5", "long", true },
    { "5", "5.0", "real", true },
    { "1,234", "1234", "long", true },
    { "9007199254740993", "9007199254740993", "long", true },
    { "9007199254740993", "9007199254740992", "long", false },
    { "", "0", "long", false },
    { "0", "null", "long", false },
    { "5", "5.4", "real", false },
    { "0.33", "0.3333333333333333", "real", true },
    { "0.33", "0.336", "real", false },
    { "0.1", "0.104", "real", false },
    { "1.5E+3", "1500.0", "real", true },
    { "NaN", "\"NaN\"", "real", true },
    { "NaN", "null", "real", false },
    { "0.1", "\"0.1\"", "decimal", true },
    { "0.1", "\"0.2\"", "decimal", false },
    { "True", "true", "bool", true },
    { "true", "null", "bool", false },
    { "2017-01-01 10:10:17.0000000", "\"2017-01-01T10:10:17Z\"", "datetime", true },
    { "1/1/2017 10:10:17 PM", "\"2017-01-01T22:10:17Z\"", "datetime", true },
    { "2017-01-01T00:00:00+02:00", "\"2016-12-31T22:00:00Z\"", "datetime", true },
    { "2017-01-01 00:00:00", "\"2017-01-01T00:00:00.0000001Z\"", "datetime", false },
    { "1d", "\"1.00:00:00\"", "timespan", true },
    { "1.02:03:04.5", "\"1.02:03:04.5000000\"", "timespan", true },
    { "01:00:00", "\"1.00:00:00\"", "timespan", false },
    { "a  b", "\"a b\"", "string", true },
    { "abc", "\"ABC\"", "string", false },
    { "abc", "\"\"", "string", false },
    { "1", "\"1.0\"", "string", false },
    { "[1, 2,3]", "[1,2,3]", "dynamic", true },
    { "{\"a\": 1, \"b\": [true, null]}", "{\"b\":[true,null],\"a\":1}", "dynamic", true },
    { "\"abc\"", "\"abc\"", "dynamic", true },
    { "[1,2]", "[2,1]", "dynamic", false },
    { "[\"1\"]", "[1]", "dynamic", false },
    { "[null]", "[]", "dynamic", false },
    { "[1]", "null", "dynamic", false },
}, typed[] = {
    { "\"x\"", "\"X\"", "string", false },
    { "\"a\"", "\"a \"", "string", false },
    { "null", "\"\"", "string", true },
    { "0.1", "0.1000000001", "real", true },
    { "0.1", "0.101", "real", false },
    { "\"NaN\"", "\"NaN\"", "real", true },
    { "[1,2]", "\"[1,2]\"", "dynamic", true },
    { "[1,2]", "[2,1]", "dynamic", false },
    { "\"1.00:00:00\"", "\"1.00:00:00.0000000\"", "timespan", true },
    { "true", "1", "bool", true },
    { "5", "6", "long", false },
    { "null", "0", "long", false },
};

static const struct whole {
    const char *wanted, *actual;
    bool types;
    const char *reason;
} whole[] = {
#define COLUMNS "{\"columns\":[{\"name\":\"x\",\"type\":\"long\"},{\"name\":\"y\",\"type\":\"string\"}]"
#define ROWS    ",\"rows\":[[1,\"a\"],[2,\"b\"]]"
    { COLUMNS ROWS "}", COLUMNS ROWS "}", true, "exact" },
    { COLUMNS ROWS "}", COLUMNS ",\"rows\":[[2,\"b\"],[1,\"a\"]]}", true, "unordered" },
    { COLUMNS ROWS "}", COLUMNS ",\"rows\":[[1,\"a\"]]}", true, "row count" },
    { COLUMNS ROWS "}", COLUMNS ",\"rows\":[[1,\"a\"],[1,\"a\"]]}", true, "values" },
    { COLUMNS ROWS ",\"ordered\":true}", COLUMNS ",\"rows\":[[2,\"b\"],[1,\"a\"]]}", true, "row order" },
    { COLUMNS ",\"rows\":[[1,\"a\"],[1,\"b\"]],\"ordered\":true,\"sort_keys\":[\"x\"]}",
      COLUMNS ",\"rows\":[[1,\"b\"],[1,\"a\"]]}", true, "ties" },
    { COLUMNS ROWS "}",
      "{\"columns\":[{\"name\":\"x\",\"type\":\"int\"},{\"name\":\"y\",\"type\":\"string\"}]" ROWS "}", true,
      "column types" },
    { COLUMNS ROWS "}",
      "{\"columns\":[{\"name\":\"X\",\"type\":\"long\"},{\"name\":\"y\",\"type\":\"string\"}]" ROWS "}",
      false, "column names" },
    { COLUMNS ROWS "}",
      "{\"columns\":[{\"name\":\"y\",\"type\":\"long\"},{\"name\":\"x\",\"type\":\"string\"}]" ROWS "}",
      false, "column order" },
    { COLUMNS ROWS "}", "{\"error\":\"no\"}", true, "error" },
    { "{\"expect_error\":true}", "{\"error\":\"no\"}", true, "refused" },
    { "{\"expect_error\":true}", "{\"error\":\"internal error: no\"}", true, "internal error" },
    { "{\"expect_error\":true}", COLUMNS ROWS "}", true, "not refused" },
};

static size_t check_values(struct arena *a)
{
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof printed / sizeof *printed; i++) {
        const struct printed *p = &printed[i];
        bool same = cell_equal(a, str_z(p->text), str_z(p->text), jv_parse(a, str_z(p->value)),
                               hb_type_parse(str_z(p->type)), false);
        if (same != p->same)
            wrong++, printf("wrong: printed '%s' and %s %s\n", p->text, p->type, p->value);
    }
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
        const struct printed *p = &typed[i];
        bool same = value_equal(a, jv_parse(a, str_z(p->text)), jv_parse(a, str_z(p->value)),
                                hb_type_parse(str_z(p->type)), false);
        if (same != p->same)
            wrong++, printf("wrong: %s and %s as %s\n", p->text, p->value, p->type);
    }
    return wrong;
}

size_t compare_self_test(void)
{
    struct arena *a = arena_new(0, "checks of the comparer");
    size_t wrong = check_values(a);
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        const struct whole *w = &whole[i];
        struct verdict v = compare(a, jv_parse(a, str_z(w->wanted)), jv_parse(a, str_z(w->actual)), w->types);
        if (!str_eqz(str_z(v.reason), w->reason))
            wrong++, printf("wrong: %s for row %zu, not %s\n", v.reason, i, w->reason);
    }
    arena_free(a);
    return wrong;
}
