/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Base: strings, buffers, arenas, maps, JSON, UTF-8, diagnostics, files.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka needs the four above first */
#include <cmocka.h>

#include "hb/buf.h"
#include "hb/diag.h"
#include "hb/fs.h"
#include "hb/json.h"
#include "hb/map.h"
#include "hb/sha256.h"
#include "hb/utf8.h"
#include "hb/vec.h"

static void test_arena(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    char *big = arena_alloc(a, 100000), *small = arena_alloc(a, 3);
    for (int i = 0; i < 100000; i++)
        assert_int_equal(big[i], 0);
    memset(big, 1, 100000);
    assert_int_equal((uintptr_t)small % 16, 0);
    assert_int_equal(small[0] | small[1] | small[2], 0);
    size_t used = arena_used(a);
    assert_true(used >= 100003);
    arena_reset(a);
    assert_int_equal(arena_used(a), 0);
    char *again = arena_alloc(a, 5000);
    for (int i = 0; i < 5000; i++)
        assert_int_equal(again[i], 0);
    assert_string_equal(arena_printf(a, "%d-%s", 7, "x"), "7-x");
    int *v = NULL;
    size_t n = 0, cap = 0;
    for (int i = 0; i < 1000; i++)
        *VEC_PUSH(a, v, n, cap) = i;
    assert_int_equal(n, 1000);
    assert_int_equal(v[999], 999);
    arena_free(a);
}

