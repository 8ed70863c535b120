/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The company's day, event by event, and its CSV file.
 *
 * Background events are made in order of time, one at a time, and the few planted ones (story.c) are merged in: memory does
 * not grow with the rows. To add a column: a row of `columns`.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hb/buf.h"
#include "hb/fs.h"
#include "hb/sample.h"
#include "hb/ticks.h"

#include "sample_int.h"

enum {
    FOR_EVENT = 80,
    FOR_BURST,
    FOR_SHA256,
    FOR_SIZE,
    FOR_PROCESS,
    FOR_PARENT_PROCESS,
    FOR_ARGUMENT,
    FOR_SITE,
    FOR_VENDOR,
    FOR_INSTALLED,
};
enum { MINUTES = 24 * 60, FLUSH_AT = 1 << 20 };

/* Busyness by the hour of the clock. */
static const uint8_t rhythm[24] = { 10, 9,  8,  8,  9,  12, 20, 34, 52, 60, 62, 58,
                                    50, 54, 60, 60, 56, 46, 32, 24, 18, 15, 13, 11 };

struct site {
    const char *name;
    uint32_t port;
};
static const struct site web_sites[] = {
    { "www.google.com", 443 },         { "www.bing.com", 443 },
    { "www.wikipedia.org", 443 },      { "github.com", 443 },
    { "stackoverflow.com", 443 },      { "www.youtube.com", 443 },
    { "www.linkedin.com", 443 },       { "news.example.com", 443 },
    { "fonts.gstatic.com", 443 },      { "maps.example.com", 443 },
    { "weather.example.com", 443 },    { "travel.example.net", 443 },
    { "shop.example.net", 443 },       { "bank.example.net", 443 },
    { "cdn.example.net", 443 },        { "ads.example.net", 443 },
    { "metrics.example.net", 443 },    { "intranet-old.example.org", 80 },
    { "forum.example.org", 443 },      { "wiki.example.org", 443 },
    { "video.example.org", 443 },      { "radio.example.org", 8000 },
    { "tickets.example.com", 443 },    { "tax.example.gov", 443 },
    { "university.example.edu", 443 }, { "jobs.example.com", 443 },
    { "cooking.example.org", 443 },    { "sports.example.com", 443 },
    { "mail.example.net", 443 },       { "", 443 },
};
static const struct site cloud_sites[] = {
    { "login.microsoftonline.com", 443 },
    { "outlook.office365.com", 443 },
    { "teams.microsoft.com", 443 },
    { "graph.microsoft.com", 443 },
    { "corp.sharepoint.com", 443 },
    { "settings-win.data.microsoft.com", 443 },
    { "v10.events.data.microsoft.com", 443 },
    { "ctldl.windowsupdate.com", 80 },
    { "fe3cr.delivery.mp.microsoft.com", 443 },
    { "wdcp.microsoft.com", 443 },
    { "ocsp.digicert.com", 80 },
    { "self.events.data.microsoft.com", 443 },
    { "config.edge.skype.com", 443 },
    { "", 443 },
};
/* What is asked of servers, and what they are asked from the network. */
static const uint16_t lan_ports[] = { 445, 389, 88, 53, 135, 3268, 9100, 636 };
static const uint16_t server_ports[] = { 1433, 3389, 22, 5985, 8443, 10050, 2500, 8530 };
static const uint8_t public_blocks[] = { 13,  20,  23,  34,  35,  40,  44,  52, 54,
                                         104, 142, 151, 157, 184, 185, 204, 216 };
#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

/* ---- One background event ---- */

static char *put_number(char *p, uint32_t n)
{
    char digits[10];
    int k = 0;
    do
        digits[k++] = (char)('0' + n % 10);
    while (n /= 10);
    while (k)
        *p++ = digits[--k];
    return p;
}

