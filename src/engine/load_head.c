/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The beginning of a file: what it is and which columns it has. Reads at most HEAD_MAX bytes, through gzip where needed.
 *
 * What is said here is said to DuckDB's reader in full, so that it has nothing to guess.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "hb/fs.h"
#include "hb/map.h"
#include "hb/utf8.h"
#include "hb/vec.h"
#include "jscan.h"
#include "load_int.h"

static const struct {
    const char *ending;
    enum load_format format;
} endings[] = {
    { ".csv", LOAD_CSV },   { ".tsv", LOAD_CSV },    { ".txt", LOAD_CSV },     { ".log", LOAD_CSV },
    { ".json", LOAD_JSON }, { ".jsonl", LOAD_JSON }, { ".ndjson", LOAD_JSON }, { ".parquet", LOAD_PARQUET },
};

/* The file's name without .gz. */
static struct str plain_name(const char *path)
{
    struct str s = str_z(fs_base(path));
    return s.n > 3 && str_eq_nocase(str_sub(s, s.n - 3, s.n), STR(".gz")) ? str_sub(s, 0, s.n - 3) : s;
}

static bool ends_nocase(struct str s, const char *ending)
{
    struct str e = str_z(ending);
    return s.n > e.n && str_eq_nocase(str_sub(s, s.n - e.n, s.n), e);
}

static bool format_by_name(const char *path, enum load_format *format)
{
    struct str s = plain_name(path);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (ends_nocase(s, endings[i].ending)) {
            *format = endings[i].format;
            return true;
        }
    return false;
}

bool engine_knows_file(const char *path)
{
    enum load_format format;
    return format_by_name(path, &format);
}

struct str engine_file_table(const char *path)
{
    struct str s = str_z(fs_base(path));
    return str_sub(s, 0, str_chr(s, '.', 1));
}

static void warn(struct arena *a, struct file_info *info, char *text)
{
    struct str *grown = ARENA_ARRAY(a, info->nwarnings + 1, struct str);
    if (info->nwarnings)
        memcpy(grown, info->warnings, info->nwarnings * sizeof *grown);
    grown[info->nwarnings++] = str_z(text);
    info->warnings = grown;
}

/* ---- Reading ---- */

static bool read_beginning(const char *path, struct arena *a, struct str *out, bool *gzip, struct err *err)
{
    if (fs_is_dir(path))
        return err_set(err, ERR_RUN, "'%s' is a folder, not a file with a table", path);
    gzFile f = gzopen(path, "rbe");
    if (!f)
        return err_errno(err, "cannot open", path);
    char *p = arena_alloc(a, HEAD_MAX);
    int n = gzread(f, p, HEAD_MAX);
    *gzip = !gzdirect(f);
    int code = Z_OK;
    const char *why = n < 0 ? gzerror(f, &code) : "";
    bool ok = n >= 0;
    if (!ok && code == Z_ERRNO)
        err_errno(err, "cannot read", path);
    else if (!ok)
        err_set(err, ERR_RUN, "cannot read '%s': the gzip data is damaged (%s)", path, why);
    gzclose(f);
    *out = (struct str){ p, ok ? (size_t)n : 0 };
    if (ok && n == 0)
        return err_set(err, ERR_RUN, "'%s' is empty", path);
    return ok;
}

static uint32_t unit16(struct str s, size_t i, bool big)
{
    unsigned char a = (unsigned char)s.p[i], b = (unsigned char)s.p[i + 1];
    return big ? (uint32_t)a << 8 | b : (uint32_t)b << 8 | a;
}

/* The basic plane is enough for a header; the rest becomes U+FFFD. */
static struct str from_utf16(struct arena *a, struct str s, bool big)
{
    struct buf b = BUF_INIT;
    for (size_t i = 2; i + 1 < s.n; i += 2) {
        char bytes[4];
        uint32_t u = unit16(s, i, big);
        buf_put(&b, bytes, utf8_put(bytes, u >= 0xD800 && u <= 0xDFFF ? 0xFFFD : u));
    }
    struct str out = buf_to_arena(&b, a);
    buf_free(&b);
    return out;
}

static struct str decode(struct arena *a, struct str s, struct file_info *info)
{
    if (str_starts(s, STR("\xFF\xFE")))
        info->encoding = ENC_UTF16LE;
    else if (str_starts(s, STR("\xFE\xFF")))
        info->encoding = ENC_UTF16BE;
    else
        return str_starts(s, STR("\xEF\xBB\xBF")) ? str_sub(s, 3, s.n) : s;
    return from_utf16(a, s, info->encoding == ENC_UTF16BE);
}

