/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as SHA256SUMS and as notes.jsonl. A list that is taken is what writing it gives; a log that is taken has no line
 * that could be written otherwise, so that with any of its bytes changed it is another log or none.
 */
#include <assert.h>
#include <string.h>

#include "../../src/record/verify_int.h"
#include "fuzz.h"
#include "hb/sha256.h"

static void try_list(struct arena *a, struct str text)
{
    struct map list;
    struct buf again = BUF_INIT;
    if (verify_read_list(a, text, &list) == 0) {
        for (size_t i = 0; i < list.n; i++) {
            buf_str(&again, *(const struct str *)list.entries[i].value);
            buf_puts(&again, "  ");
            buf_str(&again, list.entries[i].key);
            buf_putc(&again, '\n');
        }
        assert(str_eq(buf_view(&again), text));
    }
    buf_free(&again);
}

static void try_log(struct arena *a, struct str text)
{
    struct err err = ERR_INIT;
    struct note *notes;
    size_t n;
    struct str last;
    char hex[65];
    const struct str first = STR("first");
    if (!notes_parse(a, text, first, &notes, &n, &last, &err)) {
        assert(err.kind == ERR_VERIFY);
        return;
    }
    assert(n == 0 || str_eq(notes[0].previous, first));
    if (n == 0)
        return;
    size_t begin = text.n - 1;
    while (begin && text.p[begin - 1] != '\n')
        begin--;
    sha256_hex(str_sub(text, begin, text.n - 1), hex);
    assert(str_eqz(last, hex));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(0, "evidence");
    struct str text = { (const char *)data, size };
    try_list(a, text);
    try_log(a, text);
    arena_free(a);
    return 0;
}