/* An address outside: one of `spread` that belong to a name. */
static void public_address(uint64_t name_hash, uint32_t spread, uint64_t x, bool v6, char out[48])
{
    uint64_t h = mix(name_hash, FOR_SITE, below(x, spread), 0);
    if (v6) {
        snprintf(out, 48, "2606:4700:%x::%x", (unsigned)(h & 0xffff), (unsigned)(h >> 16 & 0xffff) + 1);
        return;
    }
    char *p = put_number(out, public_blocks[below(h, COUNT(public_blocks))]);
    for (int shift = 0; shift < 24; shift += 8) {
        *p++ = '.';
        p = put_number(p, (uint32_t)(h >> shift & 0xff) % 254 + 1);
    }
    *p = 0;
}

static void outside(const struct world *w, struct event *e, const struct site *sites, uint32_t n, uint64_t x,
                    uint64_t y)
{
    /* Two draws, the smaller wins: the first sites are the most visited. */
    uint32_t a = below(x, n), b = below(x << 32, n), at = a < b ? a : b;
    bool v6 = !e->host->server && y % 100 < 7;
    public_address(mix(w->seed, FOR_SITE, at, n), 3, y, v6, e->remote_ip);
    if (v6)
        strcpy(e->local_ip, e->host->ip6);
    e->remote_port = sites[at].port;
    e->url = sites[at].name;
    if (y >> 60 == 0 && e->remote_port == 443) /* HTTP/3 */
        e->protocol = "Udp";
}

static void inside(const struct world *w, struct event *e, const uint16_t *ports, uint32_t n, uint64_t x,
                   uint64_t y)
{
    const struct host *server = &w->hosts[w->nworkstations + below(y, w->nhosts - w->nworkstations)];
    e->remote_port = ports[below(x, n)];
    e->remote_type = "Private";
    if (e->remote_port == 53)
        e->protocol = "Udp";
    if (e->host->server && y % 16 == 0) {
        snprintf(e->remote_ip, sizeof e->remote_ip, "::ffff:%s", server->ip);
        e->remote_type = "FourToSixMapping";
    } else {
        strcpy(e->remote_ip, server->ip);
    }
    e->url = y & 1 << 5 ? server->name : "";
}

static void choose_remote(const struct world *w, struct event *e, uint64_t x, uint64_t y)
{
    const struct program *p = e->program;
    switch (p->traffic) {
    case TO_WEB: outside(w, e, web_sites, COUNT(web_sites), x, y); break;
    case TO_CLOUD: outside(w, e, cloud_sites, COUNT(cloud_sites), x, y); break;
    case TO_VENDOR: public_address(mix(w->seed, FOR_VENDOR, p->id, 0), 2, y, false, e->remote_ip); break;
    case TO_LAN: inside(w, e, lan_ports, COUNT(lan_ports), x, y); break;
    case TO_SERVERS: inside(w, e, server_ports + p->id % (COUNT(server_ports) - 1), 2, x, y); break;
    case FROM_LAN:
        e->action = "InboundConnectionAccepted";
        strcpy(e->remote_ip, w->hosts[below(y, w->nworkstations)].ip);
        e->remote_type = "Private";
        e->remote_port = e->local_port;
        e->local_port = !strcmp(p->name, "sqlservr.exe") ? 1433 : !strcmp(p->name, "dns.exe") ? 53 : 443;
        break;
    }
}

/* Which process of a program on a host this is: its number and its start follow from who and when. */
static void choose_process(const struct world *w, struct event *e)
{
    const struct program *p = e->program;
    uint64_t who = (uint64_t)(e->host - w->hosts) << 20 | p->id;
    int64_t since = e->time - w->start;
    int64_t slot = p->brief ? since / (10 * TICKS_MIN) : p->account == AS_USER ? since / (8 * TICKS_HOUR) : 0;
    uint64_t x = mix(w->seed, FOR_PROCESS, who, (uint64_t)slot);
    int64_t age = (int64_t)(x % (uint64_t)(p->brief                ? TICKS_MIN
                                           : p->account == AS_USER ? TICKS_HOUR
                                                                   : 6 * TICKS_DAY));
    int64_t slot_length = p->brief ? 10 * TICKS_MIN : 8 * TICKS_HOUR;
    e->created = w->start + slot * slot_length - age / TICKS_MS * TICKS_MS;
    e->pid = p->id == 9 ? 4 : 600 + 4 * below(x, 5000);
    e->parent_pid = 600 + 4 * below(mix(w->seed, FOR_PARENT_PROCESS, who >> 20,
                                        (uint64_t)(unsigned char)p->parent[0]),
                                    5000);
}

