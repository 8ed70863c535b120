/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is in the sample: the programs that connect, and the machines they run on.
 *
 * `known` is in order of how often a program is seen, the first most often. Behind it stand programs of invented makers, and
 * last `seldom`. To add a program: one row. Rows move the weights of all behind them, so the committed sample changes.
 */
#include <stdio.h>
#include <string.h>

#include "sample_int.h"

#define WINDIR  "C:\\Windows\\System32"
#define FILES   "C:\\Program Files"
#define FILES86 "C:\\Program Files (x86)"
#define LOCAL   "C:\\Users\\{u}\\AppData\\Local"
#define ROAMING "C:\\Users\\{u}\\AppData\\Roaming"
#define TEMP    LOCAL "\\Temp"
#define MS      "Microsoft Corporation"
#define CHROMIUM                                                                                             \
    "{p} --type=utility --utility-sub-type=network.mojom.NetworkService --lang=en-US "                       \
    "--field-trial-handle={n},i"

#define ROW(name, folder, parent, company, command, traffic, account, place)                                 \
    {                                                                                                        \
        name, folder, parent, company, command, traffic, account, place, 0, false                            \
    }
#define BRIEF(name, folder, parent, company, command, traffic, account, place)                               \
    {                                                                                                        \
        name, folder, parent, company, command, traffic, account, place, 0, true                             \
    }

