/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials against a server on this machine: which one is taken, what is sent, what is kept, and that secrets stand in
 * no error.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hb/azure.h"
#include "loopback.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Type: application/json"
#define TOKEN(text, seconds)                                                                                 \
    "{\"token_type\":\"Bearer\",\"expires_in\":" seconds ",\"access_token\":\"" text "\"}"
static const char tenant[] = "contoso.example", client[] = "11111111-2222-3333-4444-555555555555";
static const char secret[] = "S3cr~et+/&=%x";

struct variable {
    const char *name, *value;
};
struct setup {
    struct variable env[8];
    struct loopback server;
    struct http *http;
    struct arena *arena;
    struct azure_settings settings;
    struct azure_cred *cred;
    struct err err;
    struct str told;
};

static const char *get(void *ctx, const char *name)
{
    const struct setup *s = ctx;
    for (size_t i = 0; i < 8 && s->env[i].name; i++)
        if (strcmp(s->env[i].name, name) == 0)
            return s->env[i].value;
    return NULL;
}

static void begin(struct setup *s, const struct loopback_reply *replies, size_t n)
{
    struct http_options o = { .allow_loopback = true };
    loopback_start(&s->server, replies, n);
    s->arena = arena_new(0, "test");
    s->http = http_open(&o, &s->err);
    s->settings.env = (struct azure_env){ get, s };
    s->settings.allow_loopback = true;
    s->settings.authority = arena_strf(s->arena, "http://127.0.0.1:%u/", s->server.port);
}

static void open_cred(struct setup *s)
{
    s->cred = azure_cred_open(s->arena, &s->settings, s->http, &s->err);
}

static bool token(struct setup *s, const char *scope, bool renew, struct str *out)
{
    struct token_ask ask = { .scope = str_z(scope), .renew = renew };
    return azure_cred_token(s->cred, &ask, out, &s->err);
}

static void end(struct setup *s)
{
    loopback_stop(&s->server);
    azure_cred_close(s->cred);
    http_close(s->http);
    loopback_free(&s->server);
    arena_free(s->arena);
}

static const char *sent(const struct setup *s, size_t i)
{
    return buf_z(&s->server.requests[i]);
}

#define APP                                                                                                  \
    { "AZURE_TENANT_ID", tenant },                                                                           \
    {                                                                                                        \
        "AZURE_CLIENT_ID", client                                                                            \
    }

static void a_secret_is_sent_escaped_and_the_token_kept(void **state)
{
    struct loopback_reply r[] = { { OK, TOKEN("tok-1", "3599"), 0, 0, 0 },
                                  { OK, TOKEN("tok-2", "3599"), 0, 0, 0 } };
    struct setup s = { .env = { APP, { "AZURE_CLIENT_SECRET", secret } } };
    struct str t;
    (void)state;
    begin(&s, r, 2);
    open_cred(&s);
    assert_non_null(s.cred);
    assert_true(token(&s, "https://x/.default", false, &t) && str_eqz(t, "tok-1"));
    assert_true(token(&s, "https://x/.default", false, &t) && str_eqz(t, "tok-1"));
    assert_int_equal(s.server.served, 1);
    assert_true(token(&s, "https://x/.default", true, &t) && str_eqz(t, "tok-2"));
    assert_non_null(strstr(sent(&s, 0), "POST /contoso.example/oauth2/v2.0/token HTTP/1.1"));
    assert_non_null(strstr(
        sent(&s, 0), "grant_type=client_credentials&client_id=11111111-2222-3333-4444-555555555555&scope="
                     "https%3A%2F%2Fx%2F.default&client_secret=S3cr~et%2B%2F%26%3D%25x"));
    assert_null(strstr(azure_cred_identity(s.cred).p, secret));
    end(&s);
}