/* ---- CSV ---- */

/* Bytes of the header: to the first line end outside quotes. SIZE_MAX: there is none. */
static size_t header_end(struct str s)
{
    bool quoted = false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            quoted = !quoted;
        else if (!quoted && (s.p[i] == '\n' || s.p[i] == '\r'))
            return i;
    }
    return s.n < HEAD_MAX ? s.n : SIZE_MAX;
}

static char guess_delimiter(struct str header)
{
    static const char candidates[] = ",;\t|";
    size_t count[4] = { 0 }, best = 0;
    bool quoted = false;
    for (size_t i = 0; i < header.n; i++) {
        const char *at = header.p[i] ? strchr(candidates, header.p[i]) : NULL;
        if (header.p[i] == '"')
            quoted = !quoted;
        else if (!quoted && at)
            count[at - candidates]++;
    }
    for (size_t i = 1; i < 4; i++)
        if (count[i] > count[best])
            best = i;
    return candidates[best];
}

static bool check_text(const char *path, struct str header, struct err *err)
{
    for (size_t i = 0; i < header.n; i++) {
        unsigned char c = (unsigned char)header.p[i];
        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
            return err_set(err, ERR_RUN, "'%s' is not a text file: byte 0x%02x in its first line", path, c);
    }
    if (!utf8_valid(header) && header.n > 2 && (unsigned char)header.p[0] >= 0x80)
        return err_set(err, ERR_RUN, "'%s' is not a text file: its first line is not UTF-8", path);
    return true;
}

/* One field from i on; moves i behind its delimiter. False at the end. */
static bool next_field(struct str s, size_t *i, char delimiter, struct buf *out)
{
    buf_clear(out);
    if (*i > s.n)
        return false;
    bool quoted = *i < s.n && s.p[*i] == '"';
    size_t k = *i + quoted;
    for (; k < s.n; k++) {
        if (quoted && s.p[k] == '"') {
            if (k + 1 < s.n && s.p[k + 1] == '"')
                k++;
            else {
                quoted = false;
                continue;
            }
        } else if (!quoted && s.p[k] == delimiter) {
            break;
        }
        buf_putc(out, s.p[k]);
    }
    *i = k + 1;
    return true;
}

static bool read_header(const char *path, struct arena *a, struct str header, struct file_info *info,
                        struct err *err)
{
    struct buf field = BUF_INIT, clean = BUF_INIT;
    size_t cap = 0, i = 0;
    struct file_head *h = &info->head;
    while (next_field(header, &i, h->delimiter, &field) && h->ncolumns < COLUMNS_MAX) {
        buf_clear(&clean);
        utf8_sanitize(&clean, buf_view(&field));
        *VEC_PUSH(a, h->columns, h->ncolumns, cap) = buf_to_arena(&clean, a);
    }
    buf_free(&field);
    buf_free(&clean);
    if (h->ncolumns == COLUMNS_MAX)
        return err_set(err, ERR_RUN, "'%s' has more than %d columns in its first line", path,
                       COLUMNS_MAX - 1);
    return true;
}

static bool head_csv(const char *path, struct arena *a, struct str s, struct file_info *info, struct err *err)
{
    size_t end = header_end(s);
    if (end == SIZE_MAX)
        return err_set(err, ERR_RUN, "'%s' is not a table: its first line does not end within %d bytes", path,
                       HEAD_MAX);
    struct str header = str_sub(s, 0, end);
    if (str_trim(header).n == 0)
        return err_set(err, ERR_RUN, "'%s' has no header: its first line is blank", path);
    if (!check_text(path, header, err))
        return false;
    info->crlf_only_cr = end < s.n && s.p[end] == '\r' && !(end + 1 < s.n && s.p[end + 1] == '\n');
    info->head.delimiter = ends_nocase(plain_name(path), ".tsv") ? '\t' : guess_delimiter(header);
    return read_header(path, a, header, info, err);
}

/* ---- JSON ---- */

