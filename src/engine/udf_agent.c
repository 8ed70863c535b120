/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse_user_agent: browser, operating system and device of a browser's name for itself, by rules of our own.
 *
 * Each kind has a table, tried from its top: the first row whose word is in the text wins, so a product stands above those it
 * claims to be (Edge above Chrome above Safari). A version is the run of numbers behind the word. To add one: a row.
 */
#include <string.h>

#include "hb/json.h"
#include "jscan.h"
#include "udf.h"

struct agent_rule {
    const char *word; /* as it stands in the text */
    const char *family;
    const char *version; /* where the version stands when it is not behind the word; "": there is none */
};

static const struct agent_rule browsers[] = {
    { "AdobeAIR/", "AdobeAIR", NULL },
    { "Googlebot/", "Googlebot", NULL },
    { "bingbot/", "bingbot", NULL },
    { "YandexBot/", "YandexBot", NULL },
    { "DuckDuckBot/", "DuckDuckBot", NULL },
    { "AhrefsBot/", "AhrefsBot", NULL },
    { "SemrushBot/", "SemrushBot", NULL },
    { "facebookexternalhit/", "FacebookBot", NULL },
    { "Twitterbot/", "Twitterbot", NULL },
    { "EdgiOS/", "Edge Mobile", NULL },
    { "EdgA/", "Edge Mobile", NULL },
    { "Edg/", "Edge", NULL },
    { "Edge/", "Edge", NULL },
    { "OPiOS/", "Opera Mini", NULL },
    { "Opera Mini/", "Opera Mini", NULL },
    { "Opera Mobi", "Opera Mobile", "Version/" },
    { "OPR/", "Opera", NULL },
    { "Vivaldi/", "Vivaldi", NULL },
    { "YaBrowser/", "Yandex Browser", NULL },
    { "SamsungBrowser/", "Samsung Internet", NULL },
    { "UCBrowser/", "UC Browser", NULL },
    { "Silk/", "Amazon Silk", NULL },
    { "Electron/", "Electron", NULL },
    { "Outlook/", "Outlook", NULL },
    { "Microsoft Office/", "Microsoft Office", NULL },
    { "Teams/", "Teams", NULL },
    { "HeadlessChrome/", "HeadlessChrome", NULL },
    { "CriOS/", "Chrome Mobile iOS", NULL },
    { "FxiOS/", "Firefox iOS", NULL },
    { "SeaMonkey/", "SeaMonkey", NULL },
    { "PaleMoon/", "Pale Moon", NULL },
    { "BrowserNG/", "Nokia OSS Browser", NULL },
    { "SymbianOS/", "Nokia OSS Browser", "Series60/" },
    { "Chromium/", "Chromium", NULL },
    { "; wv)", "Chrome Mobile WebView", "Chrome/" },
    { "Chrome/", "Chrome", NULL },
    { "Opera/", "Opera", "Version/" },
    { "Opera ", "Opera", NULL },
    { "IEMobile/", "IE Mobile", NULL },
    { "IEMobile ", "IE Mobile", NULL },
    { "MSIE ", "IE", NULL },
    { "Trident/7.0", "IE", "rv:" },
    { "Firefox/", "Firefox", NULL },
    { "Mobile Safari/", "Android", "Version/" },
    { "Safari/", "Safari", "Version/" },
    { "Thunderbird/", "Thunderbird", NULL },
    { "python-requests/", "Python Requests", NULL },
    { "Python-urllib/", "Python-urllib", NULL },
    { "aiohttp/", "aiohttp", NULL },
    { "Go-http-client/", "Go-http-client", NULL },
    { "okhttp/", "okhttp", NULL },
    { "curl/", "curl", NULL },
    { "Wget/", "Wget", NULL },
    { "Java/", "Java", NULL },
    { "Apache-HttpClient/", "Apache-HttpClient", NULL },
    { "PostmanRuntime/", "PostmanRuntime", NULL },
    { "WindowsPowerShell/", "WindowsPowerShell", NULL },
    { "PowerShell/", "PowerShell", NULL },
    { "Mozilla/5.0 (iP", "Mobile Safari UI/WKWebView", "OS " },
    { "AppleWebKit/", "Apple WebKit", NULL },
};