static void a_short_lived_token_is_renewed_and_an_early_failure_forgiven(void **state)
{
    struct loopback_reply r[] = { { OK, TOKEN("tok-1", "200"), 0, 0, 0 },
                                  { "HTTP/1.1 400 No", "{\"error\":\"invalid_client\"}", 0, 0, 0 },
                                  { OK, TOKEN("tok-3", "\"3599\""), 0, 0, 0 } };
    struct setup s = { .env = { APP, { "AZURE_CLIENT_SECRET", secret } } };
    struct str t;
    (void)state;
    begin(&s, r, 3);
    open_cred(&s);
    assert_true(token(&s, "a", false, &t) && str_eqz(t, "tok-1"));
    assert_true(token(&s, "a", false, &t) && str_eqz(t, "tok-1"));
    assert_true(token(&s, "a", false, &t) && str_eqz(t, "tok-3"));
    end(&s);
}

static void a_refusal_tells_its_code_and_no_secret(void **state)
{
    struct loopback_reply r[] = {
        { "HTTP/1.1 401 No",
          "{\"error\":\"invalid_client\",\"error_description\":\"you sent S3cr~et+/&=%x\","
          "\"error_codes\":[7000215]}",
          0, 0, 0 }
    };
    struct setup s = { .env = { APP, { "AZURE_CLIENT_SECRET", secret } } };
    struct str t;
    (void)state;
    begin(&s, r, 1);
    open_cred(&s);
    assert_false(token(&s, "a", false, &t));
    assert_int_equal(s.err.kind, ERR_CONNECT);
    assert_non_null(strstr(s.err.text, "AADSTS7000215"));
    assert_null(strstr(s.err.text, secret));
    err_set(&s.err, ERR_CONNECT, "a service says: %s, %s", secret, secret);
    azure_cred_redact(s.cred, &s.err);
    assert_string_equal(s.err.text, "a service says: ***, ***");
    assert_true(str_eqz(azure_cred_clean(s.cred, s.arena, STR("x S3cr~et+/&=%x y")), "x *** y"));
    end(&s);
}

/* What is cleaned may come out of a reply that is freed: it has to be a copy, also when there was nothing to clean. */
static void a_clean_text_outlives_where_it_came_from(void **state)
{
    static const char plain[] = "an id of the service";
    struct setup s = { .env = { APP, { "AZURE_CLIENT_SECRET", secret } } };
    (void)state;
    begin(&s, NULL, 0);
    open_cred(&s);
    assert_non_null(s.cred);
    char *reply = strdup(plain);
    struct str kept = azure_cred_clean(s.cred, s.arena, str_z(reply));
    memset(reply, 'x', sizeof plain - 1);
    free(reply);
    assert_true(str_eqz(kept, plain));
    end(&s);
}

static void nothing_set_up_names_what_each_lacks(void **state)
{
    struct setup s = { .env = { { "PATH", "relative:/nonexistent" } } };
    (void)state;
    begin(&s, NULL, 0);
    s.settings.credential = STR("azure_cli");
    open_cred(&s);
    assert_null(s.cred);
    assert_non_null(strstr(s.err.text, "azure_cli: the program az is not in PATH"));
    s.err = (struct err)ERR_INIT;
    s.settings.credential = STR("environment");
    open_cred(&s);
    assert_null(s.cred);
    assert_int_equal(s.err.kind, ERR_CONNECT);
    assert_non_null(strstr(s.err.text, "client_certificate: tenant_id (AZURE_TENANT_ID) is not set"));
    s.err = (struct err)ERR_INIT;
    s.settings.credential = STR("device_code");
    open_cred(&s);
    assert_non_null(strstr(s.err.text, "nobody is at a terminal"));
    s.err = (struct err)ERR_INIT;
    s.settings.credential = STR("password");
    open_cred(&s);
    assert_int_equal(s.err.kind, ERR_USAGE);
    end(&s);
}