/* clang-format off */
static const struct program known[] = {
    ROW("svchost.exe", WINDIR, "services.exe", MS, WINDIR "\\svchost.exe -k netsvcs -p -s wuauserv", TO_CLOUD, AS_SYSTEM, ANYWHERE),
    ROW("msedge.exe", FILES86 "\\Microsoft\\Edge\\Application", "msedge.exe", MS, CHROMIUM, TO_WEB, AS_USER, WORKSTATIONS),
    ROW("chrome.exe", FILES "\\Google\\Chrome\\Application", "chrome.exe", "Google LLC", CHROMIUM, TO_WEB, AS_USER, WORKSTATIONS),
    ROW("MsMpEng.exe", "C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.25110.6-0", "services.exe", MS, "{p}", TO_CLOUD, AS_SYSTEM, ANYWHERE),
    ROW("OUTLOOK.EXE", FILES "\\Microsoft Office\\root\\Office16", "explorer.exe", MS, "{p}", TO_CLOUD, AS_USER, WORKSTATIONS),
    ROW("ms-teams.exe", FILES "\\WindowsApps\\MSTeams_25290.205.4069.4894_x64__8wekyb3d8bbwe", "explorer.exe", MS, "{p} msteams:system-initiated", TO_CLOUD, AS_USER, WORKSTATIONS),
    ROW("MsSense.exe", FILES "\\Windows Defender Advanced Threat Protection", "services.exe", MS, "{p}", TO_CLOUD, AS_SYSTEM, ANYWHERE),
    ROW("OneDrive.exe", LOCAL "\\Microsoft\\OneDrive", "explorer.exe", MS, "{p} /background", TO_CLOUD, AS_USER, WORKSTATIONS),
    ROW("System", "", "", "", "", TO_LAN, AS_SYSTEM, ANYWHERE),
    ROW("AcroCEF.exe", FILES "\\Adobe\\Acrobat DC\\Acrobat\\acrocef_1", "Acrobat.exe", "Adobe Systems Incorporated", CHROMIUM, TO_VENDOR, AS_USER, WORKSTATIONS),
    ROW("lsass.exe", WINDIR, "wininit.exe", MS, WINDIR "\\lsass.exe", TO_LAN, AS_SYSTEM, ANYWHERE),
    ROW("firefox.exe", FILES "\\Mozilla Firefox", "explorer.exe", "Mozilla Corporation", "{p} -contentproc -parentBuildID 20260105140322 -prefsHandle {n} -prefMapHandle {n} utility", TO_WEB, AS_USER, WORKSTATIONS),
    ROW("msedgewebview2.exe", FILES86 "\\Microsoft\\EdgeWebView\\Application\\143.0.3650.96", "ms-teams.exe", MS, CHROMIUM " --webview-exe-name=ms-teams.exe", TO_CLOUD, AS_USER, WORKSTATIONS),
    ROW("w3wp.exe", WINDIR "\\inetsrv", "svchost.exe", MS, WINDIR "\\inetsrv\\w3wp.exe -ap \"Portal\" -v \"v4.0\" -l \"webengine4.dll\" -a \\\\.\\pipe\\iisipm{g}", FROM_LAN, AS_SERVICE, SERVERS),
    ROW("sqlservr.exe", FILES "\\Microsoft SQL Server\\MSSQL16.MSSQLSERVER\\MSSQL\\Binn", "services.exe", MS, "{p} -sMSSQLSERVER", FROM_LAN, AS_SERVICE, SERVERS),
    ROW("SearchHost.exe", "C:\\Windows\\SystemApps\\MicrosoftWindows.Client.CBS_cw5n1h2txyewy", "svchost.exe", MS, "{p} -ServerName:CortanaUI.AppXstmwaab17q5s3y22tp6apqz7a45vwv65.mca", TO_CLOUD, AS_USER, WORKSTATIONS),
    ROW("EXCEL.EXE", FILES "\\Microsoft Office\\root\\Office16", "explorer.exe", MS, "{p} \"C:\\Users\\{u}\\Documents\\Budget 2026, draft {n}.xlsx\"", TO_CLOUD, AS_USER, WORKSTATIONS),
    ROW("WINWORD.EXE", FILES "\\Microsoft Office\\root\\Office16", "explorer.exe", MS, "{p} /n \"C:\\Users\\{u}\\Documents\\Minutes {n}.docx\" /o \"\"", TO_CLOUD, AS_USER, WORKSTATIONS),
    ROW("backgroundTaskHost.exe", WINDIR, "svchost.exe", MS, "{p} -ServerName:App.AppXmtcan0h2tfbfy7k9kn8hbxb6dmzz1zh0.mca", TO_CLOUD, AS_USER, WORKSTATIONS),
    ROW("powershell.exe", WINDIR "\\WindowsPowerShell\\v1.0", "gc_worker.exe", MS, "{p} -NoProfile -ExecutionPolicy AllSigned -File C:\\ProgramData\\Inventory\\inventory.ps1 -Batch {n}", TO_LAN, AS_SYSTEM, ANYWHERE),
    ROW("SenseNdr.exe", FILES "\\Windows Defender Advanced Threat Protection\\SenseNdr", "MsSense.exe", MS, "{p}", TO_LAN, AS_SYSTEM, ANYWHERE),
    ROW("ONENOTE.EXE", FILES "\\Microsoft Office\\root\\Office16", "explorer.exe", MS, "{p}", TO_CLOUD, AS_USER, WORKSTATIONS),
    ROW("Zoom.exe", ROAMING "\\Zoom\\bin", "explorer.exe", "Zoom Communications, Inc.", "{p} --url=zoommtg://win.launch", TO_VENDOR, AS_USER, WORKSTATIONS),
    ROW("slack.exe", LOCAL "\\slack\\app-4.47.65", "slack.exe", "Slack Technologies, LLC", CHROMIUM, TO_VENDOR, AS_USER, WORKSTATIONS),
    ROW("CcmExec.exe", "C:\\Windows\\CCM", "services.exe", MS, "{p}", TO_SERVERS, AS_SYSTEM, ANYWHERE),
    ROW("Code.exe", LOCAL "\\Programs\\Microsoft VS Code", "explorer.exe", MS, CHROMIUM, TO_CLOUD, AS_USER, WORKSTATIONS),
    ROW("smartscreen.exe", WINDIR, "svchost.exe", MS, WINDIR "\\smartscreen.exe -Embedding", TO_CLOUD, AS_USER, WORKSTATIONS),
    ROW("spoolsv.exe", WINDIR, "services.exe", MS, WINDIR "\\spoolsv.exe", TO_LAN, AS_SYSTEM, ANYWHERE),
    ROW("explorer.exe", "C:\\Windows", "userinit.exe", MS, "C:\\Windows\\Explorer.EXE", TO_CLOUD, AS_USER, WORKSTATIONS),
    ROW("MicrosoftEdgeUpdate.exe", FILES86 "\\Microsoft\\EdgeUpdate", "svchost.exe", MS, "{p} /ua /installsource scheduler", TO_CLOUD, AS_SYSTEM, ANYWHERE),
    ROW("java.exe", FILES "\\Eclipse Adoptium\\jdk-21.0.5.11-hotspot\\bin", "services.exe", "Eclipse Adoptium", "{p} -Xmx4g -Dcatalina.base=D:\\tomcat -classpath \"D:\\tomcat\\bin\\bootstrap.jar;D:\\tomcat\\bin\\tomcat-juli.jar\" org.apache.catalina.startup.Bootstrap start", TO_SERVERS, AS_SERVICE, SERVERS),
    ROW("TiWorker.exe", "C:\\Windows\\WinSxS\\amd64_microsoft-windows-servicingstack_31bf3856ad364e35_10.0.26100.7309_none_a1f0e8f9e6a0e0b1", "svchost.exe", MS, "{p} -Embedding", TO_CLOUD, AS_SYSTEM, ANYWHERE),
    ROW("Spotify.exe", ROAMING "\\Spotify", "explorer.exe", "Spotify AB", "{p} --autostart --minimized", TO_VENDOR, AS_USER, WORKSTATIONS),
    ROW("GoogleUpdater.exe", FILES86 "\\Google\\GoogleUpdater\\144.0.7547.0", "svchost.exe", "Google LLC", "{p} --wake --system", TO_VENDOR, AS_SYSTEM, WORKSTATIONS),
    ROW("HealthService.exe", FILES "\\Microsoft Monitoring Agent\\Agent", "services.exe", MS, "{p}", TO_CLOUD, AS_SYSTEM, SERVERS),
    ROW("mstsc.exe", WINDIR, "explorer.exe", MS, "{p} /v:srv-app-0{n}", TO_SERVERS, AS_ADMIN, WORKSTATIONS),
    ROW("WmiPrvSE.exe", WINDIR "\\wbem", "svchost.exe", MS, "{p} -secured -Embedding", TO_LAN, AS_SERVICE, ANYWHERE),
    ROW("Ssms.exe", FILES "\\Microsoft SQL Server Management Studio 21\\Release\\Common7\\IDE", "explorer.exe", MS, "{p}", TO_SERVERS, AS_ADMIN, WORKSTATIONS),
    ROW("git-remote-https.exe", FILES "\\Git\\mingw64\\libexec\\git-core", "git.exe", "The Git Development Community", "git remote-https origin https://git.corp.example/ledger/core.git", TO_VENDOR, AS_USER, WORKSTATIONS),
    ROW("PhoneExperienceHost.exe", FILES "\\WindowsApps\\Microsoft.YourPhone_1.25112.36.0_x64__8wekyb3d8bbwe", "svchost.exe", MS, "{p} -ComServer:Background -Embedding", TO_CLOUD, AS_USER, WORKSTATIONS),
    ROW("node.exe", FILES "\\nodejs", "Code.exe", "OpenJS Foundation", "{p} C:\\src\\portal\\node_modules\\vite\\bin\\vite.js --port 5173", TO_VENDOR, AS_USER, WORKSTATIONS),
    ROW("dns.exe", WINDIR, "services.exe", MS, WINDIR "\\dns.exe", FROM_LAN, AS_SYSTEM, SERVERS),
    ROW("dfsrs.exe", WINDIR, "services.exe", MS, WINDIR "\\DFSRs.exe", TO_LAN, AS_SYSTEM, SERVERS),
    ROW("python.exe", LOCAL "\\Programs\\Python\\Python312", "Code.exe", "Python Software Foundation", "{p} -m pytest -q tests\\test_{n}.py", TO_VENDOR, AS_USER, WORKSTATIONS),
    ROW("msiexec.exe", WINDIR, "services.exe", MS, WINDIR "\\msiexec.exe /V", TO_CLOUD, AS_SYSTEM, ANYWHERE),
    ROW("SCNotification.exe", "C:\\Windows\\CCM", "CcmExec.exe", MS, "{p}", TO_SERVERS, AS_USER, WORKSTATIONS),
    ROW("OfficeClickToRun.exe", FILES "\\Common Files\\Microsoft Shared\\ClickToRun", "services.exe", MS, "{p} /service", TO_CLOUD, AS_SYSTEM, WORKSTATIONS),
    ROW("POWERPNT.EXE", FILES "\\Microsoft Office\\root\\Office16", "explorer.exe", MS, "{p} \"C:\\Users\\{u}\\Documents\\Quarter {n}.pptx\"", TO_CLOUD, AS_USER, WORKSTATIONS),
    ROW("CompatTelRunner.exe", WINDIR, "svchost.exe", MS, "{p} -m:appraiser.dll -f:DoScheduledTelemetryRun", TO_CLOUD, AS_SYSTEM, ANYWHERE),
    ROW("TeamViewer_Service.exe", FILES "\\TeamViewer", "services.exe", "TeamViewer Germany GmbH", "{p}", TO_VENDOR, AS_SYSTEM, WORKSTATIONS),
    ROW("Dropbox.exe", FILES86 "\\Dropbox\\Client", "explorer.exe", "Dropbox, Inc.", "{p} /systemstartup", TO_VENDOR, AS_USER, WORKSTATIONS),
    ROW("veeam.backup.agent.exe", FILES "\\Veeam\\Endpoint Backup", "services.exe", "Veeam Software Group GmbH", "{p}", TO_SERVERS, AS_SYSTEM, SERVERS),
    ROW("zabbix_agentd.exe", FILES "\\Zabbix Agent", "services.exe", "Zabbix SIA", "{p} --config \"" FILES "\\Zabbix Agent\\zabbix_agentd.conf\"", TO_SERVERS, AS_SYSTEM, SERVERS),
    ROW("WhatsApp.exe", FILES "\\WindowsApps\\5319275A.WhatsAppDesktop_2.2601.100.0_x64__cv1g1gvanyjgm", "svchost.exe", "WhatsApp Inc.", "{p}", TO_VENDOR, AS_USER, WORKSTATIONS),
    ROW("notepad++.exe", FILES "\\Notepad++", "explorer.exe", "Don HO", "{p} C:\\Users\\{u}\\Desktop\\notes.txt", TO_VENDOR, AS_USER, WORKSTATIONS),
    ROW("gup.exe", FILES "\\Notepad++\\updater", "notepad++.exe", "Don HO", "{p} -v8.87 -px64", TO_VENDOR, AS_USER, WORKSTATIONS),
    ROW("putty.exe", FILES "\\PuTTY", "explorer.exe", "Simon Tatham", "{p} -ssh admin@10.20.0.{n}", TO_SERVERS, AS_ADMIN, WORKSTATIONS),
    ROW("WinSCP.exe", FILES86 "\\WinSCP", "explorer.exe", "Martin Prikryl", "{p} sftp://deploy@files.corp.example/", TO_SERVERS, AS_ADMIN, WORKSTATIONS),
    ROW("AdobeARM.exe", FILES86 "\\Common Files\\Adobe\\ARM\\1.0", "armsvc.exe", "Adobe Inc.", "{p} /PRODUCT:Acrobat /VERSION:25.0 /MODE:3", TO_VENDOR, AS_USER, WORKSTATIONS),
    ROW("taskhostw.exe", WINDIR, "svchost.exe", MS, "taskhostw.exe KEYROAMING", TO_LAN, AS_USER, WORKSTATIONS),
    ROW("wermgr.exe", WINDIR, "svchost.exe", MS, WINDIR "\\wermgr.exe -upload", TO_CLOUD, AS_SYSTEM, ANYWHERE),
    ROW("devenv.exe", FILES "\\Microsoft Visual Studio\\2022\\Professional\\Common7\\IDE", "explorer.exe", MS, "{p} C:\\src\\ledger\\ledger.sln", TO_CLOUD, AS_USER, WORKSTATIONS),
    ROW("Postman.exe", LOCAL "\\Postman\\app-11.60.2", "explorer.exe", "Postman, Inc.", CHROMIUM, TO_VENDOR, AS_USER, WORKSTATIONS),
    ROW("Docker Desktop.exe", FILES "\\Docker\\Docker\\frontend", "explorer.exe", "Docker Inc.", "{p} --name=dashboard", TO_VENDOR, AS_USER, WORKSTATIONS),
};

