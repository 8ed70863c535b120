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

#include "hb/library.h"
#include "hb/ticks.h"
#include "net_int.h"

/* -- the library -- */

/* clang-format off */
#define CURL_FUNCTIONS(X) \
    X(global_init) X(easy_init) X(easy_cleanup) X(easy_reset) X(easy_strerror) X(slist_append) X(slist_free_all) \
    X(multi_init) X(multi_cleanup) X(multi_add_handle) X(multi_remove_handle) X(multi_perform) X(multi_poll) \
    X(multi_info_read) X(multi_strerror) X(version_info)
/* clang-format on */

static struct {
#define CURL_MEMBER(name) __typeof__(curl_##name) *name;
    CURL_FUNCTIONS(CURL_MEMBER)
#undef CURL_MEMBER
    CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
    CURLcode (*easy_getinfo)(CURL *, CURLINFO, ...);
} curl;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct err load_error;

static const struct library_function functions[] = {
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
    if (!library_functions(lib, functions, sizeof functions / sizeof *functions, &curl, "curl",
                           "install a newer libcurl", ERR_CONNECT, &load_error))
        return;
    if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        err_set(&load_error, ERR_CONNECT, "the curl library does not start");
}

/* -- the client -- */

struct http {
    struct http_options options;
    CURLM *multi;
    CURL *easy;
    char message[CURL_ERROR_SIZE];
};

void http_close(struct http *h)
{
    if (!h)
        return;
    if (h->easy)
        curl.easy_cleanup(h->easy);
    if (h->multi)
        curl.multi_cleanup(h->multi);
    free(h);
}

struct http *http_open(const struct http_options *o, struct err *err)
{
    pthread_once(&once, load_once);
    if (load_error.kind != ERR_NONE) {
        err_set(err, load_error.kind, "%s", load_error.text);
        return NULL;
    }
    struct http *h = calloc(1, sizeof *h);
    if (!h)
        abort();
    h->options = *o;
    h->easy = curl.easy_init();
    h->multi = curl.multi_init();
    if (h->easy && h->multi)
        return h;
    err_set(err, ERR_CONNECT, "the curl library gives no handle");
    http_close(h);
    return NULL;
}

const char *http_library_version(void)
{
    pthread_once(&once, load_once);
    return load_error.kind == ERR_NONE ? curl.version_info(CURLVERSION_NOW)->version : NULL;
}

const struct http_options *http_options_of(const struct http *h)
{
    return &h->options;
}

/* -- one try -- */

/* Bytes come in through on_body while pump runs; http_read hands them out. */
struct http_stream {
    struct http *http;
    const struct http_request *request;
    struct http_reply *reply;
    struct buf arrived;
    size_t total;
    bool handed_out; /* all that arrived */
    bool too_big;
    bool over; /* the transfer ended with `code` */
    CURLcode code;
    const char *stalled; /* why we ended it */
    double begun, last;  /* seconds: the try, the last byte */
};

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
    struct http_stream *s = ctx;
    size_t bytes = size * n;
    s->total += bytes;
    s->too_big = s->total > s->request->max_body;
    if (s->too_big)
        return 0;
    if (s->handed_out)
        buf_clear(&s->arrived);
    s->handed_out = false;
    buf_put(&s->arrived, p, bytes);
    s->last = clock_seconds();
    return bytes;
}

static size_t on_header(char *p, size_t size, size_t n, void *ctx)
{
    enum { HEADERS_MAX = 256 * 1024 };
    struct http_stream *s = ctx;
    struct str line = { p, size * n };
    if (str_starts(line, STR("HTTP/"))) /* an interim reply went before */
        buf_clear(&s->reply->headers);
    s->too_big |= s->reply->headers.n + line.n > HEADERS_MAX;
    if (s->too_big)
        return 0;
    buf_str(&s->reply->headers, line);
    s->last = clock_seconds();
    return line.n;
}

static bool stopped(const struct http *h)
{
    return h->options.stop && *h->options.stop;
}

/* Lets the transfer go on for a moment. */
static void pump(struct http_stream *s)
{
    enum { STALL = 60 /* seconds */, STEP = 100 /* milliseconds */ };
    struct http *h = s->http;
    int running = 0, left;
    CURLMcode code = curl.multi_perform(h->multi, &running);
    for (CURLMsg *m; (m = curl.multi_info_read(h->multi, &left));)
        if (m->msg == CURLMSG_DONE) {
            s->over = true;
            s->code = m->data.result;
        }
    double now = clock_seconds();
    bool begun = s->reply->headers.n > 0;
    double stall = s->request->timeout < STALL ? s->request->timeout : STALL;
    if (code != CURLM_OK || stopped(h)) {
        s->over = true;
        s->code = code == CURLM_OK ? CURLE_ABORTED_BY_CALLBACK : CURLE_FAILED_INIT;
    } else if (!s->over && (begun ? now - s->last > stall : now - s->begun > s->request->timeout)) {
        s->over = true;
        s->code = CURLE_OPERATION_TIMEDOUT;
        s->stalled = begun ? "it stands still in the middle" : "no reply within the time allowed";
    }
    if (!s->over && (!s->arrived.n || s->handed_out))
        curl.multi_poll(h->multi, NULL, 0, STEP, NULL);
}

