/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as run.json. A record that is read is written, and that text stands for the same record, whole. */
#include <assert.h>

#include "hb/record.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0, "a record");
    struct err err = ERR_INIT;
    struct buf first = BUF_INIT, second = BUF_INIT;
    struct record *r = record_from_json(a, (struct str){ (const char *)data, size }, "run", &err);
    assert(r || err.text[0]);
    if (r) {
        record_to_json(&first, r);
        r = record_from_json(a, buf_view(&first), "run", &err);
        assert(r);
        record_to_json(&second, r);
        assert(str_eq(buf_view(&first), buf_view(&second)));
        for (size_t i = 0; i < r->ncells; i++)
            assert(record_cell_is_whole(&r->cells[i]) == (r->version >= RECORD_HASHED));
    }
    buf_free(&first);
    buf_free(&second);
    arena_free(a);
    return 0;
}
