/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Talk on stderr, each line shown by the display rule.
 */
#include "hb/log.h"

#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "hb/buf.h"
#include "hb/utf8.h"

void log_init(struct log *l, FILE *out)
{
    const char *no_colour = getenv("NO_COLOR");
    *l =
        (struct log){ .out = out, .verbose = 1, .colour = isatty(fileno(out)) && !(no_colour && *no_colour) };
}

static void emit(const struct log *l, const char *label, const char *colour, const char *fmt, va_list ap)
{
    struct buf text = BUF_INIT, shown = BUF_INIT;
    buf_vprintf(&text, fmt, ap);
    if (label) {
        if (l->colour)
            buf_puts(&shown, colour);
        buf_puts(&shown, label);
        buf_puts(&shown, l->colour ? ":\033[0m " : ": ");
    }
    utf8_show_lines(&shown, buf_view(&text));
    buf_putc(&shown, '\n');
    fwrite(shown.p, 1, shown.n, l->out);
    fflush(l->out);
    buf_free(&text);
    buf_free(&shown);
}

#define EMIT(level, label, colour)                                                                           \
    do {                                                                                                     \
        if (l->verbose >= (level)) {                                                                         \
            va_list ap;                                                                                      \
            va_start(ap, fmt);                                                                               \
            emit(l, (label), (colour), fmt, ap);                                                             \
            va_end(ap);                                                                                      \
        }                                                                                                    \
    } while (0)

void log_info(const struct log *l, const char *fmt, ...)
{
    EMIT(1, NULL, "");
}

void log_debug(const struct log *l, const char *fmt, ...)
{
    EMIT(2, NULL, "");
}

void log_warn(const struct log *l, const char *fmt, ...)
{
    EMIT(0, "warning", "\033[1;33m");
}

void log_error(const struct log *l, const char *fmt, ...)
{
    EMIT(0, "error", "\033[1;31m");
}
