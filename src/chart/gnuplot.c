/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running gnuplot: found on PATH, no shell, an empty environment, a folder of its own, limits, and a system
 * call filter.
 *
 * gnuplot can run programs and open sockets by itself and has no switch against it. We hand it nothing but
 * our own fixed words, so this is the second wall: in the child fork, clone, socket and ptrace fail. Where
 * the kernel refuses filters the limits remain.
 */
#include "chart_int.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hb/fs.h"
#include "hb/utf8.h"

enum {
    TIMEOUT_MS = 30000,
    CPU_SECONDS = 20,
    MEMORY_BYTES = 512 << 20,
    FILE_BYTES = 64 << 20,
    ARGS_MAX = 8,
    EXIT_NO_EXEC = 127,
};

/* -- finding it -- */

static char *find_program(struct arena *a, const char *name)
{
    struct str path = str_z(getenv("PATH"));
    for (size_t from = 0; from <= path.n;) {
        size_t to = str_chr(path, ':', from);
        struct str dir = str_sub(path, from, to);
        from = to + 1;
        if (!dir.n || dir.p[0] != '/')
            continue; /* a program in the current folder is data, not a tool */
        char *file = arena_printf(a, "%.*s/%s", STR_ARG(dir), name);
        struct stat st;
        if (stat(file, &st) == 0 && S_ISREG(st.st_mode) && access(file, X_OK) == 0)
            return file;
    }
    return NULL;
}

/* -- the child: only calls that are safe after fork in a program with threads -- */

#if defined __x86_64__
#define FILTER_ARCH AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define FILTER_ARCH AUDIT_ARCH_AARCH64
#endif

#ifdef FILTER_ARCH
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define DENY(number)                                                                                         \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)

static void filter_calls(void)
{
    static const struct sock_filter code[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FILTER_ARCH, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL),
        LOAD(nr),
#ifdef SYS_fork
        DENY(SYS_fork),
        DENY(SYS_vfork),
#endif
        DENY(SYS_clone),
        DENY(SYS_clone3),
        DENY(SYS_socket),
        DENY(SYS_connect),
        DENY(SYS_ptrace),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { sizeof code / sizeof *code, (struct sock_filter *)(uintptr_t)code };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}
#else
static void filter_calls(void)
{
}
#endif

static void limit(__rlimit_resource_t what, rlim_t most)
{
    struct rlimit r = { most, most };
    setrlimit(what, &r);
}

static bool redirect(int fd, const char *name, int flags)
{
    int file = open(name, flags, 0600);
    if (file < 0)
        return false;
    if (file != fd) {
        if (dup2(file, fd) < 0)
            return false;
        close(file);
    }
    return true;
}

struct child {
    const char *program, *dir;
    char *args[ARGS_MAX + 2];
    int alive; /* open as long as the child lives */
};

static _Noreturn void child_main(const struct child *c)
{
    static char *const env[] = { "LC_ALL=C.UTF-8", "TZ=UTC", NULL };
    enum { FIRST_FREE = 3, FDS = 4096 };
    if (chdir(c->dir) != 0 || !redirect(STDIN_FILENO, "/dev/null", O_RDONLY) ||
        !redirect(STDOUT_FILENO, "out", O_WRONLY | O_CREAT | O_TRUNC) ||
        !redirect(STDERR_FILENO, "err", O_WRONLY | O_CREAT | O_TRUNC))
        _exit(EXIT_NO_EXEC);
    /* dup2 clears close-on-exec: gnuplot keeps this one open until it ends, and nothing else of ours. */
    if (dup2(c->alive, FIRST_FREE) < 0)
        _exit(EXIT_NO_EXEC);
    if (syscall(SYS_close_range, FIRST_FREE + 1, ~0U, 0) != 0)
        for (int fd = FIRST_FREE + 1; fd < FDS; fd++)
            close(fd);
    limit(RLIMIT_CPU, CPU_SECONDS);
    limit(RLIMIT_AS, MEMORY_BYTES);
    limit(RLIMIT_FSIZE, FILE_BYTES);
    limit(RLIMIT_CORE, 0);
    filter_calls();
    execve(c->program, c->args, env);
    _exit(EXIT_NO_EXEC);
}

/* -- the parent -- */

/* True when the child's end of the pipe was closed in time. */
static bool wait_closed(int fd)
{
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    int left = TIMEOUT_MS;
    for (;;) {
        struct pollfd p = { .fd = fd, .events = POLLIN };
        int rc = poll(&p, 1, left);
        if (rc > 0)
            return true;
        if (rc == 0)
            return false;
        if (errno != EINTR)
            return true; /* waitpid decides */
        clock_gettime(CLOCK_MONOTONIC, &now);
        left = TIMEOUT_MS -
               (int)((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000);
        if (left <= 0)
            return false;
    }
}

static int reap(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return status;
}

/* The first line gnuplot wrote to its error output that says something. */
static struct str first_message(struct arena *a, const char *dir)
{
    struct str text;
    struct err ignored = ERR_INIT;
    if (!fs_read(a, fs_join(a, dir, "err"), 1 << 20, &text, &ignored))
        return STR("");
    for (size_t from = 0; from < text.n;) {
        size_t to = str_chr(text, '\n', from);
        struct str line = str_trim(str_sub(text, from, to));
        from = to + 1;
        if (line.n && line.p[0] != '^')
            return str_sub(line, 0, 300);
    }
    return STR("");
}

static bool judge(struct arena *a, const char *dir, int status, bool in_time, struct err *err)
{
    if (!in_time)
        return err_set(err, ERR_RUN, "gnuplot took longer than %d seconds and was stopped",
                       TIMEOUT_MS / 1000);
    if (status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    struct str said = first_message(a, dir);
    if (status >= 0 && WIFSIGNALED(status))
        return err_set(err, ERR_RUN, "gnuplot was ended by signal %d (%s)", WTERMSIG(status),
                       strsignal(WTERMSIG(status)));
    return err_set(err, ERR_RUN, "gnuplot failed with exit status %d%s%.*s",
                   status >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1, said.n ? ": " : "",
                   STR_ARG(said));
}

bool gnuplot_run(struct arena *a, const char *dir, const char *const *args, struct err *err)
{
    struct child c = { .program = find_program(a, "gnuplot"), .dir = dir };
    if (!c.program)
        return err_set(err, ERR_RUN,
                       "gnuplot is not installed; install the package gnuplot-nox to draw charts");
    size_t n = 0;
    c.args[n++] = arena_strdup(a, "gnuplot");
    for (; *args; args++) {
        assert(n <= ARGS_MAX);
        c.args[n++] = arena_strdup(a, *args);
    }
    int alive[2];
    if (pipe2(alive, O_CLOEXEC) != 0)
        return err_errno(err, "make a pipe for", "gnuplot");
    c.alive = alive[1];
    pid_t pid = fork();
    if (pid < 0) {
        err_errno(err, "start", c.program);
        close(alive[0]);
        close(alive[1]);
        return false;
    }
    if (pid == 0)
        child_main(&c);
    close(alive[1]);
    bool in_time = wait_closed(alive[0]);
    close(alive[0]);
    if (!in_time)
        kill(pid, SIGKILL);
    return judge(a, dir, reap(pid), in_time, err);
}
