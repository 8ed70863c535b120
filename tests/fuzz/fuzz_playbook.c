/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a playbook: reaches the YAML reader, the rows, prose, parameters, the dump and the checks.
 * Checked besides crashes: every diagnostic and every part of prose stands inside the file.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "hb/check.h"
#include "hb/playbook.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
    if (!ok)
        abort();
}

static void check_prose(const struct playbook *p, const struct prose *prose)
{
    for (size_t i = 0; i < prose->nparts; i++) {
        const struct passage *part = &prose->parts[i].text;
        struct span at = passage_map(part, (struct span){ 0, part->s.n });
        check(at.offset <= p->source->text.n && at.len <= p->source->text.n - at.offset);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0, "fuzz");
    struct diags d;
    struct buf out = BUF_INIT;
    diags_init(&d, a);
    struct playbook *p = playbook_parse(a, "fuzz.hunt.yaml", (struct str){ (const char *)data, size },
                                        playbook_kinds, playbook_nkinds, &d);
    if (p)
        check_playbook(a, p, &d);
    for (size_t i = 0; i < d.n; i++) {
        check(!d.items[i].source || d.items[i].span.offset <= d.items[i].source->text.n);
        diag_print(&out, &d.items[i], false);
    }
    if (p) {
        const char *args[] = { "lookback=7d" };
        for (size_t i = 0; i < p->cells.n; i++)
            check_prose(p, &p->cells.items[i].description);
        playbook_dump(&out, p);
        params_apply(p, NULL, args, 1, &d);
    }
    buf_free(&out);
    arena_free(a);
    return 0;
}
