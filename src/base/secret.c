/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets: see the header for the rules that their callers keep.
 */
#include "hb/secret.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

void secret_set(struct secret *s, struct str text)
{
    char *copy = malloc(text.n + 1);
    assert(copy);
    if (text.n)
        memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    secret_wipe(s);
    *s = (struct secret){ copy, text.n };
}

void secret_wipe(struct secret *s)
{
    if (s->p)
        explicit_bzero(s->p, s->n);
    free(s->p);
    *s = (struct secret){ NULL, 0 };
}

struct str secret_view(const struct secret *s)
{
    return (struct str){ s->p ? s->p : "", s->n };
}

void buf_wipe(struct buf *b)
{
    if (b->p)
        explicit_bzero(b->p, b->cap);
    buf_free(b);
}

void secret_guard(void)
{
    struct rlimit none = { 0, 0 };
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