static void add_keys(struct arena *a, struct str object, struct map *seen, struct file_head *h, size_t *cap)
{
    struct jiter it;
    struct str raw, value;
    struct buf name = BUF_INIT;
    if (jiter_begin(&it, object) && it.object)
        while (h->ncolumns < COLUMNS_MAX && jiter_next(&it, &raw, &value)) {
            buf_clear(&name);
            json_put_unescaped(&name, raw);
            struct str key = buf_to_arena(&name, a);
            if (!map_set(seen, key, seen))
                *VEC_PUSH(a, h->columns, h->ncolumns, *cap) = key;
        }
    buf_free(&name);
}

static bool is_json(struct str s)
{
    struct buf b = BUF_INIT;
    bool ok = json_compact(&b, s);
    buf_free(&b);
    return ok;
}

/* Where the objects begin: at once, or behind the first "[" that an object follows. */
static size_t first_object(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '[') {
            size_t k = i + 1;
            while (k < s.n && strchr(" \t\r\n", s.p[k]) && s.p[k])
                k++;
            if (k < s.n && s.p[k] == '{')
                return k;
        }
    return 0;
}

static bool head_json(const char *path, struct arena *a, struct str s, struct file_info *info,
                      struct err *err)
{
    enum { LOOK_AT = 200 };
    struct map seen;
    size_t cap = 0, line = str_chr(s, '\n', 0);
    map_init(&seen, a);
    char kind = json_kind(s);
    if (kind != '{' && kind != '[')
        return err_set(err, ERR_RUN, "'%s' is not JSON: it begins with neither { nor [", path);
    /* A single line may be an envelope around rows: then the file is split first. */
    info->json_lines = info->encoding == ENC_UTF8 && kind == '{' && str_trim(str_sub(s, line, s.n)).n > 0 &&
                       is_json(str_sub(s, 0, line));
    size_t i = info->json_lines ? 0 : first_object(s);
    for (size_t k = 0; k < LOOK_AT && i < s.n; k++) {
        size_t end = json_skip(s, i);
        if (end == i || (end == s.n && s.n == HEAD_MAX))
            break;
        add_keys(a, str_sub(s, i, end), &seen, &info->head, &cap);
        i = end;
        while (i < s.n && (s.p[i] == ',' || s.p[i] == '\n' || s.p[i] == '\r' || s.p[i] == ' '))
            i++;
    }
    return true;
}

/* ---- Names ---- */

static struct str clean_name(struct arena *a, struct str name, size_t place, struct file_info *info)
{
    name = str_trim(name);
    size_t bracket = str_find(name, STR(" ["), 0);
    if (bracket != SIZE_MAX && name.p[name.n - 1] == ']') {
        struct str zone = str_sub(name, bracket + 2, name.n - 1);
        if (!str_eq(zone, STR("UTC")))
            warn(a, info, arena_printf(a, "column '%.*s': times are taken as UTC", STR_ARG(name)));
        name = str_sub(name, 0, bracket);
    }
    return name.n ? name : arena_strf(a, "Column%zu", place + 1);
}

void head_clean_names(struct arena *a, struct str *names, size_t n, struct file_info *info)
{
    struct map seen;
    map_init(&seen, a);
    for (size_t i = 0; i < n; i++) {
        struct str name = clean_name(a, names[i], i, info), unique = name;
        for (int k = 1; map_get(&seen, unique); k++)
            unique = arena_strf(a, "%.*s%d", STR_ARG(name), k);
        if (!str_eq(unique, name))
            warn(a, info,
                 arena_printf(a, "two columns are called '%.*s'; the second is '%.*s' here", STR_ARG(name),
                              STR_ARG(unique)));
        map_set(&seen, unique, info);
        names[i] = unique;
    }
}

bool head_read(const char *path, struct arena *a, struct file_info *out, struct err *err)
{
    struct str s;
    memset(out, 0, sizeof *out);
    if (!read_beginning(path, a, &s, &out->head.gzip, err))
        return false;
    bool named = format_by_name(path, &out->head.format);
    if (str_starts(s, STR("PAR1")))
        out->head.format = LOAD_PARQUET;
    else if (named && out->head.format == LOAD_PARQUET)
        return err_set(err, ERR_RUN, "'%s' is not a Parquet file", path);
    if (out->head.format == LOAD_PARQUET)
        return true;
    s = decode(a, s, out);
    if (!named && (json_kind(s) == '{' || json_kind(s) == '['))
        out->head.format = LOAD_JSON;
    if (out->head.format == LOAD_JSON)
        return head_json(path, a, s, out, err);
    if (!head_csv(path, a, s, out, err))
        return false;
    head_clean_names(a, out->head.columns, out->head.ncolumns, out);
    return true;
}
