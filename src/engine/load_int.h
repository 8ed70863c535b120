/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading files: what the parts share that know nothing of DuckDB.
 *
 *     load_head.c   what the beginning of a file says: format, delimiter, columns
 *     load_clean.c  a copy that DuckDB's reader can take: UTF-16, bad UTF-8, JSON that is not one value a line
 *     load_hash.c   SHA-256 of the file, and whether a .gz is whole, beside the loading
 *     load_infer.c  the type a text could have
 *     duck_load.c   the statements
 */
#ifndef HB_ENGINE_LOAD_INT_H
#define HB_ENGINE_LOAD_INT_H

#include "hb/engine.h"

enum {
    HEAD_MAX = 1 << 20,        /* a header longer than this is no header */
    LINE_MAX_BYTES = 16 << 20, /* a longer line is left out */
    COLUMNS_MAX = 4096,
};

enum text_encoding { ENC_UTF8, ENC_UTF16LE, ENC_UTF16BE };

struct file_info {
    struct file_head head;
    enum text_encoding encoding;
    bool crlf_only_cr;    /* lines end with a lone CR */
    bool json_lines;      /* JSON: one object a line */
    struct str *warnings; /* about the header */
    size_t nwarnings;
};

/* load_head.c */
bool head_read(const char *path, struct arena *a, struct file_info *out, struct err *err);
/* Makes names of a header into column names: trims, strips "[UTC]", fills empty ones, tells equal ones apart. */
void head_clean_names(struct arena *a, struct str *names, size_t n, struct file_info *info);

/* load_clean.c */
/* Writes UTF-8 to `to`; *replaced counts bytes that became U+FFFD. */
bool clean_text(const char *path, const char *to, enum text_encoding encoding, int64_t *replaced,
                struct err *err);
/* Any sequence of JSON values, or one array, or {"results": [...]}, {"value": [...]}, {"tables": [...]}: one value a line. */
bool clean_json(const char *path, const char *to, struct err *err);

/* load_hash.c */
struct hash_job;
/* Starts reading `paths` in another thread. */
struct hash_job *hash_start(const char *const *paths, size_t n, const bool *gzip);
/* Waits for it. files[i] is filled but for the path; false when a file is damaged. Frees the job. */
bool hash_finish(struct hash_job *job, struct load_file *files, struct err *err);
/* This thread works where the others of the program leave a processor free: what it computes is waited for later. */
void hash_thread_waits(void);
void hash_abandon(struct hash_job *job); /* when loading failed: stops early and frees; NULL is allowed */

/* load_infer.c */
/* Bits 1 << hb_type of the types that every careful reader would see in this text; HB_STRING is always in. */
unsigned infer_types(struct str s);
/* Does it look like this one type? */
bool infer_is(enum hb_type type, struct str s);
#define INFER_ALL (~0u)
/* The narrowest type of a set; HB_STRING when nothing else is left. */
enum hb_type infer_best(unsigned types);
/* The types that all values have that converted to t. */
unsigned infer_also(enum hb_type t);
/* The date forms of the portals' exports ("1/15/2026, 10:02:03.123 AM") and all that ticks_parse reads. */
bool ingest_datetime(struct str s, int64_t *out);

#endif
