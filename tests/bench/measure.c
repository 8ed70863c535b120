/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time and memory of a command: measure ROUNDS COMMAND [ARGUMENT...]
 *
 * Prints 'SECONDS KILOBYTES CPU' of the quickest round: elapsed time, the largest resident set that it or a process it
 * waited for had, and the processor time of all of them, which a busy machine does not stretch. What the command prints goes to stderr; exit 1 when it fails.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return fprintf(stderr, "usage: measure ROUNDS COMMAND [ARGUMENT...]\n"), 2;
    double best = 0;
    double cpu = 0;
    long memory = 0;
    for (long round = strtol(argv[1], NULL, 10); round > 0; round--) {
        double start = now();
        pid_t child = fork();
        if (child == 0) {
            dup2(STDERR_FILENO, STDOUT_FILENO);
            execvp(argv[2], argv + 2);
            _exit(127);
        }
        int status;
        struct rusage use;
        if (child < 0 || wait4(child, &status, 0, &use) < 0 || !WIFEXITED(status) || WEXITSTATUS(status))
            return fprintf(stderr, "measure: '%s' failed\n", argv[2]), 1;
        double elapsed = now() - start;
        if (best == 0 || elapsed < best) {
            best = elapsed;
            memory = use.ru_maxrss;
            cpu = seconds(use.ru_utime) + seconds(use.ru_stime);
        }
    }
    printf("%.4f %ld %.4f\n", best, memory, cpu);
    return 0;
}
