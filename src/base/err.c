/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failure texts.
 */
#include "hb/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void mark_cut(struct err *e, int wanted)
{
    if (wanted >= ERR_TEXT_MAX)
        memcpy(e->text + ERR_TEXT_MAX - 4, "...", 4);
}

bool err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
    va_list ap;
    e->kind = kind;
    va_start(ap, fmt);
    mark_cut(e, vsnprintf(e->text, sizeof e->text, fmt, ap));
    va_end(ap);
    return false;
}

bool err_errno(struct err *e, const char *what, const char *subject)
{
    int code = errno;
    return err_set(e, ERR_RUN, "cannot %s '%s': %s", what, subject, strerror(code));
}

bool err_wrap(struct err *e, const char *fmt, ...)
{
    char old[ERR_TEXT_MAX];
    va_list ap;
    memcpy(old, e->text, sizeof old);
    va_start(ap, fmt);
    int n = vsnprintf(e->text, sizeof e->text, fmt, ap);
    va_end(ap);
    if (n >= 0 && n < ERR_TEXT_MAX) {
        size_t room = sizeof e->text - (size_t)n;
        mark_cut(e, n + snprintf(e->text + n, room, ": %s", old));
    }
    return false;
}