/* Seen so rarely that a hunter must look twice: what administrators use, and installers run from temporary folders. */
static const struct program seldom[] = {
    BRIEF("PsExec64.exe", "C:\\Tools\\Sysinternals", "cmd.exe", "Sysinternals - www.sysinternals.com", "{p} \\\\srv-app-02 -s cmd /c ipconfig /flushdns", TO_SERVERS, AS_ADMIN, WORKSTATIONS),
    BRIEF("7zFM.exe", FILES "\\7-Zip", "explorer.exe", "Igor Pavlov", "{p} C:\\Users\\{u}\\Downloads\\archive-{n}.7z", TO_LAN, AS_USER, WORKSTATIONS),
    BRIEF("7z2600-x64.exe", TEMP, "msedge.exe", "Igor Pavlov", "{p} /S", TO_VENDOR, AS_USER, WORKSTATIONS),
    BRIEF("TeamsSetup_c_w_.exe", TEMP, "msedge.exe", MS, "{p}", TO_CLOUD, AS_USER, WORKSTATIONS),
    BRIEF("VSCodeUserSetup-x64-1.108.0.tmp", TEMP "\\is-7Q2MB.tmp", "VSCodeUserSetup-x64-1.108.0.exe", MS, "{p} /SL5=\"$40C1E,{n},828416\" /verysilent", TO_CLOUD, AS_USER, WORKSTATIONS),
    BRIEF("curl.exe", WINDIR, "cmd.exe", "curl, https://curl.se/", "curl -sS --fail https://status.corp.example/api/v1/ping", TO_VENDOR, AS_ADMIN, ANYWHERE),
    BRIEF("nslookup.exe", WINDIR, "cmd.exe", MS, "nslookup srv-app-0{n}", TO_LAN, AS_ADMIN, WORKSTATIONS),
    BRIEF("ssh.exe", WINDIR "\\OpenSSH", "WindowsTerminal.exe", MS, "ssh -p 22 deploy@10.20.0.{n}", TO_SERVERS, AS_ADMIN, WORKSTATIONS),
    BRIEF("nmap.exe", FILES86 "\\Nmap", "cmd.exe", "Insecure.Org", "nmap -sT -p 443,8443 10.20.0.0/24", TO_SERVERS, AS_ADMIN, WORKSTATIONS),
    BRIEF("ADExplorer64.exe", "C:\\Tools\\Sysinternals", "explorer.exe", "Sysinternals - www.sysinternals.com", "{p}", TO_LAN, AS_ADMIN, WORKSTATIONS),
    BRIEF("certreq.exe", WINDIR, "taskhostw.exe", MS, "certreq -enroll -q Machine", TO_LAN, AS_SYSTEM, SERVERS),
    BRIEF("bitsadmin.exe", WINDIR, "cmd.exe", MS, "bitsadmin /transfer drv{n} /priority normal https://drivers.example.net/pkg.cab C:\\Windows\\Temp\\pkg.cab", TO_VENDOR, AS_ADMIN, WORKSTATIONS),
    BRIEF("wscript.exe", WINDIR, "explorer.exe", MS, WINDIR "\\wscript.exe \\\\corp.example\\netlogon\\printers.vbs", TO_LAN, AS_USER, WORKSTATIONS),
    BRIEF("setup.exe", TEMP "\\{g}", "explorer.exe", "Brother Industries, Ltd.", "{p} /quiet", TO_VENDOR, AS_USER, WORKSTATIONS),
    BRIEF("notepad.exe", WINDIR, "explorer.exe", MS, "{p} \\\\srv-file-01\\public\\readme.txt", TO_LAN, AS_USER, WORKSTATIONS),
    BRIEF("certutil.exe", WINDIR, "cmd.exe", MS, "certutil -verify -urlfetch C:\\Temp\\intermediate.cer", TO_CLOUD, AS_ADMIN, SERVERS),
    BRIEF("mmc.exe", WINDIR, "explorer.exe", MS, "{p} " WINDIR "\\dsa.msc", TO_LAN, AS_ADMIN, WORKSTATIONS),
};
/* clang-format on */