/* The first weight above x, by halving. */
static const struct program *choose_program(const struct world *w, uint64_t x)
{
    double at = (double)(x >> 11) * 0x1p-53 * w->weight[w->nprograms - 1];
    uint32_t low = 0, high = w->nprograms - 1;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (w->weight[middle] > at)
            high = middle;
        else
            low = middle + 1;
    }
    return &w->programs[low];
}

/* The less a program is used, the fewer machines have it. */
static const struct host *choose_host(const struct world *w, const struct program *p, uint64_t x)
{
    uint32_t first = p->place == SERVERS ? w->nworkstations : 0;
    uint32_t n = (p->place == WORKSTATIONS ? w->nworkstations : w->nhosts) - first;
    uint32_t spread = p->id < 16 ? n : n * 16 / p->id + 1;
    uint32_t offset = below(mix(w->seed, FOR_INSTALLED, p->id, 0), n);
    return &w->hosts[first + (offset + below(x, spread)) % n];
}

static void background(const struct world *w, int64_t row, int64_t time, struct event *e)
{
    uint64_t x[6];
    for (uint64_t k = 0; k < COUNT(x); k++)
        x[k] = mix(w->seed, FOR_EVENT, (uint64_t)row, k);
    /* Events come in bursts: of some neighbours most are one program's on one machine. */
    bool burst = below(x[5] << 32, 100) < 65;
    uint64_t who[2];
    for (uint64_t k = 0; k < COUNT(who); k++)
        who[k] = burst ? mix(w->seed, FOR_BURST, (uint64_t)row / 6, k) : x[k];
    const struct program *p = choose_program(w, who[0]);
    /* At night people are at home, mostly; machines are not. */
    bool night = rhythm[time / TICKS_HOUR % 24] < 20;
    for (uint64_t k = 1; night && p->account == AS_USER && k < 4; k++)
        p = choose_program(w, mix(who[0], FOR_EVENT, k, 0));
    *e = (struct event){
        .time = time,
        .program = p,
        .host = choose_host(w, p, who[1]),
        .action = "ConnectionSuccess",
        .protocol = "Tcp",
        .remote_type = "Public",
        .local_type = "Private",
        .local_port = 49152 + below(x[2], 16384),
        .remote_port = 443,
        .url = "",
        .extra = "",
    };
    uint32_t luck = below(x[5], 1000);
    if (luck < 45)
        e->action = "ConnectionFailed";
    else if (luck < 75)
        e->action = "ConnectionAttempt";
    strcpy(e->local_ip, e->host->ip);
    choose_remote(w, e, x[3], x[4]);
    choose_process(w, e);
}

/* ---- Columns ---- */

struct line {
    const struct world *w;
    const struct event *e;
    struct buf *b;
    struct buf *scratch;
    int64_t number; /* from 1 */
};

/* A field, in quotes where RFC 4180 wants them. */
static void put_field(struct buf *b, const char *z)
{
    size_t n = strlen(z);
    if (!z[strcspn(z, "\",\r\n")]) {
        buf_put(b, z, n);
        return;
    }
    buf_putc(b, '"');
    for (const char *quote; (quote = strchr(z, '"')); z = quote + 1) {
        buf_put(b, z, (size_t)(quote + 1 - z));
        buf_putc(b, '"');
    }
    buf_puts(b, z);
    buf_putc(b, '"');
}

static const char *user_of(const struct event *e)
{
    switch (e->program->account) {
    case AS_USER: return e->host->user;
    case AS_ADMIN: return e->host->admin;
    case AS_SYSTEM: return "system";
    case AS_SERVICE: return "network service";
    }
    return "";
}