static const struct agent_rule systems[] = {
    { "Windows Phone OS ", "Windows Phone", NULL },
    { "Windows Phone ", "Windows Phone", NULL },
    { "Windows NT 10.0", "Windows 10", "" },
    { "Windows NT 6.3", "Windows 8.1", "" },
    { "Windows NT 6.2", "Windows 8", "" },
    { "Windows NT 6.1", "Windows 7", "" },
    { "Windows NT 6.0", "Windows Vista", "" },
    { "Windows NT 5.2", "Windows XP", "" },
    { "Windows NT 5.1", "Windows XP", "" },
    { "Windows NT 5.0", "Windows 2000", "" },
    { "Windows NT", "Windows NT", "" },
    { "Windows 98", "Windows 98", "" },
    { "Windows", "Windows", "" },
    { "SymbianOS/", "Symbian OS", NULL },
    { "Tizen ", "Tizen", NULL },
    { "Android ", "Android", NULL },
    { "Android", "Android", "" },
    { "CrOS ", "Chrome OS", "" },
    { "iPhone OS ", "iOS", NULL },
    { "CPU OS ", "iOS", NULL },
    { "iPhone", "iOS", "" },
    { "Mac OS X ", "Mac OS X", NULL },
    { "Mac OS X", "Mac OS X", "" },
    { "Darwin/", "Darwin", NULL },
    { "FreeBSD", "FreeBSD", "" },
    { "OpenBSD", "OpenBSD", "" },
    { "Ubuntu/", "Ubuntu", NULL },
    { "Ubuntu", "Ubuntu", "" },
    { "Fedora", "Fedora", "" },
    { "Linux", "Linux", "" },
};

/* Brands whose model stands behind a word. */
static const struct agent_device {
    const char *word, *family, *brand,
        *model; /* model NULL: what stands there, up to a blank, slash, ; or ) */
} devices[] = {
    { "Googlebot", "Spider", "Spider", "Desktop" },
    { "bingbot", "Spider", "Spider", "Desktop" },
    { "Bot/", "Spider", "Spider", "Desktop" },
    { "iPhone", "iPhone", "Apple", "iPhone" },
    { "iPad", "iPad", "Apple", "iPad" },
    { "iPod", "iPod", "Apple", "iPod" },
    { "Macintosh", "Mac", "Apple", "Mac" },
    { "Nokia", "Nokia ", "Nokia", NULL },
    { "SAMSUNG SM-", "Samsung SM-", "Samsung", NULL },
    { "; SM-", "Samsung SM-", "Samsung", NULL },
    { "; Pixel ", "Pixel ", "Google", NULL },
    { "; moto ", "Motorola moto ", "Motorola", NULL },
    { "BlackBerry", "BlackBerry ", "BlackBerry", NULL },
};

static size_t digits_at(struct str s, size_t i)
{
    size_t n = 0;
    while (i + n < s.n && s.p[i + n] >= '0' && s.p[i + n] <= '9')
        n++;
    return n;
}

/* Members for up to n numbers that begin at i, parted by . or _; the rest is empty. */
static void put_version(struct buf *b, struct str s, size_t i, const char *const *names, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        size_t len = i < s.n ? digits_at(s, i) : 0;
        buf_printf(b, ",\"%s\":\"%.*s\"", names[k], (int)len, len ? s.p + i : "");
        i += len;
        i = len && i < s.n && (s.p[i] == '.' || s.p[i] == '_') ? i + 1 : s.n;
    }
}

