/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys and signatures of tests/sign, which ssh-keygen made: signatures that are the same every time are the same here; damage
 * of any kind is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the four above first */
#include <cmocka.h>

#include "../../src/record/ssh_int.h"
#include "hb/fs.h"
#include "hb/sha256.h"
#include "hb/ticks.h"

static const char *const names[] = { "ed25519", "rsa2048", "ecdsa256", "ecdsa384", "ecdsa521" };
enum { NNAMES = sizeof names / sizeof *names };
static const struct str message = STR_INIT("a record\n");

static struct str file(struct arena *a, const char *name)
{
    struct str text = STR("");
    struct err err = ERR_INIT;
    if (!fs_read(a, arena_printf(a, "tests/sign/%s", name), 1 << 20, &text, &err))
        fail_msg("%s", err.text);
    return text;
}

static struct ssh_signer signer(struct arena *a, const char *name)
{
    struct ssh_signer s = { 0 };
    struct err err = ERR_INIT;
    if (!ssh_private_parse(a, file(a, name), &s.key, &s.own, &err))
        fail_msg("%s: %s", name, err.text);
    assert_non_null(s.own);
    return s;
}

static void test_both_ways(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    for (size_t i = 0; i < NNAMES; i++) {
        struct err err = ERR_INIT;
        struct sshsig theirs, ours;
        struct ssh_key public;
        struct buf text = BUF_INIT;
        struct str sig = file(a, arena_printf(a, "%s.sig", names[i]));
        struct ssh_signer s = signer(a, names[i]);
        assert_true(
            ssh_key_parse_line(a, str_trim(file(a, arena_printf(a, "%s.pub", names[i]))), &public, &err));
        assert_true(str_eq(public.blob, s.key.blob));
        assert_true(sshsig_parse(a, sig, &theirs, &err) && sshsig_check(&theirs, message, &err));
        assert_true(str_eq(theirs.key.blob, public.blob));
        assert_false(sshsig_check(&theirs, STR("another record\n"), &err));
        assert_true(sshsig_make(a, &s, message, &text, &err));
        assert_true(sshsig_parse(a, buf_view(&text), &ours, &err) && sshsig_check(&ours, message, &err));
        if (i < 2) /* ECDSA has chance in it */
            assert_true(str_eq(buf_view(&text), sig));
        buf_free(&text);
        ssh_signer_close(&s);
    }
    arena_free(a);
}

static void test_any_byte_of_a_signature_counts(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    for (size_t i = 0; i < NNAMES; i++) {
        struct str sig = file(a, arena_printf(a, "%s.sig", names[i]));
        char *copy = arena_str(a, sig).n ? arena_printf(a, "%.*s", STR_ARG(sig)) : NULL;
        for (size_t at = 0; at < sig.n; at++) {
            for (int bit = 0; bit < 8; bit++) {
                struct err err = ERR_INIT;
                struct sshsig s;
                copy[at] = (char)(sig.p[at] ^ 1 << bit);
                if (sshsig_parse(a, (struct str){ copy, sig.n }, &s, &err) && sshsig_check(&s, message, &err))
                    fail_msg("%s: bit %d of byte %zu does not count", names[i], bit, at);
                assert_int_equal(err.kind, ERR_VERIFY);
                copy[at] = sig.p[at];
            }
            struct err err = ERR_INIT;
            struct sshsig s;
            assert_false(sshsig_parse(a, str_sub(sig, 0, at), &s, &err));
        }
        arena_reset(a);
    }
    arena_free(a);
}

static void test_private_keys(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct err err = ERR_INIT;
    struct ssh_key key;
    struct ssh_private *own;
    assert_true(ssh_private_parse(a, file(a, "locked"), &key, &own, &err));
    assert_null(own);
    assert_true(str_eqz(key.type, "ssh-ed25519"));
    for (size_t i = 0; i < NNAMES; i++) {
        struct str text = file(a, names[i]);
        for (size_t n = 0; n < text.n; n++) {
            if (ssh_private_parse(a, str_sub(text, 0, n), &key, &own, &err))
                fail_msg("%s: taken with %zu of %zu bytes", names[i], n, text.n);
            assert_true(err.kind == ERR_USAGE);
        }
        /* What is damaged is refused, or at the latest when what it signs is checked with the public key. */
        char *copy = arena_printf(a, "%.*s", STR_ARG(text));
        for (size_t at = 40; at + 40 < text.n; at += 7) {
            struct ssh_signer s = { 0 };
            struct buf out = BUF_INIT;
            struct sshsig sig;
            copy[at] = text.p[at] == 'A' ? 'B' : 'A';
            if (ssh_private_parse(a, (struct str){ copy, text.n }, &s.key, &s.own, &err) && s.own &&
                sshsig_make(a, &s, message, &out, &err))
                assert_true(sshsig_parse(a, buf_view(&out), &sig, &err) && sshsig_check(&sig, message, &err));
            ssh_signer_close(&s);
            buf_free(&out);
            copy[at] = text.p[at];
        }
    }
    arena_free(a);
}