static void put_template(const struct line *l, const char *z, struct buf *out);

static void put_argument(const struct line *l, char what, struct buf *out)
{
    const struct event *e = l->e;
    uint64_t x = mix(l->w->seed, FOR_ARGUMENT, e->pid, e->program->id);
    switch (what) {
    case 'u': buf_puts(out, user_of(e)); break;
    case 'n': buf_u64(out, x % 250 + 1); break;
    case 'g':
        buf_printf(out, "%08x-%04x-4%03x-8%03x-%012llx", (unsigned)(x >> 32), (unsigned)(x >> 16 & 0xffff),
                   (unsigned)(x & 0xfff), (unsigned)(x >> 4 & 0xfff),
                   (unsigned long long)(x * 0x9e3779b97f4a7c15u >> 16));
        break;
    case 'p':
        buf_putc(out, '"');
        put_template(l, e->program->folder, out);
        buf_putc(out, '\\');
        buf_puts(out, e->program->name);
        buf_putc(out, '"');
        break;
    }
}

/* Text with {u}, {n}, {g} and {p} filled in. Other braces are themselves. */
static void put_template(const struct line *l, const char *z, struct buf *out)
{
    for (;;) {
        size_t n = strcspn(z, "{");
        buf_put(out, z, n);
        z += n;
        if (!*z)
            return;
        if (z[1] && z[2] == '}') {
            put_argument(l, z[1], out);
            z += 3;
        } else {
            buf_putc(out, *z++);
        }
    }
}

static void put_template_field(const struct line *l, const char *z)
{
    buf_clear(l->scratch);
    put_template(l, z, l->scratch);
    put_field(l->b, buf_z(l->scratch));
}

static void put_hash(const struct line *l, uint64_t purpose, int words)
{
    static const char hex[] = "0123456789abcdef";
    char text[64];
    for (int i = 0; i < words; i++) {
        uint64_t x = mix(l->w->seed, purpose, l->e->program->id, (uint64_t)i);
        for (int k = 0; k < 16; k++, x >>= 4)
            text[16 * i + k] = hex[x & 15];
    }
    buf_put(l->b, text, (size_t)words * 16);
}

static bool is_system(const struct event *e)
{
    return !*e->program->folder; /* the kernel: no file, no hash, no parent */
}

/* clang-format off */
static void put_timestamp(const struct line *l) { ticks_put_iso(l->b, l->e->time); }
static void put_device_id(const struct line *l) { buf_puts(l->b, l->e->host->id); }
static void put_device_name(const struct line *l) { buf_puts(l->b, l->e->host->name); }
static void put_action(const struct line *l) { buf_puts(l->b, l->e->action); }
static void put_remote_ip(const struct line *l) { buf_puts(l->b, l->e->remote_ip); }
static void put_remote_port(const struct line *l) { buf_u64(l->b, l->e->remote_port); }
static void put_local_ip(const struct line *l) { buf_puts(l->b, l->e->local_ip); }
static void put_local_port(const struct line *l) { buf_u64(l->b, l->e->local_port); }
static void put_protocol(const struct line *l) { buf_puts(l->b, l->e->protocol); }
static void put_local_type(const struct line *l) { buf_puts(l->b, l->e->local_type); }
static void put_remote_type(const struct line *l) { buf_puts(l->b, l->e->remote_type); }
static void put_file_name(const struct line *l) { put_field(l->b, l->e->program->name); }
static void put_company(const struct line *l) { put_field(l->b, l->e->program->company); }
static void put_process_id(const struct line *l) { buf_u64(l->b, l->e->pid); }
static void put_created(const struct line *l) { ticks_put_iso(l->b, l->e->created); }
static void put_folder(const struct line *l) { put_template_field(l, l->e->program->folder); }
static void put_parent(const struct line *l) { buf_puts(l->b, l->e->program->parent); }
static void put_parent_id(const struct line *l) { if (!is_system(l->e)) buf_u64(l->b, l->e->parent_pid); }
static void put_account_name(const struct line *l) { put_field(l->b, user_of(l->e)); }
static void put_extra(const struct line *l) { put_field(l->b, l->e->extra); }
static void put_sha256(const struct line *l) { if (!is_system(l->e)) put_hash(l, FOR_SHA256, 4); }
/* clang-format on */