static int exit_code_of_child(void (*fn)(void))
{
    int status;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        if (!freopen("/dev/null", "w", stderr))
            _exit(99);
        fn();
        _exit(0);
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void past_the_cap(void)
{
    struct arena *a = arena_new(1 << 16, "a bounded thing");
    for (;;)
        arena_alloc(a, 1000);
}

static void product_overflows(void)
{
    arena_array(arena_new(0, "test"), SIZE_MAX / 2, 16);
}

static void test_arena_limits(void **state)
{
    (void)state;
    assert_int_equal(exit_code_of_child(past_the_cap), 1);
    assert_int_equal(exit_code_of_child(product_overflows), 1);
}

static void test_str(void **state)
{
    (void)state;
    assert_true(str_eq_nocase(STR("AbC"), STR("aBc")));
    assert_true(str_cmp(STR("B"), STR("a")) < 0);
    assert_true(str_cmp(STR("ab"), STR("abc")) < 0);
    assert_true(str_eqz(str_trim(STR(" \t x y \r\n")), "x y"));
    assert_int_equal(str_find(STR("hello"), STR("l"), 3), 3);
    assert_true(str_find(STR("hello"), STR("z"), 0) == SIZE_MAX);
    assert_int_equal(str_chr(STR("abc"), 'z', 0), 3);
    assert_true(str_eqz(str_sub(STR("abc"), 1, 99), "bc"));
    int64_t i;
    assert_true(str_to_i64(STR("-9223372036854775808"), &i) && i == INT64_MIN);
    assert_false(str_to_i64(STR("9223372036854775808"), &i));
    assert_false(str_to_i64(STR(""), &i));
    assert_false(str_to_i64(STR("1 "), &i));
    double f;
    assert_true(str_to_f64(STR("-1.5e3"), &f) && f == -1500);
    assert_false(str_to_f64(STR("0x10"), &f));
    assert_false(str_to_f64(STR("inf"), &f));
    assert_false(str_to_f64(STR("1e"), &f));
    const struct str names[] = { STR_INIT("where"), STR_INIT("extend"), STR_INIT("project") };
    assert_true(str_eqz(str_nearest(STR("wehre"), names, 3), "where"));
    assert_true(str_eqz(str_nearest(STR("PROJCT"), names, 3), "project"));
    assert_int_equal(str_nearest(STR("summarize"), names, 3).n, 0);
}

static void test_buf(void **state)
{
    (void)state;
    struct buf b = { .max = 10 };
    buf_puts(&b, "12345");
    buf_puts(&b, "1234567");
    assert_true(b.too_big);
    assert_string_equal(buf_z(&b), "12345");
    buf_free(&b);
    b = (struct buf)BUF_INIT;
    buf_f64(&b, 0.1);
    buf_putc(&b, ' ');
    buf_f64(&b, 1.0 / 3);
    buf_putc(&b, ' ');
    buf_f64(&b, 1e300);
    buf_putc(&b, ' ');
    buf_f64(&b, -INFINITY);
    buf_putc(&b, ' ');
    buf_i64(&b, INT64_MIN);
    assert_string_equal(buf_z(&b), "0.1 0.3333333333333333 1e+300 -inf -9223372036854775808");
    buf_clear(&b);
    buf_printf(&b, "%0500d", 7);
    assert_int_equal(b.n, 500);
    buf_free(&b);
    assert_string_equal(buf_z(&b), "");
}

/* The vectors of RFC 4648, section 10, and bytes that are no text. */
static void test_base64(void **state)
{
    (void)state;
    static const struct {
        struct str bytes;
        const char *want;
    } cases[] = {
        { STR_INIT(""), "" },
        { STR_INIT("f"), "Zg==" },
        { STR_INIT("fo"), "Zm8=" },
        { STR_INIT("foo"), "Zm9v" },
        { STR_INIT("foob"), "Zm9vYg==" },
        { STR_INIT("fooba"), "Zm9vYmE=" },
        { STR_INIT("foobar"), "Zm9vYmFy" },
        { STR_INIT("\0\xff\xfb\xf0\0"), "AP/78AA=" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b = BUF_INIT;
        buf_base64(&b, cases[i].bytes.p, cases[i].bytes.n);
        assert_string_equal(buf_z(&b), cases[i].want);
        buf_free(&b);
    }
}

static void test_map(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct map m;
    map_init(&m, a);
    assert_null(map_get(&m, STR("x")));
    for (long i = 1; i <= 5000; i++)
        assert_null(map_set(&m, arena_strf(a, "key%ld", i), (void *)i));
    assert_int_equal((long)map_get(&m, STR("key4321")), 4321);
    assert_int_equal((long)map_set(&m, STR("key1"), (void *)9L), 1);
    assert_true(str_eqz(m.entries[4999].key, "key5000"));
    assert_int_equal(m.n, 5000);
    arena_free(a);
}

static void check_json(struct str in, const char *want)
{
    struct buf b = BUF_INIT;
    json_put_str(&b, in);
    assert_string_equal(buf_z(&b), want);
    buf_free(&b);
}

static void test_json(void **state)
{
    (void)state;
    check_json(STR("a\"b\\c\n\x01\x7f"), "\"a\\\"b\\\\c\\n\\u0001\\u007f\"");
    check_json(STR("\xE2\x80\xA8\xFF"), "\"\\u2028\xEF\xBF\xBD\"");
    struct buf b = BUF_INIT;
    struct jw w;
    jw_init(&w, &b, true);
    jw_obj(&w);
    jw_key(&w, "a");
    jw_arr(&w);
    jw_i64(&w, 1);
    jw_f64(&w, NAN);
    jw_end_arr(&w);
    jw_key(&w, "b");
    jw_obj(&w);
    jw_end_obj(&w);
    jw_end_obj(&w);
    assert_string_equal(buf_z(&b), "{\n  \"a\": [\n    1,\n    \"NaN\"\n  ],\n  \"b\": {}\n}");
    buf_free(&b);
    struct err err = ERR_INIT;
    assert_null(json_parse(STR("{\"a\":1} x"), &err));
    assert_true(strstr(err.text, "byte 8") != NULL);
    assert_null(json_parse(STR("[1,"), &err));
    cJSON *ok = json_parse(STR(" {\"k\":\"v\",\"n\":2.5,\"t\":true} \n"), &err);
    assert_true(str_eqz(json_get_str(ok, "k"), "v"));
    assert_true(json_get_num(ok, "n", 0) == 2.5 && json_get_bool(ok, "t", false));
    assert_int_equal(json_get_str(ok, "n").n, 0);
    cJSON_Delete(ok);
}

static void check_show(struct str in, const char *want)
{
    struct buf b = BUF_INIT;
    utf8_show(&b, in);
    assert_string_equal(buf_z(&b), want);
    buf_free(&b);
}

static void test_utf8(void **state)
{
    (void)state;
    check_show(STR("plain \xC3\xA9 \xF0\x9F\x98\x80"), "plain \xC3\xA9 \xF0\x9F\x98\x80");
    check_show(STR("a\xE2\x80\xAE"
                   "b"),
               "a\\u{202E}b");
    check_show(STR("\x1b[31m\tx\n"), "\\u{1B}[31m\\u{9}x\\u{A}");
    check_show(STR("\xC3\x28"), "\\xC3(");
    check_show(STR("\xC0\xAF"), "\\xC0\\xAF");
    check_show(STR("\xED\xA0\x80"), "\\xED\\xA0\\x80");
    check_show(STR("\xF4\x90\x80\x80"), "\\xF4\\x90\\x80\\x80");
    check_show(STR("\xE2\x82"), "\\xE2\\x82");
    check_show((struct str){ "a\0b", 3 }, "a\\u{0}b");
    check_show(STR("\xEF\xBF\xBE\xF3\xA0\x81\x81"), "\\u{FFFE}\\u{E0041}");
    assert_true(utf8_valid(STR("\xF4\x8F\xBF\xBF")));
    assert_false(utf8_valid(STR("\xF5\x80\x80\x80")));
    assert_int_equal(utf8_count(STR("a\xC3\xA9\xFF")), 3);
    assert_int_equal(utf8_width(0x4E00), 2);
    assert_int_equal(utf8_width(0x301), 0);
    for (uint32_t cp = 0; cp < 0x110000; cp++) {
        char bytes[4];
        size_t at = 0;
        if (cp >= 0xD800 && cp < 0xE000)
            continue;
        size_t n = utf8_put(bytes, cp);
        if (utf8_next((struct str){ bytes, n }, &at) != cp || at != n)
            fail_msg("code point %X does not come back", (unsigned)cp);
    }
    struct buf b = BUF_INIT;
    utf8_sanitize(&b, STR("x\xFFy"));
    assert_string_equal(buf_z(&b), "x\xEF\xBF\xBDy");
    buf_free(&b);
}

static void test_diag(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct source src = { STR("x.yaml"), STR("one\n\tt\xC3\xB6w: \x1b[2J\nthree") };
    struct diags d;
    struct buf out = BUF_INIT;
    size_t line, column;
    diags_init(&d, a);
    diag_add(&d, DIAG_ERROR, &src, (struct span){ 5, 4 }, "did you mean 'two'?", "unknown key '%s'",
             "t\xC3\xB6w");
    source_locate(&src, 5, &line, &column);
    assert_int_equal(line, 2);
    assert_int_equal(column, 2);
    diag_print(&out, &d.items[0], false);
    assert_string_equal(buf_z(&out), "x.yaml:2:2: error: unknown key 't\xC3\xB6w'\n"
                                     "    2 |  t\xC3\xB6w: \\u{1B}[2J\n"
                                     "      |  ^~~ did you mean 'two'?\n");
    for (int i = 0; i < 300; i++)
        diag_add(&d, DIAG_ERROR, NULL, (struct span){ 0, 0 }, NULL, "e");
    assert_int_equal(d.errors, 301);
    assert_true(d.n <= 100);
    assert_true(str_eqz(source_line(&src, 3), "three"));
    assert_true(str_eqz(source_line(&src, 9), ""));
    buf_free(&out);
    arena_free(a);
}

static void test_long_lines_are_windowed(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    char *text = arena_alloc(a, 200001);
    memset(text, 'x', 200000);
    struct source src = { STR("q"), { text, 200000 } };
    struct diags d;
    struct buf out = BUF_INIT;
    diags_init(&d, a);
    diag_add(&d, DIAG_ERROR, &src, (struct span){ 150000, 3 }, NULL, "here");
    diag_print(&out, &d.items[0], false);
    assert_true(out.n < 600);
    assert_true(strstr(buf_z(&out), "^~~") != NULL);
    buf_free(&out);
    arena_free(a);
}

static void test_fs(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct err err = ERR_INIT;
    char *dir, *file, hex[65];
    struct str back, *names;
    size_t n;
    assert_true(fs_temp_dir(a, &dir, &err));
    assert_true(fs_mkdirs(arena_printf(a, "%s/a/b/c", dir), &err));
    file = arena_printf(a, "%s/a/b/f", dir);
    assert_true(fs_write_atomic(file, STR("abc"), &err));
    assert_true(fs_write_atomic(file, STR("abcd"), &err));
    assert_true(fs_read(a, file, 4, &back, &err) && str_eqz(back, "abcd"));
    assert_false(fs_read(a, file, 3, &back, &err));
    assert_true(strstr(err.text, "larger than 3 bytes") != NULL);
    assert_false(fs_read(a, dir, 10, &back, &err));
    assert_true(fs_list(a, arena_printf(a, "%s/a/b", dir), &names, &n, &err));
    assert_int_equal(n, 2); /* no temporary file stays behind */
    assert_true(str_eqz(names[1], "f"));
    assert_true(fs_sha256(file, hex, &err));
    assert_string_equal(hex, "88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589");
    assert_false(fs_mkdirs(arena_printf(a, "%s/x", file), &err));
    assert_false(fs_write_atomic("/proc/none/x", STR(""), &err));
    assert_string_equal(fs_dir(a, "/x"), "/");
    assert_string_equal(fs_dir(a, "x"), ".");
    assert_string_equal(fs_join(a, "d/", "x"), "d/x");
    assert_string_equal(fs_join(a, "d", "/x"), "/x");
    assert_true(fs_remove_tree(dir, &err));
    assert_false(fs_exists(dir));
    arena_free(a);
}

static void test_sha256(void **state)
{
    (void)state;
    char hex[65];
    sha256_hex(STR(""), hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    struct sha256 *h = sha256_new();
    sha256_add(h, "a", 1);
    sha256_add(h, "bc", 2);
    sha256_end(h, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void test_home(void **state)
{
    static const struct {
        const char *home, *text, *want;
    } cases[] = {
        { "/users/ann", "/users/ann/x", "~/x" },
        { "/users/ann/", "/users/ann/x", "~/x" },
        { "/users/ann", "/users/ann", "~" },
        { "/users/ann", "run '/users/ann/a b' --data=/users/ann/d /users/ann", "run '~/a b' --data=~/d ~" },
        { "/users/ann", "/users/anna/x /srv/users/ann/x", "/users/anna/x /srv/users/ann/x" },
        { "/", "/x", "/x" },
        { NULL, "/users/ann/x", "/users/ann/x" },
    };
    (void)state;
    struct arena *a = arena_new(0, "test");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str got = fs_hide_home(a, cases[i].home, str_z(cases[i].text));
        assert_string_equal(arena_str(a, got).p, cases[i].want);
    }
    assert_string_equal(fs_from_home(a, "/users/bob", "~/x"), "/users/bob/x");
    assert_string_equal(fs_from_home(a, "/users/bob", "~"), "/users/bob");
    assert_string_equal(fs_from_home(a, "/users/bob", "~x"), "~x");
    assert_string_equal(fs_from_home(a, NULL, "~/x"), "~/x");
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena),  cmocka_unit_test(test_arena_limits),
        cmocka_unit_test(test_str),    cmocka_unit_test(test_buf),
        cmocka_unit_test(test_base64), cmocka_unit_test(test_map),
        cmocka_unit_test(test_json),   cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_diag),   cmocka_unit_test(test_long_lines_are_windowed),
        cmocka_unit_test(test_fs),     cmocka_unit_test(test_sha256),
        cmocka_unit_test(test_home),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
