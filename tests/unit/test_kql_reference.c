/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docs/KQL.md is what the compiler's tables say, and the tables are sound. HUNTBOOK_UPDATE=1 rewrites the page.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/kql/bound.h"
#include "hb/kql_udf.h"

static const char page[] = "docs/KQL.md";

static void test_page(void **state)
{
    (void)state;
    struct buf now = BUF_INIT;
    kql_reference(&now);
    if (getenv("HUNTBOOK_UPDATE")) {
        FILE *f = fopen(page, "w");
        assert_non_null(f);
        fwrite(now.p, 1, now.n, f);
        fclose(f);
    }
    FILE *f = fopen(page, "r");
    assert_non_null(f);
    char *old = calloc(1, now.n + 2);
    size_t n = fread(old, 1, now.n + 1, f);
    fclose(f);
    if (n != now.n || memcmp(old, now.p, n) != 0)
        fail_msg("%s is stale: run HUNTBOOK_UPDATE=1 build/debug/tests/unit/test_kql_reference", page);
    free(old);
    buf_free(&now);
}

static bool is_udf(const char *name, size_t n)
{
#define NAME(f, result, args, nulls, meaning)                                                                \
    if (strlen(#f) == n && memcmp(#f, name, n) == 0)                                                         \
        return true;
    KQL_UDFS(NAME)
#undef NAME
    return false;
}

/* Every kql_ function a template calls is in the contract, and every $n has an argument. */
static void check_template(const char *name, const char *args, const char *sql)
{
    size_t nargs = 0;
    bool many = false;
    for (const char *a = args; *a; a++) {
        many |= *a == '*';
        nargs += *a != 'P' && *a != '*';
    }
    for (const char *p = sql; (p = strstr(p, "kql_")); p++) {
        size_t n = strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789_");
        if (!is_udf(p, n))
            fail_msg("%s: '%.*s' is not in hb/kql_udf.h", name, (int)n, p);
    }
    for (const char *p = sql; (p = strchr(p, '$')); p += 2)
        if (p[1] >= '1' && p[1] <= '9' && !many && (size_t)(p[1] - '0') > nargs)
            fail_msg("%s: %.2s has no argument", name, p);
}

static void test_templates(void **state)
{
    (void)state;
    for (size_t i = 0; i < kql_nfuncs; i++)
        if (kql_funcs[i].sql && kql_funcs[i].sql[0] != '!')
            check_template(kql_funcs[i].name, kql_funcs[i].args, kql_funcs[i].sql);
    for (size_t i = 0; i < kql_naggs; i++)
        if (kql_aggs[i].sql[0] != '!')
            check_template(kql_aggs[i].name, kql_aggs[i].args, kql_aggs[i].sql);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_page), cmocka_unit_test(test_templates) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