/*
 * Makers and products that exist nowhere: with these, a day of a million events has some six hundred names. In the spelling of
 * a maker's program names, %s is the product, in lower case if the spelling is.
 *
 * To an isolation forest the ranks of names show where the alphabet is thinly settled. So each maker stands between
 * two of the well-known names, but two at the end of the alphabet, where the implant's name (story.c) comes last.
 */
static const struct maker {
    const char *name, *spelling;
} makers[] = {
    { "Orchid", "orchid-%s.exe" },
    { "Willow", "willow-%s.exe" },
    { "Vantage", "vantage-%s.exe" },
    { "Pinewood", "Pinewood%s.exe" },
    { "Wexford", "Wexford%s.exe" },
    { "Mistral", "Mistral%s64.exe" },
    { "Northwind", "NW%s.exe" },
    { "Osprey", "Osprey%sSvc.exe" },
    { "Parnell", "Parnell%s.exe" },
    { "Proseware", "Proseware%sSvc.exe" },
    { "Southridge", "Southridge%s.exe" },
    { "Tailspin", "Tailspin%s.exe" },
    { "Treyres", "Treyres%s64.exe" },
    { "Yarrow", "Yarrow%s.exe" },
    { "Alder", "alder-%s.exe" },
    { "Bellows", "bellows-%s.exe" },
    { "Coho", "coho-%s.exe" },
    { "Elmwood", "elmwood-%s.exe" },
    { "Fourleaf", "fourleaf_%s.exe" },
    { "Humongo", "humongo%s.exe" },
    { "Lamna", "lamna-%s.exe" },
    { "Ridgeline", "ridgeline-%s.exe" },
    { "Zenith", "zenith-%s.exe" },
    { "Zephyr", "zephyr-%s.exe" },
};
static const char *const products[] = {
    "Agent",  "Backup", "Broker",    "Client", "Connector", "Dispatch", "Helper", "Launcher",
    "Ledger", "Meter",  "Notify",    "Portal", "Print",     "Relay",    "Scan",   "Scheduler",
    "Sync",   "Tray",   "Telemetry", "Time",   "Updater",   "Viewer",
};

