/* A child that must not outlive its parent, by Linux's parent-death signal. Runs between fork and
 * exec: only calls the kernel. */
/* SPDX-License-Identifier: ISC */
#include "film/ffmpeg.h"

#include <sys/prctl.h>
#include <unistd.h>

void tether_child(pid_t parent)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* cannot fail for a valid signal */
    if (getppid() != parent)                /* the parent died before the wish was heard */
        _exit(127);
}
