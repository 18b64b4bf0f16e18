/* The running program's path, from the loader of macOS. */
/* SPDX-License-Identifier: ISC */
#include "cli/self.h"

#include <mach-o/dyld.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>

char *self_path(void)
{
    char path[PATH_MAX];
    uint32_t len = sizeof(path);
    return _NSGetExecutablePath(path, &len) == 0 ? realpath(path, NULL) : NULL;
}
