/* The running program's path, from /proc. */
/* SPDX-License-Identifier: ISC */
#include "cli/self.h"

#include <stdlib.h>

char *self_path(void)
{
    return realpath("/proc/self/exe", NULL);
}