static void put_url(const struct line *l)
{
    if (*l->e->url || l->e->program->traffic != TO_VENDOR || !*l->e->program->company) {
        put_field(l->b, l->e->url);
        return;
    }
    /* A maker's host is named after its product. */
    buf_puts(l->b, "update-");
    buf_u64(l->b, l->e->program->id);
    buf_puts(l->b, ".vendor.example");
}

static void put_size(const struct line *l)
{
    if (!is_system(l->e))
        buf_u64(l->b, 40960 + 512 * (mix(l->w->seed, FOR_SIZE, l->e->program->id, 0) % 40000));
}

static void put_command(const struct line *l)
{
    if (l->e->command)
        put_field(l->b, l->e->command);
    else
        put_template_field(l, l->e->program->command);
}

static void put_account_domain(const struct line *l)
{
    enum account as = l->e->program->account;
    buf_puts(l->b, as == AS_SYSTEM || as == AS_SERVICE ? "nt authority" : "corp");
}

static void put_integrity(const struct line *l)
{
    static const char *const levels[] = {
        [AS_USER] = "Medium", [AS_ADMIN] = "High", [AS_SYSTEM] = "System", [AS_SERVICE] = "System"
    };
    buf_puts(l->b, levels[l->e->program->account]);
}

static void put_report_id(const struct line *l)
{
    buf_u64(l->b, (uint64_t)l->number);
}

static const struct column_row {
    const char *name;
    void (*put)(const struct line *l);
} columns[] = {
    { "Timestamp", put_timestamp },
    { "DeviceId", put_device_id },
    { "DeviceName", put_device_name },
    { "ActionType", put_action },
    { "RemoteIP", put_remote_ip },
    { "RemotePort", put_remote_port },
    { "RemoteUrl", put_url },
    { "LocalIP", put_local_ip },
    { "LocalPort", put_local_port },
    { "Protocol", put_protocol },
    { "LocalIPType", put_local_type },
    { "RemoteIPType", put_remote_type },
    { "InitiatingProcessSHA256", put_sha256 },
    { "InitiatingProcessFileName", put_file_name },
    { "InitiatingProcessFileSize", put_size },
    { "InitiatingProcessVersionInfoCompanyName", put_company },
    { "InitiatingProcessId", put_process_id },
    { "InitiatingProcessCommandLine", put_command },
    { "InitiatingProcessCreationTime", put_created },
    { "InitiatingProcessFolderPath", put_folder },
    { "InitiatingProcessParentFileName", put_parent },
    { "InitiatingProcessParentId", put_parent_id },
    { "InitiatingProcessAccountDomain", put_account_domain },
    { "InitiatingProcessAccountName", put_account_name },
    { "InitiatingProcessIntegrityLevel", put_integrity },
    { "ReportId", put_report_id },
    { "AdditionalFields", put_extra },
};

static void put_header(struct buf *b)
{
    for (size_t i = 0; i < COUNT(columns); i++)
        buf_printf(b, "%s%s", i ? "," : "", columns[i].name);
    buf_puts(b, "\r\n");
}

static void put_event(const struct line *l)
{
    for (size_t i = 0; i < COUNT(columns); i++) {
        if (i)
            buf_putc(l->b, ',');
        columns[i].put(l);
    }
    buf_puts(l->b, "\r\n");
}

/* ---- The file ---- */

/* Running sums of busyness over the minutes of the day. */
static void minutes_of_day(int64_t start, double sum[MINUTES + 1])
{
    sum[0] = 0;
    for (int m = 0; m < MINUTES; m++)
        sum[m + 1] = sum[m] + rhythm[(start + m * TICKS_MIN) / TICKS_HOUR % 24];
}

