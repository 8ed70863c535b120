/* layer: base */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing JSON by hand, reading it through cJSON.
 *
 * The writer is a thin layer over struct buf: the caller nests calls in order and jw_* puts commas. Output is
 * compact or indented by two blanks; strings are valid UTF-8 whatever comes in (bad bytes become U+FFFD), <
 * is written as is (HTML writers escape it themselves), U+2028 and U+2029 as escapes.
 */
#ifndef HB_JSON_H
#define HB_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "hb/buf.h"
#include "hb/err.h"
#include "hb/str.h"

enum { JW_DEPTH_MAX = 64 };

struct jw {
    struct buf *out;
    bool indent;
    int depth;
    bool need_comma[JW_DEPTH_MAX];
    bool after_key;
};

void jw_init(struct jw *w, struct buf *out, bool indent);
void jw_obj(struct jw *w);
void jw_end_obj(struct jw *w);
void jw_arr(struct jw *w);
void jw_end_arr(struct jw *w);
void jw_key(struct jw *w, const char *key);
void jw_keys(struct jw *w, struct str key);
void jw_str(struct jw *w, struct str s);
void jw_strz(struct jw *w, const char *z); /* NULL gives null */
void jw_i64(struct jw *w, int64_t v);
void jw_f64(struct jw *w, double v); /* shortest; non-finite as "NaN", "Infinity", "-Infinity" */
void jw_bool(struct jw *w, bool v);
void jw_null(struct jw *w);
void jw_raw(struct jw *w, struct str json); /* a value that is JSON already */

/* One JSON string with quotes. */
void json_put_str(struct buf *b, struct str s);

/* Whole text as one JSON value; trailing text is an error with its offset. cJSON_Delete the result. */
cJSON *json_parse(struct str text, struct err *err);
/* Members: absent or of another type gives the fallback. The view lives as long as the cJSON tree. */
struct str json_get_str(const cJSON *obj, const char *key);
double json_get_num(const cJSON *obj, const char *key, double fallback);
bool json_get_bool(const cJSON *obj, const char *key, bool fallback);
const cJSON *json_get(const cJSON *obj, const char *key); /* case-sensitive */

#endif
