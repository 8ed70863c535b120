/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reasons in words. They say what was counted, never that something is "rare" because it was flagged: with
 * encode: label a flag follows from the place in the alphabet, and the text must show that.
 */
#include "analysis_int.h"

#include "hb/utf8.h"

/* How the rank is told, per encoding; NULL: not at all. */
static const char *const rank_text[ENCODE_COUNT] = {
    [ENCODE_LABEL] = "in alphabetical order",
    [ENCODE_FREQUENCY] = "counted from the rarest",
    [ENCODE_NUMBER] = "by size",
    [ENCODE_HOUR] = NULL,
    [ENCODE_ONEHOT] = NULL,
};

static void put_value(struct buf *b, const struct feature *f, uint32_t value)
{
    struct buf text = BUF_INIT;
    if (column_is_null(f->values, value)) {
        buf_puts(b, "null");
        return;
    }
    cell_put_human(&text, f->values, value);
    if (hb_type_is_text(f->type)) {
        buf_putc(b, '\'');
        utf8_show(b, buf_view(&text));
        buf_putc(b, '\'');
    } else {
        buf_str(b, buf_view(&text));
    }
    buf_free(&text);
}

/* A share as a percentage with two significant digits: 12%, 1.2%, 0.012%. */
static void put_percent(struct buf *b, double share)
{
    double percent = share * 100;
    int decimals = 0;
    for (double v = percent; v > 0 && v < 10 && decimals < 6; v *= 10)
        decimals++;
    buf_printf(b, "%.*f%%", decimals, percent);
}

void reason_put_text(struct buf *b, const struct feature_set *fs, const struct reason *r)
{
    const struct feature *f = &fs->features[r->feature];
    if (f->encoding == ENCODE_HOUR)
        buf_puts(b, "hour of ");
    utf8_show(b, f->column);
    buf_putc(b, ' ');
    put_value(b, f, r->value);
    buf_printf(b, ": %lld of %zu rows (", (long long)r->count, fs->nrows);
    put_percent(b, r->share);
    buf_putc(b, ')');
    const char *order = rank_text[f->encoding];
    if (order && f->encoding == ENCODE_LABEL && (!hb_type_is_text(f->type) || f->type == HB_DECIMAL))
        order = "by size";
    if (order)
        buf_printf(b, ", number %u of %u %s", r->rank, r->nvalues, order);
    if (fs->nfeatures > 1)
        buf_printf(b, ", %.0f%% of the isolation", r->contribution * 100);
}
