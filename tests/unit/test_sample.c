/* SPDX-License-Identifier: Apache-2.0 */
/* The sample data: the same bytes for the same options, the rows asked for, CSV that reads back, the planted intrusion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hb/arena.h"
#include "hb/fs.h"
#include "hb/sample.h"
#include "hb/ticks.h"

struct fixture {
    struct arena *a;
    char *dir;
    char *file;
    int64_t end;
};

static int setup(void **state)
{
    struct arena *a = arena_new(0, "test");
    struct fixture *f = ARENA_NEW(a, struct fixture);
    struct err err = ERR_INIT;
    f->a = a;
    assert_true(fs_temp_dir(a, &f->dir, &err));
    f->file = fs_join(a, f->dir, "DeviceNetworkEvents.csv");
    assert_true(ticks_parse_iso(STR("2026-01-15T00:00:00Z"), &f->end));
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    struct err err = ERR_INIT;
    fs_remove_tree(f->dir, &err);
    arena_free(f->a);
    return 0;
}

static struct str generate(struct fixture *f, int64_t rows, uint64_t seed)
{
    struct sample_options o = { .rows = rows, .seed = seed, .end = f->end, .dir = f->dir };
    struct err err = ERR_INIT;
    struct str text;
    assert_true(sample_write(&o, &err));
    assert_true(fs_read(f->a, f->file, 1 << 30, &text, &err));
    return text;
}

/*
 * Reads CSV strictly: every record has as many fields as the header, a quote stands only around a field or doubled inside
 * one, records end in CR LF. Calls `each` with the fields of a record; returns the number of records without the header.
 */
enum { FIELDS_MAX = 64 };
typedef void record_fn(void *context, const struct str *fields);

static int64_t read_csv(struct arena *a, struct str text, record_fn *each, void *context)
{
    int64_t records = -1;
    size_t columns = 0, n = 0;
    struct str fields[FIELDS_MAX];
    for (size_t i = 0; i < text.n;) {
        struct buf b = BUF_INIT;
        if (text.p[i] == '"') {
            for (i++;; i++) {
                assert_true(i < text.n);
                if (text.p[i] != '"')
                    buf_putc(&b, text.p[i]);
                else if (i + 1 < text.n && text.p[i + 1] == '"')
                    buf_putc(&b, text.p[i++]);
                else
                    break;
            }
            i++;
        } else {
            for (; i < text.n && !strchr(",\r\n", text.p[i]); i++) {
                assert_int_not_equal(text.p[i], '"');
                buf_putc(&b, text.p[i]);
            }
        }
        assert_true(n < FIELDS_MAX);
        fields[n++] = buf_to_arena(&b, a);
        buf_free(&b);
        if (text.p[i] == ',') {
            i++;
            continue;
        }
        assert_memory_equal(text.p + i, "\r\n", 2);
        i += 2;
        if (records < 0)
            columns = n;
        assert_int_equal(n, columns);
        if (records >= 0 && each)
            each(context, fields);
        records++;
        n = 0;
    }
    return records;
}

static void same_options_same_bytes(void **state)
{
    struct fixture *f = *state;
    struct str first = generate(f, 3000, 42);
    assert_true(str_eq(first, generate(f, 3000, 42)));
    assert_false(str_eq(first, generate(f, 3000, 43)));
}

/* Whoever changes the generator changes the committed sample too: this says so. */
static void bytes_are_the_same_everywhere(void **state)
{
    struct fixture *f = *state;
    struct err err = ERR_INIT;
    char hex[65];
    generate(f, 1000, 1);
    assert_true(fs_sha256(f->file, hex, &err));
    assert_string_equal(hex, "0ca41bdf3cffa778f03701100a9b3679f648153d213afdea66d8828bcf8d316e");
}

static void any_number_of_rows(void **state)
{
    struct fixture *f = *state;
    const int64_t counts[] = { 0, 1, 2, 10, 100, 1000, 5000 };
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        assert_int_equal(read_csv(f->a, generate(f, counts[i], 7), NULL, NULL), counts[i]);
}

static void options_out_of_range(void **state)
{
    struct fixture *f = *state;
    struct err err = ERR_INIT;
    struct sample_options o = { .rows = -1, .end = f->end, .dir = f->dir };
    assert_false(sample_write(&o, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    o.rows = 1;
    o.end = 0;
    assert_false(sample_write(&o, &err));
    o.end = f->end;
    o.dir = "/dev/null/x";
    assert_false(sample_write(&o, &err));
}

enum { TIME = 0, REMOTE_IP = 4, NAME = 13, COMMAND = 17, CREATED = 18, FOLDER = 19, PARENT = 20 };
struct seen {
    int64_t last, start, end;
    int implants_in_temp, shells_of_implant, word_to_powershell, uploads, overrides, newlines, formulas,
        scripts;
};

static bool has(struct str s, const char *z)
{
    return memmem(s.p, s.n, z, strlen(z)) != NULL;
}

static void look(void *context, const struct str *v)
{
    struct seen *s = context;
    int64_t time, created;
    assert_true(ticks_parse_iso(v[TIME], &time));
    assert_true(ticks_parse_iso(v[CREATED], &created));
    assert_true(time >= s->last && time >= s->start && time < s->end);
    assert_true(created <= time);
    s->last = time;
    bool implant = str_eq(v[NAME], STR("zoomupdater.exe"));
    s->implants_in_temp += implant && has(v[FOLDER], "Temp") && has(v[REMOTE_IP], "203.0.113.");
    s->shells_of_implant += has(v[PARENT], "zoomupdater") &&
                            (has(v[NAME], "cmd") || has(v[NAME], "powershell"));
    s->word_to_powershell += has(v[PARENT], "WINWORD") && has(v[NAME], "powershell") &&
                             has(v[COMMAND], "-Enc ");
    s->uploads += has(v[NAME], "rclone") && has(v[REMOTE_IP], "198.51.100.");
    s->overrides += has(v[NAME], "\u202E");
    s->newlines += has(v[COMMAND], "\n");
    s->formulas += has(v[COMMAND], "=cmd|'/c calc'!A0");
    s->scripts += has(v[COMMAND], "<script>alert(1)</script>");
}

static void intrusion_is_planted(void **state)
{
    struct fixture *f = *state;
    struct seen s = { .start = f->end - TICKS_DAY, .end = f->end };
    read_csv(f->a, generate(f, 2000, 42), look, &s);
    assert_in_range(s.implants_in_temp, 20, 60);
    assert_int_equal(s.shells_of_implant, 2);
    assert_int_equal(s.word_to_powershell, 1);
    assert_int_equal(s.uploads, 14);
    assert_int_equal(s.overrides, 3);
    assert_int_equal(s.newlines, 2);
    assert_int_equal(s.formulas, 1);
    assert_int_equal(s.scripts, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(same_options_same_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(bytes_are_the_same_everywhere, setup, teardown),
        cmocka_unit_test_setup_teardown(any_number_of_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(options_out_of_range, setup, teardown),
        cmocka_unit_test_setup_teardown(intrusion_is_planted, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
