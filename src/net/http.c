/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One try of a request: the only file that sees curl.h.
 *
 * The library is opened by the first http_open and stays. Invariant: no handle follows a redirect, speaks
 * another protocol than its address says, or accepts a certificate that does not verify.
 */
#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "net_int.h"

/* -- the library -- */

#define CURL_FUNCTIONS(X)                                                                                    \
    X(global_init)                                                                                           \
    X(easy_init)                                                                                             \
    X(easy_cleanup) X(easy_reset) X(easy_perform) X(easy_strerror) X(slist_append) X(slist_free_all)

static struct {
#define CURL_MEMBER(name) __typeof__(curl_##name) *name;
    CURL_FUNCTIONS(CURL_MEMBER)
#undef CURL_MEMBER
    CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
    CURLcode (*easy_getinfo)(CURL *, CURLINFO, ...);
} curl;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct err load_error;

static const struct {
    const char *name;
    size_t offset;
} functions[] = {
#define CURL_ROW(name) { "curl_" #name, offsetof(__typeof__(curl), name) },
    CURL_FUNCTIONS(CURL_ROW) CURL_ROW(easy_setopt) CURL_ROW(easy_getinfo)
#undef CURL_ROW
};

static void load_once(void)
{
    void *lib = dlopen("libcurl.so.4", RTLD_LAZY | RTLD_LOCAL);
    if (!lib)
        lib = dlopen("libcurl-gnutls.so.4", RTLD_LAZY | RTLD_LOCAL);
    if (!lib) {
        err_set(&load_error, ERR_CONNECT, "the library libcurl.so.4 is not found; install libcurl");
        return;
    }
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        void *f = dlsym(lib, functions[i].name);
        if (!f) {
            err_set(&load_error, ERR_CONNECT, "the curl library has no function '%s'", functions[i].name);
            return;
        }
        memcpy((char *)&curl + functions[i].offset, &f, sizeof f);
    }
    if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        err_set(&load_error, ERR_CONNECT, "the curl library does not start");
}

/* -- the client -- */

struct http {
    struct http_options options;
    CURL *easy;
    char message[CURL_ERROR_SIZE];
};

struct http *http_open(const struct http_options *o, struct err *err)
{
    pthread_once(&once, load_once);
    if (load_error.kind != ERR_NONE) {
        err_set(err, load_error.kind, "%s", load_error.text);
        return NULL;
    }
    CURL *easy = curl.easy_init();
    if (!easy) {
        err_set(err, ERR_CONNECT, "the curl library gives no handle");
        return NULL;
    }
    struct http *h = calloc(1, sizeof *h);
    if (!h)
        abort();
    h->options = *o;
    h->easy = easy;
    return h;
}

void http_close(struct http *h)
{
    if (!h)
        return;
    curl.easy_cleanup(h->easy);
    free(h);
}

const struct http_options *http_options_of(const struct http *h)
{
    return &h->options;
}

/* -- one try -- */

struct receive {
    struct http_reply *reply;
    size_t max;
    bool too_big;
};

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
    struct receive *r = ctx;
    size_t bytes = size * n;
    r->too_big = r->reply->body.n + bytes > r->max;
    if (r->too_big)
        return 0;
    buf_put(&r->reply->body, p, bytes);
    return bytes;
}

static size_t on_header(char *p, size_t size, size_t n, void *ctx)
{
    enum { HEADERS_MAX = 256 * 1024 };
    struct receive *r = ctx;
    struct str line = { p, size * n };
    if (str_starts(line, STR("HTTP/"))) /* an interim reply went before */
        buf_clear(&r->reply->headers);
    r->too_big |= r->reply->headers.n + line.n > HEADERS_MAX;
    if (r->too_big)
        return 0;
    buf_str(&r->reply->headers, line);
    return line.n;
}

static int on_progress(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct http *h = ctx;
    (void)a, (void)b, (void)c, (void)d;
    return h->options.stop && *h->options.stop;
}

static struct curl_slist *build_headers(const struct http_request *q)
{
    struct curl_slist *list = NULL;
    for (size_t i = 0; i < q->nheaders; i++)
        list = curl.slist_append(list, q->headers[i]);
    list = curl.slist_append(list, "Expect:");
    if (q->bearer.n) {
        struct buf line = BUF_INIT;
        buf_reserve(&line, q->bearer.n + 64);
        buf_printf(&line, "Authorization: Bearer %.*s", STR_ARG(q->bearer));
        list = curl.slist_append(list, buf_z(&line));
        buf_wipe(&line);
    }
    return list;
}