static void put_family(struct buf *b, struct str s, const struct agent_rule *rules, size_t n,
                       const char *const *names, size_t nnames)
{
    for (size_t i = 0; i < n; i++) {
        const struct agent_rule *r = &rules[i];
        size_t at = str_find(s, str_z(r->word), 0);
        if (at == SIZE_MAX)
            continue;
        size_t end = at + strlen(r->word);
        if (r->version) {
            size_t v = *r->version ? str_find(s, str_z(r->version), 0) : SIZE_MAX;
            end = v == SIZE_MAX ? s.n : v + strlen(r->version);
        }
        buf_printf(b, "{\"Family\":\"%s\"", r->family);
        put_version(b, s, end, names, nnames);
        buf_putc(b, '}');
        return;
    }
    buf_puts(b, "{\"Family\":\"Other\"");
    put_version(b, s, s.n, names, nnames);
    buf_putc(b, '}');
}

static void put_browser(struct buf *b, struct str s)
{
    static const char *const names[] = { "MajorVersion", "MinorVersion", "Patch" };
    buf_puts(b, "\"Browser\":");
    put_family(b, s, browsers, sizeof browsers / sizeof *browsers, names, 3);
}

static void put_system(struct buf *b, struct str s)
{
    static const char *const names[] = { "MajorVersion", "MinorVersion", "Patch", "PatchMinor" };
    buf_puts(b, "\"OperatingSystem\":");
    put_family(b, s, systems, sizeof systems / sizeof *systems, names, 4);
}

/* The model may hold any bytes of the text: it is written as a JSON string. */
static void put_model(struct buf *b, struct str s, size_t at, const struct agent_device *d)
{
    size_t end = at + strlen(d->word);
    while (end < s.n && !strchr(" /;)", s.p[end]) && s.p[end])
        end++;
    struct str model = str_sub(s, at + strlen(d->word), end);
    struct buf text = BUF_INIT;
    bool samsung = strcmp(d->brand, "Samsung") == 0;
    buf_printf(&text, "%s%.*s", d->family, STR_ARG(model));
    buf_puts(b, "{\"Family\":");
    json_put_str(b, buf_view(&text));
    buf_printf(b, ",\"Brand\":\"%s\",\"Model\":", d->brand);
    text.n = 0;
    buf_printf(&text, "%s%.*s", samsung ? "SM-" : "", STR_ARG(model));
    json_put_str(b, buf_view(&text));
    buf_putc(b, '}');
    buf_free(&text);
}

static void put_device(struct buf *b, struct str s)
{
    buf_puts(b, "\"Device\":");
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        const struct agent_device *d = &devices[i];
        size_t at = str_find(s, str_z(d->word), 0);
        if (at == SIZE_MAX)
            continue;
        if (!d->model)
            put_model(b, s, at, d);
        else
            buf_printf(b, "{\"Family\":\"%s\",\"Brand\":\"%s\",\"Model\":\"%s\"}", d->family, d->brand,
                       d->model);
        return;
    }
    buf_puts(b, "{\"Family\":\"Other\",\"Brand\":\"\",\"Model\":\"\"}");
}

static const struct agent_part {
    const char *name;
    void (*put)(struct buf *b, struct str agent);
} parts[] = { { "browser", put_browser }, { "os", put_system }, { "device", put_device } };

/* text, what to look for (a JSON string or an array of them) */
static bool user_agent(struct udf_call *c)
{
    struct jtexts it = jtexts_begin(c->arg[1].s);
    struct str raw;
    bool wanted[sizeof parts / sizeof *parts] = { false };
    while (jtexts_next(&it, &raw)) {
        c->tmp[0].n = 0;
        json_put_plain(&c->tmp[0], raw);
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
            wanted[i] |= str_eq_nocase(buf_view(&c->tmp[0]), str_z(parts[i].name));
    }
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (wanted[i]) {
            buf_putc(&c->out, c->out.n ? ',' : '{');
            parts[i].put(&c->out, c->arg[0].s);
        }
    if (!c->out.n)
        return false;
    buf_putc(&c->out, '}');
    return true;
}

static const struct udf_fn functions[] = {
    { .name = "kql_user_agent", .body = user_agent },
};

const struct udf_set udf_agent_set = { functions, sizeof functions / sizeof *functions };