static struct curl_slist *build_headers(const struct http_request *q)
{
    struct curl_slist *list = NULL;
    for (size_t i = 0; i < q->nheaders; i++)
        list = curl.slist_append(list, q->headers[i]);
    if (q->secret_header)
        list = curl.slist_append(list, q->secret_header);
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
    curl.easy_setopt(c, CURLOPT_TIMEOUT_MS,
                     (long)(q->timeout * 2 + 300) * 1000); /* a drip that never stands still */
    curl.easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl.easy_setopt(c, CURLOPT_USERAGENT, "huntbook/" HB_VERSION);
    if (h->options.ca_file)
        curl.easy_setopt(c, CURLOPT_CAINFO, h->options.ca_file);
    if (h->options.ca_dir)
        curl.easy_setopt(c, CURLOPT_CAPATH, h->options.ca_dir);
    if (url_is_loopback(&u) || q->link_local)
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

static enum net_failure fail(const struct http_stream *s, struct err *err)
{
    struct url u;
    const struct http *h = s->http;
    const char *why = s->stalled ? s->stalled : h->message[0] ? h->message : curl.easy_strerror(s->code);
    url_parse(s->request->url, &u);
    if (s->code == CURLE_ABORTED_BY_CALLBACK) {
        err_set(err, ERR_INTERRUPT, "stopped by the user");
        return NET_FATAL;
    }
    if (s->too_big) {
        err_set(err, ERR_CONNECT, "the reply of '%.*s' is larger than %zu MiB; narrow the query",
                STR_ARG(u.host), s->request->max_body >> 20);
        return NET_FATAL;
    }
    if (s->code == CURLE_SSL_CONNECT_ERROR)
        err_set(err, ERR_CONNECT, "no connection with TLS 1.2 or newer to '%.*s': %s", STR_ARG(u.host), why);
    else
        err_set(err, ERR_CONNECT, "no whole reply from '%.*s': %s", STR_ARG(u.host), why);
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
        if (failures[i].code == s->code)
            return failures[i].failure == NET_BROKEN && !s->reply->headers.n ? NET_NO_CONNECTION
                                                                             : failures[i].failure;
    return NET_FATAL;
}

bool http_read(struct http_stream *s, struct str *bytes, struct err *err)
{
    *bytes = STR("");
    while (!s->over && (s->handed_out || !s->arrived.n))
        pump(s);
    if (!s->handed_out && s->arrived.n) {
        *bytes = buf_view(&s->arrived);
        s->handed_out = true;
        return true;
    }
    return s->code == CURLE_OK || (fail(s, err), false);
}

static void set_request(struct http_stream *s, const char *url, struct curl_slist *headers)
{
    CURL *c = s->http->easy;
    const struct http_request *q = s->request;
    curl.easy_reset(c);
    s->http->message[0] = '\0';
    set_policy(s->http, q);
    curl.easy_setopt(c, CURLOPT_URL, url);
    curl.easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    curl.easy_setopt(c, CURLOPT_ERRORBUFFER, s->http->message);
    curl.easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
    curl.easy_setopt(c, CURLOPT_WRITEDATA, s);
    curl.easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
    curl.easy_setopt(c, CURLOPT_HEADERDATA, s);
    if (strcmp(q->method, "POST") == 0) {
        curl.easy_setopt(c, CURLOPT_POST, 1L);
        curl.easy_setopt(c, CURLOPT_POSTFIELDS, q->body.n ? q->body.p : "");
        curl.easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body.n);
    }
}

/* Until the body begins, or all is over. */
static int wait_for_body(struct http_stream *s)
{
    long status = 0;
    while (!s->over && !s->arrived.n)
        pump(s);
    curl.easy_getinfo(s->http->easy, CURLINFO_RESPONSE_CODE, &status);
    return (int)status;
}

static enum net_failure collect(struct http_stream *s, struct err *err)
{
    enum { SMALL = 1 << 20 }; /* such replies may be secrets: their buffer never moves */
    struct str bytes;
    if (s->request->max_body <= SMALL)
        buf_reserve(&s->reply->body, s->request->max_body + 1);
    do {
        if (!http_read(s, &bytes, err))
            return fail(s, err);
        buf_str(&s->reply->body, bytes);
    } while (bytes.n);
    return NET_OK;
}

/* What a reader calls fatal may come of a transfer that broke under it. */
static enum net_failure let_read(struct http_stream *s, struct err *err)
{
    enum net_failure failure = s->request->read(s->request->read_ctx, s->reply, s, err);
    if (failure == NET_OK || !s->over || s->code == CURLE_OK)
        return failure;
    return fail(s, err);
}

enum net_failure http_try(struct http *h, const struct http_request *q, struct http_reply *out,
                          struct err *err)
{
    struct http_stream s = { .http = h, .request = q, .reply = out, .begun = clock_seconds() };
    struct curl_slist *headers = build_headers(q);
    struct buf url = BUF_INIT;
    s.last = s.begun;
    buf_str(&url, q->url);
    if (q->max_body <= 1 << 20)
        buf_reserve(&s.arrived, q->max_body + 1);
    set_request(&s, buf_z(&url), headers);
    curl.multi_add_handle(h->multi, h->easy);
    out->status = wait_for_body(&s);
    enum net_failure failure = s.over && s.code != CURLE_OK    ? fail(&s, err)
                               : q->read && out->status == 200 ? let_read(&s, err)
                                                               : collect(&s, err);
    curl.multi_remove_handle(h->multi, h->easy);
    curl.easy_reset(h->easy);
    free_headers(headers);
    buf_free(&url);
    buf_wipe(&s.arrived);
    return failure;
}