enum {
    NKNOWN = sizeof known / sizeof known[0],
    NSELDOM = sizeof seldom / sizeof seldom[0],
    NMAKERS = sizeof makers / sizeof makers[0],
    NPRODUCTS = sizeof products / sizeof products[0],
    NPROGRAMS = NKNOWN + NMAKERS * NPRODUCTS + NSELDOM,
};

static const char *const people[] = {
    "anna.koenig",   "amir.haddad",   "beatriz.souza", "bjorn.dahl",   "carla.rossi",  "chen.wei",
    "daniel.okafor", "dora.varga",    "elif.yilmaz",   "emil.novak",   "fatima.zahra", "felix.braun",
    "grace.mwangi",  "hana.sato",     "hugo.martin",   "ines.lopez",   "ivan.petrov",  "jana.dvorak",
    "joao.pereira",  "jürgen.müller", "kai.virtanen",  "leila.rahimi", "liam.murphy",  "lucie.bernard",
    "marek.kowal",   "maya.cohen",    "mei.tanaka",    "nadia.benali", "noah.schmidt", "o'brien.sean",
    "olga.ivanova",  "omar.farouk",   "paula.gomez",   "peter.larsen", "priya.nair",   "quinn.taylor",
    "rosa.marin",    "samir.patel",   "sofia.costa",   "tariq.aziz",   "tomas.horak",  "uma.reddy",
    "vera.popescu",  "viktor.nagy",   "wen.li",        "xavier.blanc", "yara.khalil",  "yusuf.demir",
    "zofia.wójcik",  "李伟",
};
static const char *const admins[] = { "adm.hoffmann", "adm.osei", "adm.lindqvist", "adm.moreau" };
static const char *const departments[] = { "fin", "hr", "eng", "ops", "sal", "law", "mkt", "lab" };
static const char *const roles[] = { "app", "sql", "web", "file", "dc", "print", "mon", "build" };