static void free_headers(struct curl_slist *list)
{
    for (struct curl_slist *i = list; i; i = i->next)
        explicit_bzero(i->data, strlen(i->data));
    curl.slist_free_all(list);
}

static void set_policy(struct http *h, const struct http_request *q)
{
    struct url u;
    CURL *c = h->easy;
    bool https = url_parse(q->url, &u) && u.https;
    curl.easy_setopt(c, CURLOPT_PROTOCOLS_STR, https ? "https" : "http");
    curl.easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl.easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl.easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
    curl.easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
    curl.easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl.easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl.easy_setopt(c, CURLOPT_CONNECTTIMEOUT, 20L);
    curl.easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)(q->timeout * 1000));
    curl.easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl.easy_setopt(c, CURLOPT_USERAGENT, "huntbook/" HB_VERSION);
    if (h->options.ca_file)
        curl.easy_setopt(c, CURLOPT_CAINFO, h->options.ca_file);
    if (url_is_loopback(&u))
        curl.easy_setopt(c, CURLOPT_PROXY, "");
}

static const struct {
    CURLcode code;
    enum net_failure failure;
} failures[] = {
    { CURLE_COULDNT_RESOLVE_HOST, NET_NO_CONNECTION },
    { CURLE_COULDNT_RESOLVE_PROXY, NET_NO_CONNECTION },
    { CURLE_COULDNT_CONNECT, NET_NO_CONNECTION },
    { CURLE_GOT_NOTHING, NET_NO_CONNECTION },
    { CURLE_SEND_ERROR, NET_NO_CONNECTION },
    { CURLE_RECV_ERROR, NET_BROKEN },
    { CURLE_PARTIAL_FILE, NET_BROKEN },
    { CURLE_BAD_CONTENT_ENCODING, NET_BROKEN },
    { CURLE_HTTP2, NET_BROKEN },
    { CURLE_HTTP2_STREAM, NET_BROKEN },
    { CURLE_OPERATION_TIMEDOUT, NET_TIMEOUT },
};

static enum net_failure fail(const struct http *h, const struct http_request *q, const struct receive *r,
                             CURLcode code, struct err *err)
{
    struct url u;
    const char *why = h->message[0] ? h->message : curl.easy_strerror(code);
    url_parse(q->url, &u);
    if (code == CURLE_ABORTED_BY_CALLBACK) {
        err_set(err, ERR_INTERRUPT, "stopped by the user");
        return NET_FATAL;
    }
    if (r->too_big) {
        err_set(err, ERR_CONNECT, "the reply of '%.*s' is larger than %zu MiB; narrow the query",
                STR_ARG(u.host), r->max >> 20);
        return NET_FATAL;
    }
    err_set(err, ERR_CONNECT, "no whole reply from '%.*s': %s", STR_ARG(u.host), why);
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
        if (failures[i].code == code)
            return failures[i].failure == NET_BROKEN && !r->reply->headers.n ? NET_NO_CONNECTION
                                                                             : failures[i].failure;
    return NET_FATAL;
}

enum net_failure http_try(struct http *h, const struct http_request *q, struct http_reply *out,
                          struct err *err)
{
    struct receive r = { .reply = out, .max = q->max_body };
    struct curl_slist *headers = build_headers(q);
    struct buf url = BUF_INIT;
    CURL *c = h->easy;
    long status = 0;
    buf_str(&url, q->url);
    enum { SMALL = 1 << 20 }; /* such replies may be secrets: their buffer never moves */
    if (q->max_body <= SMALL)
        buf_reserve(&out->body, q->max_body + 1);
    curl.easy_reset(c);
    h->message[0] = '\0';
    set_policy(h, q);
    curl.easy_setopt(c, CURLOPT_URL, buf_z(&url));
    curl.easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    curl.easy_setopt(c, CURLOPT_ERRORBUFFER, h->message);
    curl.easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
    curl.easy_setopt(c, CURLOPT_WRITEDATA, &r);
    curl.easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
    curl.easy_setopt(c, CURLOPT_HEADERDATA, &r);
    curl.easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    curl.easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl.easy_setopt(c, CURLOPT_XFERINFODATA, h);
    if (strcmp(q->method, "POST") == 0) {
        curl.easy_setopt(c, CURLOPT_POST, 1L);
        curl.easy_setopt(c, CURLOPT_POSTFIELDS, q->body.n ? q->body.p : "");
        curl.easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body.n);
    }
    CURLcode code = curl.easy_perform(c);
    curl.easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    out->status = (int)status;
    enum net_failure failure = code == CURLE_OK ? NET_OK : fail(h, q, &r, code, err);
    curl.easy_reset(c);
    free_headers(headers);
    buf_free(&url);
    return failure;
}