static void a_secret_in_the_wrong_place_is_not_shown(void **state)
{
    /* That of the test, one of Entra ID's form, one without any sign, one that has dots, a certificate's password. */
    static const char *const secrets[] = { secret, "abC8Q~t0u.f_Gh-7890abcdefghijklmnop12345",
                                           "Sup3rS3cretValue0fNobody", "abc.d3f.Gh1", "hunter2" };
    (void)state;
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
        for (int where = 0; where < 3; where++) {
            static const char *const names[] = { "AZURE_TENANT_ID", "AZURE_CLIENT_ID",
                                                 "AZURE_AUTHORITY_HOST" };
            struct setup s = { .env = { { names[where], secrets[i] },
                                        { "AZURE_CLIENT_SECRET", "x" },
                                        { "AZURE_TENANT_ID", tenant },
                                        { "AZURE_CLIENT_ID", client } } };
            begin(&s, NULL, 0);
            s.settings.authority = STR("");
            open_cred(&s);
            assert_null(s.cred);
            assert_int_equal(s.err.kind, ERR_USAGE);
            assert_null(strstr(s.err.text, secrets[i]));
            assert_non_null(strstr(s.err.text, names[where]));
            end(&s);
        }
}

static void sdk_names_narrow_the_list(void **state)
{
    struct setup s = { .env = { APP,
                                { "AZURE_CLIENT_SECRET", secret },
                                { "AZURE_TOKEN_CREDENTIALS", "dev" },
                                { "PATH", "" } } };
    struct azure_choice *c;
    (void)state;
    begin(&s, NULL, 0);
    size_t n = azure_cred_survey(s.arena, &s.settings, &c);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(c[i].taken, strcmp(c[i].kind, "azure_cli") == 0);
    open_cred(&s);
    assert_null(s.cred);
    s.err = (struct err)ERR_INIT;
    s.env[3].value = "everything";
    open_cred(&s);
    assert_null(s.cred);
    assert_int_equal(s.err.kind, ERR_USAGE);
    end(&s);
}

static void app_service_is_asked_with_its_header(void **state)
{
    struct loopback_reply r[] = { { OK, "{\"access_token\":\"tok-m\",\"expires_on\":\"4102444800\"}", 0, 0,
                                    0 } };
    char endpoint[64];
    struct setup s = { .env = { { "IDENTITY_ENDPOINT", endpoint }, { "IDENTITY_HEADER", "head-secret-1" } } };
    struct str t;
    (void)state;
    begin(&s, r, 1);
    snprintf(endpoint, sizeof endpoint, "http://127.0.0.1:%u/msi/token", s.server.port);
    s.settings.allow_loopback = false; /* the platform's own address needs no permission */
    open_cred(&s);
    assert_non_null(s.cred);
    assert_true(token(&s, "https://vault.azure.net/.default", false, &t) && str_eqz(t, "tok-m"));
    assert_true(azure_cred_token_life(s.cred, STR("https://vault.azure.net/.default")) > 1e6);
    assert_non_null(strstr(
        sent(&s, 0), "GET /msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fvault.azure.net HTTP"));
    assert_non_null(strstr(sent(&s, 0), "X-IDENTITY-HEADER: head-secret-1\r\n"));
    end(&s);
}

static void tell(void *ctx, struct str text)
{
    struct setup *s = ctx;
    s->told = arena_str(s->arena, text);
}

static void a_person_signs_in_and_is_not_asked_again(void **state)
{
    struct loopback_reply r[] = {
        { OK,
          "{\"device_code\":\"dev-secret\",\"user_code\":\"ABCD\",\"verification_uri\":\"https://"
          "x\",\"expires_in\":900,"
          "\"interval\":0,\"message\":\"open it\"}",
          0, 0, 0 },
        { "HTTP/1.1 400 No", "{\"error\":\"authorization_pending\"}", 0, 0, 0 },
        { OK, "{\"access_token\":\"tok-1\",\"refresh_token\":\"refresh-secret\",\"expires_in\":3599}", 0, 0,
          0 },
        { OK, TOKEN("tok-2", "3599"), 0, 0, 0 },
    };
    struct setup s = { .settings = { .credential = STR_INIT("device_code"), .tell = tell } };
    struct str t;
    (void)state;
    s.settings.tell_ctx = &s;
    begin(&s, r, 4);
    open_cred(&s);
    assert_true(token(&s, "https://x/.default", false, &t) && str_eqz(t, "tok-1"));
    assert_true(str_eqz(s.told, "open it"));
    assert_true(token(&s, "https://y/.default", false, &t) && str_eqz(t, "tok-2"));
    assert_non_null(strstr(sent(&s, 2), "device_code=dev-secret"));
    assert_non_null(strstr(sent(&s, 3), "grant_type=refresh_token&refresh_token=refresh-secret"));
    end(&s);
}