enum { FOR_PARENT = 1, FOR_HOST_ID, FOR_USER, FOR_IP6 };

uint64_t mix(uint64_t seed, uint64_t purpose, uint64_t a, uint64_t b)
{
    uint64_t x = seed + purpose * 0x9e3779b97f4a7c15u;
    const uint64_t parts[2] = { a, b };
    for (int i = 0; i < 2; i++) {
        x ^= parts[i] + 0x9e3779b97f4a7c15u + (x << 6) + (x >> 2);
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
        x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
        x ^= x >> 31;
    }
    return x;
}

static const char *invented_name(struct arena *a, const struct maker *maker, const char *product)
{
    char *name = arena_printf(a, "%.*s%s%s", (int)strcspn(maker->spelling, "%"), maker->spelling, product,
                              strchr(maker->spelling, '%') + 2);
    return maker->spelling[0] >= 'a' ? arena_lower(a, str_z(name)).p : name;
}

static void invented_program(const struct world *w, struct arena *a, uint32_t maker, uint32_t product,
                             struct program *p)
{
    static const char *const parents[] = { "services.exe", "explorer.exe", "svchost.exe", "taskhostw.exe" };
    uint64_t x = mix(w->seed, FOR_PARENT, maker, product);
    p->name = invented_name(a, &makers[maker], products[product]);
    p->folder = arena_printf(a, FILES "\\%s\\%s", makers[maker].name, products[product]);
    p->parent = parents[below(x, 4)];
    p->company = arena_printf(a, "%s Ltd.", makers[maker].name);
    p->command = x & 1 ? "{p} --config default --instance {n}" : "{p}";
    p->traffic = x & 6 ? TO_VENDOR : TO_SERVERS;
    p->account = below(x, 4) == 1 ? AS_USER : AS_SYSTEM;
    p->place = x & 24 ? WORKSTATIONS : SERVERS;
}