static int by_time(const void *a, const void *b)
{
    int64_t x = ((const struct event *)a)->time, y = ((const struct event *)b)->time;
    return x < y ? -1 : x > y;
}

static bool flush(int fd, const char *path, struct buf *b, size_t at_least, struct err *err)
{
    if (b->n < at_least)
        return true;
    for (size_t done = 0; done < b->n;) {
        ssize_t n = write(fd, b->p + done, b->n - done);
        if (n < 0 && errno != EINTR)
            return err_errno(err, "cannot write", path);
        if (n > 0)
            done += (size_t)n;
    }
    buf_clear(b);
    return true;
}

static bool write_events(const struct world *w, int64_t rows, struct event *planted, size_t nplanted, int fd,
                         const char *path, struct buf *b, struct buf *scratch, struct err *err)
{
    double sum[MINUTES + 1];
    minutes_of_day(w->start, sum);
    int64_t n = rows - (int64_t)nplanted;
    int minute = 0;
    size_t next = 0;
    put_header(b);
    for (int64_t i = 0; i <= n; i++) {
        struct event e;
        int64_t time = INT64_MAX;
        if (i < n) {
            /* One draw in each n-th of the day's business: in order of time without sorting. */
            double part = (double)(mix(w->seed, FOR_EVENT, (uint64_t)i, COUNT(columns)) >> 11) * 0x1p-53;
            double at = ((double)i + part) / (double)n * sum[MINUTES];
            while (minute < MINUTES - 1 && sum[minute + 1] <= at)
                minute++;
            double within = (at - sum[minute]) / (sum[minute + 1] - sum[minute]);
            time = w->start + minute * TICKS_MIN + (int64_t)(within * (double)(TICKS_MIN - 1));
        }
        for (; next < nplanted && planted[next].time <= time; next++)
            put_event(&(struct line){ w, &planted[next], b, scratch, i + (int64_t)next + 1 });
        if (i < n) {
            background(w, i, time, &e);
            put_event(&(struct line){ w, &e, b, scratch, i + (int64_t)next + 1 });
        }
        if (!flush(fd, path, b, FLUSH_AT, err))
            return false;
    }
    return flush(fd, path, b, 1, err);
}

static bool write_file(const struct world *w, struct arena *a, int64_t rows, const char *path,
                       struct err *err)
{
    char *tmp = arena_printf(a, "%s.tmp", path);
    int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return err_errno(err, "cannot create", tmp);
    size_t nplanted;
    struct event *planted = story_events(w, a, (size_t)(rows / 3), &nplanted);
    qsort(planted, nplanted, sizeof *planted, by_time);
    struct buf b = BUF_INIT, scratch = BUF_INIT;
    bool ok = write_events(w, rows, planted, nplanted, fd, tmp, &b, &scratch, err);
    buf_free(&b);
    buf_free(&scratch);
    if (close(fd) != 0 && ok)
        ok = err_errno(err, "cannot write", tmp);
    ok = ok && fs_commit(tmp, path, err);
    if (!ok)
        unlink(tmp);
    return ok;
}

bool sample_write(const struct sample_options *o, struct err *err)
{
    if (o->rows < 0 || o->rows > SAMPLE_ROWS_MAX)
        return err_set(err, ERR_USAGE, "rows must be between 0 and %d", SAMPLE_ROWS_MAX);
    if (o->end < 8 * TICKS_DAY || o->end > TICKS_MAX)
        return err_set(err, ERR_USAGE, "the end of the sample is out of range");
    if (!fs_mkdirs(o->dir, err))
        return false;
    struct arena *a = arena_new(0, "sample data");
    struct world w = { .seed = o->seed, .start = o->end - TICKS_DAY };
    cast_programs(&w, a);
    cast_hosts(&w, a, o->rows);
    bool ok = write_file(&w, a, o->rows, fs_join(a, o->dir, "DeviceNetworkEvents.csv"), err);
    arena_free(a);
    return ok;
}
