/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as JSON: read, walked through the accessors, and written as a string that must read back. */
#include <assert.h>
#include <string.h>

#include "hb/json.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = ERR_INIT;
    struct str text = { (const char *)data, size };
    cJSON *value = json_parse(text, &err);
    assert(value || err.text[0]);
    json_get_str(value, "a");
    json_get_num(value, "a", 0);
    json_get_bool(value, "a", false);
    cJSON_Delete(value);

    struct buf b = BUF_INIT;
    json_put_str(&b, text);
    cJSON *back = json_parse(buf_view(&b), &err);
    assert(cJSON_IsString(back) || memchr(data, 0, size)); /* cJSON ends texts at a NUL */
    cJSON_Delete(back);
    buf_free(&b);
    return 0;
}