/* -- vaults -- */

static bool vault(struct setup *s, const char *name, struct secret *out)
{
    struct str url = arena_strf(s->arena, "http://127.0.0.1:%u", s->server.port);
    return azure_vault_secret(s->arena, s->cred, s->http, url, str_z(name),
                              s->settings.any_challenge_resource, out, &s->err);
}

#define CHALLENGE(resource)                                                                                  \
    "HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer authorization=\"https://login.example/other\", "            \
    "resource=\"" resource "\""

static void a_vault_is_asked_with_what_it_wants(void **state)
{
    struct loopback_reply r[] = { { CHALLENGE("https://vault.azure.net"), "{}", 0, 0, 0 },
                                  { OK, TOKEN("tok-v", "3599"), 0, 0, 0 },
                                  { OK, "{\"value\":\" v\\u00e9\\n\",\"id\":\"x\"}", 0, 0, 0 } };
    struct setup s = { .env = { APP, { "AZURE_CLIENT_SECRET", secret } },
                       .settings = { .any_challenge_resource = true } };
    struct secret v = { 0 };
    (void)state;
    begin(&s, r, 3);
    open_cred(&s);
    assert_true(vault(&s, "NAME/VERSION", &v));
    assert_true(str_eqz(secret_view(&v), " v\xC3\xA9\n"));
    assert_null(strstr(sent(&s, 0), "Authorization:"));
    assert_non_null(strstr(sent(&s, 1), "POST /contoso.example/"));
    assert_non_null(strstr(sent(&s, 1), "scope=https%3A%2F%2Fvault.azure.net%2F.default"));
    assert_non_null(strstr(sent(&s, 2), "GET /secrets/NAME/VERSION?api-version="));
    assert_non_null(strstr(sent(&s, 2), "Authorization: Bearer tok-v"));
    secret_wipe(&v);
    end(&s);
}

static void a_stranger_gets_no_token(void **state)
{
    static const char *const heads[] = { CHALLENGE("https://graph.microsoft.com"),
                                         CHALLENGE("https://vault.azure.net"),
                                         "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"" };
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct loopback_reply r[] = { { heads[i], "{}", 0, 0, 0 }, { OK, TOKEN("tok-v", "3599"), 0, 0, 0 } };
        struct setup s = { .env = { APP, { "AZURE_CLIENT_SECRET", secret } } };
        struct secret v = { 0 };
        begin(&s, r, 2);
        open_cred(&s);
        assert_false(vault(&s, "NAME", &v));
        assert_int_equal(s.server.served, 1);
        assert_int_equal(s.err.kind, ERR_CONNECT);
        end(&s);
    }
}

static void names_of_secrets_are_plain(void **state)
{
    static const char *const bad[] = { "", "a b", "../x", "a/b/c", "a?x", "/a", "a/" };
    struct setup s = { .env = { APP, { "AZURE_CLIENT_SECRET", secret } } };
    struct secret v = { 0 };
    (void)state;
    begin(&s, NULL, 0);
    open_cred(&s);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(vault(&s, bad[i], &v));
    assert_int_equal(s.server.served, 0);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_is_sent_escaped_and_the_token_kept),
        cmocka_unit_test(a_short_lived_token_is_renewed_and_an_early_failure_forgiven),
        cmocka_unit_test(a_refusal_tells_its_code_and_no_secret),
        cmocka_unit_test(a_clean_text_outlives_where_it_came_from),
        cmocka_unit_test(nothing_set_up_names_what_each_lacks),
        cmocka_unit_test(a_secret_in_the_wrong_place_is_not_shown),
        cmocka_unit_test(sdk_names_narrow_the_list),
        cmocka_unit_test(app_service_is_asked_with_its_header),
        cmocka_unit_test(a_person_signs_in_and_is_not_asked_again),
        cmocka_unit_test(a_vault_is_asked_with_what_it_wants),
        cmocka_unit_test(a_stranger_gets_no_token),
        cmocka_unit_test(names_of_secrets_are_plain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
