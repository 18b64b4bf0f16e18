/* What only Linux can do for the worker: die with its parent, tell its own address space. */
/* SPDX-License-Identifier: ISC */
#include "worker/worker.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

void worker_bind_to_parent(void)
{
    pid_t parent = getppid();
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* without it the end of the descriptor still ends us */
    if (getppid() != parent)
        _exit(0);
}

size_t worker_space_used(void)
{
    unsigned long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (!f)
        return 0;
    if (fscanf(f, "%lu", &pages) != 1)
        pages = 0;
    fclose(f);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}
