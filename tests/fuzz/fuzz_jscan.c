/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes through the JSON reader of dynamic values: no reader passes the end, what json_compact accepts is JSON for
 * another parser too, and compacting and canonical form are stable.
 */
#include <assert.h>
#include <string.h>

#include "hb/json.h"
#include "hb/utf8.h"

#include "../../src/engine/jscan.h"
#include "fuzz.h"

static void walk(struct str raw)
{
    struct jiter it;
    struct str name, value, v;
    if (jiter_begin(&it, raw))
        while (jiter_next(&it, &name, &value))
            assert(value.p >= raw.p && value.p + value.n <= raw.p + raw.n && value.n > 0);
    struct jtexts texts = jtexts_begin(raw);
    while (jtexts_next(&texts, &v))
        assert(v.p + v.n <= raw.p + raw.n);
    json_member(raw, STR("a"), &v);
    json_element(raw, -1, &v);
    json_pointer(raw, STR("/a/0/~1"), &v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = { (const char *)data, size };
    struct buf once = BUF_INIT, twice = BUF_INIT;
    walk(text);
    json_put_canon(&once, text);
    json_put_plain(&once, text);
    buf_clear(&once);
    if (json_compact(&once, text)) {
        assert(json_compact(&twice, buf_view(&once)));
        assert(str_eq(buf_view(&once), buf_view(&twice)));
        struct err err = ERR_INIT;
        cJSON *tree = size < 4096 && !memchr(data, 0, size) ? json_parse(buf_view(&once), &err) : NULL;
        cJSON_Delete(tree);
        buf_clear(&once);
        buf_clear(&twice);
        json_put_canon(&once, text);
        json_put_canon(&twice, buf_view(&once));
        assert(!utf8_valid(text) || str_eq(buf_view(&once), buf_view(&twice)));
    }
    buf_free(&once);
    buf_free(&twice);
    return 0;
}
