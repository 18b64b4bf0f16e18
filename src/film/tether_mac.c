/* A child that must not outlive its parent, where the kernel offers no death signal: it stays in
 * the parent's process group, which whoever ends the parent ends as a whole, and its pipes break.
 * Runs between fork and exec. */
/* SPDX-License-Identifier: ISC */
#include "film/ffmpeg.h"

#include <unistd.h>

void tether_child(pid_t parent)
{
    if (getppid() != parent)
        _exit(127);
}
