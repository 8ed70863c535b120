/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Constants as SQL. The only place that writes a quote: no byte of a query reaches SQL but through here, and everything but
 * text is printed again from its value.
 */
#include <math.h>

#include "bound.h"
#include "hb/decimal.h"
#include "hb/utf8.h"

/* 'text', quotes doubled; NUL, which SQL text cannot hold, as chr(0). */
void sql_string(struct buf *o, struct str s)
{
    bool nul = s.n && str_chr(s, '\0', 0) < s.n;
    buf_puts(o, nul ? "('" : "'");
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\0')
            buf_puts(o, "' || chr(0) || '");
        else if (s.p[i] == '\'')
            buf_puts(o, "''");
        else
            buf_putc(o, s.p[i]);
    }
    buf_puts(o, nul ? "')" : "'");
}

static void sql_i64(struct buf *o, int64_t v, const char *cast)
{
    if (v < 0)
        buf_putc(o, '(');
    buf_i64(o, v);
    if (v < 0)
        buf_putc(o, ')');
    buf_puts(o, cast);
}

static void sql_real(struct buf *o, double v)
{
    if (isnan(v)) {
        buf_puts(o, "CAST('nan' AS DOUBLE)");
    } else if (isinf(v)) {
        buf_puts(o, v > 0 ? "CAST('inf' AS DOUBLE)" : "CAST('-inf' AS DOUBLE)");
    } else {
        struct buf t = BUF_INIT;
        buf_f64(&t, v);
        bool exp = str_chr(buf_view(&t), 'e', 0) < t.n;
        buf_printf(o, signbit(v) ? "(%s%s)" : "%s%s", buf_z(&t), exp ? "" : "e0");
        buf_free(&t);
    }
}

/* Text as valid UTF-8: what is not would be refused by the engine. */
static void sql_text(struct buf *o, struct str s)
{
    struct buf t = BUF_INIT;
    utf8_sanitize(&t, s);
    sql_string(o, buf_view(&t));
    buf_free(&t);
}

/* The key as a number: texts of decimals are checked where they are read, and what is too large is null. */
static void sql_decimal(struct buf *o, struct str text)
{
    hb_decimal d;
    char digits[48];
    int n = 0;
    if (!decimal_parse(text, &d, NULL)) {
        buf_puts(o, "CAST(NULL AS HUGEINT)");
        return;
    }
    unsigned __int128 u = d < 0 ? -(unsigned __int128)d : (unsigned __int128)d;
    do
        digits[n++] = (char)('0' + (int)(u % 10));
    while (u /= 10);
    buf_puts(o, d < 0 ? "CAST('-" : "CAST('");
    while (n)
        buf_putc(o, digits[--n]);
    buf_puts(o, "' AS HUGEINT)");
}

void sql_literal(struct buf *o, const struct bexpr *e)
{
    if (e->null) {
        buf_printf(o, "CAST(NULL AS %s)", type_sql(e->type));
        return;
    }
    switch (e->type) {
    case HB_BOOL: buf_puts(o, e->v.b ? "true" : "false"); break;
    case HB_INT:
        sql_i64(o, e->v.i, e->v.i == INT32_MIN ? "::INTEGER" : "");
        break; /* -(2147483648) is a BIGINT */
    case HB_LONG:
    case HB_DATETIME:
    case HB_TIMESPAN: sql_i64(o, e->v.i, "::BIGINT"); break;
    case HB_REAL: sql_real(o, e->v.r); break;
    case HB_STRING:
    case HB_DYNAMIC: sql_text(o, e->text); break;
    case HB_DECIMAL: sql_decimal(o, e->text); break;
    case HB_GUID:
        buf_puts(o, "CAST(");
        sql_text(o, e->text);
        buf_printf(o, " AS %s)", type_sql(e->type));
        break;
    case HB_UNKNOWN: buf_puts(o, "NULL"); break;
    }
}