/* A hardware key's signature, made here as the hardware would (PROTOCOL.u2f). */
static bool hardware_signature(struct arena *a, uint8_t flags, bool other_data, struct err *err)
{
    static const unsigned char seed[32] = "thirty-two bytes that are chosen";
    unsigned char point[32], raw[64], tail[5] = { flags, 0, 0, 0, 7 }, hash[32];
    size_t npoint = sizeof point, nraw = sizeof raw;
    EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    struct buf blob = BUF_INIT, data = BUF_INIT, sig = BUF_INIT;
    struct ssh_key key;
    const struct str name = STR("sk-ssh-ed25519@openssh.com"), application = STR("ssh:");
    EVP_PKEY_get_raw_public_key(pkey, point, &npoint);
    wire_put_str(&blob, name);
    wire_put_str(&blob, (struct str){ (const char *)point, npoint });
    wire_put_str(&blob, application);
    sha256_bytes(application, hash);
    buf_put(&data, hash, sizeof hash);
    buf_put(&data, tail, sizeof tail);
    sha256_bytes(message, hash);
    buf_put(&data, hash, sizeof hash);
    EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, pkey, NULL);
    EVP_DigestSign(ctx, raw, &nraw, (const unsigned char *)data.p, data.n);
    wire_put_str(&sig, name);
    wire_put_str(&sig, (struct str){ (const char *)raw, nraw });
    buf_put(&sig, tail, sizeof tail);
    bool ok = ssh_key_parse(a, buf_view(&blob), &key, err) &&
              ssh_key_check(&key, buf_view(&sig), other_data ? STR("x") : message, err);
    EVP_PKEY_free(pkey);
    EVP_MD_CTX_free(ctx);
    buf_free(&blob);
    buf_free(&data);
    buf_free(&sig);
    return ok;
}

static void test_hardware_keys(void **state)
{
    (void)state;
    struct arena *a = arena_new(0, "test");
    struct err err = ERR_INIT;
    assert_true(hardware_signature(a, 1, false, &err));
    assert_false(hardware_signature(a, 1, true, &err));
    assert_string_equal(err.text, "the signature does not match");
    assert_false(hardware_signature(a, 0, false, &err));
    assert_string_equal(err.text, "the signature was made without a touch of the hardware key");
    arena_free(a);
}

static bool may_sign(struct arena *a, const char *options, const char *time, struct str *who, struct err *err)
{
    struct allowed_signers list;
    struct ssh_key key;
    int64_t when = 0;
    struct str pub = str_trim(file(a, "ed25519.pub"));
    struct str text = arena_strf(
        a, "# a list\n\nsomebody@x ecdsa-sha2-unknown AAAA\n  \"Ann B,ann@x\" %s %.*s\n", options,
        STR_ARG(pub));
    assert_true(ssh_key_parse_line(a, pub, &key, err) && ticks_parse_iso(str_z(time), &when));
    if (!allowed_signers_read(a, "list", text, &list, err))
        return false;
    assert_int_equal(list.n, 1);
    return allowed_signers_find(&list, &key, when, who, err);
}

static void test_allowed_signers(void **state)
{
    static const struct {
        const char *options, *time, *why; /* why: NULL when the signature counts */
    } cases[] = {
        { "", "2026-01-01", NULL },
        { "namespaces=\"huntbook-run\"", "2026-01-01", NULL },
        { "namespaces=\"file,hunt*-r?n\"", "2026-01-01", NULL },
        { "namespaces=\"*,!huntbook-*\"", "2026-01-01", "namespace" },
        { "namespaces=\"file\"", "2026-01-01", "namespace" },
        { "NameSpaces=\"huntbook-run\",valid-after=\"20260101Z\"", "2026-01-01", NULL },
        { "valid-after=\"20260101Z\"", "2025-12-31T23:59:59Z", "not for this time" },
        { "valid-after=\"202601011230Z\",valid-before=\"20260101123059Z\"", "2026-01-01T12:30:30Z", NULL },
        { "valid-before=\"20260101123059Z\"", "2026-01-01T12:31:00Z", "not for this time" },
        { "valid-before=\"20260101\"", "2025-12-01", NULL },
        { "cert-authority", "2026-01-01", "not in the list" },
        { "valid-before=\"2026\"", "2026-01-01", "line 4" },
        { "valid-before=20260101", "2026-01-01", "line 4" },
        { "valid-before=\"20261301Z\"", "2026-01-01", "line 4" },
        { "namespaces=\"file", "2026-01-01", "line 4" },
        { "no-such-option", "2026-01-01", "line 4" },
    };
    (void)state;
    struct arena *a = arena_new(0, "test");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err = ERR_INIT;
        struct str who = STR("");
        bool ok = may_sign(a, cases[i].options, cases[i].time, &who, &err);
        if (ok != !cases[i].why || (!ok && !strstr(err.text, cases[i].why)))
            fail_msg("%s at %s: %d, %s", cases[i].options, cases[i].time, ok, err.text);
        assert_true(!ok || str_eqz(who, "Ann B,ann@x"));
    }
    arena_free(a);
}

static void test_numbers_have_one_form(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
        bool ok;
    } cases[] = {
        { "\0\0\0\0", 4, true },       { "\0\0\0\1\x7f", 5, true },      { "\0\0\0\1\x80", 5, false },
        { "\0\0\0\2\0\x80", 6, true }, { "\0\0\0\2\0\x7f", 6, false },   { "\0\0\0\1\0", 5, false },
        { "\0\0\0\2\x7f", 5, false },  { "\xff\xff\xff\xff", 4, false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wire w = { .s = { cases[i].bytes, cases[i].n } };
        struct buf again = BUF_INIT;
        wire_put_mpint(&again, wire_mpint(&w));
        assert_int_equal(wire_done(&w), cases[i].ok);
        assert_true(!cases[i].ok || str_eq(buf_view(&again), w.s));
        buf_free(&again);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ways),       cmocka_unit_test(test_any_byte_of_a_signature_counts),
        cmocka_unit_test(test_private_keys),    cmocka_unit_test(test_hardware_keys),
        cmocka_unit_test(test_allowed_signers), cmocka_unit_test(test_numbers_have_one_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