/*
 * What most machines have falls as 1/rank (Zipf). All the rest, hundreds of names, is one event in 250, and falls
 * in the same way within. Were it more, the intruder's few dozen events would not be among the rarest hundredth, and no
 * hunt by frequency could see them.
 */
static void weigh(double *weight)
{
    double sum = 0, known_sum = 0, rest_sum = 0;
    for (uint32_t i = 0; i < NKNOWN; i++)
        known_sum += 1 / ((double)i + 2);
    for (uint32_t i = NKNOWN; i < NPROGRAMS; i++)
        rest_sum += 1 / ((double)(i - NKNOWN) + 8);
    for (uint32_t i = 0; i < NPROGRAMS; i++) {
        sum += i < NKNOWN ? 1 / ((double)i + 2) : known_sum / rest_sum / 250 / ((double)(i - NKNOWN) + 8);
        weight[i] = sum;
    }
}

void cast_programs(struct world *w, struct arena *a)
{
    struct program *p = ARENA_ARRAY(a, NPROGRAMS, struct program);
    memcpy(p, known, sizeof known);
    /* A stride that shares no factor with the count visits every pair once, makers well mixed. */
    enum { NINVENTED = NMAKERS * NPRODUCTS, STRIDE = 211 };
    uint32_t pair = (uint32_t)(w->seed % NINVENTED);
    for (uint32_t i = 0; i < NINVENTED; i++) {
        invented_program(w, a, pair / NPRODUCTS, pair % NPRODUCTS, p + NKNOWN + i);
        pair = (pair + STRIDE) % NINVENTED;
    }
    memcpy(p + NPROGRAMS - NSELDOM, seldom, sizeof seldom);
    double *weight = ARENA_ARRAY(a, NPROGRAMS, double);
    weigh(weight);
    for (uint32_t i = 0; i < NPROGRAMS; i++)
        p[i].id = i + 1;
    w->programs = p;
    w->nprograms = NPROGRAMS;
    w->weight = weight;
}

static void cast_host(const struct world *w, uint32_t i, struct host *h)
{
    uint64_t x = mix(w->seed, FOR_HOST_ID, i, 0), y = mix(w->seed, FOR_HOST_ID, i, 1),
             z = mix(w->seed, FOR_IP6, i, 0);
    h->server = i >= w->nworkstations;
    h->admin = admins[below(x, sizeof admins / sizeof admins[0])];
    if (h->server) {
        uint32_t k = i - w->nworkstations;
        snprintf(h->name, sizeof h->name, "srv-%s-%02u.corp.example", roles[k % 8], k / 8 + 1);
        snprintf(h->ip, sizeof h->ip, "10.20.%u.%u", k / 250 % 256, k % 250 + 2);
        h->user = h->admin;
    } else {
        snprintf(h->name, sizeof h->name, "wks-%s-%03u.corp.example", departments[i % 8], i / 8 + 1);
        snprintf(h->ip, sizeof h->ip, "10.10.%u.%u", i / 250 % 256, i % 250 + 2);
        h->user = people[below(mix(w->seed, FOR_USER, i, 0), sizeof people / sizeof people[0])];
    }
    snprintf(h->id, sizeof h->id, "%016llx%016llx%08x", (unsigned long long)x, (unsigned long long)y,
             (unsigned)(z >> 32));
    snprintf(h->ip6, sizeof h->ip6, "2001:db8:%x:%x::%x", h->server ? 20u : 10u, i / 250,
             (unsigned)(z & 0xffff) + 1);
}

/* Of each hundred machines, fourteen are servers. */
void cast_hosts(struct world *w, struct arena *a, int64_t rows)
{
    int64_t n = rows / 133;
    n = n < 24 ? 24 : n > 5000 ? 5000 : n;
    w->nhosts = (uint32_t)n;
    w->nworkstations = w->nhosts - w->nhosts * 14 / 100 - 1;
    w->hosts = ARENA_ARRAY(a, w->nhosts, struct host);
    for (uint32_t i = 0; i < w->nhosts; i++)
        cast_host(w, i, &w->hosts[i]);
}
