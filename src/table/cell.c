/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One cell as text, for machines and for people.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hb/table.h"
#include "hb/ticks.h"

/* .NET's shortest round-trip form: 1.0, 0.0001, 1E-05, 1E+16 (KQL prints an integral real with ".0"). */
void real_put_kql(struct buf *b, double v)
{
    if (isnan(v)) {
        buf_puts(b, "NaN");
        return;
    }
    if (isinf(v)) {
        buf_puts(b, v < 0 ? "-Infinity" : "Infinity");
        return;
    }
    char text[40];
    int digits = 1;
    do
        snprintf(text, sizeof text, "%.*e", digits - 1, v);
    while (strtod(text, NULL) != v && ++digits <= 17);
    int exponent = atoi(strchr(text, 'e') + 1);
    if (exponent < -4 || exponent >= 15) {
        char *e = strchr(text, 'e');
        buf_put(b, text, (size_t)(e - text));
        buf_printf(b, "E%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
        return;
    }
    int decimals = digits - 1 - exponent;
    buf_printf(b, "%.*f", decimals > 1 ? decimals : 1, v);
}

void cell_put_text(struct buf *b, const struct column *c, size_t row)
{
    if (column_is_null(c, row))
        return;
    switch (c->type) {
    case HB_BOOL: buf_puts(b, c->v.b[row] ? "true" : "false"); break;
    case HB_INT:
    case HB_LONG: buf_i64(b, c->v.i[row]); break;
    case HB_REAL: real_put_kql(b, c->v.f[row]); break;
    case HB_DATETIME: ticks_put_iso(b, c->v.i[row]); break;
    case HB_TIMESPAN: timespan_put(b, c->v.i[row]); break;
    default: buf_str(b, c->v.s[row]);
    }
}

void cell_put_human(struct buf *b, const struct column *c, size_t row)
{
    if (column_is_null(c, row))
        return;
    if (c->type == HB_DATETIME) {
        ticks_put_human(b, c->v.i[row]);
    } else if (c->type == HB_REAL && isfinite(c->v.f[row])) {
        char text[40];
        double v = c->v.f[row];
        if (v == 0 || (fabs(v) >= 1e-4 && fabs(v) < 1e15)) {
            snprintf(text, sizeof text, "%.6f", v);
            size_t n = strlen(text);
            while (n > 2 && text[n - 1] == '0' && text[n - 2] != '.')
                n--;
            buf_put(b, text, n);
        } else {
            real_put_kql(b, v);
        }
    } else {
        cell_put_text(b, c, row);
    }
}

/* Text types but dynamic and everything with a form of its own go out as JSON strings. */
void cell_put_json(struct jw *w, const struct column *c, size_t row)
{
    struct buf text = BUF_INIT;
    if (column_is_null(c, row)) {
        jw_null(w);
        return;
    }
    switch (c->type) {
    case HB_BOOL: jw_bool(w, c->v.b[row]); break;
    case HB_INT:
    case HB_LONG: jw_i64(w, c->v.i[row]); break;
    case HB_REAL: jw_f64(w, c->v.f[row]); break;
    case HB_DYNAMIC: jw_raw(w, c->v.s[row]); break;
    default: cell_put_text(&text, c, row); jw_str(w, buf_view(&text));
    }
    buf_free(&text);
}
